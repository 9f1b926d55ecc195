"""Two people, one remote, and nobody fetches by hand: what one did is never lost, and never done again."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess

import pytest

from tests.project import HELLO_AND_WORLD, LIST, Project, adding

BRANCH = "task/1-1-1-write-hello"
# Right only from the second attempt on.
TWO_TRIES = {"1.1.1-1": adding("wrong.txt", "wrong\n"), "1.1.1-2": adding("hello.txt", "hello\n")}


@pytest.fixture
def colleagues(project):
    """Two clones of one remote, both made before anything was done."""

    def build(**more: object) -> tuple[Project, Project]:
        first = project(remote=True, **{"patches": HELLO_AND_WORLD, **more})
        folder = first.folder / "elsewhere"
        folder.mkdir()
        first.git("clone", "-q", (first.folder / "origin.git").as_uri(), str(folder / "project"))
        return first, Project(first.folder, folder / "project", {"WORKSPACE_DIR": str(folder / "work")})

    return build


def on_the_remote(any_clone: Project, branch: str = BRANCH) -> str:
    return any_clone.git("rev-parse", branch, cwd=any_clone.folder / "origin.git")


def test_what_a_colleague_delivered_is_in_review_here_too(colleagues):
    a, b = colleagues()
    a.devteam("run").ok()
    delivered = on_the_remote(a)
    assert b.devteam("run", "1.1.1", "--json").ok().json["tasks"] == []
    # A command that fails looks at the state as well.
    assert b.devteam("run", "1.1.2").code == 2
    stored = a.execution("1.1.1")
    assert (stored["status"], stored["waitingFor"], stored["head"]) == ("WAITING", "review", delivered)
    assert on_the_remote(a) == delivered


def test_a_remote_that_cannot_be_asked_proves_nothing(colleagues):
    a, b = colleagues()
    a.devteam("run").ok()
    b.devteam("status").ok()  # what the remote says now is known here, the branch is not
    shutil.move(a.folder / "origin.git", a.folder / "away.git")
    b.devteam("run", "1.1.1")
    b.devteam("run", "1.1.1", "--no-fetch")
    shutil.move(a.folder / "away.git", a.folder / "origin.git")
    b.devteam("run", "1.1.1", "--no-fetch").ok()
    assert b.execution("1.1.1")["status"] == "WAITING"


def test_a_branch_that_was_deleted_everywhere_is_begun_anew(colleagues):
    a, b = colleagues()
    a.devteam("run").ok()
    a.git("push", "-q", "origin", f":{BRANCH}")
    done = b.devteam("run", "1.1.1", "--json").ok()
    assert [task["status"] for task in done.json["tasks"]] == ["WAITING"]
    assert f"its branch {BRANCH} is gone" in done.err
    assert on_the_remote(b) == b.git("rev-parse", BRANCH)


def test_a_task_in_error_is_gone_on_with_on_another_machine(colleagues):
    a, b = colleagues(patches=TWO_TRIES)
    failed = a.devteam("run", "--max-attempts", "1")
    assert failed.code == 1, failed.story
    left = on_the_remote(a)
    assert left == a.git("rev-parse", BRANCH)
    done = b.devteam("retry", "1.1.1", "--json").ok().json["tasks"][0]
    assert (done["status"], done["attempts"]) == ("WAITING", 2)
    assert b.git("merge-base", left, BRANCH) == left
    assert on_the_remote(b) == b.git("rev-parse", BRANCH)


def test_the_activities_of_a_run_are_numbered_once_on_whatever_machine_it_goes_on(colleagues):
    a, b = colleagues(patches={**TWO_TRIES, "1.1.1-3": adding("more.txt", "more\n")})
    assert a.devteam("run", "--max-attempts", "1").code == 1
    b.devteam("retry", "1.1.1").ok()
    a.devteam("guide", "1.1.1", "write more").ok()  # the log here has the first attempt alone
    runs = {each["runId"] for each in (a.execution("1.1.1"), b.execution("1.1.1"))}
    assert len(runs) == 1, "one run went on"
    origin = a.folder / "origin.git"
    files = a.git("ls-tree", "-r", "--name-only", "devteam/state", cwd=origin).splitlines()
    lines = [
        line
        for path in sorted(files)
        if "/activities-" in path
        for line in gzip.decompress(
            subprocess.check_output(["git", "show", f"devteam/state:{path}"], cwd=origin)
        ).splitlines()
    ]
    activities = [json.loads(line)["activity"] for line in lines]
    assert [each["sequenceNumber"] for each in activities] == list(range(len(activities)))
    assert len({each["id"] for each in activities}) == len(activities) >= 3
    here = a.devteam("logs", "1.1.1", "--json").ok().json["records"]
    assert {each["activity"]["id"] for each in here} < {each["id"] for each in activities}


def test_a_clone_that_did_the_same_work_is_told_so_and_can_begin_again(colleagues):
    a, b = colleagues()
    a.devteam("run").ok()
    # As an older release left it: reset to PENDING, and b has a branch of its own.
    b.git("switch", "-q", "-c", BRANCH)
    b.commit({"hello.txt": "mine\n"}, "mine")
    b.git("switch", "-q", "main")
    refused = b.devteam("guide", "1.1.1", "write more")
    assert refused.code == 5, refused.story
    assert "fatal:" not in refused.err
    assert "retry TASK --clean" in refused.err
    theirs = on_the_remote(a)
    again = b.devteam("retry", "1.1.1", "--clean", "--json").ok().json["tasks"][0]
    assert again["status"] == "WAITING"
    assert on_the_remote(b) == b.git("rev-parse", BRANCH) != theirs
    kept = b.git("for-each-ref", "--format=%(objectname)", f"refs/devteam/discarded/{BRANCH}").split()
    assert theirs in kept


def test_what_cannot_be_pushed_is_not_merged(colleagues):
    a, _ = colleagues()
    before = a.git("rev-parse", "main")
    hook = a.folder / "origin.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\ngrep -q refs/heads/task/ && { echo 'tasks are closed' >&2; exit 1; }\nexit 0\n")
    hook.chmod(0o755)
    refused = a.devteam("run", "--deliver", "merge")
    assert refused.code == 3, refused.story
    assert "tasks are closed" in refused.err
    assert a.git("rev-parse", "main") == before
    hook.unlink()
    a.devteam("run", "--deliver", "merge").ok()
    assert on_the_remote(a) == a.git("rev-parse", "main") != before
    assert a.show("main", LIST).count("[x]") == 1


def test_what_a_colleague_merged_and_nobody_pulled_is_not_done_again(colleagues):
    a, b = colleagues()
    a.devteam("run", "--deliver", "merge").ok()
    head = a.git("rev-parse", "main")
    seen = b.devteam("run", "--json")
    assert seen.json["tasks"] == [], seen.story
    assert "1.1.1 was completed elsewhere" in seen.err
    assert a.execution("1.1.1")["status"] == "COMPLETED"
    a.git("push", "-q", "origin", "main")
    b.git("fetch", "-q")
    assert b.devteam("run", "--json").json["tasks"] == []
    b.git("merge", "-q", "--ff-only", head)
    done = b.devteam("run", "--json").ok().json["tasks"]
    assert [task["taskId"] for task in done] == ["1.1.2"]
    # What is taken out of the list's record again is to be done again, whoever had done it.
    b.commit({LIST: b.show("main", LIST).replace("[x] ", "") + "\n"})
    b.devteam("run", "1.1.2")
    assert a.execution("1.1.1")["status"] == "PENDING"


def test_a_repository_that_was_moved_goes_on(colleagues):
    a, _ = colleagues(patches=TWO_TRIES)
    assert a.devteam("run", "--max-attempts", "1").code == 1
    (tree,) = (a.folder / "work").glob("*/task/*")
    (tree / "wrong.txt").write_text("a person's words\n")
    moved = Project(a.folder, a.folder / "moved", a.env)
    shutil.move(a.root, moved.root)
    done = moved.devteam("retry", "1.1.1", "--json").ok()
    assert done.json["tasks"][0]["status"] == "WAITING"
    assert not tree.exists()
    kept = moved.git("for-each-ref", "--format=%(refname)", "refs/devteam/saved/")
    assert moved.show(kept, "wrong.txt") == "a person's words"
