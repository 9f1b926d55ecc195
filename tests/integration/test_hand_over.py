"""A run in two jobs, each in a clone of its own: what the one that only reads leaves, the one that writes delivers."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.project import CHECKED_BY_GREP, HELLO_AND_WORLD, LIST, TWO_TASKS, Outcome, Project, adding

BRANCH = "task/1-1-1-write-hello-to"


@dataclass
class TwoJobs:
    """`origin` takes pushes only while `is_open`."""

    folder: Path
    person: Project
    out: Path

    def clone(self, name: str) -> Project:
        root = self.folder / name
        self.person.git("clone", "-q", (self.folder / "origin.git").as_uri(), str(root))
        return Project(self.folder, root, {"WORKSPACE_DIR": str(self.folder / f"work-{name}")})

    def implement(self, *command: str, name: str = "implement") -> Outcome:
        """With a token that may only read: the remote refuses every push."""
        hook = self.folder / "origin.git" / "hooks" / "pre-receive"
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
        try:
            return self.clone(name).devteam(*(command or ("run",)), "--json", env={"DEVTEAM_HAND_OVER": str(self.out)})
        finally:
            hook.unlink()

    def publish(self, name: str = "publish", *options: str) -> Outcome:
        return self.clone(name).devteam("run", *options, "--json", env={"DEVTEAM_TAKE_IN": str(self.out)})

    def origin(self, *args: str) -> str:
        return self.person.git(*args, cwd=self.folder / "origin.git")

    def forge(self, change: Callable[[list[dict[str, Any]]], object]) -> None:
        """Other events under a true digest."""
        lines = [json.loads(line) for line in (self.out / "events.jsonl").read_text().splitlines()]
        change(lines)
        data = "".join(json.dumps(line) + "\n" for line in lines).encode()
        (self.out / "events.jsonl").write_bytes(data)
        manifest = json.loads((self.out / "manifest.json").read_text())
        manifest["files"]["events.jsonl"] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        (self.out / "manifest.json").write_text(json.dumps(manifest))


@pytest.fixture
def jobs(project, tmp_path) -> TwoJobs:
    person = project(patches=HELLO_AND_WORLD, remote=True)
    return TwoJobs(tmp_path, person, tmp_path / "out")


def test_what_one_job_made_the_other_pushes_with_the_record_of_it(jobs):
    jobs.implement().ok()
    assert jobs.origin("for-each-ref", "--format=%(refname)") == "refs/heads/main"
    outcome = jobs.publish().ok()
    assert outcome.json["tasks"][0]["taskId"] == "1.1.1"
    branch = jobs.person.execution("1.1.1")["branch"]
    assert "1.1.1 [x]" in jobs.origin("show", f"{branch}:{LIST}")
    assert jobs.origin("show", f"{branch}:hello.txt") == "hello"
    execution = jobs.person.execution("1.1.1")
    assert (execution["status"], execution["waitingFor"]) == ("WAITING", "review")


def test_nothing_of_the_work_is_run_where_it_is_pushed(jobs):
    trap = CHECKED_BY_GREP.replace("grep -rqs", "touch ../ran; grep -rqs")
    jobs.person.commit({".devteam.yml": trap})
    jobs.person.git("push", "-q", "origin", "main")
    jobs.implement().ok()
    for found in jobs.folder.rglob("ran"):
        found.unlink()
    jobs.publish().ok()
    assert list(jobs.folder.rglob("ran")) == []


def test_the_setup_of_a_branch_is_not_run_where_it_is_pushed(project, tmp_path):
    trap = f"--- a/prepare.sh\n+++ b/prepare.sh\n@@ -1 +1 @@\n-true\n+touch {tmp_path}/ran\n"
    person = project(
        patches={"1.1.1": adding("hello.txt", "hello\n") + trap},
        files={"prepare.sh": "true\n"},
        config=CHECKED_BY_GREP + 'setup: ["sh ./prepare.sh"]\n',
        remote=True,
    )
    jobs = TwoJobs(tmp_path, person, tmp_path / "out")
    jobs.implement().ok()
    jobs.publish("publish", "--deliver", "merge").ok()
    assert not (tmp_path / "ran").exists()


def test_guidance_that_came_meanwhile_starts_no_tool_where_it_is_pushed(jobs):
    jobs.implement().ok()
    colleague = jobs.clone("colleague")
    colleague.devteam("guide", "1.1.1", "be kind").ok()
    outcome = jobs.publish("publish", "--deliver", "branch")
    assert outcome.code in (0, 3), outcome.story
    assert "IMPLEMENT  1 file" not in outcome.err
    assert "malformed-edit" not in outcome.err


def test_publishing_twice_is_publishing_once(jobs):
    jobs.implement().ok()
    jobs.publish().ok()
    before = jobs.origin("rev-parse", f"refs/heads/{jobs.person.execution('1.1.1')['branch']}")
    jobs.publish("again").ok()
    assert jobs.origin("rev-parse", f"refs/heads/{jobs.person.execution('1.1.1')['branch']}") == before
    assert jobs.origin("for-each-ref", "--format=%(refname)", "refs/heads/task").count("\n") == 0


def test_the_next_task_goes_on_from_the_record_that_was_published(jobs):
    jobs.implement().ok()
    jobs.publish().ok()
    again = jobs.implement("run", "1.1.1", name="second").ok()
    assert again.json["tasks"][0]["runId"] == jobs.person.execution("1.1.1")["runId"]


def test_a_task_that_failed_is_on_record_after_it_was_taken_in(project, tmp_path):
    red = project(patches={"1.1.1": adding("other.txt", "x\n")}, remote=True)
    jobs = TwoJobs(tmp_path, red, tmp_path / "out")
    assert jobs.implement("run", "--max-attempts", "1").code == 1
    outcome = jobs.publish()
    assert outcome.code == 1, outcome.story
    assert red.execution("1.1.1")["status"] == "ERROR"


def test_a_base_that_moved_proves_nothing_here_and_the_branch_is_kept(jobs):
    jobs.implement().ok()
    jobs.person.commit({"other.txt": "x\n"})
    jobs.person.git("push", "-q", "origin", "main")
    outcome = jobs.publish("publish", "--deliver", "merge")
    assert outcome.code == 3, outcome.story
    assert "resume 1.1.1" in outcome.json["error"]["hint"]
    branch = jobs.origin("for-each-ref", "--format=%(refname:short)", "refs/heads/task")
    assert jobs.origin("show", f"{branch}:hello.txt") == "hello"


def test_work_can_be_merged_where_it_is_taken_in(jobs):
    jobs.implement().ok()
    jobs.publish("publish", "--deliver", "merge").ok()
    assert (
        "1.1.1 [x]" in jobs.clone("after").show("main", LIST) or jobs.person.execution("1.1.1")["status"] == "COMPLETED"
    )


def another_run(lines: list[dict[str, Any]]) -> None:
    lines[3]["runId"] = "other"


def another_task(lines: list[dict[str, Any]]) -> None:
    lines[0]["task"]["title"] = "Write something else"


def softer(lines: list[dict[str, Any]]) -> None:
    lines[0]["task"]["criteria"] = {}
    lines[0]["task"]["acceptance"] = ["anything"]


def done(lines: list[dict[str, Any]]) -> None:
    lines[-1]["status"] = "COMPLETED"


def a_pull_request(lines: list[dict[str, Any]]) -> None:
    prepared = next(line for line in lines if line["type"] == "STAGE_FINISHED" and line["stage"] == "PREP")
    prepared["result"]["pullRequest"] = 7


def said_again(kind: str, **changes: Any) -> Callable[[list[dict[str, Any]]], None]:
    """A word that opens the run again, with other options."""

    def forge(lines: list[dict[str, Any]]) -> None:
        common = {name: lines[-1][name] for name in ("customerId", "taskId", "runId", "timestamp")}
        options = {**lines[0]["options"], **changes}
        word = {"type": "INTERVENTION", "kind": kind, "options": options, "sequenceNumber": len(lines)}
        lines.append({**common, **word})

    return forge


def merged_at_once(lines: list[dict[str, Any]]) -> None:
    lines[0]["options"]["deliver"] = "merge"


FORGED = {
    "that would be merged": merged_at_once,
    "that is opened again to be merged": said_again("resume", deliver="merge"),
    "that is opened again for another tool": said_again("retry", tool="command"),
    "that is opened again for guidance": said_again("guide"),
    "of another run": another_run,
    "of another task": another_task,
    "with other criteria": softer,
    "of a task that is done": done,
    "with a pull request": a_pull_request,
    "without a beginning": lambda lines: lines.pop(0),
    "with a gap": lambda lines: lines.pop(2),
    "with something that is no event": lambda lines: lines.append({"type": "FREE BEER"}),
    "with two beginnings": lambda lines: lines.append({**lines[0], "sequenceNumber": len(lines)}),
    "that end elsewhere": lambda lines: lines.__delitem__(slice(4, None)),
    "that are none": lambda lines: lines.clear(),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_past_is_refused_and_nothing_is_pushed(jobs, name):
    jobs.implement().ok()
    jobs.forge(FORGED[name])
    outcome = jobs.publish()
    assert outcome.code == 3, outcome.story
    assert outcome.json["error"]["code"] == "not-allowed"
    assert jobs.origin("for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_work_on_a_task_that_has_gone_on_meanwhile_is_not_taken_in(jobs):
    jobs.implement().ok()
    jobs.clone("colleague").devteam("run", "1.1.1").ok()
    before = jobs.origin("for-each-ref", "refs/heads/task")
    outcome = jobs.publish()
    assert outcome.code in (3, 5), outcome.story
    assert jobs.origin("for-each-ref", "refs/heads/task") == before


def test_a_task_that_the_list_has_no_more_is_not_taken_in(jobs):
    jobs.implement().ok()
    jobs.person.commit({LIST: TWO_TASKS.replace("1.1.1 ", "1.1.7 ")})
    jobs.person.git("push", "-q", "origin", "main")
    assert jobs.publish().code in (2, 3)
    assert jobs.origin("for-each-ref", "refs/heads/task") == ""


def test_a_task_that_failed_is_tried_again_in_two_jobs(project, tmp_path):
    person = project(
        patches={"1.1.1-1": adding("other.txt", "x\n"), "1.1.1-2": adding("hello.txt", "y\n")}, remote=True
    )
    jobs = TwoJobs(tmp_path, person, tmp_path / "out")
    jobs.implement("run", "--max-attempts", "1")
    assert jobs.publish().code == 1
    outcome = jobs.implement("retry", "1.1.1", name="again")
    assert outcome.code == 0, outcome.story
    outcome = jobs.publish("publish-again")
    assert outcome.code == 0, outcome.story
    execution = person.execution("1.1.1")
    assert (execution["status"], execution["waitingFor"]) == ("WAITING", "review")
    assert jobs.origin("show", f"{execution['branch']}:hello.txt") == "y"


# --- while it is worked on

# Writes at once, then hangs until `go` is there; each brief is kept.
HANGING = """\
tool: command
tools:
  command:
    argv: [sh, -c, "cat >> ~/briefs; echo half > half.txt; touch ~/began; until test -e ~/go; do sleep 0.1; done"]
    brief: stdin
criteria: {words: pass}
commands: {words: "grep -rqs . hello.txt"}
"""
WORKFLOW = ".github/workflows/devteam.yml"
WHILE_IT_WORKS = {
    "by its id": (("stop", "1.1.1"), "hears it within seconds"),
    "with all others": (("stop",), "hears it within seconds"),
    "by a skip": (("skip", "1.1.1"), "skipped"),
}


@pytest.fixture
def working(project, tmp_path) -> Iterator[tuple[TwoJobs, subprocess.Popen[str]]]:
    """The job that only reads, at work on the first task; its tool has written, and goes on."""
    person = project(config=HANGING, files={WORKFLOW: "env: {DEVTEAM_HAND_OVER: x}\n"}, remote=True)
    jobs = TwoJobs(tmp_path, person, tmp_path / "out")
    child = jobs.clone("implement").start("run", "--json", env={"DEVTEAM_HAND_OVER": str(jobs.out)})
    try:
        until(lambda: (Path(os.environ["HOME"]) / "began").exists() or child.poll() is not None)
        assert child.poll() is None, child.communicate()
        yield jobs, child
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate()


def until(there: Callable[[], object], limit_s: float = 30) -> None:
    deadline = time.monotonic() + limit_s
    while not there():
        assert time.monotonic() < deadline, f"not within {limit_s} s"
        time.sleep(0.1)


@pytest.mark.parametrize("name", WHILE_IT_WORKS)
def test_a_stop_ends_the_job_that_only_reads_and_its_work_is_published_as_stopped(working, name):
    jobs, child = working
    command, says = WHILE_IT_WORKS[name]
    began = time.monotonic()
    told = jobs.person.devteam(*command).ok()
    assert says in told.out
    out, err = child.communicate(timeout=60)
    assert time.monotonic() - began < 15
    assert (child.returncode, json.loads(out)["tasks"][0]["status"]) == (1, "STOPPED"), err
    assert jobs.publish().code == 1
    execution = jobs.person.execution("1.1.1")
    assert (execution["status"], execution["claim"], execution["error"]["code"]) == ("STOPPED", None, "stopped")
    assert jobs.origin("show", f"{execution['branch']}:half.txt") == "half"
    assert "1.1.1" not in jobs.person.devteam("next").ok().out.split()[:1]


def test_status_does_not_say_that_nothing_is_run_where_nobody_can_know(working):
    jobs, _ = working
    assert "hands its work over is on the record when it has published" in jobs.person.devteam("status").ok().out


def test_guidance_is_heard_by_the_next_attempt_there_and_has_its_receipt_after_publish(working):
    jobs, child = working
    home = Path(os.environ["HOME"])
    jobs.person.devteam("guide", "1.1.1", "Say it in capitals").ok()
    copy = jobs.folder / "implement"
    until(lambda: "guidance/" in jobs.person.git("ls-tree", "-r", "--name-only", "devteam/state", cwd=copy))
    (home / "go").touch()
    child.communicate(timeout=60)
    assert (home / "briefs").read_text().count("Say it in capitals") >= 1
    jobs.publish()
    files = jobs.origin("ls-tree", "-r", "--name-only", "devteam/state").splitlines()
    assert [path for path in files if path.startswith("guidance/")] == []
    [kept] = [path for path in files if "/guidance-" in path]
    assert json.loads(jobs.origin("show", f"devteam/state:{kept}"))["receipt"].startswith("taken: run ")
