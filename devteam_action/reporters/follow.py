"""`devteam logs`: the log files as lines for people, as they are or as they grow."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
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
    yield from _told(_Given(paths), verbosity, once=once, stop=stop or threading.Event())


def follow_newest(
    logs: Callable[[], Sequence[Path]], verbosity: int = 2, *, stop: threading.Event | None = None
) -> Iterator[str]:
    """The lines of whichever of `logs` was written last, then of each one that something is added to; until `stop`.

    `logs` is asked again and again: it need not have any yet. Of those that are there at first, only the newest is told
    from its beginning. A line that says which task it is goes before the lines of another task.
    """
    yield from _told(_Newest(logs), verbosity, once=False, stop=stop or threading.Event(), names_tasks=True)


def _told(
    tails: _Given, verbosity: int, *, once: bool, stop: threading.Event, names_tasks: bool = False
) -> Iterator[str]:
    narrators: dict[str, Narrator] = {}
    task_id = ""
    try:
        while True:
            was_stopped = stop.is_set()
            chunks = [tail.new_lines() for tail in tails.now()]
            is_at_end = all(lines is None for lines in chunks)
            entries = [entry for lines in chunks for line in lines or () if (entry := _entry(line)) is not None]
            entries.sort(key=_order)
            for timestamp, event in entries:
                texts = _texts(event, narrators, verbosity)
                if names_tasks and texts and not isinstance(event, _LogLine) and event.task_id != task_id:
                    task_id = event.task_id
                    yield f"task {one_line(task_id, 40)}"
                for text in texts:
                    yield f"{timestamp[11:19]}  {text}" if timestamp else text
            if is_at_end:
                if once or was_stopped:
                    return
                stop.wait(_POLL_S)
    finally:
        tails.close()


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


class _Given:
    """Certain files, as they grow."""

    def __init__(self, paths: Sequence[Path] = ()) -> None:
        self._tails = {path: _Tail(path) for path in paths}

    def now(self) -> Sequence[_Tail]:
        return tuple(self._tails.values())

    def close(self) -> None:
        for tail in self._tails.values():
            tail.close()


class _Newest(_Given):
    """The newest file, and each one that became it later."""

    def __init__(self, find: Callable[[], Sequence[Path]]) -> None:
        super().__init__()
        self._find = find
        self._sizes: dict[Path, int] | None = None  # of the files that were there at first: what they held is history

    def now(self) -> Sequence[_Tail]:
        found = {path: known for path in self._find() if (known := _looked_at(path)) is not None}
        newest = max(found, key=lambda path: found[path].st_mtime_ns, default=None)
        if self._sizes is None:
            self._sizes = {path: known.st_size for path, known in found.items() if path != newest}
        if newest is not None and newest not in self._tails:
            self._tails[newest] = _Tail(newest, begin=self._sizes.get(newest, 0))
        return super().now()


def _looked_at(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:  # it was turned over just now
        return None


class _Tail:
    """A growing file, also when another takes its name; from the byte `begin` on."""

    def __init__(self, path: Path, *, begin: int = 0) -> None:
        self._path = path
        self._begin = begin
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
        self._file.seek(self._begin)
        self._begin = 0
        return True

    def _was_replaced(self) -> bool:
        assert self._file is not None
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return False
        opened = os.fstat(self._file.fileno())
        return (now.st_dev, now.st_ino) != (opened.st_dev, opened.st_ino)
