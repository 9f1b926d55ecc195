"""A tool does what it likes in its copy; what comes back is harmless, and what does not is named."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from devteam_action.checks.secrets_in_files import SecretsInFiles
from devteam_action.domain.results import Prepared
from devteam_action.git_io import take_back as take_back_module
from devteam_action.git_io.workspace import GitWorkspace
from devteam_action.pipeline.ports import TakenBack
from tests.unit.git_io.git_project import BRANCH, LIST, GitProject

Do = Callable[[Path], object]


class Ground:
    def __init__(self, place: Path) -> None:
        self.project = GitProject(place)
        self.workspace: GitWorkspace = self.project.workspace(protected=(LIST, "vendor/**"))
        self.prepared: Prepared = self.project.prepared(self.workspace)

    def after(self, tool: Do) -> TakenBack:
        return self.project.tool_run(self.workspace, self.prepared, tool)

    def again(self, *commits: Do) -> None:
        """Commits more on main, and prepares the task anew on top."""
        for act in commits:
            act(self.project.root)
            self.project.save("More", {})
        self.workspace.discard(BRANCH)
        self.prepared = self.project.prepared(self.workspace)

    def guard(self, *secrets: str) -> None:
        """From now on these values, and what looks like a token, may not come back."""
        self.workspace = GitWorkspace(
            self.project.root,
            remote="",
            base_branch="main",
            work_root=self.project.place / "work",
            in_place=False,
            protected=(LIST,),
            git_env=self.project.env,
            secrets_in=SecretsInFiles(secrets),
        )

    def files_of(self, taken: TakenBack) -> dict[str, str]:
        out = self.project.git("ls-tree", "-r", taken.tree)
        return {line.split("\t")[1]: line.split()[0] for line in out.splitlines()}

    def base_tree(self) -> str:
        return self.project.head(f"{self.prepared.head}^{{tree}}")


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


def test_nothing_done_is_the_same_tree(ground: Ground) -> None:
    taken = ground.after(lambda copy: None)
    assert taken == TakenBack(tree=ground.base_tree(), files=(), lines_changed=0, refused=(), diff=b"")


def test_edits_new_files_deletions_and_the_executable_bit_come_back(ground: Ground) -> None:
    def tool(copy: Path) -> None:
        (copy / "src/app.py").write_text("one = 1\ntwo = 22\nthree = 3\n")
        (copy / "src/other.py").unlink()
        (copy / "tools/run.sh").chmod(0o644)
        (copy / "deep/er").mkdir(parents=True)
        (copy / "deep/er/new.py").write_text("x = 1\n")
        (copy / "link").unlink()

    taken = ground.after(tool)
    assert taken.files == ("deep/er/new.py", "link", "src/app.py", "src/other.py", "tools/run.sh")
    assert taken.refused == ()
    assert taken.lines_changed == 5
    files = ground.files_of(taken)
    assert files["tools/run.sh"] == "100644"
    assert "src/other.py" not in files
    assert b"+two = 22" in taken.diff


def test_the_diff_makes_the_same_tree_again(ground: Ground) -> None:
    def tool(copy: Path) -> None:
        (copy / "src/app.py").rename(copy / "src/renamed.py")
        (copy / "data.bin").write_bytes(bytes(range(256)))

    taken = ground.after(tool)
    ground.project.git("apply", "--index", stdin=taken.diff)
    assert ground.project.git("write-tree") == taken.tree


def test_a_file_that_is_touched_but_the_same_is_no_change(ground: Ground) -> None:
    def tool(copy: Path) -> None:
        text = (copy / "src/app.py").read_bytes()
        (copy / "src/app.py").unlink()
        (copy / "src/app.py").write_bytes(text)
        os.utime(copy / "src/other.py", (1, 1))

    assert ground.after(tool).files == ()


def test_a_change_that_keeps_size_and_time_is_seen(ground: Ground) -> None:
    def tool(copy: Path) -> None:
        before = (copy / "src/app.py").stat()
        with (copy / "src/app.py").open("r+") as file:
            file.write("ONE")
        os.utime(copy / "src/app.py", ns=(before.st_atime_ns, before.st_mtime_ns))

    assert ground.after(tool).files == ("src/app.py",)


def test_ignored_files_stay_out_and_tracked_ones_count(ground: Ground) -> None:
    def tracked(root: Path) -> None:
        (root / "build").mkdir()
        (root / "build/kept.txt").write_text("kept\n")
        ground.project.git("add", "--force", "build/kept.txt")

    ground.again(tracked)

    def tool(copy: Path) -> None:
        (copy / "src/app.pyc").write_text("compiled")
        (copy / "build/kept.txt").write_text("changed\n")
        (copy / "build/log.txt").write_text("log\n")
        (copy / "node_modules/x").mkdir(parents=True)
        (copy / "node_modules/x/index.js").write_text("x")
        (copy / ".gitignore").write_text("*.pyc\nbuild/\nnode_modules/\n")

    assert ground.after(tool).files == (".gitignore", "build/kept.txt")


def _write(name: str, text: str = "x\n") -> Do:
    def act(copy: Path) -> None:
        path = copy / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return act


def _link(name: str, target: str) -> Do:
    def act(copy: Path) -> None:
        (copy / name).unlink(missing_ok=True)
        (copy / name).symlink_to(target)

    return act


def _socket(copy: Path) -> None:
    here = Path.cwd()
    os.chdir(copy)  # a socket's path has at most 108 bytes
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("sock")
    finally:
        os.chdir(here)


def _nested_repository(copy: Path) -> None:
    subprocess.run(["git", "init", "-q", str(copy / "nested")], check=True)


@pytest.mark.parametrize(
    ("tool", "refusal"),
    [
        (_write(LIST, "- [x] 1.1.1\n"), f"{LIST}: it is protected"),
        (lambda copy: (copy / LIST).unlink(), f"{LIST}: it is protected, and was deleted"),
        (_write(".github/workflows/ci.yml"), ".github/workflows/ci.yml: it is a workflow, which no tool may change"),
        (_write(".GITHUB/Workflows/ci.yml"), ".GITHUB/Workflows/ci.yml: it is a workflow, which no tool may change"),
        (_write(".devteam.yml"), ".devteam.yml: it is protected"),
        (_write("vendor/x"), "vendor/x: it is protected"),
        (_write(".gitattributes", "* filter=evil\n"), ".gitattributes: it is protected"),
        (_write(".gitmodules"), ".gitmodules: it is protected"),
        (_write("sub/.git/config"), "sub/.git: it is git's own"),
        (_write(".GIT/hooks/x"), ".GIT/hooks/x: it is git's own"),
        (_nested_repository, "nested/.git: it is git's own"),
        (_link("new-link", "/etc"), "new-link: it is a symbolic link"),
        (_link("link", "/etc/passwd"), "link: it is a symbolic link"),
        (_link("src/app.py", "../../../secret"), "src/app.py: it is a symbolic link"),
        (lambda copy: os.mkfifo(copy / "pipe"), "pipe: it is no regular file (a pipe, socket or device)"),
        (_socket, "sock: it is no regular file (a pipe, socket or device)"),
        (_write("a\nb"), "a\\nb: its name has control characters"),
        (_write("caf\udce9"), "caf\\xe9: its name is no UTF-8"),
        (_write("SRC/app.py"), "SRC/app.py: its name differs from src in spelling only"),
    ],
)
def test_refused_with_its_reason_and_the_rest_unharmed(ground: Ground, tool: Do, refusal: str) -> None:
    def both(copy: Path) -> None:
        tool(copy)
        (copy / "src/other.py").write_text("fine = 1\n")

    taken = ground.after(both)
    assert taken.refused == (refusal,)
    assert taken.files == ("src/other.py",)
    kept = ground.files_of(taken)
    assert kept.keys() == ground.files_of(ground.after(lambda copy: None)).keys()
    assert [name for name, mode in kept.items() if mode == "120000"] == ["link"]


def test_a_folder_that_became_a_link_keeps_what_was_below(ground: Ground, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/app.py").write_text("stolen\n")

    def tool(copy: Path) -> None:
        shutil.rmtree(copy / "src")
        (copy / "src").symlink_to(tmp_path / "outside")

    taken = ground.after(tool)
    assert taken.refused == ("src: it is a symbolic link",)
    assert taken.tree == ground.base_tree()


def test_a_file_in_the_place_of_a_protected_folder_is_refused(ground: Ground) -> None:
    ground.again(_write("vendor/lib/x.py"))

    def tool(copy: Path) -> None:
        shutil.rmtree(copy / "vendor")
        (copy / "vendor").write_text("a file\n")

    taken = ground.after(tool)
    assert taken.tree == ground.base_tree()
    assert taken.refused == ("vendor: the folder there stays", "vendor/lib/x.py: it is protected, and was deleted")


def test_a_folder_in_the_place_of_a_file_that_stays_is_refused(ground: Ground) -> None:
    def tool(copy: Path) -> None:
        (copy / LIST).unlink()
        (copy / LIST).mkdir()
        (copy / LIST / "x").write_text("x\n")

    taken = ground.after(tool)
    assert taken.tree == ground.base_tree()
    assert taken.refused == (f"{LIST}: it is protected, and was deleted", f"{LIST}/x: it is protected")


def test_a_file_may_become_a_folder_and_a_folder_a_file(ground: Ground) -> None:
    def tool(copy: Path) -> None:
        (copy / "src/app.py").unlink()
        (copy / "src/app.py").mkdir()
        (copy / "src/app.py/part.py").write_text("x\n")
        shutil.rmtree(copy / "tools")
        (copy / "tools").write_text("x\n")

    files = ground.files_of(ground.after(tool))
    assert "src/app.py/part.py" in files
    assert files["tools"] == "100644"


def test_a_big_file_is_refused_and_an_old_big_one_may_stay(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.again(_write("old.bin", "o" * 3000))
    monkeypatch.setattr(take_back_module, "LARGEST_FILE_BYTES", 2000)

    def tool(copy: Path) -> None:
        (copy / "big.bin").write_bytes(b"x" * 2001)
        (copy / "fits.bin").write_bytes(b"x" * 2000)
        os.utime(copy / "old.bin")

    taken = ground.after(tool)
    assert taken.files == ("fits.bin",)
    assert [line.split(":")[0] for line in taken.refused] == ["big.bin"]
    assert "MB" in taken.refused[0]


def test_many_files_are_too_many_together(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(take_back_module, "LARGEST_TOTAL_BYTES", 2500)

    def tool(copy: Path) -> None:
        for number in range(5):
            (copy / f"f{number}").write_bytes(b"x" * 1000)

    taken = ground.after(tool)
    assert taken.files == ("f0", "f1")
    assert len(taken.refused) == 3


def test_a_huge_file_is_refused_for_its_size_without_a_look_inside(ground: Ground) -> None:
    def tool(copy: Path) -> None:
        for name in ("new.bin", "src/app.py", LIST):
            with (copy / name).open("wb") as file:
                file.truncate(10**9)

    with ground.workspace.copy(ground.prepared) as copy:
        tool(copy)
        started = time.monotonic()
        taken = ground.workspace.take_back(copy, ground.prepared)
        assert time.monotonic() - started < 0.8
    assert taken.tree == ground.base_tree()
    assert taken.refused == (
        f"{LIST}: it is protected",
        "new.bin: it has 1000.0 MB, more than 10 MB",
        "src/app.py: it has 1000.0 MB, more than 10 MB",
    )


@pytest.mark.parametrize("name", ["notes/hunter2-hunter2.txt", "hunter2-hunter2/a.txt"])
def test_a_new_file_whose_name_holds_a_secret_is_refused(ground: Ground, name: str) -> None:
    ground.guard("hunter2-hunter2")
    taken = ground.after(_write(name, "harmless\n"))
    assert taken.tree == ground.base_tree()
    assert taken.refused == (f"{name}: its name holds a secret (value of this environment)",)
    token = "ghp_" + "aB3" * 12
    assert "(github token)" in ground.after(_write(f"{token}.md", "harmless\n")).refused[0]


def test_what_the_branch_has_under_such_a_name_may_be_worked_on_and_removed(ground: Ground) -> None:
    ground.again(_write("hunter2-hunter2.txt", "one\n"))
    ground.guard("hunter2-hunter2")
    assert ground.after(_write("hunter2-hunter2.txt", "two\n")).files == ("hunter2-hunter2.txt",)
    assert ground.after(lambda copy: (copy / "hunter2-hunter2.txt").unlink()).files == ("hunter2-hunter2.txt",)


def test_a_submodule_stays_as_it_was(ground: Ground) -> None:
    def module(root: Path) -> None:
        ground.project.git("update-index", "--add", "--cacheinfo", f"160000,{ground.project.head()},mod")
        ground.project.git("commit", "--quiet", "-m", "Submodule")
        (root / "src/other.py").write_text("more = 1\n")
        ground.project.git("add", "src/other.py")
        ground.project.git("commit", "--quiet", "-m", "More")

    module(ground.project.root)
    ground.workspace.discard(BRANCH)
    ground.prepared = ground.project.prepared(ground.workspace)

    def tool(copy: Path) -> None:
        (copy / "mod/inside.txt").write_text("x\n")

    taken = ground.after(tool)
    assert taken.refused == ("mod/inside.txt: it is in a submodule",)
    assert taken.tree == ground.base_tree()
    assert ground.after(lambda copy: (copy / "mod").rmdir()).tree == ground.base_tree()
    replaced = ground.after(lambda copy: ((copy / "mod").rmdir(), (copy / "mod").write_text("x")))
    assert replaced.refused == ("mod: it is a submodule",)


def test_a_copy_that_is_gone_or_locked_deletes_nothing(ground: Ground) -> None:
    taken = ground.after(shutil.rmtree)
    assert taken.tree == ground.base_tree()
    assert taken.refused == (".: the copy is gone or cannot be read",)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_folder_keeps_what_was_below(ground: Ground) -> None:
    taken = ground.after(lambda copy: (copy / "src").chmod(0))
    assert taken.refused == ("src: it cannot be read",)
    assert taken.tree == ground.base_tree()


def test_nothing_that_a_tool_writes_is_ever_run(ground: Ground, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    touch = f"touch {trap}"
    ground.project.git("config", "--global", "filter.evil.clean", f"{touch}; cat")
    ground.project.git("config", "--global", "filter.evil.smudge", f"{touch}; cat")
    ground.project.git("config", "--global", "filter.evil.process", touch)
    ground.project.git("config", "--global", "filter.evil.required", "true")

    def tool(copy: Path) -> None:
        for hook in ("pre-commit", "post-commit", "post-checkout", "reference-transaction", "post-index-change"):
            path = copy / ".git/hooks" / hook
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"#!/bin/sh\n{touch}\n")
            path.chmod(0o755)
        (copy / ".git/config").write_text(
            f"[core]\n\tfsmonitor = {touch}\n\thooksPath = hooks\n\tpager = {touch}\n\tworktree = /\n"
            f'[diff]\n\texternal = {touch}\n[filter "evil"]\n\tclean = {touch}\n\tsmudge = {touch}\n'
        )
        (copy / ".git/info").mkdir(exist_ok=True)
        (copy / ".git/info/attributes").write_text("* filter=evil diff=evil\n")
        (copy / ".gitattributes").write_text("* filter=evil diff=evil working-tree-encoding=UTF-16\n")
        (copy / "src/.gitattributes").write_text("*.py filter=evil\n")
        (copy / "src/app.py").write_text("fine = 1\n")

    taken = ground.after(tool)
    ground.workspace.commit(ground.prepared, taken.tree, "Work\n\nDevTeam-Run: r\n")
    assert not trap.exists()
    assert taken.files == ("src/app.py",)
    assert (Path(ground.prepared.repo_path) / "src/app.py").read_text() == "fine = 1\n"


def test_a_replaced_git_folder_changes_nothing(ground: Ground, tmp_path: Path) -> None:
    def tool(copy: Path) -> None:
        shutil.rmtree(copy / ".git")
        (copy / ".git").write_text(f"gitdir: {tmp_path}/elsewhere\n")
        (copy / "src/app.py").write_text("fine = 1\n")

    taken = ground.after(tool)
    assert (taken.files, taken.refused) == (("src/app.py",), ())


def test_line_ends_and_bytes_come_back_as_they_are(ground: Ground) -> None:
    ground.again(_write(".gitattributes", "*.bat eol=crlf\n*.txt text\n"), _write("run.bat", "echo\n"))

    def tool(copy: Path) -> None:
        assert (copy / "run.bat").read_bytes() == b"echo\n"
        (copy / "run.bat").write_bytes(b"echo 2\n")

    taken = ground.after(tool)
    assert taken.files == ("run.bat",)
    assert ground.project.git("cat-file", "blob", f"{taken.tree}:run.bat") == "echo 2"


def test_the_copy_is_a_clean_repository_of_its_own_with_the_history(ground: Ground) -> None:
    with ground.workspace.copy(ground.prepared) as copy:
        git = ground.project.git
        assert git("status", "--porcelain", cwd=copy) == ""
        assert git("rev-parse", "HEAD", cwd=copy) == ground.prepared.head
        assert git("symbolic-ref", "--short", "HEAD", cwd=copy) == BRANCH
        assert git("rev-list", "--count", "HEAD", cwd=copy) == "2"
        assert git("remote", cwd=copy) == ""
        ground.project.save("A tool that commits", {"by-tool.py": "x\n"}, copy)
        assert ground.workspace.take_back(copy, ground.prepared).files == ("by-tool.py",)
    assert ground.project.head(BRANCH) == ground.prepared.head


def test_the_copy_is_gone_afterwards_whatever_was_locked(ground: Ground) -> None:
    with ground.workspace.copy(ground.prepared) as copy:
        (copy / "a/b").mkdir(parents=True)
        (copy / "a/b/c").write_text("x")
        (copy / "a/b").chmod(stat.S_IRUSR)
        (copy / "a").chmod(0)
    assert not copy.parent.exists()


def test_the_work_of_one_attempt_is_in_the_copy_of_the_next(ground: Ground) -> None:
    first = ground.project.worked(ground.workspace, ground.prepared, {"src/app.py": "first = 1\n"})
    now = ground.project.now(ground.prepared)
    with ground.workspace.copy(now) as copy:
        assert (copy / "src/app.py").read_text() == "first = 1\n"
        (copy / "src/app.py").write_text("second = 2\n")
        taken = ground.workspace.take_back(copy, now)
    second = ground.workspace.commit(now, taken.tree, "2\n\nDevTeam-Run: run-1\n")
    assert ground.project.head(f"{second}^") == first


def test_a_worktree_without_a_commit_in_a_shallow_clone_works(tmp_path: Path) -> None:
    far = GitProject(tmp_path / "far")
    near = GitProject(tmp_path / "near")
    shutil.rmtree(near.root)
    near.git("clone", "--quiet", "--depth", "1", f"file://{far.root}", str(near.root), cwd=tmp_path)
    near.git("config", "user.name", "P")
    near.git("config", "user.email", "p@example.org")
    workspace = near.workspace()
    prepared = near.prepared(workspace)
    with workspace.copy(prepared) as copy:
        assert near.git("log", "--oneline", cwd=copy).count("\n") == 0
        (copy / "src/app.py").write_text("x\n")
        taken = workspace.take_back(copy, prepared)
    assert workspace.commit(prepared, taken.tree, "W\n\nDevTeam-Run: r\n") == near.head(BRANCH)


def test_a_repository_with_long_object_names_works(tmp_path: Path) -> None:
    project = GitProject(tmp_path)
    shutil.rmtree(project.root / ".git")
    project.git("init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    project.git("config", "user.name", "P")
    project.git("config", "user.email", "p@example.org")
    project.save("Start", {})
    workspace = project.workspace()
    prepared = project.prepared(workspace)
    head = project.worked(workspace, prepared, {"src/app.py": "x = 1\n"})
    assert len(head) == 64
    assert [file.path for file in workspace.change(prepared.base, head).files] == ["src/app.py"]
