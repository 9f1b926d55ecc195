"""Builds aider's own environment: exact versions, every file checked by hash, tested before anybody may use it."""

from __future__ import annotations

import re
import shutil
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from devteam_action.errors import StateConflict, ToolMissing
from devteam_action.pipeline.ports import Progress
from devteam_action.support.environment import child_environment
from devteam_action.support.locks import file_lock
from devteam_action.support.process import Command, Completed, run
from devteam_action.tools.aider.location import (
    INSTALL_COMMAND,
    LAUNCHER,
    REQUIREMENTS,
    VERSION,
    environment_dir,
    is_ready,
    mark_ready,
    python_of,
)
from devteam_action.tools.aider.pythons import find_python
from devteam_action.tools.job import last_words

_TICK_S = 2.0
_LIMIT_S = 1800.0
_CHOSEN = ("--require-hashes", "--no-deps", "--only-binary", ":all:")  # wheels only: nothing is built, nothing unpinned

# The user's package index counts here, and only here, with its certificate, credentials and cache; not a variable
# that names another target, another Python, or builds what should be taken ready-made.
_INDEX_SETTING = re.compile(
    r"(PIP|UV)_(\w*INDEX\w*|FIND_LINKS|CONFIG_FILE|TRUSTED_HOST|INSECURE_HOST|KEYRING_PROVIDER|(CLIENT_)?CERT|PROXY"
    r"|NATIVE_TLS|SYSTEM_CERTS|(NO_)?CACHE(_DIR)?|DEFAULT_TIMEOUT|HTTP_\w+|RETRIES|OFFLINE|LINK_MODE|PYTHON_INSTALL_\w+)$"
)


def install(environ: Mapping[str, str], progress: Progress) -> Path:
    """The Python of a ready environment, built now where it is not there; raises ToolMissing when that fails.

    Of two installers at once one builds and the other waits for it. An environment counts only once its mark is
    written, last of all, so one that was cut short is built anew.
    """
    place = environment_dir(environ)
    if not is_ready(place):
        with _only_one(place, progress):
            if not is_ready(place):
                _build(place, environ, progress)
    return python_of(place)


def self_test(python: Path, environ: Mapping[str, str]) -> None:
    """Raises ToolMissing unless the launcher starts exactly the pinned aider with that Python."""
    command = Command(
        argv=(str(python), "-I", str(LAUNCHER), "--version"),
        env=child_environment(environ, add={"LITELLM_LOCAL_MODEL_COST_MAP": "True"}),
        cwd=python.parent,
        timeout_s=120,
    )
    answer = run(command)
    if not answer.ok or f"aider {VERSION}" not in answer.stdout.decode("utf-8", "replace"):
        raise ToolMissing(
            f"the aider of {python} does not answer as aider {VERSION} does{last_words(answer)}",
            remedy=f"devteam is tested with aider {VERSION} alone: unset AIDER_PATH and type `{INSTALL_COMMAND}`",
        )


def build_commands(place: Path, uv: Path | None, python: Path | None) -> tuple[tuple[str, ...], ...]:
    """The commands that make the environment; without a fitting Python, uv brings its own.

    Raises ToolMissing, with what to type, when there is neither.
    """
    into = str(python_of(place))
    if uv is not None:
        base = str(python) if python is not None else "3.12"
        return (
            (str(uv), "venv", "--no-project", "--python", base, str(place)),
            (str(uv), "pip", "install", "--python", into, *_CHOSEN, "-r", str(REQUIREMENTS)),
        )
    if python is not None:
        return (
            (str(python), "-m", "venv", str(place)),
            (into, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", *_CHOSEN, "-r",
             str(REQUIREMENTS)),
        )  # fmt: skip
    raise ToolMissing(
        "aider needs Python 3.10, 3.11 or 3.12 (with venv), and none was found on PATH",
        remedy=f"type `python3 -m pip install uv && {INSTALL_COMMAND}` (uv brings a Python of its own), "
        "or install Python 3.12",
    )


def find_uv(environ: Mapping[str, str]) -> Path | None:
    """uv beside our own Python, else on PATH."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.is_file() else shutil.which("uv", path=environ.get("PATH", ""))
    return Path(found) if found else None


def _build(place: Path, environ: Mapping[str, str], progress: Progress) -> None:
    uv = find_uv(environ)
    commands = build_commands(place, uv, find_python(environ, with_pip=uv is None))
    shutil.rmtree(place, ignore_errors=True)
    index = [name for name in environ if _INDEX_SETTING.match(name)]
    env = child_environment(environ, keep=index, add={"VIRTUAL_ENV": str(place), "UV_NO_PROGRESS": "1"})
    with _ticking(progress, f"installing aider {VERSION} into {place}"):
        for argv in commands:
            _must(run(Command(argv=argv, env=env, cwd=place.parent, timeout_s=_LIMIT_S)))
    with _ticking(progress, f"testing aider {VERSION}"):
        self_test(python_of(place), environ)
    mark_ready(place)


def _must(done: Completed) -> None:
    if not done.ok:
        raise ToolMissing(
            f"aider {VERSION} could not be installed: `{done.command_text}` failed{last_words(done, 1500)}",
            remedy=f"see that the package index can be reached and the disk has 1 GB free, then `{INSTALL_COMMAND}`",
        )


@contextmanager
def _only_one(place: Path, progress: Progress) -> Generator[None]:
    lock = place.with_name(f"{place.name}.lock")
    started = time.monotonic()
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(file_lock(lock, wait_s=_TICK_S))
                break
            except StateConflict:
                waited = time.monotonic() - started
                progress(f"another process is installing aider {VERSION}; waiting for it, {waited:.0f} s")
            except OSError as error:
                raise ToolMissing(
                    f"no place for aider: {place.parent}: {error.strerror}",
                    remedy="set XDG_DATA_HOME to a folder that can be written",
                ) from error
        yield


@contextmanager
def _ticking(progress: Progress, what: str) -> Generator[None]:
    """Says `what` at once and then every two seconds, with the seconds gone by."""
    done = threading.Event()
    started = time.monotonic()

    def tick() -> None:
        while not done.wait(_TICK_S):
            progress(f"{what} ... {time.monotonic() - started:.0f} s")

    progress(what)
    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    finally:
        done.set()
        ticker.join()
