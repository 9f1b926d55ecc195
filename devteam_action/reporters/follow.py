"""`devteam logs`: the log files as lines for people, as they are or as they grow."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from devteam_action.domain.events import ActivityLogged, AnyEvent, decode
from devteam_action.reporters.narration import Narrator
from devteam_action.support.lines import LineSplitter
from devteam_action.support.terminal import one_line

_POLL_S = 0.2
_CHUNK = 1 << 20


class _LogLine(msgspec.Struct, rename="camel"):
    """A line of `server.log`, or a note that a log makes about itself."""

    level: str
    message: str
    timestamp: str = ""


_log_line = msgspec.json.Decoder(_LogLine)


def follow(
    paths: Sequence[Path], verbosity: int = 2, *, once: bool = False, stop: threading.Event | None = None
) -> Iterator[str]:
    """The logs' lines for people, each after its time; from the beginning, then as they are written.

    `once` ends at the end of what is there, and so does `stop`, from another thread. Files that are not there yet are
    waited for; one that is turned over is read to its end first. What several files hold is told in order of time.
    """
    tails = [_Tail(path) for path in paths]
    try:
        yield from _told(tails, verbosity, once, stop or threading.Event())
    finally:
        for tail in tails:
            tail.close()


def _told(tails: Sequence[_Tail], verbosity: int, once: bool, stop: threading.Event) -> Iterator[str]:
    narrators: dict[str, Narrator] = {}
    while True:
        was_stopped = stop.is_set()
        chunks = [tail.new_lines() for tail in tails]
        is_at_end = all(lines is None for lines in chunks)
        entries = [entry for lines in chunks for line in lines or () if (entry := _entry(line)) is not None]
        entries.sort(key=_order)
        for timestamp, event in entries:
            for text in _texts(event, narrators, verbosity):
                yield f"{timestamp[11:19]}  {text}" if timestamp else text
        if is_at_end:
            if once or was_stopped:
                return
            stop.wait(_POLL_S)


def _entry(line: bytes) -> tuple[str, AnyEvent | _LogLine] | None:
    """The line as what it is; None for one that is damaged."""
    try:
        event = decode(line)
    except msgspec.DecodeError:
        try:
            note = _log_line.decode(line)
        except msgspec.DecodeError:
            return None
        return note.timestamp, note
    return event.timestamp, event


def _order(entry: tuple[str, AnyEvent | _LogLine]) -> tuple[str, int, int]:
    """By time; within a millisecond by the bus's own order."""
    timestamp, said = entry
    if isinstance(said, _LogLine):
        return timestamp, -1, -1
    return timestamp, said.sequence_number, said.activity.sequence_number if isinstance(said, ActivityLogged) else -1


def _texts(entry: AnyEvent | _LogLine, narrators: dict[str, Narrator], verbosity: int) -> list[str]:
    if isinstance(entry, _LogLine):
        return [f"{entry.level.upper()}: {one_line(entry.message, 400)}"]
    if isinstance(entry, ActivityLogged) and entry.activity.verbosity > verbosity:
        return []
    narrator = narrators.setdefault(entry.run_id, Narrator(verbosity))
    return [line.text for line in narrator.lines(entry)]


class _Tail:
    """A growing file, also when another takes its name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._splitter = LineSplitter()

    def new_lines(self) -> list[bytes] | None:
        """The whole lines of the next chunk; None when nothing came since the last call."""
        if self._file is None and not self._open():
            return None
        assert self._file is not None
        chunk = self._file.read(_CHUNK)
        if not chunk and self._was_replaced():
            self._file.close()
            self._splitter = LineSplitter()
            if not self._open():
                return None
            chunk = self._file.read(_CHUNK)
        return self._splitter.feed(chunk) if chunk else None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _open(self) -> bool:
        try:
            self._file = self._path.open("rb", buffering=0)
        except FileNotFoundError:
            self._file = None
            return False
        return True

    def _was_replaced(self) -> bool:
        assert self._file is not None
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return False
        opened = os.fstat(self._file.fileno())
        return (now.st_dev, now.st_ino) != (opened.st_dev, opened.st_ino)
