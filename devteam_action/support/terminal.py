"""Foreign text on a terminal: escape sequences, control characters and direction tricks lose their power."""

from __future__ import annotations

import re

# ECMA-48: CSI, strings (OSC ended by BEL or ST; DCS, SOS, PM, APC by ST) and two-character sequences. A string goes
# only where it is ended on its own line: of another its introducer goes, and what follows is text. Each look stops at
# the next escape: linear in time.
_STRING = r"[^\x00-\x1f\x85\u2028\u2029]*+"
_ESCAPES = re.compile(
    rf"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|\]{_STRING}(?:\x07|\x1b\\)|[PX^_]{_STRING}\x1b\\|[@-Z\\-_])"
    r"|\x9b[0-?]*+[ -/]*+[@-~]"
)
_HIDDEN = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}
# Not left out: what stands on both sides of it may be a secret only when it is put together.
_TRICKS = dict.fromkeys(
    (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF), "\N{REPLACEMENT CHARACTER}"
)
_TABLE = {
    **_HIDDEN,
    **_TRICKS,
    0x09: "    ",
    0x2028: " ",
    0x2029: " ",
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}


def without_escapes(text: str) -> str:
    """`text` without terminal escape sequences; everything else stays."""
    return _ESCAPES.sub("", text) if "\x1b" in text or "\x9b" in text else text


def harmless(text: str) -> str:
    """`text` that a terminal shows and does not obey; line ends stay."""
    return without_escapes(text).translate(_TABLE)


def one_line(text: str, width: int = 200) -> str:
    """The same on one line of at most `width` characters, with `...` where something was cut."""
    text = " ".join(harmless(text[: width * 8]).split()) if text else ""
    return text if len(text) <= width else f"{text[: max(0, width - 3)].rstrip()}..."
