"""Lines that are whole or absent: what is written here survives a kill at any moment."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def append_synced(descriptor: int, data: bytes) -> None:
    """Writes all of `data` at the end of an open file and waits for the disk; takes a part back when it fails."""
    size = os.fstat(descriptor).st_size
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    except OSError:
        # A full disk takes the first half of a line: the next line must not be glued to it.
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, size)
        raise


def sync_folder(folder: Path) -> None:
    """Puts a new name in `folder` on disk; a file system that cannot is no error."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
