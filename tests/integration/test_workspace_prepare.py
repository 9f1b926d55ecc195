"""PREP on real git: twice is once, nobody's work is overwritten, every bad state has one clear error."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from devteam_action.domain.results import Prepared
from devteam_action.errors import DevteamError, RemoteUnreachable, RepositoryError, SetupFailed, StateConflict
from devteam_action.git_io.workspace import GitWorkspace
from devteam_action.pipeline.ports import Moved
from tests.unit.git_io.git_project import BRANCH, GitProject, quiet


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path)


def test_a_worktree_outside_the_checkout_stands_at_the_base(project: GitProject) -> None:
    prepared = project.prepared(project.workspace())
    folder = Path(prepared.repo_path)
    assert prepared == Prepared(
        base=project.head(), head=project.head(), branch=BRANCH, repo_path=str(folder), branch_created=True
    )
    assert project.place / "work" in folder.parents
    assert (folder / "src/app.py").read_text() == (project.root / "src/app.py").read_text()
    assert (project.status(folder), project.status(), project.head("HEAD", folder)) == ("", "", project.head())
    assert project.git("symbolic-ref", "--short", "HEAD", cwd=folder) == BRANCH
    assert project.git("symbolic-ref", "--short", "HEAD") == "main"


@pytest.mark.parametrize("in_place", [False, True])
def test_again_is_a_no_op_with_the_same_answer(project: GitProject, in_place: bool) -> None:
    first = project.prepared(project.workspace(in_place=in_place))
    refs = project.git("for-each-ref")
    assert project.prepared(project.workspace(in_place=in_place)) == first
    assert project.git("for-each-ref") == refs


def test_the_base_stays_pinned_while_the_base_branch_moves(project: GitProject) -> None:
    first = project.prepared(project.workspace())
    project.save("Base moves", {"src/other.py": "moved = 1\n"})
    assert project.prepared(project.workspace()) == first
    pinned = project.workspace().prepare(
        BRANCH, "main", expected_head=first.head, pinned_base=first.base, progress=quiet
    )
    assert pinned == first


def test_in_place_the_checkout_itself_is_on_the_branch(project: GitProject) -> None:
    prepared = project.prepared(project.workspace(in_place=True))
    assert prepared.repo_path == str(project.root)
    assert project.git("symbolic-ref", "--short", "HEAD") == BRANCH
    assert project.status() == ""


def test_a_dirty_tree_in_place_is_refused_and_untouched(project: GitProject) -> None:
    (project.root / "src/app.py").write_text("mine = 1\n")
    with pytest.raises(RepositoryError, match=r"uncommitted changes: src/app\.py"):
        project.prepared(project.workspace(in_place=True))
    assert (project.root / "src/app.py").read_text() == "mine = 1\n"
    assert project.git("symbolic-ref", "--short", "HEAD") == "main"


def test_a_dirty_checkout_does_not_matter_to_a_worktree(project: GitProject) -> None:
    (project.root / "src/app.py").write_text("mine = 1\n")
    prepared = project.prepared(project.workspace())
    assert (Path(prepared.repo_path) / "src/app.py").read_text() != "mine = 1\n"
    assert (project.root / "src/app.py").read_text() == "mine = 1\n"


# --- bad states ----------------------------------------------------------------------------------------------


def _no_identity(project: GitProject) -> None:
    project.git("config", "--unset", "user.email")


def _branch_above(project: GitProject) -> None:
    project.git("branch", "task")


def _branch_below(project: GitProject) -> None:
    project.git("branch", f"{BRANCH}/part")


def _checked_out(project: GitProject) -> None:
    project.git("checkout", "--quiet", "-b", BRANCH)


def _no_base(project: GitProject) -> None:
    project.git("branch", "--move", "main", "trunk")


def _in_the_way(project: GitProject) -> None:
    folder = Path(project.prepared(project.workspace()).repo_path)
    project.workspace().discard(BRANCH)
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("precious\n")


@pytest.mark.parametrize(
    ("spoil", "message", "remedy"),
    [
        (_no_identity, "does not know who commits", 'git config user.name "Your Name"'),
        (_branch_above, "name is taken by task", "git branch -m task "),
        (_branch_below, f"name is taken by {BRANCH}/part", "git branch -m"),
        (_checked_out, "is checked out in", "checkout -"),
        (_no_base, "there is no base branch main", "base-branch:"),
        (_in_the_way, "is in the way", "move it away"),
    ],
)
def test_a_bad_state_has_one_clear_error_with_what_to_do(
    project: GitProject, spoil: Callable[[GitProject], None], message: str, remedy: str
) -> None:
    spoil(project)
    refs = project.git("for-each-ref")
    with pytest.raises(RepositoryError) as caught:
        project.prepared(project.workspace())
    assert message in caught.value.message
    assert remedy in caught.value.remedy
    assert caught.value.exit_code == 2
    assert project.git("for-each-ref") == refs


def test_a_repository_with_no_commit(project: GitProject) -> None:
    shutil.rmtree(project.root / ".git")
    project.git("init", "--quiet", "--initial-branch=main")
    project.git("config", "user.name", "P")
    project.git("config", "user.email", "p@example.org")
    with pytest.raises(RepositoryError, match="no commit yet"):
        project.prepared(project.workspace())


def test_no_repository_at_all(project: GitProject) -> None:
    shutil.rmtree(project.root / ".git")
    with pytest.raises(RepositoryError, match="is no git repository"):
        project.prepared(project.workspace())


def test_a_detached_head_is_no_hindrance_when_the_base_branch_is_named(project: GitProject) -> None:
    project.git("checkout", "--quiet", "--detach")
    assert project.prepared(project.workspace()).head == project.head("main")


def test_a_tag_of_the_same_name_is_no_hindrance(project: GitProject) -> None:
    project.git("tag", BRANCH)
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    head = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    assert project.head(f"refs/heads/{BRANCH}") == head
    assert project.head(f"refs/tags/{BRANCH}") == prepared.base


# --- other people's commits ----------------------------------------------------------------------------------


def test_a_branch_of_a_person_is_left_alone(project: GitProject) -> None:
    project.git("checkout", "--quiet", "-b", BRANCH)
    theirs = project.save("A person's work", {"src/app.py": "person = 1\n"})
    project.git("checkout", "--quiet", "main")
    with pytest.raises(StateConflict) as caught:
        project.prepared(project.workspace())
    assert theirs[:12] in caught.value.message
    assert "--clean" in caught.value.remedy
    assert "adopt" in caught.value.remedy
    assert caught.value.exit_code == 5
    assert project.head(BRANCH) == theirs


def test_a_person_who_commits_on_top_of_ours_is_noticed(project: GitProject) -> None:
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    ours = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    theirs = project.save("Mine", {"src/app.py": "x = 2\n"}, Path(prepared.repo_path))
    with pytest.raises(StateConflict, match=f"{theirs[:12]}.*our last commit is {ours[:12]}"):
        workspace.prepare(BRANCH, "main", expected_head=ours, progress=quiet)
    with pytest.raises(StateConflict, match="while we worked"):
        workspace.commit(prepared, project.head("main^{tree}"), "W\n\nDevTeam-Run: r\n")
    assert project.head(BRANCH) == theirs


def test_a_person_who_rewrites_our_branch_is_noticed(project: GitProject) -> None:
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    ours = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    project.git("commit", "--quiet", "--amend", "-m", "Amended", cwd=Path(prepared.repo_path))
    with pytest.raises(StateConflict):
        workspace.prepare(BRANCH, "main", expected_head=ours, progress=quiet)


def test_a_commit_of_ours_that_was_never_recorded_is_kept(project: GitProject) -> None:
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    ours = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    for expected in (None, prepared.head, ours):
        again = workspace.prepare(BRANCH, "main", expected_head=expected, progress=quiet)
        assert (again.head, again.base) == (ours, prepared.base)


def test_a_person_who_pushed_to_the_remote_is_noticed(project: GitProject) -> None:
    project.remote()
    project.git("checkout", "--quiet", "-b", BRANCH)
    theirs = project.save("A person's work", {"src/app.py": "person = 1\n"})
    project.git("push", "--quiet", "origin", BRANCH)
    project.git("checkout", "--quiet", "main")
    project.git("branch", "--quiet", "-D", BRANCH)
    with pytest.raises(StateConflict, match=f"on the remote at {theirs[:12]}"):
        project.prepared(project.workspace(remote="origin"))


def test_another_machine_goes_on_where_we_left_off(project: GitProject, tmp_path: Path) -> None:
    bare = project.remote()
    workspace = project.workspace(remote="origin")
    prepared = project.prepared(workspace)
    head = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    workspace.deliver(prepared, "main", head, merge=False, push=True, expected_remote=None)

    other = GitProject(tmp_path / "other")
    shutil.rmtree(other.root)
    other.git(
        "clone", "--quiet", "--single-branch", "--branch", "main", f"file://{bare}", str(other.root), cwd=tmp_path
    )
    other.git("config", "user.name", "P")
    other.git("config", "user.email", "p@example.org")
    there = other.workspace(remote="origin").prepare(BRANCH, "main", expected_head=head, progress=quiet)
    assert (there.head, there.base) == (head, prepared.base)
    assert (Path(there.repo_path) / "src/app.py").read_text() == "x = 1\n"


def test_a_recorded_commit_that_is_nowhere_is_said(project: GitProject) -> None:
    with pytest.raises(StateConflict, match="nowhere to be found"):
        project.workspace().prepare(BRANCH, "main", expected_head="1" * 40, progress=quiet)


def test_a_local_branch_that_lags_behind_is_brought_forward(project: GitProject) -> None:
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    ours = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    workspace.discard(BRANCH)
    project.git("branch", BRANCH, prepared.base)
    again = workspace.prepare(BRANCH, "main", expected_head=ours, progress=quiet)
    assert again.head == ours
    assert project.head("HEAD", Path(again.repo_path)) == ours


# --- what a kill leaves behind -------------------------------------------------------------------------------


def test_a_worktree_that_was_removed_by_hand_is_made_again(project: GitProject) -> None:
    first = project.prepared(project.workspace())
    shutil.rmtree(first.repo_path)
    assert project.prepared(project.workspace()) == first
    assert project.status(first.repo_path) == ""


def test_a_worktree_that_was_cut_off_while_it_was_made_is_made_again(project: GitProject) -> None:
    first = project.prepared(project.workspace())
    admin = Path(project.git("rev-parse", "--absolute-git-dir", cwd=Path(first.repo_path)))
    (admin / "index").unlink()
    (admin / "HEAD").write_text("0" * 40 + "\n")
    (admin / "locked").write_text("initializing")
    (Path(first.repo_path) / "src/app.py").unlink()
    assert project.prepared(project.workspace()) == first
    assert project.status(first.repo_path) == ""


def test_a_half_written_worktree_is_put_right(project: GitProject) -> None:
    first = project.prepared(project.workspace())
    folder = Path(first.repo_path)
    (folder / "src/app.py").write_text("half")
    shutil.rmtree(folder / "docs")
    admin = Path(project.git("rev-parse", "--absolute-git-dir", cwd=folder))
    (admin / "index.lock").touch()
    os.utime(admin / "index.lock", (1, 1))
    assert project.prepared(project.workspace()) == first
    assert project.status(folder) == ""
    assert not (admin / "index.lock").exists()


def test_edits_of_a_person_in_our_worktree_are_kept_in_a_ref(project: GitProject) -> None:
    first = project.prepared(project.workspace())
    (Path(first.repo_path) / "src/app.py").write_text("precious = 1\n")
    said: list[str] = []
    project.workspace().prepare(BRANCH, "main", expected_head=None, progress=said.append)
    ref = project.git("for-each-ref", "--format=%(refname)", "refs/devteam/saved/")
    assert ref in " ".join(said)
    assert project.git("show", f"{ref}:src/app.py") == "precious = 1"


def test_what_a_person_did_on_a_detached_head_in_our_worktree_is_kept(project: GitProject) -> None:
    first = project.prepared(project.workspace())
    folder = Path(first.repo_path)
    project.git("checkout", "--quiet", "--detach", cwd=folder)
    theirs = project.save("Precious", {"src/app.py": "precious = 1\n"}, folder)
    assert project.prepared(project.workspace()) == first
    assert project.git("for-each-ref", "--format=%(objectname)", "refs/devteam/saved/") == theirs


def test_untracked_build_files_survive_a_second_prepare(project: GitProject) -> None:
    first = project.prepared(project.workspace())
    (Path(first.repo_path) / "cache.db").write_text("built")
    project.prepared(project.workspace())
    assert (Path(first.repo_path) / "cache.db").read_text() == "built"


def test_two_at_once_get_the_same_answer(project: GitProject) -> None:
    answers: list[Prepared | DevteamError] = []

    def one(workspace: GitWorkspace) -> None:
        try:
            answers.append(project.prepared(workspace))
        except DevteamError as error:
            answers.append(error)

    threads = [threading.Thread(target=one, args=(project.workspace(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [answers[0]] * 4
    assert isinstance(answers[0], Prepared)


# --- setup ---------------------------------------------------------------------------------------------------


def test_setup_runs_once_and_again_when_its_inputs_change(project: GitProject) -> None:
    setup = ("echo run >> build-count",)
    prepared = project.prepared(project.workspace(setup=setup))
    project.prepared(project.workspace(setup=setup))
    count = Path(prepared.repo_path) / "build-count"
    assert count.read_text() == "run\n"
    workspace = project.workspace(setup=setup)
    project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    project.prepared(workspace)
    assert count.read_text() == "run\n"
    project.worked(workspace, prepared, {"requirements.txt": "attrs\n"})
    project.prepared(workspace)
    assert count.read_text() == "run\nrun\n"
    project.prepared(project.workspace(setup=(*setup, "true")))
    assert count.read_text() == "run\nrun\nrun\n"


def test_a_failed_setup_names_the_command_its_output_and_the_log(project: GitProject) -> None:
    setup = ("true", "echo before; echo broken >&2; exit 3")
    with pytest.raises(SetupFailed) as caught:
        project.prepared(project.workspace(setup=setup))
    assert "exit code 3" in caught.value.message
    assert "broken" in caught.value.message
    log = caught.value.remedy.split("the whole output is in ")[1].split(")")[0]
    assert Path(log).read_text() == f"$ true\n$ {setup[1]}\nbefore\nbroken\n"
    with pytest.raises(SetupFailed):
        project.prepared(project.workspace(setup=setup))
    assert project.prepared(project.workspace()).head == project.head()


def test_setup_sees_only_the_environment_it_was_given(project: GitProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    prepared = project.prepared(project.workspace(setup=("env > setup-env",)))
    assert "sk-secret" not in (Path(prepared.repo_path) / "setup-env").read_text()


# --- discard -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_place", [False, True])
def test_discard_removes_branch_and_folder_and_keeps_a_backup(project: GitProject, in_place: bool) -> None:
    workspace = project.workspace(in_place=in_place)
    prepared = project.prepared(workspace)
    head = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    backup = workspace.discard(BRANCH)
    assert backup is not None
    assert backup.startswith(f"refs/devteam/discarded/{BRANCH}/")
    assert project.head(backup) == head
    assert workspace.head_of(BRANCH) is None
    assert Path(prepared.repo_path).exists() is in_place
    assert workspace.discard(BRANCH) is None
    assert project.prepared(workspace).head == project.head("main")


def test_what_we_discarded_on_the_remote_does_not_stand_in_the_way(project: GitProject) -> None:
    bare = project.remote()
    workspace = project.workspace(remote="origin")
    prepared = project.prepared(workspace)
    old = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    workspace.deliver(prepared, "main", old, merge=False, push=True, expected_remote=None)
    workspace.discard(BRANCH)
    prepared = project.prepared(workspace)
    assert prepared.head == project.head("main")
    new = project.worked(workspace, prepared, {"src/app.py": "y = 2\n"})
    assert workspace.deliver(prepared, "main", new, merge=False, push=True, expected_remote=None).pushed
    assert project.head(BRANCH, bare) == new


@pytest.mark.parametrize("answers", [True, False], ids=["remote answers", "remote is down meanwhile"])
def test_an_older_state_of_what_we_discarded_is_no_start_either(project: GitProject, answers: bool) -> None:
    bare = project.remote()
    workspace = project.workspace(remote="origin")
    prepared = project.prepared(workspace)
    older = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    workspace.deliver(project.now(prepared), "main", older, merge=False, push=True, expected_remote=None)
    project.worked(workspace, prepared, {"src/app.py": "x = 2\n"})
    away = bare if answers else bare.rename(project.place / "away")
    workspace.discard(BRANCH)
    away.rename(bare)
    prepared = project.prepared(workspace)
    assert prepared.head == project.head("main")
    new = project.worked(workspace, prepared, {"src/app.py": "y = 2\n"})
    assert workspace.deliver(project.now(prepared), "main", new, merge=False, push=True, expected_remote=None).pushed
    assert project.head(BRANCH, bare) == new


def test_what_was_pushed_on_top_of_what_we_discarded_is_not_replaced(project: GitProject) -> None:
    bare = project.remote()
    workspace = project.workspace(remote="origin")
    prepared = project.prepared(workspace)
    older = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    workspace.deliver(prepared, "main", older, merge=False, push=True, expected_remote=None)
    workspace.discard(BRANCH)
    prepared = project.prepared(workspace)
    new = project.worked(workspace, prepared, {"src/app.py": "y = 2\n"})
    tree = project.git("rev-parse", f"{older}^{{tree}}")
    theirs = project.git("commit-tree", "-p", older, "-m", "theirs", tree)
    project.git("push", "--quiet", "origin", f"{theirs}:refs/heads/{BRANCH}")
    with pytest.raises(StateConflict, match="somebody pushed"):
        workspace.deliver(prepared, "main", new, merge=False, push=True, expected_remote=None)
    assert project.head(BRANCH, bare) == theirs


# --- moved, copied and shallow repositories ------------------------------------------------------------------


def _moved(project: GitProject) -> GitProject:
    """The same repository somewhere else, its worktrees where they were."""
    project.root = project.root.rename(project.place / "moved")
    return project


def test_a_worktree_whose_repository_was_moved_is_made_again(project: GitProject) -> None:
    first = project.prepared(project.workspace())
    (Path(first.repo_path) / "src/app.py").write_text("precious = 1\n")
    moved = _moved(project)
    again = moved.prepared(moved.workspace())
    assert again.head == first.head
    assert moved.status(again.repo_path) == ""
    assert not Path(first.repo_path).exists()
    saved = moved.git("for-each-ref", "--format=%(refname)", "refs/devteam/saved/")
    assert moved.git("show", f"{saved}:src/app.py") == "precious = 1"
    assert moved.prepared(moved.workspace()) == again


def test_a_copied_repository_leaves_the_worktree_to_the_first(project: GitProject) -> None:
    first = project.prepared(project.workspace())
    (Path(first.repo_path) / "src/app.py").write_text("precious = 1\n")
    original, copied = project.root, project.place / "copied"
    shutil.copytree(original, copied, symlinks=True)
    project.root = copied
    again = project.prepared(project.workspace())
    assert again.repo_path != first.repo_path
    assert project.status(again.repo_path) == ""
    assert (Path(first.repo_path) / "src/app.py").read_text() == "precious = 1\n"
    assert project.git("rev-parse", "--git-common-dir", cwd=Path(first.repo_path)) == str(original / ".git")


def test_a_persons_worktree_in_a_moved_repository_is_named_with_a_remedy_that_works(project: GitProject) -> None:
    mine = project.place / "mine"
    project.git("branch", BRANCH)
    project.git("worktree", "add", "--quiet", str(mine), BRANCH)
    moved = _moved(project)
    with pytest.raises(RepositoryError, match="is checked out in") as caught:
        moved.prepared(moved.workspace())
    assert f"git -C {mine} checkout -" in caught.value.remedy
    moved.git("checkout", "--quiet", "--detach", cwd=mine)
    assert moved.prepared(moved.workspace()).head == moved.head("main")


def test_a_shallow_clone_goes_on_with_the_branch_and_takes_in_the_newest_base(
    project: GitProject, tmp_path: Path
) -> None:
    bare = project.remote()
    workspace = project.workspace(remote="origin")
    prepared = project.prepared(workspace)
    head = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    workspace.deliver(prepared, "main", head, merge=False, push=True, expected_remote=None)
    newest = project.save("Base moves", {"src/other.py": "moved = 1\n"})
    project.git("push", "--quiet", "origin", "main")

    other = GitProject(tmp_path / "other")
    shutil.rmtree(other.root)
    other.git("clone", "--quiet", "--depth", "1", f"file://{bare}", str(other.root), cwd=tmp_path)
    other.git("config", "user.name", "P")
    other.git("config", "user.email", "p@example.org")
    workspace = other.workspace(remote="origin")
    there = workspace.prepare(BRANCH, "main", expected_head=head, pinned_base=prepared.base, progress=quiet)
    assert (there.head, there.base) == (head, prepared.base)
    moved = workspace.merge_in_base(there, "main", keep="docs/tasks.md")
    assert isinstance(moved, Moved)
    assert moved.base == newest
    assert other.git("show", f"{moved.head}:src/app.py") == "x = 1"


def test_a_colleagues_branch_is_found_before_any_work_is_done(project: GitProject, tmp_path: Path) -> None:
    """Also when nothing is recorded and nobody has fetched: somebody else's commits are named at once."""
    bare = project.remote()
    clone = tmp_path / "clone"
    project.git("clone", "--quiet", str(bare), str(clone))
    project.git("config", "user.name", "Other", cwd=clone)
    project.git("config", "user.email", "other@example.org", cwd=clone)
    project.git("checkout", "--quiet", "-b", BRANCH, cwd=clone)
    theirs = project.save("Theirs", {"theirs.py": "t = 1\n"}, clone)
    project.git("push", "--quiet", "origin", BRANCH, cwd=clone)
    with pytest.raises(StateConflict, match=f"on the remote at {theirs[:12]}"):
        project.prepared(project.workspace(remote="origin"))
    workspace = project.workspace(remote="origin")
    backup = workspace.discard(BRANCH)
    assert backup is not None
    assert project.head(backup) == theirs
    assert project.prepared(workspace).head == project.head("main")


def test_a_remote_that_does_not_answer_is_said_when_only_it_can_have_the_commit(project: GitProject) -> None:
    project.git("remote", "add", "origin", "/no/such/place.git")
    with pytest.raises(RemoteUnreachable, match="could not be fetched from origin"):
        project.workspace(remote="origin").prepare(BRANCH, "main", expected_head="1" * 40, progress=quiet)
    assert project.prepared(project.workspace(remote="origin")).head == project.head("main")


def test_what_is_asked_about_a_commit_that_is_not_here_has_no_answer(project: GitProject) -> None:
    workspace, gone = project.workspace(), "1" * 40
    assert workspace.find_commit(gone, "main", {"DevTeam-Run": "r"}) is None
    assert workspace.find_commit("main", gone, {"DevTeam-Run": "r"}) is None
    assert workspace.merge_base(gone, "main") is None
