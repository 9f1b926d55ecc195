"""Temporary folders that carry their owner's name, so that what a killed process left can be told and removed."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import tempfile
from pathlib import Path

from devteam_action.support.owner import is_alive

_NAME = re.compile(r"devteam-[a-z]+-(?P<host>[0-9a-f]{8})-(?P<pid>[0-9]+)-")


def prefix(purpose: str) -> str:
    """What the name of a temporary folder of this process begins with; `purpose` is one lower-case word."""
    return f"devteam-{purpose}-{_host()}-{os.getpid()}-"


def abandoned() -> list[Path]:
    """The temporary folders of processes of this user and host that are no more."""
    try:
        place = Path(tempfile.gettempdir())
    except FileNotFoundError:
        return []  # not one folder that can be written to: whoever needs one will say so
    found: list[Path] = []
    for folder in place.glob("devteam-*"):
        match = _NAME.match(folder.name)
        # Containers may share the folder and count processes for themselves: only our own host's can be asked.
        if match is None or match["host"] != _host() or is_alive(int(match["pid"])):
            continue
        if not folder.is_symlink() and folder.is_dir() and folder.lstat().st_uid == os.getuid():
            found.append(folder)
    return found


def _host() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]
