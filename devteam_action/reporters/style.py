"""A line of text for people, and what kind of line it is; where there is no colour the text alone must do."""

from __future__ import annotations

from typing import Literal, NamedTuple

from devteam_action.render.phrases import count as count
from devteam_action.render.phrases import in_a_row as in_a_row
from devteam_action.render.phrases import seconds_text as seconds_text

Style = Literal["title", "stage", "good", "bad", "warn", "dim", "plain"]


class Line(NamedTuple):
    style: Style
    text: str


# For terminals whose encoding has no such characters.
_ASCII = str.maketrans("✓✗●○→…·≥≤—", "+x*->.-><-")


def writable(text: str, encoding: str | None) -> str:
    """`text` in characters that `encoding` has; what it has not is replaced, never an error."""
    name = encoding or "utf-8"  # none: a stream of text in memory
    try:
        text.encode(name)
    except (UnicodeEncodeError, LookupError):
        return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")
    return text
