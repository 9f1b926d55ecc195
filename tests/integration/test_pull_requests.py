"""`deliver: pr` from PREP to PUBLISH: the real pipeline on real git with a bare remote, and a forge in memory."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from devteam_action.app import App
from devteam_action.cli import main
from tests.fakes.memory_forge import MemoryForge, Pull
from tests.project import LIST, Project, adding

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

    def there(self, revision: str, path: str) -> str:
        return self.project.git("show", f"{revision}:{path}", cwd=self.bare)

    def log(self, revisions: str) -> list[str]:
        """Subjects on the remote, newest first."""
        return self.project.git("log", "--format=%s", revisions, cwd=self.bare).splitlines()

    def by_a_person(self, branch: str, files: dict[str, str]) -> str:
        """Somebody else's commit, pushed to `branch` from a clone of theirs."""
        clone = self.project.folder / "clone"
        if not clone.exists():
            self.project.git("clone", "-q", str(self.bare), str(clone))
        self.project.git("fetch", "-q", "origin", cwd=clone)
        self.project.git("checkout", "-q", "-B", branch, f"origin/{branch}", cwd=clone)
        for path, text in files.items():
            (clone / path).write_text(text)
        self.project.git("add", "-A", cwd=clone)
        self.project.git("commit", "-q", "-m", "by a person", cwd=clone)
        self.project.git("push", "-q", "origin", branch, cwd=clone)
        return self.project.git("rev-parse", "HEAD", cwd=clone)

    def one(self) -> Pull:
        """The only pull request there is."""
        (pull,) = self.forge.pulls()
        return pull

    def pull_main(self) -> None:
        self.project.git("pull", "-q", "--ff-only", "origin", "main")


@pytest.fixture
def ground(project, capsys, monkeypatch) -> Callable[..., Ground]:
    def build(tasks: str = CHAIN, config: str = CONFIG) -> Ground:
        ids = ("1.1.1", "1.1.2", "1.1.3") if tasks is CHAIN else ("1", "2", "3")
        recorded = {task: adding(f"{word}.txt", f"{word}\n") for task, word in zip(ids, NUMBERS, strict=True)}
        made = Ground(project(tasks, config=config, patches=recorded, remote=True), capsys)
        monkeypatch.setattr(App, "forge", made.forge)
        monkeypatch.setenv("WORKSPACE_DIR", str(made.project.folder / "work"))
        return made

    return build


BRANCH = "task/1-1-1-write-one"


def test_a_run_ends_in_one_pull_request_that_is_ready_for_review(ground):
    here = ground()
    run = here.run()
    assert (run["status"], run["waitingFor"], run["pullRequest"]) == ("WAITING", "review", 1)
    pull = here.one()
    assert (pull.branch, pull.base, pull.state, pull.is_draft) == (BRANCH, "main", "open", False)
    assert "needs-human" not in pull.labels
    assert "1.1.1" in pull.title
    assert here.log(f"main..{BRANCH}") == ["Mark 1.1.1 as done", "1.1.1 Write one to one.txt.", "Start 1.1.1"]
    assert "[x]" in here.there(BRANCH, LIST)
    stored = here.project.execution("1.1.1")
    assert (stored["pullRequest"], stored["baseBranch"], stored["head"]) == (1, "main", run["head"])


def test_prep_twice_makes_one_empty_commit_and_one_draft(ground):
    here = ground()
    first = here.devteam("prep", "1.1.1")
    assert here.one().is_draft
    assert here.devteam("prep", "1.1.1")["branch"] == first["branch"]
    assert here.log(f"main..{BRANCH}") == ["Start 1.1.1"]
    assert here.project.git("diff", "main", BRANCH, cwd=here.bare) == ""
    assert here.one().number == 1
    marks = here.project.git("log", "-1", "--format=%(trailers:only)", BRANCH, cwd=here.bare)
    assert [line.partition(":")[0] for line in marks.splitlines()] == ["DevTeam-Task", "DevTeam-Run", "DevTeam-Start"]
