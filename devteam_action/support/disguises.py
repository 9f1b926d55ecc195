"""The forms in which a known secret turns up in other programs' output."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

MINIMUM = 6  # shorter values are words of every text
_LINE_MINIMUM = 16  # one line of a value of many lines, shown alone; shorter lines ("}", a key's name) are no secret


def disguises(value: str) -> frozenset[str]:
    """`value` as it is, and base64 (at each of the three alignments, both alphabets), URL-encoded and JSON-escaped.

    Empty for values of less than six characters. Each line of a value of many lines counts too, if it is long.
    """
    value = value.strip()
    if len(value) < MINIMUM:
        return frozenset()
    lines = value.splitlines()
    long_lines = [line for line in lines if len(line) >= _LINE_MINIMUM] if len(lines) > 1 else []
    forms = {form for text in (value, "\n".join(lines), *long_lines) for form in _forms(text)}
    return frozenset(form for form in forms if len(form) >= MINIMUM)


def _forms(value: str) -> Iterator[str]:
    data = value.encode("utf-8", "surrogateescape")
    yield value
    yield from _base64(data)
    for encoded in (quote(data, safe=""), quote(data, safe="/"), quote_plus(data)):
        yield encoded
        yield _lower_hex(encoded)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]


def _base64(data: bytes) -> Iterator[str]:
    """What of the value shows in base64 wherever it stands in the encoded text (`user:VALUE` moves it by 1 or 2).

    A character holds six bits: those at the edges that mix with the neighbours' bits are left out.
    """
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + data).decode("ascii")
        first = (0, 2, 3)[shift]
        last = (shift + len(data)) * 8 // 6
        yield text[first:last]
        yield text[first:last].translate(_URL_ALPHABET)


def _lower_hex(encoded: str) -> str:
    """`%2F` as `%2f`, as some programs write it."""
    first, *rest = encoded.split("%")
    return first + "".join(f"%{part[:2].lower()}{part[2:]}" for part in rest)


_URL_ALPHABET = str.maketrans("+/", "-_")
