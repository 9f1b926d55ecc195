"""Text of unknown origin, made fit to be shown: cleaned, cut, fenced."""

from __future__ import annotations

import re

from devteam_action.support.terminal import without_escapes

# Control characters but tab and line feed, and the marks that change the direction or visibility of text.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def clean(text: str) -> str:
    """Without terminal codes, control characters, text-direction marks and lone surrogates; `\\n` line ends only."""
    text = without_escapes(text.replace("\r\n", "\n").replace("\r", "\n"))
    return _UNSEEN.sub("", text).encode("utf-8", "replace").decode("utf-8")


def cut(text: str, limit: int) -> str:
    """At most about `limit` characters: a third from the start and the rest from the end, with a line that says so."""
    if len(text) <= limit:
        return text
    head, tail = limit // 3, limit - limit // 3
    return f"{text[:head]}\n[... {len(text) - limit} characters left out ...]\n{text[-tail:]}"


def fenced(text: str) -> str:
    """A fenced block that `text` cannot leave: its fence is longer than every run of backticks inside."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.rstrip()}\n{fence}"


def one_line(text: str, limit: int = 300) -> str:
    """All on one line, cut to `limit` characters with an ellipsis."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
