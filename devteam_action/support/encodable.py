"""Paths and texts that are no UTF-8 (git allows any bytes), made such that every encoder takes them."""

from __future__ import annotations

from typing import TypeVar, cast

import msgspec

_T = TypeVar("_T", bound=msgspec.Struct)


def encodable(struct: _T) -> _T:
    """The struct itself; where a text in it cannot be encoded, a copy with `\\xff` written out for such bytes."""
    try:
        msgspec.json.encode(struct)
    except UnicodeEncodeError:
        return msgspec.convert(_mended(msgspec.to_builtins(struct)), type(struct))
    return struct


def _mended(value: object) -> object:
    match value:
        case str():
            return value.encode(errors="surrogateescape").decode(errors="backslashreplace")
        case list():
            return [_mended(each) for each in cast("list[object]", value)]
        case tuple():
            return tuple(_mended(each) for each in cast("tuple[object, ...]", value))
        case dict():
            return {_mended(key): _mended(each) for key, each in cast("dict[object, object]", value).items()}
        case _:
            return value
