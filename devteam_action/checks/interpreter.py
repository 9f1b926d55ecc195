"""The Python that a project's own checks run with, and what is installed there."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from msgspec import Struct

from devteam_action.errors import Missing
from devteam_action.support.process import Command, run

# File names alone: reading the metadata of some hundred distributions would cost more than a small check.
_PROBE = """
import json, os, sys
found = {}
for folder in reversed(sys.path[1:]):
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if name.endswith(".dist-info"):
            parts = name[:-10].split("-")
            found[parts[0].lower().replace("_", "-").replace(".", "-")] = parts[1] if len(parts) > 1 else ""
print(json.dumps({"version": sys.version.split()[0], "installed": found}))
"""


class Interpreter(Struct, frozen=True, kw_only=True):
    """A Python that answered; `installed` maps normalised distribution names to versions."""

    path: str
    version: str
    installed: Mapping[str, str]

    def has(self, distribution: str) -> bool:
        return distribution in self.installed


class Program(Struct, frozen=True, kw_only=True):
    """How to start a tool, and which version it is ("" where only running it would tell)."""

    argv: tuple[str, ...]
    version: str = ""


def project_interpreter(
    configured: str, tree: Path, root: Path, env: Mapping[str, str], scratch: Path, *, trust_tree: bool = True,
    in_job: bool = False,
) -> Interpreter:  # fmt: skip
    """The first that answers: `verify.python` of the config, `.venv` of the working directory, `.venv` of the user's
    repository, VIRTUAL_ENV, in a job of GitHub Actions (`in_job`) the `python3` of its PATH, the Python that runs us.

    `trust_tree` False leaves out the working directory's (the change itself brought a `.venv`). Raises Missing when
    a configured one does not answer.
    """
    if configured:
        path = configured if Path(configured).name == configured else str(root / configured)
        found = probe(path, env, scratch)
        if found is None:
            raise Missing(
                f"verify.python: `{configured}` does not run as a Python",
                remedy="give the path of an interpreter, or leave `verify.python` out",
            )
        return found
    for path in _candidates(tree if trust_tree else None, root, env, in_job=in_job):
        if path.is_file() and (found := probe(str(path), env, scratch)):
            return found
    return own_interpreter(env, scratch)


def own_interpreter(env: Mapping[str, str], scratch: Path) -> Interpreter:
    """The Python that runs us."""
    found = probe(sys.executable, env, scratch)
    if found is None:
        raise Missing(f"our own Python {sys.executable} does not answer")
    return found


def _candidates(tree: Path | None, root: Path, env: Mapping[str, str], *, in_job: bool) -> Iterator[Path]:
    folders = [folder / ".venv" for folder in (tree, root) if folder is not None]
    if active := env.get("VIRTUAL_ENV"):
        folders.append(Path(active))
    for folder in folders:
        yield folder / "bin" / "python"
        yield folder / "Scripts" / "python.exe"
    # There people install into the job's own Python (actions/setup-python), and ours is an environment of the action.
    if in_job and (found := shutil.which("python3", path=env.get("PATH"))):
        yield Path(found)


def probe(path: str, env: Mapping[str, str], scratch: Path) -> Interpreter | None:
    """Asks a Python what it has; None when it does not answer as one within 30 s."""
    quiet = {name: value for name, value in env.items() if name != "PYTHONPATH"}
    try:
        # In an empty folder: `-c` puts the current one first on the path.
        done = run(Command(argv=(path, "-c", _PROBE), env=quiet, cwd=scratch, timeout_s=30, grace_s=1))
    except Missing:
        return None
    if not done.ok:
        return None
    try:
        said = cast("dict[str, object]", json.loads(done.stdout))
        version, installed = said["version"], said["installed"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(version, str) or not isinstance(installed, dict):
        return None
    named = {str(name): str(value) for name, value in cast("dict[object, object]", installed).items()}
    return Interpreter(path=path, version=version, installed=named)


def find_program(
    distribution: str, project: Interpreter, own: Interpreter, env: Mapping[str, str], *, isolated: bool = True
) -> Program | None:
    """A tool from the project's interpreter, else from ours, else from PATH.

    `isolated` keeps the current folder off the tool's import path, so that a file of the tree cannot stand in for it.
    """
    flags = ("-I",) if isolated else ()
    for interpreter in (project, own):
        if interpreter.has(distribution):
            module = distribution.replace("-", "_")
            version = interpreter.installed[distribution]
            return Program(argv=(interpreter.path, *flags, "-m", module), version=version)
    if isolated and (path := shutil.which(distribution, path=env.get("PATH"))):
        return Program(argv=(path,))
    return None
