"""The one door to child processes: argv lists, a process group of their own, streamed lines, and a sure end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Literal

from devteam_action.errors import Missing
from devteam_action.support.command import Command, Completed, Ended
from devteam_action.support.lines import LineSplitter, Tail

__all__ = ["Command", "Completed", "OnLine", "Stream", "end_group", "run"]

Stream = Literal["stdout", "stderr"]
OnLine = Callable[[Stream, bytes], None]

_CHUNK = 65536
_POLL_S = 0.05  # how late a stop is noticed while a child is silent


def run(
    command: Command,
    *,
    on_line: OnLine | None = None,
    stop: threading.Event | None = None,
    keep_bytes: int | None = 16 * 2**20,
) -> Completed:
    """Runs a child to its end; no process of its group is alive afterwards.

    `on_line` gets every line without its end, from two threads at once (one a stream). At most `keep_bytes` of each
    stream are kept, the first and the last half; None keeps all. Raises Missing when the program is not there.
    """
    started = time.monotonic()
    child = _start(command)
    if keep_bytes is None and on_line is None and stop is None:
        return _collected(child, command, started)
    limit = sys.maxsize if keep_bytes is None else keep_bytes
    tails = {"stdout": Tail(limit), "stderr": Tail(limit)}
    readers = [
        threading.Thread(target=_pump, args=(pipe, name, tails[name], on_line), daemon=True)
        for name, pipe in (("stdout", child.stdout), ("stderr", child.stderr))
    ]
    for reader in readers:
        reader.start()
    writer = threading.Thread(target=_feed, args=(child, command.stdin), daemon=True)
    writer.start()
    ended: Ended = "exited"
    try:
        ended = _wait(child, readers, command, started, stop)
    finally:
        # Also when we are interrupted: a child must never outlive us, nor a grandchild its parent.
        end_group(child, command.grace_s if ended != "exited" else 0)
        for reader in readers:
            reader.join(timeout=5)
    return Completed(
        argv=command.argv,
        code=child.returncode,
        stdout=tails["stdout"].value(),
        stderr=tails["stderr"].value(),
        duration_s=time.monotonic() - started,
        ended=ended,
        truncated=any(tail.dropped for tail in tails.values()),
    )


def _collected(child: subprocess.Popen[bytes], command: Command, started: float) -> Completed:
    """The quick way for a child whose whole output is wanted at its end: no threads of ours."""
    ended: Ended = "exited"
    try:
        stdout, stderr = child.communicate(command.stdin or None, command.timeout_s)
    except subprocess.TimeoutExpired:
        ended = "timed-out"
        end_group(child, command.grace_s)
        stdout, stderr = child.communicate()
    finally:
        end_group(child, 0)
    return Completed(
        argv=command.argv,
        code=child.returncode,
        stdout=stdout,
        stderr=stderr,
        duration_s=time.monotonic() - started,
        ended=ended,
    )


def _start(command: Command) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command.argv,
            cwd=command.cwd,
            env=dict(command.env),
            stdin=subprocess.PIPE if command.stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
        if command.cwd is not None and not command.cwd.is_dir():
            raise Missing(f"the folder {command.cwd} is not there (to run `{command.argv[0]}` in)") from error
        raise Missing(
            f"the program `{command.argv[0]}` cannot be started: {error.strerror}",
            remedy="install it, or put it on PATH",
        ) from error


def _pump(pipe: IO[bytes], name: Stream, tail: Tail, on_line: OnLine | None) -> None:
    splitter = LineSplitter()
    descriptor = pipe.fileno()
    with pipe:
        while chunk := os.read(descriptor, _CHUNK):
            tail.add(chunk)
            if on_line is not None:
                for line in splitter.feed(chunk):
                    on_line(name, line)
    if on_line is not None and (rest := splitter.rest()):
        on_line(name, rest)


def _feed(child: subprocess.Popen[bytes], data: bytes) -> None:
    if child.stdin is None:
        return
    # A child may end, or close its input, before it has read all: that is its right, and its exit code tells.
    with contextlib.suppress(BrokenPipeError, OSError):
        child.stdin.write(data)
    with contextlib.suppress(BrokenPipeError, OSError):
        child.stdin.close()


def _wait(
    child: subprocess.Popen[bytes],
    readers: list[threading.Thread],
    command: Command,
    started: float,
    stop: threading.Event | None,
) -> Ended:
    deadline = None if command.timeout_s is None else started + command.timeout_s
    while True:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            return "timed-out"
        if stop is not None and stop.is_set():
            return "stopped"
        watch = None if stop is None else _POLL_S
        try:
            child.wait(min((pause for pause in (left, watch) if pause is not None), default=None))
        except subprocess.TimeoutExpired:
            continue
        break
    # The child has ended; a grandchild that holds the pipes open is ended after a moment of politeness.
    for reader in readers:
        reader.join(timeout=command.grace_s)
    return "exited"


def end_group(child: subprocess.Popen[bytes], grace_s: float) -> None:
    """Ends every process of the child's group: SIGINT, SIGTERM, SIGKILL, `grace_s` apart, sooner where all are gone."""
    if grace_s > 0:
        for number in (signal.SIGINT, signal.SIGTERM):
            if not _signal_group(child.pid, number):
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(grace_s)
                break
    _signal_group(child.pid, signal.SIGKILL)
    child.wait()


def _signal_group(group: int, number: signal.Signals) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
