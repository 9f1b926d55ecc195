"""What people say while a task is worked on, and a job that is ended from outside."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.project import LIST, TWO_TASKS

EXAMPLES = Path(__file__).parents[2] / "examples"
FORMS = {name: (EXAMPLES / f"{name}.yml").read_text() for name in ("devteam", "hardened")}
BRANCH = "task/1-1-1-write-hello"
# A tool that writes at once, and then thinks for longer than any test.
SLOW = """\
tool: command
tools:
  command: {argv: [sh, -c, "echo hello > hello.txt; echo thinking; exec sleep 120"], brief: stdin}
criteria: {words: pass}
commands: {words: "grep -qs . hello.txt"}
"""


@pytest.fixture(params=FORMS)
def form(request) -> str:
    return request.param


@pytest.fixture
def repo(github, form):
    files = {LIST: TWO_TASKS, ".devteam.yml": SLOW, ".github/workflows/devteam.yml": FORMS[form]}
    made = github.repository("acme/app", files=files)
    made.collaborator("ann", "write")
    if form == "hardened":
        made.issue("While it works there is no pull request to speak on", by="ann")
    return made


@pytest.fixture
def working(act, repo, form):
    """A job at work on the first task; its tool has written, and goes on."""
    is_seen = form == "devteam"
    event = repo.event_dispatch(inputs={})
    started = act.start(FORMS[form], "workflow_dispatch", event, repo=repo, job="work" if is_seen else "", limit_s=90)
    try:
        if is_seen:
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


def record(repo) -> dict:
    return json.loads(repo.git("show", "devteam/state:tasks/1.1.1.json"))


def status(repo) -> str:
    return record(repo)["status"]


def thinks(working) -> bool:
    """Whether the tool is still at it."""
    return any("120" in words(each) for each in psutil.Process(working.process.pid).children(recursive=True))


def words(process: psutil.Process) -> list[str]:
    """Its command line; none of one that ends just now."""
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def say(act, repo, form, text):
    comment = repo.comment(1, text, by="ann")
    run = act.run(FORMS[form], "issue_comment", repo.event_comment(comment), repo=repo, job="control").ok()
    return {content for _, content in repo.reactions(comment.id)}, run


@pytest.mark.parametrize("text", ["/devteam stop 1.1.1 the model is down", "/devteam stop"])
def test_a_stop_ends_the_run_in_time_with_its_work_saved(act, repo, form, working, text):
    began = time.monotonic()
    reactions, control = say(act, repo, form, text)
    if form == "hardened":
        assert "hears it within seconds" in repo.comments(1)[-1].body
        until(lambda: not thinks(working), began + 15 - time.monotonic())
    run = working.finish()  # of the hardened form with the job that publishes
    took = time.monotonic() - began
    assert took <= (15 if form == "devteam" else 45), f"{took:.1f} s\n{control.story}\n{run.story}"
    assert reactions >= {"eyes", "rocket"}, control.story
    assert status(repo) == "STOPPED", run.story
    if "model" in text:
        assert record(repo)["error"]["reason"] == "stopped on request: the model is down", run.story
    if form == "devteam":
        (sticky,) = (each.body for each in repo.comments(1) if each.body.startswith("<!-- devteam:task="))
        assert "stop from **ann**" in sticky, sticky
    assert repo.git("show", f"{BRANCH}:hello.txt") == "hello", run.story
    checks = {each.status for each in repo.check_runs()}
    assert checks == {"completed"} or (form == "hardened" and not checks), checks  # there it may have no pull request


def test_a_word_of_guidance_is_taken_while_it_runs(act, repo, form, working):
    reactions, control = say(act, repo, form, "/devteam guide 1.1.1 Say hello in capitals.")
    assert reactions >= {"eyes", "rocket"}, control.story
    assert form == "hardened" or status(repo) == "IMPLEMENTING"
    assert working.process.poll() is None
    assert "capitals" in repo.git("grep", "-h", "capitals", "devteam/state", "--", "guidance")


@pytest.mark.parametrize("form", ["hardened"], indirect=True)
def test_where_nobody_can_see_the_run_status_says_so(act, repo, form, working):
    say(act, repo, form, "/devteam status")
    assert "when it has published" in repo.comments(1)[-1].body


@pytest.mark.parametrize("form", ["devteam"], indirect=True)
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
