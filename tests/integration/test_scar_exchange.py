"""The remote's branches on real git: pushed, listed, fetched aside, brought into a copy, taken in on top."""

from __future__ import annotations

import contextlib

import pytest

from devteam_action.domain.results import Prepared
from devteam_action.errors import RemoteUnreachable, StateConflict
from devteam_action.git_io.exchange import without_credentials
from devteam_action.git_io.workspace import GitWorkspace

BRANCH = "task/1-1-1-words"


class Place:
    """A project with its remote, a prepared task branch, and somebody else's clone."""

    def __init__(self, project, tmp_path):
        self.project = project
        self.workspace = GitWorkspace(
            project.root, remote="origin", base_branch="main", work_root=tmp_path / "work", in_place=False
        )
        self.prepared = self.workspace.prepare(BRANCH, "main", expected_head=None, progress=print)
        self.elsewhere = tmp_path / "elsewhere"
        project.git("clone", "-q", project.git("remote", "get-url", "origin"), str(self.elsewhere))
        project.git("config", "user.name", "scar", cwd=self.elsewhere)
        project.git("config", "user.email", "scar@scar.invalid", cwd=self.elsewhere)

    @property
    def exchange(self):
        made = self.workspace.exchange(self.prepared)
        assert made is not None
        return made

    def pushes(self, branch, files, *, start=None, force=False):
        """Somebody else's commit on a branch of the remote."""
        git = self.project.git
        git("fetch", "-q", "origin", cwd=self.elsewhere)
        git("checkout", "-q", "-B", branch, start or f"origin/{branch}", cwd=self.elsewhere)
        for path, text in files.items():
            target = self.elsewhere / path
            if text is None:
                target.unlink()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
        git("add", "-A", cwd=self.elsewhere)
        git("commit", "-q", "-m", "theirs", cwd=self.elsewhere)
        git("push", "-q", *(["--force"] if force else []), "origin", branch, cwd=self.elsewhere)
        return git("rev-parse", "HEAD", cwd=self.elsewhere)


@pytest.fixture
def place(project, tmp_path):
    return Place(project(remote=True), tmp_path)


def test_the_branch_is_on_the_remote_and_pushing_again_is_no_news(place):
    assert place.exchange.push_branch() == place.prepared.head
    assert place.exchange.push_branch() == place.prepared.head
    assert place.exchange.remote_heads() == {"main": place.prepared.base, BRANCH: place.prepared.head}


def test_a_stranger_on_the_branch_is_a_conflict_and_what_we_know_may_stay(place):
    place.exchange.push_branch()
    theirs = place.pushes(BRANCH, {"hello.txt": "hi\n"})
    with pytest.raises(StateConflict):
        place.exchange.push_branch()
    assert place.exchange.push_branch(known=[theirs]) == theirs
    assert place.exchange.remote_heads()[BRANCH] == theirs


def test_what_is_known_must_still_stand_on_top_of_ours(place):
    place.exchange.push_branch()
    work = place.prepared
    place.prepared = Prepared(
        base=work.base,
        head=place.workspace.replace_file(work, "mine.txt", b"x\n", "mine"),
        branch=BRANCH,
        repo_path=work.repo_path,
    )
    theirs = place.pushes(BRANCH, {"hello.txt": "hi\n"})
    with pytest.raises(StateConflict):
        place.exchange.push_branch(known=[theirs])


def test_a_commit_is_fetched_aside_and_the_clone_thinks_no_other_of_its_remote(place):
    place.exchange.push_branch()
    before = place.project.git("for-each-ref", "refs/remotes", "refs/heads")
    theirs = place.pushes(BRANCH, {"hello.txt": "hi\n"})
    assert place.exchange.fetch({BRANCH: theirs})
    assert place.exchange.descends(theirs, place.prepared.head)
    assert not place.exchange.descends(place.prepared.head, theirs)
    assert place.project.git("for-each-ref", "refs/remotes", "refs/heads") == before


def test_a_branch_that_moved_on_is_told(place):
    place.exchange.push_branch()
    first = place.pushes(BRANCH, {"hello.txt": "hi\n"})
    place.pushes(BRANCH, {"hello.txt": "hello\n"})
    assert not place.exchange.fetch({BRANCH: first})


def test_a_remote_that_is_gone_is_unreachable(place):
    place.exchange.push_branch()
    place.project.git("remote", "set-url", "origin", (place.project.folder / "nowhere.git").as_uri())
    with pytest.raises(RemoteUnreachable):
        place.exchange.remote_heads()


def test_a_commit_in_a_copy_is_judged_like_any_tools_work(place):
    place.exchange.push_branch()
    theirs = place.pushes(
        BRANCH,
        {
            "hello.txt": "hi\n",
            "README.md": "new\n",
            ".github/workflows/ci.yml": "on: push\n",
            ".agents/plans/x.md": "a plan\n",
        },
    )
    exchange = place.exchange
    exchange.fetch({BRANCH: theirs})
    with place.workspace.copy(place.prepared) as copy:
        exchange.bring(theirs, copy, without=".agents/plans/x.md")
        taken = place.workspace.take_back(copy, place.prepared)
    assert taken.files == ("README.md", "hello.txt")
    assert [line.partition(":")[0] for line in taken.refused] == [".github/workflows/ci.yml"]


def test_a_deleted_file_and_a_link_come_as_they_are(place):
    place.exchange.push_branch()
    place.elsewhere.joinpath("link").symlink_to("/etc/passwd")
    theirs = place.pushes(BRANCH, {"docs/DevTeam/tasks_list.md": None, "a.txt": "a\n"})
    exchange = place.exchange
    exchange.fetch({BRANCH: theirs})
    with place.workspace.copy(place.prepared) as copy:
        exchange.bring(theirs, copy)
        assert not (copy / "docs/DevTeam/tasks_list.md").exists()
        taken = place.workspace.take_back(copy, place.prepared)
    assert "a.txt" in taken.files


def test_our_commit_takes_theirs_in_and_can_be_pushed_without_force(place):
    place.exchange.push_branch()
    theirs = place.pushes(BRANCH, {"hello.txt": "hi\n", ".github/workflows/ci.yml": "on: push\n"})
    exchange = place.exchange
    exchange.fetch({BRANCH: theirs})
    workspace, old = place.workspace, place.prepared
    with workspace.copy(old) as copy:
        exchange.bring(theirs, copy)
        taken = workspace.take_back(copy, old)
    new = workspace.commit(old, taken.tree, "1.1.1 Words\n\nDevTeam-Task: 1.1.1\n", onto=theirs)
    assert workspace.merge_base(new, theirs) == theirs
    assert ".github/workflows/ci.yml" not in workspace.paths(new)
    place.project.git("push", "-q", "origin", f"{BRANCH}:{BRANCH}")  # no force
    assert workspace.find_commit(old.base, new, {"DevTeam-Task": "1.1.1"}) == new
    again = workspace.prepare(BRANCH, "main", expected_head=old.head, pinned_base=old.base, progress=print)
    assert again.head == new, "a commit whose record was lost is found again, with theirs below it"


def test_what_is_refused_altogether_still_takes_theirs_in_when_asked(place):
    place.exchange.push_branch()
    theirs = place.pushes(BRANCH, {".github/workflows/ci.yml": "on: push\n"})
    place.exchange.fetch({BRANCH: theirs})
    old = place.prepared
    new = place.workspace.commit(
        old, place.workspace.tree_of(old.head), "refused\n\nDevTeam-Task: 1.1.1\n", onto=theirs
    )
    assert new != old.head
    assert place.workspace.tree_of(new) == place.workspace.tree_of(old.head)


def test_of_a_commit_on_a_newer_base_only_its_own_changes_are_brought(place):
    place.exchange.push_branch()
    newer = place.pushes("main", {"others.txt": "others\n"})
    theirs = place.pushes("feature-1-1-1", {"hello.txt": "hi\n"}, start=newer)
    exchange = place.exchange
    exchange.fetch({"feature-1-1-1": theirs, "main": newer})
    assert exchange.meeting(theirs, newer) == newer
    with place.workspace.copy(place.prepared) as copy:
        assert exchange.bring(theirs, copy, since=newer)
        taken = place.workspace.take_back(copy, place.prepared)
    assert taken.files == ("hello.txt",)


def test_changes_that_conflict_bring_nothing(place):
    place.exchange.push_branch()
    work = place.prepared
    head = place.workspace.replace_file(work, "hello.txt", b"ours\n", "ours")
    place.prepared = Prepared(base=work.base, head=head, branch=BRANCH, repo_path=work.repo_path)
    newer = place.pushes("main", {"hello.txt": "others\n"})
    theirs = place.pushes("feature-1-1-1", {"hello.txt": "hi\n"}, start=newer)
    exchange = place.exchange
    exchange.fetch({"feature-1-1-1": theirs, "main": newer})
    with place.workspace.copy(place.prepared) as copy:
        assert not exchange.bring(theirs, copy, since=newer)
        assert (copy / "hello.txt").read_text() == "ours\n"


def test_without_a_remote_there_is_nothing_to_exchange(project, tmp_path):
    here = project()
    workspace = GitWorkspace(here.root, remote="", base_branch="main", work_root=tmp_path / "work", in_place=False)
    prepared = workspace.prepare(BRANCH, "main", expected_head=None, progress=print)
    assert workspace.exchange(prepared) is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://ann:secret@github.com/a/b.git", "https://github.com/a/b.git"),
        ("https://github.com/a/b.git", "https://github.com/a/b.git"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("ssh://git@github.com/a/b", "ssh://git@github.com/a/b"),
        ("https://[bad", "https://[bad"),
    ],
)
def test_an_address_never_has_a_password_in_it(address, shown):
    assert without_credentials(address) == shown


def test_odd_names_of_a_hostile_remote_are_not_seen(place):
    bare = place.project.folder / "origin.git"
    with contextlib.suppress(AssertionError):
        place.project.git("update-ref", "refs/heads/-x", "main", cwd=bare)
    assert set(place.exchange.remote_heads()) == {"main"}
