"""VERIFY judges the commit: what nobody committed is gone before it, and what is changed meanwhile is told."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from devteam_action.domain.results import Prepared
from devteam_action.errors import StateConflict
from devteam_action.git_io.watched_files import Watched
from tests.unit.git_io.git_project import BRANCH, GitProject, quiet

SETUP = ("mkdir -p made && echo 1 > made/by-setup && mkdir -p build && echo 1 > build/a && echo 1 > own.txt",)


class Ground:
    def __init__(self, place: Path, *, in_place: bool = False, setup: tuple[str, ...] = SETUP) -> None:
        self.project = GitProject(place)
        self.in_place = in_place
        if in_place:
            self.project.write({"users.txt": "an earlier step's\n"})
        self.workspace = self.project.workspace(in_place=in_place, setup=setup)
        self.prepared: Prepared = self.project.prepared(self.workspace)
        self.said: list[str] = []

    @property
    def folder(self) -> Path:
        return Path(self.prepared.repo_path)

    def freshen(self) -> Watched:
        return self.workspace.freshen(self.prepared, self.prepared.head, self.said.append)

    def work(self, files: dict[str, str]) -> None:
        head = self.project.worked(self.workspace, self.prepared, files)
        self.prepared = msgspec.structs.replace(self.prepared, head=head)

    def left_over(self) -> list[str]:
        out = self.project.git("status", "--porcelain", "--ignored", "--untracked-files=all", cwd=self.folder)
        return sorted(line[3:] for line in out.splitlines())


@pytest.fixture(params=[False, True], ids=["worktree", "in place"])
def ground(tmp_path: Path, request: pytest.FixtureRequest) -> Ground:
    return Ground(tmp_path, in_place=request.param)


def test_what_the_tests_of_an_earlier_attempt_left_is_gone_and_what_the_setup_made_stays(ground: Ground) -> None:
    before = ground.left_over()
    assert {"build/a", "made/by-setup", "own.txt"} <= set(before)
    ground.project.write(
        {
            "conftest.py": "x = 1\n",
            "made/conftest.py": "x = 1\n",
            "new/deep/plant.py": "x = 1\n",
            "src/__pycache__/app.cpython-311.pyc": "compiled elsewhere",
            "hidden/.gitignore": "*\n",
            "hidden/conftest.py": "x = 1\n",
        },
        ground.folder,
    )
    ground.freshen()
    assert ground.left_over() == before
    assert not (ground.folder / "new").exists()
    assert "conftest.py" in ground.said[0]


def test_an_ignore_rule_that_the_task_added_hides_nothing(ground: Ground) -> None:
    ground.work({".gitignore": "*.pyc\nbuild/\nconftest.py\n"})
    before = ground.left_over()
    ground.project.write({"conftest.py": "x = 1\n"}, ground.folder)
    ground.freshen()
    assert ground.left_over() == before


def test_what_the_base_ignores_stays(tmp_path: Path) -> None:
    ground = Ground(tmp_path, setup=())
    ground.project.write({"build/result": "slow to make\n"}, ground.folder)
    ground.freshen()
    assert (ground.folder / "build/result").is_file()
    assert ground.said == []


@pytest.mark.parametrize("mark", ["--no-assume-unchanged", "--assume-unchanged", "--skip-worktree"])
def test_a_changed_tracked_file_is_put_back_whatever_the_index_says(ground: Ground, mark: str) -> None:
    ground.project.git("update-index", mark, "src/app.py", cwd=ground.folder)
    (ground.folder / "src/app.py").write_text("cheat = 1\n")
    ground.freshen()
    assert (ground.folder / "src/app.py").read_text().startswith("one = 1")
    saved = ground.project.git("for-each-ref", "--format=%(refname)", f"refs/devteam/saved/{BRANCH}")
    assert ground.project.git("show", f"{saved}:src/app.py") == "cheat = 1"


def test_nothing_done_is_no_change(ground: Ground) -> None:
    assert ground.freshen()() == ()


@pytest.mark.parametrize("mark", ["", "--assume-unchanged", "--skip-worktree"])
def test_a_tracked_file_that_changes_while_it_is_judged_is_named(ground: Ground, mark: str) -> None:
    changed = ground.freshen()
    if mark:
        ground.project.git("update-index", mark, "docs/tasks.md", cwd=ground.folder)
    (ground.folder / "docs/tasks.md").write_text("all done\n")
    assert changed() == ("docs/tasks.md",)
    assert (ground.folder / "docs/tasks.md").read_text().startswith("- [ ] 1.1.1"), "and it is put back"


def test_code_that_was_another_only_while_it_was_looked_at_is_named(ground: Ground) -> None:
    changed = ground.freshen()
    file = ground.folder / "src/app.py"
    text = file.read_text()
    file.write_text("cheat = 1\n")
    file.write_text(text)
    assert changed() == ("src/app.py",)


def test_a_build_may_write_its_results_anew_and_leave_litter(ground: Ground) -> None:
    changed = ground.freshen()
    before = ground.left_over()
    (ground.folder / "tools/run.sh").write_text((ground.folder / "tools/run.sh").read_text())
    ground.project.write({"coverage.xml": "<x/>\n", "report/a.txt": "x\n"}, ground.folder)
    assert changed() == ()
    assert ground.left_over() == before


@pytest.mark.parametrize("name", ["conftest.py", "src/pytest.ini", "sitecustomize.py"])
def test_a_new_file_that_has_a_say_about_the_tests_is_named(ground: Ground, name: str) -> None:
    changed = ground.freshen()
    ground.project.write({name: "x = 1\n"}, ground.folder)
    assert changed() == (name,)


def test_another_commit_than_the_one_to_be_judged_is_a_conflict(ground: Ground) -> None:
    changed = ground.freshen()
    ground.project.save("Somebody's", {"src/app.py": "theirs = 1\n"}, ground.folder)
    with pytest.raises(StateConflict, match="which is to be judged"):
        changed()
    with pytest.raises(StateConflict, match="which is to be judged"):
        ground.freshen()


def test_a_repository_whose_line_ends_git_never_likes_can_be_judged(tmp_path: Path) -> None:
    ground = Ground(tmp_path, setup=())
    blob = ground.project.git("hash-object", "-w", "--stdin", stdin=b"a\r\nb\r\n")
    for args in (
        ("update-index", "--add", "--cacheinfo", f"100644,{blob},mixed.txt"),
        ("commit", "--quiet", "-m", "Line ends"),
        ("checkout", "--quiet", "--", "mixed.txt"),
    ):
        ground.project.git(*args)
    ground.project.save("Rule", {".gitattributes": "*.txt text eol=lf\n"})
    ground.workspace.discard(BRANCH)
    ground.prepared = ground.project.prepared(ground.workspace)
    assert ground.freshen()() == ()


def test_a_checkout_that_is_thrown_away_is_watched_too(tmp_path: Path) -> None:
    ground = Ground(tmp_path, setup=())
    with ground.workspace.checkout(ground.prepared.head) as tree:
        (tree / "pytest.ini").write_text("[pytest]\n")
        (tree / "src/other.py").write_text("put_back = 1\n")
        changed = ground.workspace.watch(tree, ground.prepared.head, {"pytest.ini", "src/other.py"})
        assert changed() == ()
        for name in ("src/app.py", "pytest.ini", "conftest.py"):
            (tree / name).write_text("cheat = 1\n")
        assert changed() == ("conftest.py", "pytest.ini", "src/app.py")


def test_setup_that_runs_again_starts_from_what_it_left_itself(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.project.write({"conftest.py": "x = 1\n"}, ground.folder)
    ground.work({"pyproject.toml": "[project]\nname = 'x'\n"})
    again = ground.workspace.prepare(
        BRANCH, "main", expected_head=ground.prepared.head, pinned_base=ground.prepared.base, progress=quiet
    )
    assert not (Path(again.repo_path) / "conftest.py").exists()
    assert (Path(again.repo_path) / "own.txt").is_file()
