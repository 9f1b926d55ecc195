"""A project whose runs open pull requests: real git with a bare origin, the real commands, a forge in memory."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from devteam_action.app import App
from devteam_action.cli import main
from devteam_action.domain.events import Completed, RunOptions
from devteam_action.pipeline.neighbours import request_of, to_refresh
from devteam_action.pipeline.reconcile import mend, repairs, unasked
from devteam_action.pipeline.runner import run_tasks
from devteam_action.project import Where, open_project
from devteam_action.settings import read_environment
from devteam_action.support.interrupts import Interrupts
from tests.fakes.memory_forge import MemoryForge, Pull
from tests.project import Project, adding

NUMBERS = ("one", "two", "three")
NEIGHBOURS = """\
# Words

- [ ] 1. Write one to `one.txt` (P)
- [ ] 2. Write two to `two.txt` (P)
- [ ] 3. Write three to `three.txt` (P)
"""
CHAIN = """\
1.1 Words
1.1.1 Write one to [one.txt](one.txt).
1.1.2 Write two to [two.txt](two.txt).
1.1.3 Write three to [three.txt](three.txt).
"""
CONFIG = """\
tool: replay
tools:
  replay: {patches: recorded}
criteria: {words: pass}
commands: {words: "! test -e one.txt || ! test -e rival.txt"}
deliver: pr
"""


class Ground:
    """A project with a bare origin and a forge on it; commands run in this process."""

    def __init__(self, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
        self.project = project
        self.bare = project.folder / "origin.git"
        self.forge = MemoryForge(self.bare)
        self._capsys = capsys

    def devteam(self, *args: str, code: int = 0) -> Any:
        """One command with `--json`; its document."""
        self._capsys.readouterr()
        found = main([*args, "--json", "-C", str(self.project.root)])
        said = self._capsys.readouterr()
        assert found == code, f"devteam {' '.join(args)} -> {found}\n{said.out}\n{said.err}"
        return json.loads(said.out)

    def run(self, *args: str, code: int = 0) -> Any:
        """The one task that `devteam run` did."""
        return self.devteam("run", *args, code=code)["tasks"][0]

    def standing(self, task_id: str) -> Any:
        """What `devteam next --explain` says of a task."""
        said = self.devteam("next", "--explain")["explain"]
        return next(each for each in said if each["taskId"] == task_id)

    def refresh(self) -> list[str]:
        """What a merge brings about: every pull request that cannot be merged any more is brought up; its tasks."""
        self.pull_main()
        app = self.app()
        done: list[str] = []
        while found := to_refresh(app.project.view().executions, app.survey().lists.tasks, app.workspace(), "main"):
            each = found[0]
            options = RunOptions(tool="replay", base_branch=each.base_branch, deliver="pr")
            (run,) = run_tasks(request_of(each), options, app.survey, app.surroundings, app.guard(Interrupts()))
            assert isinstance(run.ended, Completed), run.ended
            done.append(each.task.id)
        return done

    def reconcile(self, **asked: Any) -> None:
        """What is known of pull requests is taken over into the state."""
        app = self.app()
        for repair in repairs(app.project.view().executions, app.survey().lists.tasks, unasked, **asked):
            app.project.state.change(repair.task_id, repair.why, lambda known, repair=repair: mend(known, repair))

    def events(self, kind: str) -> list[Any]:
        """The events of that type of all runs, as the state branch has them."""
        names = self.project.git("ls-tree", "-r", "--name-only", "devteam/state", cwd=self.bare).splitlines()
        lines = [
            line
            for name in names
            if name.endswith(".jsonl")
            for line in self.project.git("show", f"devteam/state:{name}", cwd=self.bare).splitlines()
        ]
        return [event for event in map(json.loads, lines) if event["type"] == kind]

    def app(self) -> App:
        where = Where(directory=self.project.root)
        return App(open_project(where, read_environment(os.environ)), progress=lambda sentence: None)

    def there(self, revision: str, path: str) -> str:
        return self.project.git("show", f"{revision}:{path}", cwd=self.bare)

    def log(self, revisions: str) -> list[str]:
        """Subjects on the remote, newest first."""
        return self.project.git("log", "--format=%s", revisions, cwd=self.bare).splitlines()

    def by_a_person(self, branch: str, files: dict[str, str], *, folder: str = ".") -> str:
        """Somebody else's commit, pushed to `branch` from a clone of theirs; `files` are below `folder`."""
        clone = self.project.folder / "clone"
        if not clone.exists():
            self.project.git("clone", "-q", str(self.bare), str(clone))
        self.project.git("fetch", "-q", "origin", cwd=clone)
        self.project.git("checkout", "-q", "-B", branch, f"origin/{branch}", cwd=clone)
        (clone / folder).mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            (clone / folder / path).write_text(text)
        self.project.git("add", "-A", cwd=clone)
        self.project.git("commit", "-q", "-m", "by a person", cwd=clone)
        self.project.git("push", "-q", "origin", branch, cwd=clone)
        return self.project.git("rev-parse", "HEAD", cwd=clone)

    def pushing(self, branch: str, files: dict[str, str], work: Callable[..., Any]) -> Callable[..., Any]:
        """The same work, during which, once, a person pushes."""
        left = [files]

        def meanwhile(*args: Any, **more: Any) -> Any:
            result = work(*args, **more)
            if left:
                self.by_a_person(branch, left.pop())
            return result

        return meanwhile

    def merge_by_hand(self, base: str, branch: str) -> None:
        """A person takes `base` into `branch`; what the branch has wins."""
        clone = self.project.folder / "clone"
        self.project.git("fetch", "-q", "origin", cwd=clone)
        self.project.git("checkout", "-q", "-B", branch, f"origin/{branch}", cwd=clone)
        self.project.git("merge", "-q", "-X", "ours", "-m", "merged by hand", f"origin/{base}", cwd=clone)
        self.project.git("push", "-q", "origin", branch, cwd=clone)

    def move_to_another_clone(self, *options: str) -> None:
        """What was here is gone; the project goes on in a new clone of the origin."""
        shutil.rmtree(self.project.root)
        shutil.rmtree(self.project.folder / "work", ignore_errors=True)
        self.project.git("clone", "-q", *options, self.bare.as_uri(), str(self.project.root), cwd=self.project.folder)

    def empty_the_root(self) -> None:
        """What was here is gone, as on the machine of another job."""
        shutil.rmtree(self.project.root)
        shutil.rmtree(self.project.folder / "work", ignore_errors=True)
        self.project.root.mkdir()

    def refuse_pushes(self, text: str, pattern: str = "refs/heads/task/") -> None:
        """From now on the origin refuses refs below `pattern`, as a hook of a server does, with `text`."""
        hook = self.bare / "hooks/pre-receive"
        refs = f'while read old new ref; do case "$ref" in {pattern}*) cat "$0.text" >&2; exit 1;; esac; done\n'
        hook.with_name("pre-receive.text").write_text(f"{text}\n")
        hook.write_text(f"#!/bin/sh\n{refs}")
        hook.chmod(0o755)

    def one(self) -> Pull:
        """The only pull request there is."""
        (pull,) = self.forge.pulls()
        return pull

    def pull_main(self) -> None:
        """As a person does it who works here; a job's checkout is left as it is."""
        if self.project.git("branch", "--show-current") == "main":
            self.project.git("pull", "-q", "--ff-only", "origin", "main")


def build(make: Callable[..., Project], capsys: pytest.CaptureFixture[str], tasks: str, config: str) -> Ground:
    ids = ("1.1.1", "1.1.2", "1.1.3") if "1.1.3" in tasks else ("1", "2", "3")
    recorded = {task: adding(f"{word}.txt", f"{word}\n") for task, word in zip(ids, NUMBERS, strict=True)}
    return Ground(make(tasks, config=config, patches=recorded, remote=True), capsys)
