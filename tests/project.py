"""A repository to try things in: files and a task list in, commands run on it, outcomes out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LIST = "docs/DevTeam/tasks_list.md"
TWO_TASKS = """\
1.1 Words
1.1.1 Write hello to [hello.txt](hello.txt).
1.1.2 Write world to [world.txt](world.txt).
"""
# Proves that the file which the task's title speaks of is there: quick, and red when the tool did nothing.
CHECKED_BY_GREP = """\
tool: replay
tools:
  replay: {patches: recorded}
criteria: {words: pass}
commands: {words: "grep -rqs . hello.txt world.txt"}
"""


@dataclass(frozen=True)
class Outcome:
    """What a command did; `story` is what a failed assertion should show."""

    code: int
    out: str
    err: str
    argv: tuple[str, ...]

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)

    @property
    def story(self) -> str:
        return f"devteam {' '.join(self.argv)} -> {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"

    def ok(self) -> Outcome:
        assert self.code == 0, self.story
        return self


@dataclass
class Project:
    """A git repository on the branch `main` in `root`; worktrees and caches stay in `folder`."""

    folder: Path
    root: Path
    env: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(
        cls,
        folder: Path,
        tasks: str = "",
        *,
        files: Mapping[str, str] | None = None,
        config: str = CHECKED_BY_GREP,
        patches: Mapping[str, str] | None = None,
        remote: bool = False,
    ) -> Project:
        """`patches` maps `<task>` or `<task>-<attempt>` to a patch (see `adding`); `remote` adds a bare origin."""
        root = folder / "project"
        root.mkdir()
        made = cls(folder, root, {"WORKSPACE_DIR": str(folder / "work")})
        made.git("init", "-q", "-b", "main")
        wanted = {LIST: tasks or TWO_TASKS, ".devteam.yml": config, **(files or {})}
        wanted |= {f"recorded/{name}.patch": text for name, text in (patches or {}).items()}
        made.write(wanted)
        made.git("add", "-A")
        made.git("commit", "-q", "-m", "start")
        if remote:
            bare = folder / "origin.git"
            made.git("init", "-q", "--bare", "-b", "main", str(bare))
            made.git("remote", "add", "origin", bare.as_uri())
            made.git("push", "-q", "origin", "main")
        return made

    def write(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, newline="")

    def commit(self, files: Mapping[str, str], message: str = "change") -> str:
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    def git(self, *args: str, cwd: Path | None = None) -> str:
        done = subprocess.run(("git", *args), cwd=cwd or self.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"git {' '.join(args)}: {done.stderr}"
        return done.stdout.strip()

    def devteam(self, *args: str, env: Mapping[str, str] | None = None, timeout: float = 120) -> Outcome:
        """Runs the command as a user would, in a process of its own."""
        done = subprocess.run(
            self.argv(*args),
            cwd=self.root,
            env={**os.environ, **self.env, **(env or {})},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=timeout,
        )
        return Outcome(done.returncode, done.stdout, done.stderr, args)

    def argv(self, *args: str) -> tuple[str, ...]:
        return (sys.executable, "-m", "devteam_action", *args)

    def start(self, *args: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """The same, without waiting for its end."""
        return subprocess.Popen(
            self.argv(*args),
            cwd=self.root,
            env={**os.environ, **self.env, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def state(self, path: str) -> Any:
        """A file of the state branch (of the origin where there is one)."""
        where = self.folder / "origin.git"
        return json.loads(self.git("show", f"devteam/state:{path}", cwd=where if where.exists() else self.root))

    def execution(self, task_id: str) -> Any:
        return self.state(f"tasks/{task_id}.json")

    def show(self, revision: str, path: str) -> str:
        return self.git("show", f"{revision}:{path}")

    def log(self, revisions: str) -> list[str]:
        """Subjects, newest first."""
        text = self.git("log", "--format=%s", revisions)
        return text.splitlines()


def adding(path: str, text: str) -> str:
    """A patch that makes a new file."""
    lines = text.splitlines()
    body = "".join(f"+{line}\n" for line in lines)
    return f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(lines)} @@\n{body}"


HELLO_AND_WORLD = {"1.1.1": adding("hello.txt", "hello\n"), "1.1.2": adding("world.txt", "world\n")}
