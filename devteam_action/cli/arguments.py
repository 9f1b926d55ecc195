"""What every argument must be, whatever the command."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import cast

from devteam_action.errors import UsageError

# Names of files and folders may be any bytes; all else becomes part of a record, which is UTF-8.
_PATHS = frozenset({"directory", "config", "keep"})


def require_text(arguments: Mapping[str, object]) -> None:
    """Raises UsageError for an argument that is no UTF-8."""
    for name, value in arguments.items():
        texts = cast("list[object]", value) if isinstance(value, list) else [value]
        for text in texts:
            if name not in _PATHS and isinstance(text, str) and not _is_utf8(text):
                said = name.replace("_", "-")
                raise UsageError(f"{said}: '{text}' is not UTF-8", remedy="type it in a terminal that is set to UTF-8")


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # Python's stand-ins for bytes that it could not decode
        return False
    return True


def said(text: str) -> str:
    """An argument that was given must say something: an unset variable of a script must not mean `the next task`."""
    if not text.strip():
        raise argparse.ArgumentTypeError("expected a name, got nothing")
    return text


def positive(text: str) -> int:
    """A whole number of at least 1."""
    value = int(text) if text.isascii() and text.isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got '{text}'")
    return value


def money(text: str) -> float:
    """An amount in USD."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected an amount in USD, got '{text}'")
    return value
