"""Finds HTML comments line by line, so that what is commented out is neither shown nor read as live."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"`+|<!--")
_DELIMITERS = re.compile(r"<!--|-->")


class CommentScanner:
    """Carries an open comment from line to line; `opened_on` is the number of the line it began on, or 0.

    A comment ends at the first `-->`, as in HTML (they do not nest); `<!--` inside a code span opens none. A line that
    is nothing but a left-over `-->` is comment too.
    """

    def __init__(self) -> None:
        self.opened_on = 0

    @property
    def is_open(self) -> bool:
        return self.opened_on > 0

    def read(self, text: str, number: int) -> tuple[bool, str]:
        """Whether the line is nothing but comment; and what it shows, the other part blanked, at the same length."""
        outside: list[str] = []
        at = 0
        while at < len(text):
            if self.opened_on:
                close = text.find("-->", at)
            else:
                begin = _next_comment(text, at)
                if begin < 0:
                    outside.append(text[at:])
                    break
                outside.append(text[at:begin])
                self.opened_on, at = number, begin
                # `<!-->` and `<!--->` are whole comments (CommonMark 6.6), so the search starts two characters in.
                close = text.find("-->", begin + 2)
            end = len(text) if close < 0 else close + 3
            outside.append(" " * (end - at))
            at = end
            if close >= 0:
                self.opened_on = 0
        shown = "".join(outside)
        if shown.strip() not in ("", "-->"):
            return False, shown
        return True, _DELIMITERS.sub(lambda found: " " * len(found[0]), text)


def _next_comment(text: str, at: int) -> int:
    """The index of the next `<!--` that no code span holds, or -1."""
    while found := _TOKEN.search(text, at):
        if found[0] == "<!--":
            return found.start()
        close = re.compile(rf"(?<!`){found[0]}(?!`)").search(text, found.end())
        at = close.end() if close else found.end()
    return -1
