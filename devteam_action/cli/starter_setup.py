"""The `setup:` of a first configuration: what a fresh runner lacks before this repository's tests can run there."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from typing import cast

_HEAD = """
# Run once in every new working directory of a task: what your tests and checks need. GitHub's runners have none of it.
"""
_CHECKS = "pytest pytest-cov ruff"
_PYTHON = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "pytest.ini", "tox.ini"})
_EXTRAS = ("test", "tests", "testing", "dev")
_COMMENTED = """\
# setup:
#   - {}
"""

ReadFile = Callable[[str], bytes | None]


def setup_text(paths: Sequence[str], read_file: ReadFile) -> str:
    """The key with its comment: for a Python project an installation of it, else an example that is commented out."""
    if not _PYTHON & set(paths):
        return _HEAD + _COMMENTED.format(
            "npm ci" if "package.json" in paths else "./scripts/install-what-tests-need.sh"
        )
    wanted = " ".join(filter(None, (_project(paths, read_file), _requirements(paths), _CHECKS)))
    return f"{_HEAD}setup:\n  - python3 -m venv .venv && .venv/bin/pip install -q {wanted}\n"


def _requirements(paths: Sequence[str]) -> str:
    names = ("requirements.txt", "requirements-dev.txt", "requirements-test.txt")
    return " ".join(f"-r {name}" for name in names if name in paths)


def _project(paths: Sequence[str], read_file: ReadFile) -> str:
    """How pip is told to install the project itself; empty where its files do not say that it can."""
    try:
        read = tomllib.loads((read_file("pyproject.toml") or b"").decode("utf-8", errors="replace"))
    except tomllib.TOMLDecodeError:
        read = {}
    project = read.get("project")
    if not isinstance(project, dict):
        return "-e ." if "setup.py" in paths else ""
    extras = cast("dict[str, object]", project).get("optional-dependencies")
    known = set(cast("dict[str, object]", extras)) if isinstance(extras, dict) else set[str]()
    named = next((name for name in _EXTRAS if name in known), "")
    return f"-e '.[{named}]'" if named else "-e ."
