"""PUBLISH on real git: the base branch goes forward, the remote gets the branch, nobody's work is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from devteam_action.errors import NotAllowed, RemoteUnreachable, RepositoryError, StateConflict
from devteam_action.git_io.workspace import GitWorkspace
from tests.unit.git_io.git_project import BRANCH, GitProject


class Ground:
    """A task branch with one commit of ours on top of main."""

    def __init__(self, place: Path) -> None:
        self.project = GitProject(place)
        self.bare = self.project.remote()
        self.workspace: GitWorkspace = self.project.workspace(remote="origin")
        self.prepared = self.project.prepared(self.workspace)
        self.head = self.project.worked(self.workspace, self.prepared, {"src/app.py": "x = 1\n", "new.py": "n = 1\n"})

    def merge(self) -> bool:
        return self.workspace.deliver(
            self.prepared, "main", self.head, merge=True, push=False, expected_remote=None
        ).merged

    def push(self, *, expected: str | None = None) -> bool:
        return self.workspace.deliver(
            self.prepared, "main", self.head, merge=False, push=True, expected_remote=expected
        ).pushed

    def there(self) -> str:
        return self.project.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}", cwd=self.bare)

    def by_a_person(self) -> str:
        """Somebody else's commit, pushed to the task branch from a clone of theirs."""
        clone = self.project.place / "clone"
        self.project.git("clone", "--quiet", str(self.bare), str(clone))
        self.project.git("config", "user.name", "Other", cwd=clone)
        self.project.git("config", "user.email", "other@example.org", cwd=clone)
        self.project.git("checkout", "--quiet", "-B", BRANCH, cwd=clone)
        theirs = self.project.save("Theirs", {"theirs.py": "t = 1\n"}, clone)
        self.project.git("push", "--quiet", "--force", "origin", BRANCH, cwd=clone)
        return theirs


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


def test_merging_brings_branch_and_checkout_forward(ground: Ground) -> None:
    assert ground.merge()
    assert ground.project.head("main") == ground.head
    assert (ground.project.root / "new.py").read_text() == "n = 1\n"
    assert ground.project.status() == ""
    assert ground.merge()
    assert ground.project.head("main") == ground.head


def test_merging_keeps_edits_that_are_not_in_the_way(ground: Ground) -> None:
    ground.project.write({"src/other.py": "mine = 1\n", "notes.txt": "mine\n"})
    assert ground.merge()
    assert ground.project.status() == "M src/other.py\n?? notes.txt"
    assert (ground.project.root / "src/other.py").read_text() == "mine = 1\n"


@pytest.mark.parametrize("name", ["src/app.py", "new.py"])
def test_merging_refuses_where_edits_are_in_the_way(ground: Ground, name: str) -> None:
    before = ground.project.head("main")
    ground.project.write({name: "mine = 1\n"})
    with pytest.raises(RepositoryError, match=name) as caught:
        ground.merge()
    assert "stash" in caught.value.remedy
    assert ground.project.head("main") == before
    assert (ground.project.root / name).read_text() == "mine = 1\n"
    assert (ground.project.root / "new.py").exists() is (name == "new.py")


def test_merging_into_a_branch_that_nobody_has_checked_out(ground: Ground) -> None:
    ground.project.git("checkout", "--quiet", "-b", "elsewhere")
    assert ground.merge()
    assert ground.project.head("main") == ground.head
    assert not (ground.project.root / "new.py").exists()
    assert ground.project.status() == ""


def test_merging_into_a_base_that_has_moved_says_so(ground: Ground) -> None:
    moved = ground.project.save("Moved", {"src/other.py": "moved = 1\n"})
    with pytest.raises(StateConflict, match="has moved") as caught:
        ground.merge()
    assert caught.value.retryable
    assert ground.project.head("main") == moved
    assert ground.project.status() == ""


def test_a_merge_that_was_cut_off_after_the_files_is_finished(ground: Ground) -> None:
    ground.project.git("read-tree", "-m", "-u", "main", ground.head)
    assert ground.merge()
    assert ground.project.head("main") == ground.head
    assert ground.project.status() == ""


def test_merging_without_a_local_base_says_so(ground: Ground) -> None:
    ground.project.git("checkout", "--quiet", "--detach")
    ground.project.git("branch", "--quiet", "-D", "main")
    with pytest.raises(RepositoryError, match="no local branch main"):
        ground.merge()


def test_a_new_branch_is_pushed_once(ground: Ground) -> None:
    assert ground.push()
    assert ground.there() == ground.head
    assert ground.push()
    assert ground.push(expected=ground.head)
    assert ground.project.head("main", ground.bare) == ground.prepared.base


def test_our_next_commit_is_pushed_on_top(ground: Ground) -> None:
    first = ground.head
    assert ground.push()
    ground.head = ground.project.worked(ground.workspace, ground.prepared, {"src/app.py": "x = 2\n"})
    assert ground.push(expected=first)
    assert ground.there() == ground.head


def test_on_top_of_what_we_know_to_be_there_it_is_one_push_and_no_question(ground: Ground) -> None:
    first = ground.head
    assert ground.push()
    ground.head = ground.project.worked(ground.workspace, ground.prepared, {"src/app.py": "x = 2\n"})
    ground.project.git("config", "remote.origin.uploadpack", "false")  # whoever asks gets no answer
    with pytest.raises(RemoteUnreachable):
        ground.push()
    assert ground.push(expected=first)
    assert ground.there() == ground.head


def test_without_a_remote_nothing_is_pushed(ground: Ground) -> None:
    workspace = ground.project.workspace()
    assert not workspace.deliver(
        ground.prepared, "main", ground.head, merge=False, push=True, expected_remote=None
    ).pushed
    ground.project.git("remote", "remove", "origin")
    assert not ground.push()


def test_a_person_who_pushed_first_keeps_the_branch(ground: Ground) -> None:
    theirs = ground.by_a_person()
    with pytest.raises(StateConflict, match=theirs[:12]):
        ground.push()
    assert ground.there() == theirs


def test_a_person_who_pushed_on_top_of_ours_keeps_the_branch(ground: Ground) -> None:
    assert ground.push()
    theirs = ground.by_a_person()
    with pytest.raises(StateConflict, match=theirs[:12]):
        ground.push(expected=ground.head)
    assert ground.there() == theirs


def test_a_remote_that_refuses_says_why(ground: Ground) -> None:
    hook = ground.bare / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'branches of this name are closed' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(NotAllowed, match="branches of this name are closed"):
        ground.push()


def test_what_was_refused_or_could_not_be_pushed_is_not_merged(ground: Ground) -> None:
    base = ground.project.head("main")

    def deliver() -> bool:
        return ground.workspace.deliver(
            ground.prepared, "main", ground.head, merge=True, push=True, expected_remote=None
        ).merged

    theirs = ground.by_a_person()
    with pytest.raises(StateConflict, match=theirs[:12]):
        deliver()
    ground.project.git("push", "--quiet", "origin", f":{BRANCH}")
    ground.project.git("remote", "set-url", "origin", "/no/such/place.git")
    with pytest.raises(RemoteUnreachable):
        deliver()
    assert (ground.project.head("main"), ground.project.status()) == (base, "")
    ground.project.git("remote", "set-url", "origin", str(ground.bare))
    assert deliver()
    assert ground.project.head("main") == ground.there() == ground.head


@pytest.mark.parametrize("address", ["/no/such/place.git", "ext::sh -c true", "https://127.0.0.1:1/x.git"])
def test_a_remote_that_does_not_answer_is_unreachable(ground: Ground, address: str) -> None:
    ground.project.git("remote", "set-url", "origin", address)
    with pytest.raises(RemoteUnreachable, match="origin did not answer") as caught:
        ground.push()
    assert caught.value.exit_code == 4
    assert ground.project.head(BRANCH) == ground.head
