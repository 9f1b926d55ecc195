"""Jobs that run tasks: from a dispatch to a ready pull request, again, with answers lost, and with little allowed."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import time

import pytest

from tests.job import READ_ONLY, RIGHTS, Job
from tests.project import LIST

BRANCH = "task/1-1-1-write-hello"


def ours(job: Job, number: int) -> list[str]:
    return [each.body for each in job.repo.comments(number) if each.user == "github-actions[bot]"]


def checks(job: Job) -> list[tuple[str, str, str | None]]:
    """The check runs on the head of the first pull request."""
    found = job.repo.check_runs(job.repo.pull(1).head_sha)
    return [(each.name, each.status, each.conclusion) for each in found]


def is_one_ready_pull_request(job: Job) -> None:
    (pull,) = job.repo.pulls()
    assert (pull.head_ref, pull.state, pull.draft, pull.labels) == (BRANCH, "open", False, ["devteam"])
    (comment,) = ours(job, 1)
    assert comment.startswith("<!-- devteam:task=1.1.1 -->\n")
    assert "proved, waiting for review" in comment
    assert checks(job) == [("DevTeam / verify", "completed", "success")]
    assert job.repo.git("log", "--format=%s", f"main..{BRANCH}").splitlines() == [
        "Mark 1.1.1 as done",
        "1.1.1 Write hello to hello.txt.",
        "Start 1.1.1",
    ]


def test_a_dispatch_ends_with_one_ready_pull_request(job):
    done = job.dispatch().ok()
    is_one_ready_pull_request(job)
    assert done.outputs["status"] == "WAITING"
    assert (done.outputs["task-id"], done.outputs["pull-request"]) == ("1.1.1", "1")
    assert done.outputs["branch"] == BRANCH
    assert done.outputs["check-run"] == str(job.repo.check_runs(job.repo.pull(1).head_sha)[0].id)
    assert done.requests <= 25, done.story
    assert done.writes <= 12, done.story
    assert done.summary.startswith("## ✅ 1.1.1")


OWN = ("check_run", "comment", "pull_request", "reply", "summary")


def test_every_text_is_in_the_words_of_the_base_branch_and_ours_where_those_fail(github, tmp_path):
    files = {
        f".devteam/templates/{name}.md.j2": f'{{% extends "{name}.md.j2" %}}'
        f"{{% block footer %}}{{{{ super() }}}} Ask ann about {name}.{{% endblock %}}"
        for name in OWN
    }
    job = Job.make(github, tmp_path, files=files)
    done = job.dispatch().ok()
    job.comment(1, "/devteam status").ok()
    (check,) = job.repo.check_runs(job.repo.pull(1).head_sha)
    comment, answer = ours(job, 1)
    said = (check.text, comment, job.repo.pull(1).body, answer, done.summary)
    assert [f"Ask ann about {name}." in str(text) for name, text in zip(OWN, said, strict=True)] == [True] * 5
    assert f"`{LIST}` that is open and free" in comment or f"{LIST} that is open and free" in comment
    job.repo.commit("main", {f".devteam/templates/{name}.md.j2": "{{ nothing.here }}" for name in OWN})
    job.repo.merge(1)
    broken = job.dispatch()
    assert broken.outputs["status"] == "WAITING", broken.story
    assert "Merging marks the task as done" in str(job.repo.pull(2).body)
    assert broken.summary.startswith("## ✅ ")
    for name in ("check_run", "comment", "pull_request", "summary"):
        assert f"the template {name}.md.j2" in broken.err, broken.story


def test_no_head_is_left_with_a_check_that_spins(job):
    job.dispatch().ok()
    for sha in job.repo.git("log", "--format=%H", f"main..{BRANCH}").split():
        assert all(each.status == "completed" for each in job.repo.check_runs(sha))


def test_a_second_dispatch_makes_nothing_twice(job):
    job.dispatch().ok()
    again = job.dispatch().ok()
    is_one_ready_pull_request(job)
    assert again.outputs["status"] == "nothing"
    assert again.writes == 0, again.story


def write_count() -> int:
    return 8


@pytest.mark.parametrize("number", range(write_count()))
def test_an_answer_that_is_lost_after_its_effect_makes_nothing_twice(job, number):
    job.github.fault("502-after-effect", method="write", times=1, after=number)
    done = job.dispatch().ok()
    assert any(" 502" in asked for asked in done.asked), done.story
    is_one_ready_pull_request(job)


def test_the_lost_answers_are_all_the_writes_there_are(job):
    assert job.dispatch().ok().writes == write_count()


def test_a_repository_that_forbids_pull_requests_of_jobs_gets_the_branch_and_a_link(github, tmp_path):
    job = Job.make(github, tmp_path, actions_may_open_pulls=False)
    done = job.dispatch().ok()
    assert job.repo.pulls() == []
    assert job.repo.branch(BRANCH)
    assert f"{github.server_url}/acme/app/compare/main...{BRANCH}" in done.summary
    assert done.outputs["status"] == "WAITING"


def test_where_drafts_are_not_offered_a_label_stands_for_them(github, tmp_path):
    job = Job.make(github, tmp_path, offers_drafts=False)
    job.dispatch().ok()
    is_one_ready_pull_request(job)


def test_a_token_without_the_right_to_comment_still_delivers_and_says_what_is_missing(job):
    done = job.dispatch(rights={**RIGHTS, "checks": "none"}).ok()
    assert job.repo.pull(1).draft is False
    assert "checks: write" in done.summary
    assert "checks: write" in ours(job, 1)[0]


def test_a_token_that_can_only_read_ends_with_the_line_to_add(job):
    done = job.dispatch(rights=READ_ONLY)
    assert done.code in (0, 3, 4), done.story
    assert job.repo.pulls() == []
    assert "contents: write" in done.out + done.summary, done.story


def test_no_token_is_said_plainly(job):
    done = job.dispatch(token="")
    assert done.code in (2, 4), done.story
    assert "github-token" in done.out + done.err, done.story
    assert "Traceback" not in done.err


def test_the_token_is_shown_nowhere(job):
    token = job.repo.job_token(**RIGHTS)
    done = job.dispatch(token=token).ok()
    shown = (done.out, done.err, done.summary, json.dumps(dict(done.outputs)), *ours(job, 1))
    assert not any(token in text for text in shown)
    for ref in ("devteam/state", BRANCH):
        assert token not in job.repo.git("log", "-p", "--no-color", ref)


HANGING = """\
tool: command
tools:
  command: {argv: [sh, -c, "echo half > hello.txt; touch $HOME/began; while [ ! -e $HOME/go ]; do sleep 0.1; done"]}
criteria: {words: pass}
commands: {words: "grep -rqs . hello.txt"}
"""


@pytest.fixture
def hanging(github, tmp_path):
    job = Job.make(github, tmp_path, config=HANGING)
    job.env["HOME"] = str(tmp_path)
    return job


def until_it_began(job: Job) -> None:
    from pathlib import Path

    end = time.monotonic() + 60
    while not (Path(job.env["HOME"]) / "began").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_cancelled_job_has_saved_its_work_and_says_stopped_within_five_seconds(hanging):
    running = hanging.start("workflow_dispatch", hanging.repo.event_dispatch(inputs={}))
    until_it_began(hanging)
    began = time.monotonic()
    running.child.send_signal(signal.SIGINT)
    done = running.outcome()
    assert time.monotonic() - began < 5, done.story
    assert done.code == 130
    assert hanging.repo.git("show", f"{BRANCH}:hello.txt") == "half"
    assert "stopped" in ours(hanging, 1)[0]
    assert checks(hanging)[-1][1:] == ("completed", "cancelled")


def test_a_job_that_is_ended_as_runners_do_it_is_saved_in_time_over_a_slow_line(hanging, github):
    """SIGINT, SIGTERM 7.5 s later, and a kill 2.5 s after that; each answer of GitHub's comes half a second late."""
    running = hanging.start("workflow_dispatch", hanging.repo.event_dispatch(inputs={}))
    until_it_began(hanging)
    for on_git in (True, False):
        github.fault("slow", method="*", times=1000, seconds=0.5, on_git=on_git)
    began = time.monotonic()
    running.child.send_signal(signal.SIGINT)
    while stored_status(hanging) != "STOPPED":
        assert time.monotonic() - began < 5
        time.sleep(0.05)
    assert hanging.repo.git("show", f"{BRANCH}:hello.txt") == "half"
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.child.wait(began + 7.5 - time.monotonic())
    running.child.send_signal(signal.SIGTERM)
    running.child.wait(began + 10 - time.monotonic())
    github.clear_faults()
    done = running.outcome()
    assert done.code == 130, done.story
    assert "stopped" in ours(hanging, 1)[0]


def stored_status(job: Job) -> str:
    return json.loads(job.repo.git("show", "devteam/state:tasks/1.1.1.json"))["status"]


def test_after_a_kill_the_last_step_says_that_it_was_stopped(hanging):
    running = hanging.start("workflow_dispatch", hanging.repo.event_dispatch(inputs={}))
    until_it_began(hanging)
    running.child.kill()
    running.outcome()
    finished = hanging.run(
        "workflow_dispatch",
        hanging.repo.event_dispatch(inputs={}),
        arguments=("--finish",),
        workspace=running.workspace,
    ).ok()
    assert "1.1.1" in finished.out
    (comment,) = ours(hanging, 1)
    assert "stopped" in comment
    assert checks(hanging)[-1][1:] == ("completed", "cancelled")
    nothing = hanging.run(
        "workflow_dispatch",
        hanging.repo.event_dispatch(inputs={}),
        arguments=("--finish",),
        workspace=running.workspace,
    ).ok()
    assert nothing.writes == 0


def test_the_command_of_a_run_that_was_killed_is_ended_and_its_logs_are_known(hanging):
    said = hanging.repo.comment(hanging.repo.issue("please"), "/devteam run", by="ann")
    event = hanging.repo.event_comment(said)
    running = hanging.start("issue_comment", event)
    deadline = time.monotonic() + 60
    while not hanging.repo.pulls():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(2)
    running.child.send_signal(signal.SIGKILL)
    killed = running.outcome()
    assert killed.outputs["logs"].endswith("/.git/devteam/logs"), killed.story
    for status in ("", "ERROR"):  # a run that came to an end has told it
        env = {"DEVTEAM_RUN_STATUS": status}
        done = hanging.run("issue_comment", event, arguments=("--finish",), workspace=running.workspace, env=env).ok()
        assert [content for _, content in hanging.repo.reactions(said.id)] == ["eyes", "confused"], done.story
    (answer,) = ours(hanging, said.number)
    assert "the job ended before the run did" in answer
    assert "resume 1.1.1" in answer


def test_a_stop_by_comment_ends_a_run_within_fifteen_seconds_with_its_work_saved(hanging):
    running = hanging.start("workflow_dispatch", hanging.repo.event_dispatch(inputs={}), job="work")
    until_it_began(hanging)
    began = time.monotonic()
    hanging.comment(1, "/devteam stop", job="control").ok()
    done = running.outcome()
    assert time.monotonic() - began < 15, done.story
    assert hanging.repo.git("show", f"{BRANCH}:hello.txt") == "half"
    assert done.outputs["status"] == "STOPPED"


def test_guidance_is_acknowledged_while_a_run_goes_on(hanging):
    running = hanging.start("workflow_dispatch", hanging.repo.event_dispatch(inputs={}), job="work")
    until_it_began(hanging)
    said = hanging.repo.comment(1, "/devteam guide use capitals", by="ann")
    hanging.run("issue_comment", hanging.repo.event_comment(said), job="control").ok()
    assert ("github-actions[bot]", "rocket") in hanging.repo.reactions(said.id)
    assert running.child.poll() is None
    (hanging.folder / "go").touch()
    running.outcome().ok()
