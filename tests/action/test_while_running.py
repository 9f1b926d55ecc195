"""What people say while a task is worked on, and a job that is ended from outside."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.project import LIST, TWO_TASKS

DEVTEAM = (Path(__file__).parents[2] / "examples" / "devteam.yml").read_text()
BRANCH = "task/1-1-1-write-hello"
# A tool that writes at once, and then thinks for longer than any test.
SLOW = """\
tool: command
tools:
  command: {argv: [sh, -c, "echo hello > hello.txt; echo thinking; exec sleep 120"], brief: stdin}
criteria: {words: pass}
commands: {words: "grep -qs . hello.txt"}
"""


@pytest.fixture
def repo(github):
    made = github.repository("acme/app", files={LIST: TWO_TASKS, ".devteam.yml": SLOW})
    made.collaborator("ann", "write")
    return made


@pytest.fixture
def working(act, repo):
    """A job at work on the first task; its tool has written, and goes on."""
    started = act.start(DEVTEAM, "workflow_dispatch", repo.event_dispatch(), repo=repo, job="work")
    try:
        until(lambda: started.process.poll() is not None or (repo.pulls() and repo.comments(1)), 40)
        until(lambda: started.process.poll() is not None or wrote(act.folder), 20)
        assert started.process.poll() is None, started.finish().story
        yield started
    finally:
        if started.process.poll() is None:
            started.kill()
            started.process.communicate()


def wrote(folder: Path) -> bool:
    logs = folder.glob("act-*/cache/*/hostexecutor/.git/devteam/logs/*-exec.log")
    return any("thinking" in log.read_text() for log in logs)


def until(there: Callable[[], object], limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while not there():
        assert time.monotonic() < deadline, f"not within {limit_s} s"
        time.sleep(0.1)


def status(repo) -> str:
    return json.loads(repo.git("show", "devteam/state:tasks/1.1.1.json"))["status"]


def say(act, repo, text):
    comment = repo.comment(1, text, by="ann")
    run = act.run(DEVTEAM, "issue_comment", repo.event_comment(comment), repo=repo, job="control").ok()
    return {content for _, content in repo.reactions(comment.id)}, run


def test_a_stop_ends_the_run_in_time_with_its_work_saved(act, repo, working):
    began = time.monotonic()
    reactions, control = say(act, repo, "/devteam stop 1.1.1 the model is down")
    run = working.finish()
    took = time.monotonic() - began
    assert took <= 15, f"{took:.1f} s\n{control.story}\n{run.story}"
    assert reactions >= {"eyes", "rocket"}, control.story
    assert status(repo) == "STOPPED", run.story
    assert any("the model is down" in each.body for each in repo.comments(1)), [each.body for each in repo.comments(1)]
    assert repo.git("show", f"{BRANCH}:hello.txt") == "hello", run.story
    assert {each.status for each in repo.check_runs()} == {"completed"}


def test_a_word_of_guidance_is_taken_while_it_runs(act, repo, working):
    reactions, control = say(act, repo, "/devteam guide Say hello in capitals.")
    assert reactions >= {"eyes", "rocket"}, control.story
    assert status(repo) == "IMPLEMENTING"
    assert working.process.poll() is None
    assert "capitals" in repo.git("grep", "-h", "capitals", "devteam/state", "--", "guidance")


def test_a_run_that_is_killed_says_so_everywhere(repo, working):
    """What a lost race for memory does. Cancelling is another thing: act then starts no step of an action any more."""
    family = psutil.Process(working.process.pid).children(recursive=True)
    [ours] = [each for each in family if "devteam_action" in each.cmdline()]
    for process in (*ours.children(recursive=True), ours):
        process.kill()
    run = working.finish()
    assert run.code != 0
    assert run.steps["work/devteam/run"].result == "failure"
    assert run.steps["work/devteam/finish"].result == "success", run.story
    assert status(repo) == "STOPPED", run.story
    assert {each.status for each in repo.check_runs()} == {"completed"}, run.story
    [sticky] = [each for each in repo.comments(1) if each.user == "github-actions[bot]"]
    assert "stopped" in sticky.body.lower(), sticky.body
