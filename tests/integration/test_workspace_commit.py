"""Commits of the task branch: no hook, no lost edit, once only; and a base that moves meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from devteam_action.errors import DevteamError, StateConflict
from devteam_action.git_io.layout import Identity
from devteam_action.git_io.workspace import GitWorkspace
from devteam_action.pipeline.ports import Conflict, Moved
from tests.unit.git_io.git_project import BRANCH, LIST, WORK, GitProject


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path)


@pytest.mark.parametrize("in_place", [False, True])
def test_a_commit_moves_branch_and_folder_and_keeps_build_files(project: GitProject, in_place: bool) -> None:
    workspace = project.workspace(in_place=in_place)
    prepared = project.prepared(workspace)
    folder = Path(prepared.repo_path)
    (folder / "cache.db").write_text("built")
    head = project.worked(workspace, prepared, {"src/app.py": "x = 1\n", "new/file.py": "n = 1\n"})
    assert project.head(BRANCH) == head
    assert project.head(f"{head}^") == prepared.head
    assert (folder / "new/file.py").read_text() == "n = 1\n"
    assert project.status(folder) == "?? cache.db"
    assert (
        project.git("log", "-1", "--format=%an <%ae> %B", head) == f"Project Person <person@example.org> {WORK.strip()}"
    )


def test_hooks_of_the_repository_do_not_run(project: GitProject, tmp_path: Path) -> None:
    project.remote()
    for name in ("pre-commit", "commit-msg", "post-commit", "post-checkout", "reference-transaction", "pre-push"):
        hook = project.root / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\necho $0 $@ >> {tmp_path}/ran\nexit 1\n")
        hook.chmod(0o755)
    workspace = project.workspace(remote="origin")
    prepared = project.prepared(workspace)
    head = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    workspace.deliver(prepared, "main", head, merge=True, push=True, expected_remote=None)
    assert not (tmp_path / "ran").exists(), (tmp_path / "ran").read_text()


def test_the_same_tree_twice_is_one_commit(project: GitProject) -> None:
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    head = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    assert workspace.commit(project.now(prepared), project.head(f"{head}^{{tree}}"), WORK) == head


def test_a_given_identity_commits(project: GitProject) -> None:
    project.git("config", "--unset", "user.name")
    workspace = GitWorkspace(
        project.root,
        remote="",
        base_branch="main",
        work_root=project.place / "work",
        in_place=False,
        git_env=project.env,
        identity=Identity(name="DevTeam", email="devteam@users.example.org"),
    )
    head = project.worked(workspace, project.prepared(workspace), {"a": "b"})
    assert project.git("log", "-1", "--format=%an %ae %cn %ce", head) == (
        "DevTeam devteam@users.example.org DevTeam devteam@users.example.org"
    )


def test_a_branch_that_was_moved_away_is_not_moved_back(project: GitProject) -> None:
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    project.git("update-ref", f"refs/heads/{BRANCH}", project.head("main^"))
    with pytest.raises(StateConflict, match="was moved from"):
        workspace.commit(prepared, project.head("main^^{tree}"), WORK)
    project.git("update-ref", "-d", f"refs/heads/{BRANCH}")
    with pytest.raises(StateConflict, match="it is gone"):
        workspace.commit(prepared, project.head("main^^{tree}"), WORK)


def test_an_untracked_file_in_the_way_is_overwritten_in_our_worktree_only(project: GitProject) -> None:
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    (Path(prepared.repo_path) / "report.xml").write_text("of a check")
    project.worked(workspace, prepared, {"report.xml": "of the tool\n"})
    assert (Path(prepared.repo_path) / "report.xml").read_text() == "of the tool\n"
    assert project.status(prepared.repo_path) == ""


def test_an_untracked_file_in_the_way_in_place_stops_before_anything_moves(project: GitProject) -> None:
    workspace = project.workspace(in_place=True)
    prepared = project.prepared(workspace)
    (project.root / "report.xml").write_text("precious")
    with pytest.raises(DevteamError, match=r"report\.xml"):
        project.worked(workspace, prepared, {"report.xml": "of the tool\n"})
    assert project.head(BRANCH) == prepared.head
    assert (project.root / "report.xml").read_text() == "precious"


def test_replace_file_is_idempotent_and_keeps_the_mode(project: GitProject) -> None:
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    content = b"\xef\xbb\xbf- [x] 1\r\n\xff"
    first = workspace.replace_file(project.now(prepared), LIST, content, WORK)
    assert workspace.read(first, LIST) == content
    assert workspace.replace_file(project.now(prepared), LIST, content, WORK) == first
    assert (Path(prepared.repo_path) / LIST).read_bytes() == content
    second = workspace.replace_file(project.now(prepared), "tools/run.sh", b"#!/bin/sh\ntrue\n", WORK)
    assert project.git("ls-tree", second, "tools/run.sh").startswith("100755")
    assert [file.path for file in workspace.change(first, second).files] == ["tools/run.sh"]


def test_our_commit_is_found_by_its_trailers(project: GitProject) -> None:
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    first = project.worked(workspace, prepared, {"a": "1"}, "A\n\nDevTeam-Task: 1\nDevTeam-Run: r1\n")
    second = project.worked(workspace, prepared, {"a": "2"}, "B\n\nDevTeam-Task: 1\nDevTeam-Run: r2\n")
    project.worked(workspace, prepared, {"a": "3"}, "C\n\nSays DevTeam-Run: r2 in its text.\n\nDevTeam-Run: r3\n")
    head = project.head(BRANCH)
    assert workspace.find_commit(prepared.base, head, {"DevTeam-Run": "r1", "DevTeam-Task": "1"}) == first
    assert workspace.find_commit(prepared.base, head, {"DevTeam-Run": "r2"}) == second
    assert workspace.find_commit(prepared.base, head, {"DevTeam-Run": "r"}) is None
    assert workspace.find_commit(first, head, {"DevTeam-Run": "r1"}) is None


def test_questions_about_what_is_not_there_have_plain_answers(project: GitProject) -> None:
    workspace = project.workspace()
    assert workspace.read("main", "none.py") is None
    assert workspace.read("main", "src") is None
    assert workspace.read("no-such-branch", "src/app.py") is None
    assert workspace.head_of("no-such-branch") is None
    assert set(workspace.paths("main")) >= {"src/app.py", LIST, "link"}
    with pytest.raises(DevteamError, match="there is no commit"):
        workspace.tree_of("no-such-branch")


def test_a_checkout_is_the_files_and_nothing_else(project: GitProject) -> None:
    with project.workspace().checkout("main") as folder:
        assert (folder / "src/app.py").is_file()
        assert not (folder / ".git").exists()
    assert not folder.exists()


# --- the base moves ------------------------------------------------------------------------------------------


def test_a_base_that_stands_still_needs_no_merge(project: GitProject) -> None:
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    assert workspace.merge_in_base(project.now(prepared), "main", keep=LIST) is None


def test_a_clean_merge_has_both_works_and_is_ours(project: GitProject) -> None:
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    head = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    tip = project.save("Base moves", {"src/other.py": "moved = 1\n"})
    moved = workspace.merge_in_base(project.now(prepared), "main", keep=LIST)
    assert isinstance(moved, Moved)
    assert moved.base == tip
    assert project.git("rev-list", "--parents", "-1", moved.head).split()[1:] == [head, tip]
    folder = Path(prepared.repo_path)
    assert (folder / "src/app.py").read_text() == "x = 1\n"
    assert (folder / "src/other.py").read_text() == "moved = 1\n"
    assert project.status(folder) == ""
    assert project.prepared(workspace).head == moved.head
    assert workspace.merge_in_base(project.now(prepared), "main", keep=LIST) is None


def test_a_conflict_names_the_files_and_changes_nothing(project: GitProject) -> None:
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    head = project.worked(workspace, prepared, {"src/app.py": "ours = 1\n", "src/other.py": "ours = 1\n"})
    project.save("Base moves", {"src/app.py": "theirs = 1\n", "src/other.py": "theirs = 1\n", LIST: "new\n"})
    workspace.replace_file(project.now(prepared), LIST, b"- [x] 1.1.1 Add a flag\n", WORK)
    before = project.head(BRANCH)
    assert workspace.merge_in_base(project.now(prepared), "main", keep=LIST) == Conflict(
        files=(LIST, "src/app.py", "src/other.py")
    )
    assert project.head(BRANCH) == before
    assert project.head(f"{before}^") == head
    assert project.status(prepared.repo_path) == ""


def test_a_conflict_in_the_task_list_alone_takes_the_list_of_the_base(project: GitProject) -> None:
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    project.worked(workspace, prepared, {"src/app.py": "ours = 1\n"})
    workspace.replace_file(project.now(prepared), LIST, b"- [x] 1.1.1 Add a flag\n- [ ] 1.1.2 Next\n", WORK)
    theirs = "- [ ] 1.1.1 Add a flag\n- [x] 1.1.2 Next\n"
    project.save("The neighbour is done", {LIST: theirs})
    moved = workspace.merge_in_base(project.now(prepared), "main", keep=LIST)
    assert isinstance(moved, Moved)
    assert workspace.read(moved.head, LIST) == theirs.encode()
    assert workspace.read(moved.head, "src/app.py") == b"ours = 1\n"


def test_three_neighbours_are_merged_in_any_order_without_a_person(project: GitProject) -> None:
    lines = [f"- [ ] 1.1.{n} Task {n}\n" for n in (1, 2, 3)]
    project.save("A list", {LIST: "".join(lines)})
    workspace = project.workspace()
    prepared = [workspace.prepare(f"task/{n}", "main", expected_head=None, progress=lambda _: None) for n in (1, 2, 3)]

    def ticked(data: bytes, number: int) -> bytes:
        return data.replace(f"- [ ] 1.1.{number}".encode(), f"- [x] 1.1.{number}".encode())

    for number, one in enumerate(prepared, 1):
        workspace.replace_file(project.now(one), LIST, ticked("".join(lines).encode(), number), WORK)
    for number, one in ((2, prepared[1]), (3, prepared[2]), (1, prepared[0])):
        moved = workspace.merge_in_base(project.now(one), "main", keep=LIST)
        assert not isinstance(moved, Conflict)
        head = workspace.head_of(one.branch) or ""
        head = workspace.replace_file(project.now(one), LIST, ticked(workspace.read(head, LIST) or b"", number), WORK)
        assert workspace.deliver(one, "main", head, merge=True, push=False, expected_remote=None).merged
    assert workspace.read("main", LIST) == "".join(lines).replace("[ ]", "[x]").encode()


def test_a_file_that_the_base_deleted_and_we_changed_is_a_conflict(project: GitProject) -> None:
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    project.worked(workspace, prepared, {"src/other.py": "ours = 1\n"})
    (project.root / "src/other.py").unlink()
    project.save("Gone", {})
    assert workspace.merge_in_base(project.now(prepared), "main", keep=LIST) == Conflict(files=("src/other.py",))
