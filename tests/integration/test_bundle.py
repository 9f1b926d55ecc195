"""A task branch that is handed over as files: what is taken in, and what is refused whole."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from devteam_action.errors import Missing, RepositoryError
from devteam_action.git_io.bundle import BUNDLE, EVENTS, MANIFEST, TakenIn, export, take_in
from devteam_action.git_io.bundle_rules import Rules
from devteam_action.git_io.git import Git
from devteam_action.git_io.paths import Protected
from devteam_action.pipeline.hand_over import Manifest, Refused
from tests.project import LIST, Project

BRANCH = "task/1-1-1-write-hello"
MARKS = "\n\nDevTeam-Task: 1.1.1\nDevTeam-Run: 20261121T000000Z-abcd\n"
TICKED = "1.1 Words\n1.1.1 [x] Write hello to [hello.txt](hello.txt).\n1.1.2 Write world to [world.txt](world.txt).\n"


@dataclass
class HandOver:
    """`there` is where the work is done, `here` a fresh clone that takes it in."""

    there: Project
    here: Project
    out: Path

    @property
    def base(self) -> str:
        return self.there.git("rev-parse", "main")

    def manifest(self, **other: str) -> Manifest:
        usual = {
            "task_id": "1.1.1",
            "run_id": "20261121T000000Z-abcd",
            "branch": BRANCH,
            "base_branch": "main",
            "base": self.base,
            "head": self.there.git("rev-parse", BRANCH),
        }
        return Manifest(files={}, **{**usual, **other})

    def export(self, **other: str) -> None:
        export(Git(self.there.root), self.manifest(**other), b'{"type":"STARTED"}\n', self.out)

    def take_in(self) -> TakenIn | Refused:
        git = Git(self.here.root)
        rules = Rules(
            protected=Protected([LIST, "migrations/**"]),
            lists=(LIST,),
            may_change=lambda task, path, before, after: task == "1.1.1" and after == TICKED.encode(),
        )
        remote = "origin" if self.here.git("remote") else ""
        return take_in(self.out, git, remote=remote, base_head=self.here.git("rev-parse", "origin/main"), rules=rules)

    def resealed(self, change: Callable[[dict[str, object]], object] = lambda manifest: None) -> None:
        """The manifest with true digests, after somebody changed the files or `change`d the manifest itself."""
        manifest = json.loads((self.out / MANIFEST).read_text())
        for name in (BUNDLE, EVENTS):
            data = (self.out / name).read_bytes()
            manifest["files"][name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        change(manifest)
        (self.out / MANIFEST).write_text(json.dumps(manifest))

    @property
    def branch_here(self) -> str:
        return self.here.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}")


@pytest.fixture
def made(tmp_path: Path) -> HandOver:
    there = Project.make(tmp_path, remote=True)
    there.git("switch", "-q", "-c", BRANCH)
    there.commit({"hello.txt": "hello\n"}, f"1.1.1 Write hello{MARKS}")
    there.commit({LIST: TICKED}, f"Mark 1.1.1 as done{MARKS}DevTeam-Tick: 1.1.1\n")
    root = tmp_path / "here"
    there.git("clone", "-q", (tmp_path / "origin.git").as_uri(), str(root))
    return HandOver(there, Project(tmp_path, root), tmp_path / "out")


def test_the_branch_of_a_hand_over_stands_in_the_other_clone(made):
    made.export()
    taken = made.take_in()
    assert isinstance(taken, TakenIn), taken
    assert made.branch_here == made.there.git("rev-parse", BRANCH)
    assert made.here.show(BRANCH, "hello.txt") == "hello"
    assert taken.events == b'{"type":"STARTED"}\n'
    made.here.git("fsck", "--strict", "--no-dangling")


def test_taken_in_twice_is_taken_in_once(made):
    made.export()
    made.take_in()
    assert isinstance(made.take_in(), TakenIn)


def test_a_merge_of_the_newer_base_is_taken_in(made):
    made.there.git("switch", "-q", "main")
    made.there.commit({"other.txt": "x\n", ".github/workflows/ci.yml": "on: push\n"}, "a person's work")
    made.there.git("push", "-q", "origin", "main")
    made.here.git("fetch", "-q")
    made.there.git("switch", "-q", BRANCH)
    made.there.git("merge", "-q", "--no-ff", "-m", f"Merge main{MARKS}", "main")
    made.export()
    assert isinstance(made.take_in(), TakenIn)


def test_commits_of_a_person_that_the_remote_has_already_need_no_marks_of_ours(made):
    made.there.commit({"theirs.txt": "x\n"}, "a person's commit")
    made.there.git("push", "-q", "origin", BRANCH)
    made.here.git("fetch", "-q")
    made.there.commit({"ours.txt": "x\n"}, f"more{MARKS}")
    made.export()
    assert isinstance(made.take_in(), TakenIn)


def link(made: HandOver) -> None:
    (made.there.root / "link").symlink_to("/etc/passwd")


def module(made: HandOver) -> None:
    made.there.git("update-index", "--add", "--cacheinfo", f"160000,{made.base},sub")


def big(made: HandOver) -> None:
    (made.there.root / "big.bin").write_bytes(b"\0" * 10_000_001)


HOSTILE = {
    "a workflow": (lambda made: made.there.write({".github/workflows/x.yml": "on: push\n"}), "paths"),
    "a workflow in other case": (lambda made: made.there.write({".GitHub/Workflows/x.yml": "on: push\n"}), "paths"),
    "the configuration": (lambda made: made.there.write({".devteam.yml": "criteria: {}\n"}), "paths"),
    "a protected folder": (lambda made: made.there.write({"migrations/1.sql": "drop\n"}), "paths"),
    "another task's mark": (lambda made: made.there.write({LIST: TICKED.replace("1.1.2 ", "1.1.2 [x] ")}), "paths"),
    "attributes": (lambda made: made.there.write({"a/.gitattributes": "* filter=x\n"}), "paths"),
    "a link": (link, "paths"),
    "a submodule": (module, "paths"),
    "a control character in a name": (lambda made: made.there.write({"a\x1bb": "x\n"}), "paths"),
    "a known name in another spelling": (lambda made: made.there.write({"DOCS/x.txt": "x\n"}), "paths"),
    "a large file": (big, "size"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_branch_must_not_hold_is_refused_even_when_it_was_taken_away_again(made, name):
    change, code = HOSTILE[name]
    change(made)
    if name != "a submodule":
        made.there.git("add", "-A", "--force")
    made.there.git("commit", "-q", "-m", f"hostile{MARKS}")
    made.export()
    refused = made.take_in()
    assert isinstance(refused, Refused)
    assert refused.code == code, refused
    made.there.git("revert", "--no-edit", "HEAD")
    made.there.git("commit", "-q", "--amend", "-m", f"nothing to see{MARKS}")
    if name not in ("another task's mark", "a known name in another spelling"):
        made.export()
        assert made.take_in() == refused or isinstance(made.take_in(), Refused)
    assert made.branch_here == ""


def test_a_commit_without_our_marks_is_refused(made):
    made.there.commit({"x.txt": "x\n"}, "nobody's")
    made.export()
    assert made.take_in().code == "commits"


def test_a_merge_of_something_else_than_the_base_is_refused(made):
    made.there.git("switch", "-q", "-c", "side", "main")
    made.there.commit({"side.txt": "x\n"}, f"side{MARKS}")
    made.there.git("switch", "-q", BRANCH)
    made.there.git("merge", "-q", "--no-ff", "-m", f"merge{MARKS}", "side")
    made.export()
    assert made.take_in().code == "commits"


def test_a_link_that_one_merge_brings_and_the_next_takes_away_is_refused(made):
    """Its commit would be pushed all the same."""
    for number, link in enumerate(("make", "drop")):
        made.there.git("switch", "-q", "main")
        made.there.commit({f"other-{number}.txt": "x\n"}, "a person's work")
        made.there.git("push", "-q", "origin", "main")
        made.there.git("switch", "-q", BRANCH)
        made.there.git("merge", "-q", "--no-ff", "--no-commit", "main")
        if link == "make":
            (made.there.root / "link").symlink_to("/etc/passwd")
            made.there.git("add", "link")
        else:
            made.there.git("rm", "-q", "--cached", "link")
        made.there.git("commit", "-q", "-m", f"Merge main{MARKS}")
        (made.there.root / "link").unlink(missing_ok=True)
    made.here.git("fetch", "-q")
    made.export()
    refused = made.take_in()
    assert isinstance(refused, Refused)
    assert refused.code == "paths"
    assert "link" in refused.reason


def test_a_base_that_is_not_on_the_base_branch_is_refused(made):
    made.there.git("switch", "-q", "main")
    made.there.commit({"never-pushed.txt": "x\n"})
    made.there.git("switch", "-q", BRANCH)
    made.there.git("merge", "-q", "--no-ff", "-m", f"merge{MARKS}", "main")
    made.export()
    assert made.take_in().code == "base"


def test_a_branch_that_somebody_moved_meanwhile_is_refused(made):
    made.export()
    made.there.git("push", "-q", "origin", f"{BRANCH}~1:refs/heads/other")
    made.there.git("switch", "-q", "-c", "theirs", f"{BRANCH}~1")
    made.there.commit({"theirs.txt": "x\n"})
    made.there.git("push", "-q", "origin", f"theirs:{BRANCH}")
    made.here.git("fetch", "-q")
    assert made.take_in().code == "branch"
    assert made.branch_here == ""


def two_branches(made: HandOver) -> None:
    made.there.git("bundle", "create", "-q", str(made.out / BUNDLE), BRANCH, "main")
    made.resealed()


def another_head(made: HandOver) -> None:
    made.resealed(lambda manifest: manifest.update(head=made.base))


DAMAGE: dict[str, tuple[Callable[[HandOver], object], str]] = {
    "a file more": (lambda made: (made.out / "x").write_text(""), "files"),
    "a file less": (lambda made: (made.out / EVENTS).unlink(), "files"),
    "a link for a file": (
        lambda made: ((made.out / EVENTS).unlink(), (made.out / EVENTS).symlink_to("/etc/passwd")),
        "files",
    ),
    "a manifest that is too long": (lambda made: (made.out / MANIFEST).write_text(" " * 70_000), "files"),
    "a manifest that is no JSON": (lambda made: (made.out / MANIFEST).write_text("{"), "manifest"),
    "a manifest nested deep": (lambda made: (made.out / MANIFEST).write_text("[" * 60_000), "manifest"),
    "a key more": (lambda made: made.resealed(lambda manifest: manifest.update(extra=1)), "manifest"),
    "a later schema": (lambda made: made.resealed(lambda manifest: manifest.update(schemaVersion=2)), "manifest"),
    "an option for a branch": (
        lambda made: made.resealed(lambda manifest: manifest.update(branch="task/--upload-pack=x\n")),
        "manifest",
    ),
    "a branch with dots": (lambda made: made.resealed(lambda manifest: manifest.update(branch="task/a..b")), "branch"),
    "the base branch for a branch": (
        lambda made: made.resealed(lambda manifest: manifest.update(branch="main")),
        "manifest",
    ),
    "an option for a commit": (
        lambda made: made.resealed(lambda manifest: manifest.update(base="--output=/tmp/x")),
        "manifest",
    ),
    "another head": (another_head, "bundle"),
    "other events": (lambda made: (made.out / EVENTS).write_bytes(b"{}\n"), "digest"),
    "a torn bundle": (
        lambda made: ((made.out / BUNDLE).write_bytes((made.out / BUNDLE).read_bytes()[:-30]), made.resealed()),
        "bundle",
    ),
    "no bundle at all": (lambda made: ((made.out / BUNDLE).write_bytes(b"PACK"), made.resealed()), "bundle"),
    "two branches": (two_branches, "bundle"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_hand_over_is_refused_whole(made, name):
    made.export()
    damage, code = DAMAGE[name]
    damage(made)
    refused = made.take_in()
    assert isinstance(refused, Refused)
    assert refused.code == code, refused
    assert made.branch_here == ""
    assert made.here.git("for-each-ref", "refs/devteam") == ""


def test_a_folder_that_is_not_there_is_no_hand_over(made):
    assert made.take_in().code == "files"


def test_a_shallow_clone_gets_its_history_first(made, tmp_path):
    made.export()
    shallow = tmp_path / "shallow"
    made.there.git("clone", "-q", "--depth=1", (tmp_path / "origin.git").as_uri(), str(shallow))
    made.here = Project(tmp_path, shallow)
    assert isinstance(made.take_in(), TakenIn)


def test_a_shallow_clone_that_stays_shallow_says_so(made, tmp_path):
    made.export()
    made.there.git("switch", "-q", "main")
    made.there.commit({"more.txt": "x\n"})
    made.there.git("push", "-q", "origin", "main")
    shallow = tmp_path / "shallow"
    made.there.git("clone", "-q", "--depth=1", (tmp_path / "origin.git").as_uri(), str(shallow))
    made.here = Project(tmp_path, shallow)
    made.here.git("remote", "remove", "origin")
    made.here.git("update-ref", "refs/remotes/origin/main", "HEAD")
    with pytest.raises(Missing, match="shallow"):
        made.take_in()


def test_what_was_not_moved_on_is_not_exported(made):
    with pytest.raises(RepositoryError, match="not at"):
        made.export(head=made.base)
    with pytest.raises(RepositoryError, match="nothing to hand over"):
        made.export(base=made.there.git("rev-parse", BRANCH))
    assert not (made.out / MANIFEST).exists()


@pytest.mark.parametrize(("mode", "name", "code"), [("100644", ".git", "paths"), ("0100644", "zz", "bundle")])
def test_a_tree_that_no_git_makes_is_refused(made, mode, name, code):
    blob = made.there.git("hash-object", "-w", "hello.txt")
    raw = subprocess.run(
        ("git", "cat-file", "tree", f"{BRANCH}^{{tree}}"), cwd=made.there.root, capture_output=True, check=True
    ).stdout
    tree = subprocess.run(
        ("git", "hash-object", "-t", "tree", "--literally", "-w", "--stdin"),
        cwd=made.there.root,
        input=raw + f"{mode} {name}".encode() + b"\0" + bytes.fromhex(blob),
        capture_output=True,
        check=True,
    ).stdout
    commit = made.there.git("commit-tree", tree.decode().strip(), "-p", BRANCH, "-m", f"x{MARKS}")
    made.there.git("update-ref", f"refs/heads/{BRANCH}", commit)
    made.export()
    refused = made.take_in()
    assert refused.code == code, refused
    assert made.branch_here == ""
