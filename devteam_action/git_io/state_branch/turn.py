"""Taking turns on one machine: a courtesy that saves lost races; the compare-and-swap alone decides.

Without it, sixteen writers on two cores spend most of their time on pushes that lose, and the unlucky one starves.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from devteam_action.errors import StateConflict
from devteam_action.support.locks import file_lock
from devteam_action.support.tokens import sha256_hex

_WAIT_S = 20.0  # whoever holds it longer than this is stuck; then it goes without a turn


@contextmanager
def turn(path: Path) -> Generator[bool]:
    """Holds the turn for the block; True where somebody else had it first. Never fails: at worst there is no turn."""
    with ExitStack() as stack:
        has_waited = False
        try:
            stack.enter_context(file_lock(path))
        except StateConflict:
            has_waited = True
            _wait(stack, path)
        except OSError:
            pass  # no place for the lock: the compare-and-swap is enough
        yield has_waited


def _wait(stack: ExitStack, path: Path) -> None:
    try:
        stack.enter_context(file_lock(path, wait_s=_WAIT_S))
    except (StateConflict, OSError):
        return


def machine_wide(address: str) -> Path:
    """Where all processes of this user on this machine take turns on one remote; it does not tell the address.

    Raises OSError where that folder is not ours alone.
    """
    import tempfile

    name = sha256_hex(address.encode(errors="surrogateescape"))[:24]
    folder = Path(tempfile.gettempdir()) / f"devteam-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
        raise PermissionError(f"{folder} is somebody else's")
    return folder / f"state-{name}.lock"
