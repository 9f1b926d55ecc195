"""The log streams as JSON lines: `server.log`, `task-<id>.log` (workflow), `task-<id>-exec.log` (activities)."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from devteam_action.domain.events import ActivityLogged, AnyEvent, decode, encode
from devteam_action.support.clock import SystemClock
from devteam_action.support.redact import Redactor

EXEC_LIMIT = 50 * 2**20  # bytes of an execution log; the one before it is kept as `.log.1`
SERVER_LIMIT = 10 * 2**20
_BLOCK = 2**18  # of a log that is read from its end
_encoder = msgspec.json.Encoder()


class LogPaths(msgspec.Struct, frozen=True, kw_only=True):
    """Where a task's logs are."""

    server: Path
    workflow: Path
    execution: Path


def log_paths(folder: Path, task_id: str) -> LogPaths:
    """The logs of a task in `<git dir>/devteam/logs/`; an id from a hostile list still names a file in `folder`."""
    name = re.sub(r"[^A-Za-z0-9._-]", "-", task_id)[:100].lstrip(".") or "unnamed"
    return LogPaths(
        server=folder / "server.log",
        workflow=folder / f"task-{name}.log",
        execution=folder / f"task-{name}-exec.log",
    )


class LogFiles:
    """Writes every event of a run to its task's two logs; every line carries the run's id as `runId`."""

    def __init__(self, folder: Path, task_id: str, *, exec_limit: int = EXEC_LIMIT) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.paths = log_paths(folder, task_id)
        self._workflow = _CappedFile(self.paths.workflow, exec_limit)
        self._execution = _CappedFile(self.paths.execution, exec_limit)

    def handle(self, event: AnyEvent) -> None:
        if isinstance(event, ActivityLogged):
            self.handle_activities((event,))
        else:
            self._workflow.write(encode(event) + b"\n", event.run_id)

    def handle_activities(self, events: Sequence[ActivityLogged]) -> None:
        """Many activities in one write."""
        self._execution.write(_encoder.encode_lines(events), events[0].run_id)

    def close(self) -> None:
        self._workflow.close()
        self._execution.close()


class ServerLog(logging.Handler):
    """Python's log records as JSON lines in `server.log`, redacted; `level` is the user's LOG_LEVEL."""

    def __init__(self, folder: Path, redactor: Redactor, *, run_id: str = "", level: str = "INFO") -> None:
        super().__init__(level.upper() if level.upper() in logging.getLevelNamesMapping() else logging.INFO)
        folder.mkdir(parents=True, exist_ok=True)
        self._file = _CappedFile(folder / "server.log", SERVER_LIMIT)
        self._redactor = redactor
        self.run_id = run_id

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
            if record.exc_info and record.exc_info[1] is not None:
                error = record.exc_info[1]
                message = f"{message}: {type(error).__name__}: {error}"
            message = self._redactor.redact(message)
            self._file.write(_log_line(self.run_id, record.levelname, message, _stamp(record.created)), self.run_id)
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        self._file.close()
        super().close()


class _CappedFile:
    """A file that is moved aside when it is full, so that the newest lines are always kept."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._file: BinaryIO = path.open("ab")
        self._size = self._file.tell()

    def write(self, data: bytes, run_id: str) -> None:
        if self._size and self._size + len(data) > self._limit:
            self._turn_over(run_id)
        self._file.write(data)
        self._file.flush()
        self._size += len(data)

    def _turn_over(self, run_id: str) -> None:
        old = _turned_over(self._path)
        lost = f", and what {old.name} held before is gone" if old.exists() else ""
        self._file.close()
        self._path.replace(old)
        self._file = self._path.open("ab")
        self._size = 0
        text = f"the log reached {self._limit} bytes: earlier lines are in {old.name}{lost}"
        self.write(_log_line(run_id, "WARNING", text, _stamp()), run_id)

    def close(self) -> None:
        self._file.close()


def next_activity(path: Path, run_id: str) -> int:
    """The number after that of a run's last activity in an execution log, where its numbers go on; 0 where none is.

    A task has one run at a time: where the last activity is another run's, that one came later, and this one is new.
    """
    for each in (path, _turned_over(path)):
        for line in _lines_from_the_end(each):
            try:
                event = decode(line)
            except msgspec.DecodeError:
                continue  # torn by a kill, or a note of the log about itself
            if isinstance(event, ActivityLogged):
                return event.activity.sequence_number + 1 if event.run_id == run_id else 0
    return 0


def _lines_from_the_end(path: Path) -> Iterator[bytes]:
    """The lines of a file, the last one first, without reading more of it than is asked for."""
    try:
        file = path.open("rb")
    except OSError:
        return
    with file:
        position = file.seek(0, os.SEEK_END)
        later: list[bytes] = []  # pieces of a line whose beginning is still to come, the last one first
        while position:
            begin = max(0, position - _BLOCK)
            file.seek(begin)
            first, *lines = file.read(position - begin).split(b"\n")
            position = begin
            if lines:
                yield b"".join((lines.pop(), *reversed(later)))
                yield from reversed(lines)
                later = []
            later.append(first)
        yield b"".join(reversed(later))


def _turned_over(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")


def _stamp(seconds: float | None = None) -> str:
    if seconds is None:
        return SystemClock().now()
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _log_line(run_id: str, level: str, message: str, timestamp: str) -> bytes:
    line = {
        "type": "execution-log", "runId": run_id, "timestamp": timestamp, "level": level.lower(), "message": message
    }  # fmt: skip
    return _encoder.encode(line) + b"\n"


class RunOf:
    """A reporter that shows nothing: it tells the server log which run its lines belong to."""

    def __init__(self, log: ServerLog) -> None:
        self._log = log

    def handle(self, event: AnyEvent) -> None:
        self._log.run_id = event.run_id

    def close(self) -> None:
        self._log.run_id = ""
