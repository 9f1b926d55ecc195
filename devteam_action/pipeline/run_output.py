"""The whole of what a tool was seen doing and said, packed for the state branch: bounded, and the end always kept."""

from __future__ import annotations

import threading
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from itertools import accumulate

import msgspec
from msgspec import Struct

from devteam_action.domain.activity_rules import Detail
from devteam_action.domain.events import Activity, ActivityLogged, AnyEvent

_MOST_BYTES = 512 * 1024  # packed, of each of the two files of a piece
_TAIL_LINES = 200  # of what did not fit, the last lines are kept
_TAIL_BYTES = 64 * 1024
_GZIP = 31  # zlib's number for a gzip file
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(ActivityLogged)


class Packed(Struct, frozen=True, kw_only=True):
    """One piece of a run, as gzip files: `activities` are the events as JSON lines, `output` the tool's own text."""

    activities: bytes
    output: bytes


class RunOutput:
    """A reporter that packs as lines come; the texts are redacted already. Safe to use from several threads."""

    def __init__(self, *, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._open: tuple[_Piece, _Piece] | None = None
        self._done: list[Packed] = []

    def handle(self, event: AnyEvent) -> None:
        if isinstance(event, ActivityLogged):
            self.handle_activities((event,))

    def handle_activities(self, events: Sequence[ActivityLogged]) -> None:
        """Many activities at once."""
        with self._lock:
            if self._open is None:
                self._open = (
                    _Piece(self._most, '{{"leftOut": {}}}', _cut_event),
                    _Piece(self._most, "[... {} lines left out ...]", _cut_text),
                )
            activities, output = self._open
            for event in events:
                activities.add(_encoder.encode(event) + b"\n")
                text = text_of(event.activity)
                if text:
                    output.add(text.encode(errors="replace") + b"\n")

    def close(self) -> None:
        """Nothing to finish: the pieces are taken, or their process was killed and has the log."""

    def pieces(self) -> tuple[Packed, ...]:
        """What was not stored yet; what comes from now on is the next piece."""
        with self._lock:
            if self._open is not None:
                activities, output = self._open
                self._done.append(Packed(activities=activities.end(), output=output.end()))
                self._open = None
            return tuple(self._done)

    def stored(self, count: int) -> None:
        """The first `count` of `pieces` are on the state branch."""
        with self._lock:
            del self._done[:count]


def text_of(activity: Activity) -> str:
    """What the tool itself wrote, all lines of it; nothing of what was said about it."""
    if activity.verbosity < 3:
        return ""
    lines = activity.details.get("lines")
    return "\n".join(lines) if isinstance(lines, list) else activity.message


def unpacked(data: bytes) -> bytes:
    """The content of a piece's file; empty where it is damaged."""
    try:
        return zlib.decompress(data, wbits=_GZIP)
    except zlib.error:
        return b""


def _cut_event(line: bytes, size: int) -> bytes:
    """An endless activity, still as valid JSON: the beginning of each of its texts, and how much is missing."""
    event = _decoder.decode(line)
    activity = event.activity
    most = size // 8
    details = {name: _beginning(value, most) for name, value in activity.details.items()}

    def encoded(left_out: int) -> bytes:
        cut = msgspec.structs.replace(
            activity, message=activity.message[:most], details={**details, "bytesLeftOut": left_out}
        )
        return _encoder.encode(msgspec.structs.replace(event, activity=cut)) + b"\n"

    return encoded(len(line) - len(encoded(0)))


def _beginning(value: Detail, most: int) -> Detail:
    if isinstance(value, str):
        return value[:most]
    if not isinstance(value, list):
        return value
    ends = accumulate(len(each) for each in value)
    return [each[:most] for each, end in zip(value, ends, strict=True) if end - len(each) < most]


def _cut_text(line: bytes, size: int) -> bytes:
    shown = line[:size].decode(errors="ignore").encode()  # no character is cut in two
    return shown + f" [... {len(line) - len(shown)} more bytes of this line are left out]\n".encode()


class _Piece:
    """One gzip file that grows up to a size; of what comes then, the end is kept, and how much is missing is said.

    A line that would take too much of it is cut, so that the lines after it have their place.
    """

    def __init__(self, most_bytes: int, note: str, cut: Callable[[bytes, int], bytes]) -> None:
        self._most = most_bytes
        self._note = note
        self._cut = cut
        self._packer = zlib.compressobj(level=4, wbits=_GZIP)
        self._parts: list[bytes] = []
        self._size = 0
        self._tail: deque[bytes] = deque(maxlen=_TAIL_LINES)
        self._left_out = 0

    def add(self, line: bytes) -> None:
        # A line is packed at half its size at worst: text of a tool is no random bytes.
        if len(line) > self._most // 2 or (len(line) > self._most // 32 and not self._has_room(line)):
            line = self._cut(line, self._most // 32)
        if self._left_out == 0 and self._has_room(line):
            self._keep(line)
            return
        self._left_out += 1
        self._tail.append(line)

    def _has_room(self, line: bytes) -> bool:
        return self._size + len(line) // 2 <= self._most

    def end(self) -> bytes:
        kept: list[bytes] = []
        size = 0
        for line in reversed(self._tail):
            size += len(line)
            if size > _TAIL_BYTES:
                break
            kept.insert(0, line)
        missing = self._left_out - len(kept)
        if missing:
            self._keep(f"{self._note.format(missing)}\n".encode())
        for line in kept:
            self._keep(line)
        self._parts.append(self._packer.flush())
        return b"".join(self._parts)

    def _keep(self, line: bytes) -> None:
        packed = self._packer.compress(line)
        if packed:
            self._parts.append(packed)
            self._size += len(packed)
