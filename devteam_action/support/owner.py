"""Who holds a claim: this host, this process, since when; so that a dead owner on this host is recognised at once."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def this_owner() -> str:
    """`host:pid:started`; the start keeps a recycled process number from passing for the old process."""
    return f"{platform.node() or 'localhost'}:{os.getpid()}:{_started(os.getpid())}"


def is_gone(owner: str) -> bool:
    """True when `owner` was a process of this host that is no more; False for other hosts, which cannot be asked."""
    host, _, rest = owner.rpartition(":")
    host, _, number = host.rpartition(":")
    if host != (platform.node() or "localhost") or not number.isdigit():
        return False
    return _started(int(number)) != rest


def is_alive(pid: int) -> bool:
    """Whether a process of that number is there (a zombie is not)."""
    return bool(_started(pid))


def _started(pid: int) -> str:
    """When the process began, in clock ticks since boot where /proc tells, else in seconds; empty when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        # A zombie has ended; it only waits for its parent to ask how.
        return "" if fields[0] == "Z" else fields[19]
    except OSError:
        return _started_elsewhere(pid)


def _started_elsewhere(pid: int) -> str:
    if Path("/proc/self/stat").exists():
        return ""
    import psutil

    try:
        return str(int(psutil.Process(pid).create_time()))
    except psutil.Error:
        return ""
