"""A run's events on this machine's disk, one JSON line each: what a restart folds to know where it stands."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from devteam_action.domain.events import AnyEvent, decode
from devteam_action.errors import StateConflict, StateDamaged, StateNotWritten
from devteam_action.support.files import append_synced, sync_folder

# A run whose claim was taken over notices it at its next beat, and has a tool to end.
_PATIENCE_S = 40.0


class Journal:
    """An append-only file of one process at a time; what `append` has taken survives a kill and a power cut."""

    def __init__(self, path: Path, descriptor: int, lines: list[bytes]) -> None:
        self.path = path
        self._descriptor = descriptor
        self._lines = lines

    @classmethod
    def open(cls, path: Path, *, patience_s: float = _PATIENCE_S) -> Journal:
        """The journal at `path`, made when missing; a line torn by a kill is cut off.

        Raises StateConflict when another process of this machine has not closed it within `patience_s`,
        StateNotWritten.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
            if not _locked(descriptor, patience_s):
                os.close(descriptor)
                raise StateConflict(
                    f"another process of this machine is still at work on this run ({path})",
                    remedy="wait for its end (`devteam status`), then run the same command again",
                )
            data = path.read_bytes()
            whole = data.rfind(b"\n") + 1
            if whole < len(data):
                os.ftruncate(descriptor, whole)
            sync_folder(path.parent)
        except OSError as error:
            raise _not_written(path, error) from error
        return cls(path, descriptor, data[:whole].splitlines())

    def append(self, line: bytes) -> None:
        """Adds one encoded event (no line end in it); on disk when this returns. Raises StateNotWritten."""
        try:
            append_synced(self._descriptor, line + b"\n")
        except OSError as error:
            raise _not_written(self.path, error) from error
        self._lines.append(line)

    def follow(self, stored: Sequence[bytes]) -> None:
        """Takes over what the state branch has more than this disk. Raises StateNotWritten.

        Where the two differ another machine went on from an earlier point: its word counts, ours is put beside.
        """
        if any(ours != theirs for ours, theirs in zip(self._lines, stored, strict=False)):
            try:
                self.path.with_name(f"{self.path.name}.{time.time_ns()}").write_bytes(self.path.read_bytes())
                os.ftruncate(self._descriptor, 0)
            except OSError as error:
                raise _not_written(self.path, error) from error
            self._lines = []
        for line in stored[len(self) :]:
            self.append(line)

    def new_since(self, count: int) -> list[bytes]:
        """The lines after the first `count`, as they are in the file."""
        return self._lines[count:]

    def __len__(self) -> int:
        return len(self._lines)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _locked(descriptor: int, patience_s: float) -> bool:
    """The system lifts the lock when its holder closes the file, or dies."""
    end = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        else:
            return True


def read(path: Path) -> list[AnyEvent]:
    """The events of a journal; a torn last line is left out, a missing file has none.

    Raises StateDamaged, with file and line, for anything else that is no event.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    return read_lines(data[: data.rfind(b"\n") + 1].splitlines(), str(path))


def read_lines(lines: list[bytes], where: str) -> list[AnyEvent]:
    """The events of encoded lines; `where` names their origin in the StateDamaged of a line that is none."""
    events: list[AnyEvent] = []
    for number, line in enumerate(lines, start=1):
        try:
            events.append(decode(line))
        except msgspec.DecodeError as error:
            raise StateDamaged(
                f"{where}:{number}: not an event of this version: {error}",
                remedy="move the file away; the run starts again from the state branch",
            ) from error
    return events


def _not_written(path: Path, error: OSError) -> StateNotWritten:
    return StateNotWritten(
        f"the run's journal {path} could not be written: {error.strerror}",
        remedy="make room or mend the permissions, then `devteam run` goes on; the work in the tree is kept",
    )
