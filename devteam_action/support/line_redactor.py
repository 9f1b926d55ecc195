"""Redaction of lines that are still arriving: a secret that is cut over several lines or batches is found too."""

from __future__ import annotations

from collections.abc import Sequence

from devteam_action.support.redact import Redactor, mask
from devteam_action.support.token_shapes import Span, open_key, rest_of_key

_LONGEST_TAIL = 64 * 1024  # characters kept back or looked back at, at the most


class LineRedactor:
    """Redacts one stream's lines, batch after batch; as many lines come out as went in.

    Lines already given out are remembered as far as the longest secret reaches: when a secret's second half comes
    later, that half is still hidden.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._before = ""  # the end of what was given out, as it came
        self._key_is_open = False

    def redact(self, lines: Sequence[str]) -> list[str]:
        """The lines, redacted. A line may hold line ends of its own; they stay."""
        if not lines:
            return []
        text = "\n".join(lines)
        seen = self._before + text
        spans = [_after(span, len(self._before)) for span in self._redactor.spans(seen) if span[1] > len(self._before)]
        if self._key_is_open:
            end, self._key_is_open = rest_of_key(text)
            spans = _with_start(spans, end)
        self._key_is_open = self._key_is_open or open_key(seen)
        self._remember(seen)
        return _lines_of(mask(text, spans), lines)

    def _remember(self, seen: str) -> None:
        reach = min(self._redactor.longest, _LONGEST_TAIL)
        # Line ends do not count for a broken value: look back over a few more characters than its length.
        self._before = f"{seen[-reach * 2 :]}\n" if reach else ""


def settled(lines: Sequence[str], redactor: Redactor) -> int:
    """How many of the lines can go out now: a secret that began in one of the others may not have ended yet.

    At least half of them can, so that lines do not pile up behind a very long secret.
    """
    reach = min(redactor.longest, _LONGEST_TAIL)
    kept = len(lines)
    while kept > len(lines) // 2 and reach > 0:
        kept -= 1
        reach -= len(lines[kept])
    return kept


def _after(span: Span, start: int) -> Span:
    return max(0, span[0] - start), span[1] - start


def _with_start(spans: list[Span], end: int) -> list[Span]:
    """The spans and the first `end` characters."""
    if end == 0:
        return spans
    return [(0, max([end, *(stop for start, stop in spans if start < end)])), *(s for s in spans if s[0] >= end)]


def _lines_of(text: str, originals: Sequence[str]) -> list[str]:
    """`text` cut again where the original lines were joined."""
    if text.count("\n") == len(originals) - 1:
        return text.split("\n")
    pieces = iter(text.split("\n"))
    return ["\n".join(next(pieces) for _ in range(line.count("\n") + 1)) for line in originals]
