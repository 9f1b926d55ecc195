"""Finds HTML comments line by line, so that what is commented out is neither shown nor read as live."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"`+|<!--")


class CommentScanner:
    """Carries an open comment from line to line; `opened_on` is the number of the line it began on, or 0.

    A comment ends at the first `-->`, as in HTML (they do not nest); `<!--` inside a code span opens none.
    """

    def __init__(self) -> None:
        self.opened_on = 0

    @property
    def is_open(self) -> bool:
        return self.opened_on > 0

    def read(self, text: str, number: int) -> tuple[bool, str]:
        """Whether the line is nothing but comment, and the line with the other part blanked, at the same length."""
        inside: list[tuple[int, int]] = []  # of comments, with their delimiters
        hidden = list(text)
        at = 0
        while at < len(text) or (self.is_open and not inside):
            if self.is_open:
                begin = at
                close = text.find("-->", at)
                end = len(text) if close < 0 else close + 3
                if close >= 0:
                    self.opened_on = 0
                    hidden[close:end] = "   "
                inside.append((begin, end))
                at = end
                if close < 0:
                    break
                continue
            begin = _next_comment(text, at)
            if begin < 0:
                break
            # `<!-->` and `<!--->` are whole comments (CommonMark 6.6), so the search starts two characters in.
            close = text.find("-->", begin + 2)
            end = len(text) if close < 0 else close + 3
            hidden[begin : begin + 4] = "    "
            if close < 0:
                self.opened_on = number
            else:
                hidden[close:end] = "   "
            inside.append((begin, end))
            at = end
        shown = list(text)
        for begin, end in inside:
            shown[begin:end] = " " * (end - begin)
        outside = "".join(shown)
        if outside.strip():
            return False, outside
        return True, "".join(hidden)[: len(text)]


def _next_comment(text: str, at: int) -> int:
    """The index of the next `<!--` that no code span holds, or -1."""
    while found := _TOKEN.search(text, at):
        if found[0] == "<!--":
            return found.start()
        run = found[0]
        close = re.compile(rf"(?<!`){run}(?!`)").search(text, found.end())
        at = close.end() if close else found.end()
    return -1
