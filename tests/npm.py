"""Packages of npm that tests need: installed once for this machine's user, outside of the repository."""

from __future__ import annotations

import fcntl
import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_LIMIT_S, _GIVEN_UP_S = 120, 600


class NotInstalled(Exception):
    """There is no npm, or it cannot install them here; the text says which."""


def folder_of(name: str) -> Path:
    """Where `installed` puts what has this name."""
    return Path(tempfile.gettempdir()) / f"devteam-tests-{getpass.getuser()}" / name


def installed(name: str, *packages: str, finish: Callable[[Path], None] = lambda _: None) -> Path:
    """A folder whose `node_modules` hold these packages (`NAME@VERSION`), after `finish` has changed it.

    `name` says packages and versions: what is there under it is not looked at again. Whoever comes while another
    process installs waits for it, and a failure is not tried again for ten minutes.
    """
    folder = folder_of(name)
    if folder.is_dir():
        return folder
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        raise NotInstalled(f"there is no npm, with which {' and '.join(packages)} would be installed")
    folder.parent.mkdir(parents=True, exist_ok=True)
    failed = folder.with_name(f"{name}.failed")
    with folder.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            return folder
        if not (failed.exists() and time.time() - failed.stat().st_mtime < _GIVEN_UP_S):
            made = Path(tempfile.mkdtemp(dir=folder.parent))
            try:
                problem = _install(npm, made, packages)
                if not problem:
                    finish(made)
                    return made.rename(folder)
            finally:
                shutil.rmtree(made, ignore_errors=True)
            failed.write_text(problem)
        raise NotInstalled(f"npm cannot install {' and '.join(packages)} here ({failed.read_text()})")


def _install(npm: str, folder: Path, packages: tuple[str, ...]) -> str:
    """Empty, or what went wrong. The tests' home is an empty one; npm's settings are in the user's own."""
    (folder / "package.json").write_text('{"name": "for-tests", "private": true}')
    home = pwd.getpwuid(os.getuid()).pw_dir
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1", *packages]
    try:
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, "HOME": home}, capture_output=True, timeout=_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"it took more than {_LIMIT_S} s"
    return f"exit {done.returncode}" if done.returncode else ""
