"""What the server makes of a line: tokens, and a command file with its placeholders filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOKEN = re.compile(r'"[^"]+"|\'[^\']+\'|\S+')


def tokens(text: str) -> list[str]:
    """Quoted pieces and runs of non-blanks; a token that begins and ends with one kind of quote loses both."""
    return [_bare(each) for each in _TOKEN.findall(text)]


def _bare(token: str) -> str:
    if len(token) >= 2 and token[0] == token[-1] and token[0] in "\"'":
        return token[1:-1]
    return token


def filled(template: str, arguments: Sequence[str]) -> str:
    """`$1` to `$9` and `$ARGUMENTS`, one after the other, by JavaScript's replacement with its `$` patterns."""
    text = template
    for number, value in enumerate(arguments[:9], 1):
        text = _replaced(text, f"${number}", value)
    text = _replaced(text, "$ARGUMENTS", " ".join(arguments))
    return text.replace("\\$", "$")


def _replaced(text: str, placeholder: str, value: str) -> str:
    pieces: list[str] = []
    at = 0
    for found in re.finditer(re.escape(placeholder), text):
        before, after = text[: found.start()], text[found.end() :]
        pieces += [text[at : found.start()], _expanded(value, placeholder, before, after)]
        at = found.end()
    return "".join([*pieces, text[at:]])


def _expanded(value: str, matched: str, before: str, after: str) -> str:
    known = {"$$": "$", "$&": matched, "$`": before, "$'": after}
    return re.sub(r"\$[$&`']", lambda found: known[found[0]], value)
