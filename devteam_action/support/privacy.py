"""Our own memory and environment, kept from the processes that we start."""

from __future__ import annotations

import contextlib
import ctypes
import sys

_PR_SET_DUMPABLE = 4  # prctl(2)


def keep_to_ourselves() -> None:
    """Other processes of this user can read neither our environment (`/proc/PID/environ`) nor our memory afterwards.

    Where the system has no such switch nothing happens; root can read everything anyway.
    """
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
