"""The `setup:` commands of a project: once for each state of the files that say what is to be installed."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from devteam_action.errors import SetupFailed
from devteam_action.git_io.plain_git import PlainGit
from devteam_action.support.process import Command, Completed, run

Progress = Callable[[str], None]

_TIMEOUT_S = 3600.0
_SHOWN_LINES = 20

# What installers read; a change in one of these, anywhere in the tree, makes the commands run again.
_INPUTS = frozenset(
    {
        "pyproject.toml", "setup.py", "setup.cfg", "poetry.lock", "uv.lock", "pdm.lock", "Pipfile", "Pipfile.lock",
        "environment.yml", "tox.ini", "package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock",
        "pnpm-lock.yaml", "bun.lockb", "Gemfile", "Gemfile.lock", "go.mod", "go.sum", "Cargo.toml", "Cargo.lock",
        "Makefile", ".python-version", ".nvmrc", ".tool-versions",
    }
)  # fmt: skip


def run_setup(
    commands: Sequence[str],
    folder: Path,
    *,
    git: PlainGit,
    head: str,
    notes: Path,
    env: Mapping[str, str],
    progress: Progress,
    stop: threading.Event | None = None,
    before: Callable[[], None] = lambda: None,
    after: Callable[[], None] = lambda: None,
) -> None:
    """Runs the commands in `folder`, unless they succeeded there before with the same inputs.

    Where they are run `before` is called first, and `after` before they count as done. The marker and the
    output (`setup.log`) lie in `notes`, outside the tree. Raises SetupFailed, also when `stop` ended a command.
    """
    if not commands:
        return
    marker = notes / "setup"
    key = _key(commands, folder, git, head)
    if marker.is_file() and marker.read_text() == key:
        return
    marker.unlink(missing_ok=True)
    before()
    log = notes / "setup.log"
    with log.open("wb") as output:
        for command in commands:
            progress(f"setup: {command}")
            output.write(f"$ {command}\n".encode())
            # `setup:` is written by the project's people, as the `run:` of a workflow is: a shell line on purpose.
            done = run(Command(argv=("sh", "-c", command), cwd=folder, env=env, timeout_s=_TIMEOUT_S), stop=stop)
            output.write(done.stdout + done.stderr)
            if not done.ok:
                raise _failed(command, done, log)
    after()
    marker.write_text(key)


def _key(commands: Sequence[str], folder: Path, git: PlainGit, head: str) -> str:
    digest = hashlib.sha256()
    for part in (str(folder), *commands):
        digest.update(part.encode(errors="surrogateescape") + b"\0")
    for path, (mode, blob) in sorted(git.entries(head).items()):
        name = path.rsplit("/", 1)[-1]
        if name in _INPUTS or (name.startswith("requirements") and name.endswith((".txt", ".in"))):
            digest.update(f"{mode} {blob} {path}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _failed(command: str, done: Completed, log: Path) -> SetupFailed:
    ends = {"exited": f"exit code {done.code}", "timed-out": f"no end within {_TIMEOUT_S:.0f} s"}
    how = ends.get(done.ended, "a stop")
    lines = (done.stdout + done.stderr).decode(errors="replace").strip().splitlines()[-_SHOWN_LINES:]
    said = "".join(f"\n    {line}" for line in lines)
    return SetupFailed(
        f"the setup command `{command}` failed with {how}{said}",
        remedy=f"mend it in `setup:` of .devteam.yml (the whole output is in {log}), then run again",
    )
