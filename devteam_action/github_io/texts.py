"""Texts that GitHub takes."""

from __future__ import annotations

LONGEST_TITLE = 256  # of a pull request; a longer one is refused


def sendable(text: str) -> str:
    """`text` with signs in place of what is no UTF-8 (git and tools hand on any bytes), and of NUL."""
    return text.encode(errors="replace").decode().replace("\x00", "\ufffd")
