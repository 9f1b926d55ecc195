"""Where aider is: an existing one named by AIDER_PATH, else the environment of our own."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from devteam_action.errors import ToolMissing

VERSION = "0.86.2"
REQUIREMENTS = Path(__file__).parent / "requirements.txt"
LAUNCHER = Path(__file__).parent / "launcher.py"
INSTALL_COMMAND = "devteam tools install aider"
_READY = "devteam-ready"


def environment_dir(environ: Mapping[str, str]) -> Path:
    """`$XDG_DATA_HOME/devteam/tools/aider-0.86.2`, with the XDG default for the first part."""
    data = environ.get("XDG_DATA_HOME") or ""
    base = Path(data) if data.startswith("/") else Path(environ.get("HOME") or Path.home()) / ".local" / "share"
    return base / "devteam" / "tools" / f"aider-{VERSION}"


def python_of(environment: Path) -> Path:
    return environment / "bin" / "python"


def is_ready(environment: Path) -> bool:
    """Whether it was built to the end, and tested, from the very requirements that we have now."""
    try:
        return (environment / _READY).read_text() == requirements_digest() and python_of(environment).exists()
    except OSError:
        return False


def mark_ready(environment: Path) -> None:
    (environment / _READY).write_text(requirements_digest())


def requirements_digest() -> str:
    return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()


def existing_aider(environ: Mapping[str, str]) -> Path | None:
    """The Python of the aider that AIDER_PATH names (a path, or a name on PATH); None when it is not set.

    Raises ToolMissing when it names no executable, or one whose Python cannot be found.
    """
    named = environ.get("AIDER_PATH", "")
    if not named:
        return None
    found = shutil.which(named, path=environ.get("PATH"))
    if found is None:
        raise ToolMissing(
            f"AIDER_PATH is `{named}`, which is no executable file",
            remedy=f"correct it, or unset it and type `{INSTALL_COMMAND}`",
        )
    # pipx and uv link the executable from elsewhere; its Python is beside the file itself, or in its first line.
    script = Path(found).resolve()
    for python in (script.with_name("python"), script.with_name("python3"), _interpreter_line(script)):
        if python is not None and python.is_file():
            return python
    raise ToolMissing(
        f"the Python of the aider at {found} cannot be found (AIDER_PATH)",
        remedy=f"name an aider in an environment of its own, or unset AIDER_PATH and type `{INSTALL_COMMAND}`",
    )


def _interpreter_line(script: Path) -> Path | None:
    with script.open("rb") as file:
        first = file.readline(4096)
    words = first[2:].split() if first.startswith(b"#!") else []
    python = Path(words[0].decode("utf-8", "replace")) if len(words) == 1 else None
    return python if python is not None and python.is_absolute() else None
