"""The one door that secrets do not pass: known values in every disguise, and things that look like tokens.

Hiding too much can be undone; a leak cannot. Known values are plain substring searches, so that every search is
linear in the text whatever the values are.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar, cast

import msgspec

from devteam_action.support.disguises import MINIMUM, disguises
from devteam_action.support.token_shapes import Span, shape_spans

MASK = "***"
_LINE_ENDS = re.compile(r"[\r\n]+")
_T = TypeVar("_T", bound=msgspec.Struct)


class Redactor:
    """Hides the given values (six characters and more, in plain and in the usual encodings) and token shapes.

    Safe to use from several threads; `add` takes effect for the next text.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._literals: tuple[str, ...] = ()
        self._flat: tuple[str, ...] = ()
        self._learn(values)

    def add(self, value: str) -> None:
        """Another secret from now on; a value shorter than six characters is ignored."""
        self._learn((value,))

    def _learn(self, values: Iterable[str]) -> None:
        with self._lock:
            known = set(self._literals).union(*(disguises(value) for value in values))
            self._literals = _longest_first(known)
            self._flat = _longest_first({_LINE_ENDS.sub("", literal) for literal in known})

    @property
    def longest(self) -> int:
        """The length of the longest known form: as much text must be seen at once to be sure of finding it."""
        return len(self._literals[0]) if self._literals else 0

    def redact(self, text: str) -> str:
        """`text` with `***` for each secret; line ends inside a secret stay, so that lines can still be counted."""
        return mask(text, self.spans(text))

    def redact_bytes(self, data: bytes) -> bytes:
        """The same for bytes of any encoding that keeps ASCII; other bytes come back as they were."""
        return self.redact(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def redact_struct(self, struct: _T, *, words: Collection[str] = ()) -> _T:
        """The struct with every text in it (keys too) redacted; the same object when there was nothing to hide.

        `words` are left alone: a program's own closed words, without which the struct would be none.
        """
        plain = cast("object", msgspec.to_builtins(struct))
        clean = _each_text(plain, lambda text: text if text in words else self.redact(text))
        return struct if clean == plain else msgspec.convert(clean, type(struct))

    def spans(self, text: str) -> list[Span]:
        """Where the secrets are, sorted and separate; also known values that line ends have broken in pieces."""
        found = _occurrences(text, self._literals) + shape_spans(text)
        if self._flat and ("\n" in text or "\r" in text):
            hits = _occurrences(_LINE_ENDS.sub("", text), self._flat)
            found += _mapped_back(text, hits) if hits else []
        return merged(found)


def mask(text: str, spans: Iterable[Span]) -> str:
    """`text` with `***` in place of each line's part of the sorted, separate spans."""
    parts: list[str] = []
    position = 0
    for start, end in spans:
        parts += (text[position:start], re.sub(r"[^\r\n]+", MASK, text[start:end]))
        position = end
    return "".join((*parts, text[position:])) if parts else text


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same places, sorted, with those that overlap made one."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _longest_first(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted((text for text in texts if len(text) >= MINIMUM), key=lambda text: (-len(text), text)))


def _occurrences(text: str, literals: Iterable[str]) -> list[Span]:
    found: list[Span] = []
    for literal in literals:
        position = text.find(literal)
        while position >= 0:
            found.append((position, position + len(literal)))
            position = text.find(literal, position + len(literal))
    return found


def _mapped_back(text: str, flat_spans: Iterable[Span]) -> list[Span]:
    """Spans of the text without its line ends, as spans of the text with them."""
    cuts = [0]  # where in the flat text something was left out, and how much was left out up to there
    left_out = [0]
    for match in _LINE_ENDS.finditer(text):
        cuts.append(match.start() - left_out[-1])
        left_out.append(left_out[-1] + len(match[0]))
    return [
        (start + left_out[bisect_right(cuts, start) - 1], end + left_out[bisect_left(cuts, end) - 1])
        for start, end in flat_spans
    ]


def _each_text(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        return {change(key): _each_text(item, change) for key, item in entries.items()}
    if isinstance(value, list | tuple):
        return [_each_text(item, change) for item in cast("list[object]", value)]
    return value
