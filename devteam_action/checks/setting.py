"""Where the checks of one VERIFY run: the tree, the interpreters, the environment."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from msgspec import Struct

from devteam_action.checks.base_tree import write_gate_files
from devteam_action.checks.gates import Gates
from devteam_action.checks.interpreter import Interpreter, own_interpreter, project_interpreter
from devteam_action.checks.place import Place, Trees
from devteam_action.domain.change import Change
from devteam_action.domain.config import VerifyConfig
from devteam_action.support.environment import child_environment

_TOOLS = ("pytest", "pytest-cov", "coverage", "ruff", "mypy", "pyright", "basedpyright")


class Setting(Struct, frozen=True, kw_only=True):
    """Makes the place of each check; `env` is the children's environment without what depends on the tree."""

    root: Path
    scratch: Path
    cache: Path
    env: Mapping[str, str]
    python: Interpreter
    own: Interpreter
    timeout_s: float
    stop: threading.Event

    def place(self, root: Path, name: str) -> Place:
        """A place in `root` with a private folder of that name."""
        folder = self.scratch / name
        folder.mkdir(exist_ok=True)
        paths = [str(path) for path in (root, root / "src") if path.is_dir()]
        # The tree's own code goes first, or an editable install of another checkout would be tested in its stead.
        env = {**self.env, "PYTHONPATH": ":".join(paths)}
        return Place(
            root=root,
            scratch=folder,
            cache=self.cache,
            env=env,
            python=self.python,
            own=self.own,
            timeout_s=self.timeout_s,
            stop=self.stop,
        )

    @property
    def versions(self) -> dict[str, str]:
        """Which tools there are to judge by."""
        found = {"python": self.python.version}
        for tool in _TOOLS:
            for interpreter in (self.python, self.own):
                if interpreter.has(tool):
                    found.setdefault(tool, interpreter.installed[tool])
        return found


def open_setting(
    stack: ExitStack,
    trees: Trees,
    change: Change,
    gates: Gates,
    *,
    repo_path: Path,
    user_root: Path,
    scratch: Path,
    cache: Path,
    env: Mapping[str, str],
    config: VerifyConfig,
    stop: threading.Event,
) -> Setting:
    """The working directory itself, or a throw-away checkout of the head where gates must be put back.

    Raises Missing when the interpreter that the config names does not answer.
    """
    child = child_environment(env, add={"PYTHONDONTWRITEBYTECODE": "1"})
    brought = any(file.path.startswith(".venv/") for file in change.files)
    python = project_interpreter(
        config.python,
        repo_path,
        user_root,
        child,
        scratch,
        trust_tree=not brought,
        in_job=env.get("GITHUB_ACTIONS") == "true",
    )
    # Commands of the project find its programs as in an activated environment.
    child["PATH"] = (
        f"{Path(python.path).parent}:{child.get('PATH', '')}" if Path(python.path).is_absolute() else child["PATH"]
    )
    root = repo_path
    if gates.overlay:
        root = stack.enter_context(trees.checkout(change.head))
        write_gate_files(root, gates.overlay)
    cache.mkdir(parents=True, exist_ok=True)
    return Setting(
        root=root,
        scratch=scratch,
        cache=cache,
        env=child,
        python=python,
        own=own_interpreter(child, scratch),
        timeout_s=config.timeout_minutes * 60,
        stop=stop,
    )


def path_program(name: str, env: Mapping[str, str]) -> str:
    """Where PATH has a program, with its size and time; empty when it has none."""
    found = shutil.which(name, path=env.get("PATH"))
    if found is None:
        return ""
    stat = Path(found).stat()
    return f"{found} {stat.st_size} {stat.st_mtime_ns}"
