"""Builds a job for a tool: a small repository, a scratch folder, and an environment with nothing of ours in it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

from devteam_action.domain.config import ToolConfig
from devteam_action.domain.task import Task
from devteam_action.pipeline.ports import Tool, ToolJob, ToolOutcome

CALC = "def add(a, b):\n    return a - b\n"
BASE_ENV = {"PATH": os.environ["PATH"]}
_GIT_ENV = {
    **BASE_ENV,
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "t@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git(tree: Path, *args: str) -> str:
    done = subprocess.run(["git", *args], cwd=tree, env=_GIT_ENV, check=True, capture_output=True, text=True)
    return done.stdout


def make_tree(place: Path, files: Mapping[str, str] | None = None) -> Path:
    tree = place / "copy" / "tree"
    tree.mkdir(parents=True)
    for name, text in {"calc.py": CALC, **(files or {})}.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    git(tree, "init", "-q")
    git(tree, "add", "-A", "-f")
    git(tree, "commit", "-q", "-m", "start")
    return tree


def make_job(
    place: Path,
    config: ToolConfig,
    *,
    brief: str = "Mend add in calc.py",
    files: tuple[str, ...] = ("calc.py",),
    env: Mapping[str, str] | None = None,
    tree_files: Mapping[str, str] | None = None,
    attempt: int = 1,
) -> ToolJob:
    scratch = place / "scratch"
    scratch.mkdir()
    return ToolJob(
        task=Task(id="1.1.1", title="Mend add in calc.py", files=("calc.py",)),
        attempt=attempt,
        brief=brief,
        tree=make_tree(place, tree_files),
        scratch=scratch,
        files=files,
        env={**BASE_ENV, **(env or {})},
        config=config,
        root=place,
    )


class Ran:
    """One call of a tool: its outcome, and every line that it emitted."""

    def __init__(self, tool: Tool, job: ToolJob, stop: threading.Event | None = None) -> None:
        self.lines: list[tuple[str, bytes]] = []
        self.outcome: ToolOutcome = tool.implement(
            job, lambda stream, line: self.lines.append((stream, line)), stop or threading.Event()
        )

    @property
    def text(self) -> str:
        return "\n".join(line.decode("utf-8", "replace") for _, line in self.lines)
