"""One at a time on this machine: a lock that the kernel gives back when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from devteam_action.errors import StateConflict

_POLL_S = 0.05


@contextmanager
def file_lock(path: Path, *, wait_s: float = 0.0, what: str = "") -> Generator[None]:
    """Holds `path` locked for the block, between processes and threads alike.

    Waits at most `wait_s` seconds, then raises StateConflict naming `what`. The file stays: removing it would let two
    holders in.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        deadline = time.monotonic() + wait_s
        while not _taken(descriptor):
            if time.monotonic() >= deadline:
                raise StateConflict(
                    f"{what or path.name} is in use by another process (lock {path})",
                    remedy="wait for it to end, then run the same command again",
                )
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
