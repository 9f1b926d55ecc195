"""Pull requests on task branches, as whole jobs: one verdict for each head, and nothing for those who may not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.job import READ_ONLY, Job
from tests.project import CHECKED_BY_GREP, adding

BRANCH = "task/1-1-1-write-hello"
US = "github-actions[bot]"
LINTED = """\
criteria: {lint.clean: 0 errors}
"""
PYPROJECT = """\
[project]
name = "app"
version = "1"
[tool.ruff]
"""


def unused(count: int) -> str:
    return "".join(f"import module_{number}\n" for number in range(count))


def ours(job: Job, number: int) -> list[str]:
    return [each.body for each in job.repo.comments(number) if each.user == US]


def verdicts(job: Job, sha: str) -> list[tuple[str, str, str | None]]:
    return [(each.name, each.status, each.conclusion) for each in job.repo.check_runs(sha)]


def no_check_spins(job: Job) -> None:
    assert [each for each in job.repo.check_runs() if each.status != "completed"] == []


def proposal(job: Job, files: dict[str, str | None], *, fork: str = "", branch: str = BRANCH) -> int:
    """A pull request with one commit on a task branch, of this repository or of a fork; its number."""
    by = fork.partition("/")[0] or "ann"
    where = job.github.fork(job.repo, fork) if fork else job.repo
    where.commit(branch, files, as_login=by)
    return job.repo.open_pull(branch, "main", by=by, from_fork=fork or None).number


def test_a_head_of_ours_has_one_check_however_many_events_judge_it(job):
    job.dispatch().ok()
    head = job.repo.pull(1).head_sha
    for action in ("opened", "synchronize", "reopened", "opened"):
        judged = job.pull(1, action).ok()
        assert (judged.outputs["status"], judged.requests <= 8) == ("passed", True), judged.story
        assert judged.outputs["check-run"] == str(job.repo.check_runs(head)[0].id)
    assert verdicts(job, head) == [("DevTeam / verify", "completed", "success")]
    assert len(ours(job, 1)) == 1
    no_check_spins(job)


def test_a_red_push_of_a_person_is_red_everywhere_and_a_green_one_mends_it(job):
    job.dispatch().ok()
    red = job.repo.commit(BRANCH, {"hello.txt": None}, as_login="ann")
    judged = job.pull(1, "synchronize")
    assert judged.code == 1, judged.story
    assert judged.outputs["status"] == "failed"
    assert verdicts(job, red) == [("DevTeam / verify", "completed", "failure")]
    (comment,) = ours(job, 1)
    assert "| `words` | exit code 0 | exit code 2 |" in comment
    assert judged.summary.startswith("## ❌ 1.1.1")
    passed = job.repo.event_pull(1, "synchronize")
    green = job.repo.commit(BRANCH, {"hello.txt": "hello, by ann\n"}, as_login="ann")
    moved = job.run("pull_request", passed).ok()
    assert "moved on" in moved.out
    assert (moved.writes, job.repo.check_runs(green)) == (0, []), moved.story
    job.pull(1, "synchronize").ok()
    assert verdicts(job, green) == [("DevTeam / verify", "completed", "success")]
    assert "exit code 2" not in ours(job, 1)[0]
    no_check_spins(job)


def test_a_red_head_that_has_passed_meanwhile_is_made_ready_by_adopt_as_its_comment_says(github, tmp_path):
    job = Job.make(
        github, tmp_path, patches={"1.1.1": adding("wrong.txt", "x\n")}, config=CHECKED_BY_GREP + "max-attempts: 1\n"
    )
    assert job.dispatch().code == 1
    job.repo.commit("main", {".devteam.yml": CHECKED_BY_GREP.replace("hello.txt", "wrong.txt")}, as_login="ann")
    judged = job.pull(1, "reopened").ok()
    assert "no pull request" not in judged.err
    (comment,) = ours(job, 1)
    assert "`/devteam adopt` takes this commit in" in comment
    assert "/devteam retry" not in comment
    job.run("issue_comment", job.repo.event_comment(job.repo.comment(1, "/devteam adopt", by="ann"))).ok()
    assert not job.repo.pull(1).draft
    assert "attempt 2" not in ours(job, 1)[0]


def test_findings_are_annotations_in_batches_on_lines_that_are_there(github, tmp_path):
    job = Job.make(github, tmp_path, config=LINTED, files={"pyproject.toml": PYPROJECT})
    job.env["PYTHON_PATH"] = sys.executable
    number = proposal(job, {"app.py": unused(51)})
    judged = job.pull(number, "opened")
    assert judged.code == 1, judged.story
    (check,) = job.repo.check_runs(job.repo.pull(number).head_sha)
    assert (check.status, check.conclusion) == ("completed", "failure")
    assert {(each["path"], each["start_line"]) for each in check.annotations} == {
        ("app.py", line) for line in range(1, 52)
    }
    assert len(check.annotations) == 51
    sent = [each.body["output"].get("annotations", []) for each in github.writes if "/check-runs" in each.path]
    assert [len(each) for each in sent if each] == [50, 1]
    assert "::error" not in judged.out
    job.pull(number, "reopened")
    (again,) = job.repo.check_runs(job.repo.pull(number).head_sha)
    assert len(again.annotations) == 51
    no_check_spins(job)


@pytest.mark.parametrize(("branch", "went"), [("feature/x", False), ("task/unheard-of", True)])
def test_a_pull_request_that_is_no_task_ends_green_and_leaves_nothing(job, branch, went):
    number = proposal(job, {"x.txt": "x\n"}, branch=branch)
    judged = job.pull(number, "opened").ok()
    assert (judged.went, judged.writes) == (went, 0), judged.story
    assert (ours(job, number), job.repo.check_runs(), job.repo.branch("devteam/state")) == ([], [], None)


@pytest.mark.parametrize(("text", "code"), [("from a fork\n", 0), ("", 1)])
def test_a_fork_is_judged_by_the_colour_of_its_job_alone(job, text, code):
    number = proposal(job, {"hello.txt": text, "more.txt": "x\n"}, fork="mallory/app")
    judged = job.pull(number, "opened", rights=READ_ONLY)
    assert judged.code == code, judged.story
    assert (job.github.writes, judged.requests) == ([], 0), judged.story
    assert ("::error" in judged.out) == bool(code)
    assert "A fork's token can only read" in judged.summary
    assert "permissions:" not in judged.summary + judged.out
    assert "/devteam" not in judged.summary
    assert f"/tree/{BRANCH}" not in judged.summary
    assert (ours(job, number), job.repo.check_runs(), job.repo.branch("devteam/state")) == ([], [], None)


@pytest.mark.parametrize("fork", ["", "mallory/app"])
def test_the_commands_of_a_report_give_the_same_verdict_in_a_clone(job, fork):
    number = proposal(job, {"hello.txt": ""}, fork=fork)
    judged = job.pull(number, "opened", rights=READ_ONLY)
    place = job.clone(job.repo.job_token(**READ_ONLY))
    commands = judged.summary.rpartition("```text\n")[2].partition("\n```")[0]
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(("sh", "-ec", commands), cwd=place, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, "1.1.1: failed" in done.stdout) == (1, True), done.stdout + done.stderr


def test_of_a_forks_findings_the_job_shows_ten_of_a_kind(github, tmp_path):
    job = Job.make(github, tmp_path, config=LINTED, files={"pyproject.toml": PYPROJECT})
    job.env["PYTHON_PATH"] = sys.executable
    number = proposal(job, {"app.py": unused(14)}, fork="mallory/app")
    judged = job.pull(number, "opened", rights=READ_ONLY)
    assert judged.code == 1, judged.story
    shown = [line for line in judged.out.splitlines() if line.startswith("::error")]
    assert len(shown) == 10
    assert all("file=app.py" in line for line in shown)


SPY = """\
{ env; cat /proc/self/environ; echo THE PARENTS; pid=$PPID
  while [ "$pid" -gt 1 ]; do
    tr '\\0' '\\n' < /proc/$pid/environ; tr '\\0' ' ' < /proc/$pid/cmdline
    pid=$(sed 's/.*) //' /proc/$pid/stat | cut -d' ' -f2)
  done
  echo WHAT GIT KNOWS; git config --list --show-origin; cat .git/config "$(git rev-parse --git-common-dir)/config"
} > SEEN 2>&1
exit 0
"""


def spied(job: Job, place: str, **more) -> tuple[str, str]:
    """A fork's own code runs in the check; the token of that job, and all that the code could see."""
    token = job.repo.job_token(**READ_ONLY)
    number = proposal(job, {"check.sh": SPY.replace("SEEN", place), "hello.txt": "x\n"}, fork="mallory/app")
    judged = job.pull(number, "opened", token=token, **more)
    assert judged.code == 0, judged.story
    return token, Path(place).read_text(errors="replace")


def test_code_of_a_fork_sees_no_token_and_no_key(github, tmp_path):
    config = CHECKED_BY_GREP.replace('"grep -rqs . hello.txt world.txt"', '"sh check.sh"')
    job = Job.make(github, tmp_path, config=config, files={"check.sh": "exit 1\n"})
    token, seen = spied(job, f"{tmp_path}/seen", env={"OPENAI_API_KEY": "sk-1234567890abcdefghij"})
    assert "PATH=" in seen
    own, _, parents = seen.partition("THE PARENTS\n")
    configured = parents.partition("WHAT GIT KNOWS\n")[2]
    # Whoever is root may read all of every process: there only what is handed on can be looked at.
    for text in (own, configured) if os.geteuid() == 0 else (seen,):
        assert token not in text
        assert "sk-1234567890" not in text


def test_a_token_that_can_write_does_nothing_for_a_fork_but_judge(job):
    """Such as with `pull_request_target`'s tokens in private repositories that send write tokens to forks."""
    number = proposal(job, {"hello.txt": "from a fork\n"}, fork="mallory/app")
    state = job.repo.branch("devteam/state")
    opened = job.pull(number, "opened").ok()
    assert opened.writes == 0, opened.story
    assert job.repo.branch("devteam/state") == state
    assert job.repo.branch(BRANCH) is None
    job.repo.close(number)
    closed = job.pull(number, "closed").ok()
    assert closed.writes == 0, closed.story


def test_a_comment_on_a_forks_pull_request_runs_none_of_its_code(job):
    number = proposal(job, {"hello.txt": "from a fork\n"}, fork="mallory/app")
    job.github.advance(60)
    for text in ("/devteam verify", "/devteam adopt", "/devteam retry"):
        comment = job.repo.comment(number, text)
        judged = job.run("issue_comment", job.repo.event_comment(comment)).ok()
        assert job.repo.reactions(comment.id)[-1] == (US, "-1"), judged.story
    (answer,) = ours(job, number)
    assert "fork" in answer


@pytest.mark.parametrize("lost", range(5))
def test_a_verdict_whose_answer_is_lost_is_written_once(job, lost):
    number = proposal(job, {"hello.txt": "x\n"})
    job.github.fault("502-after-effect", method="write", times=1, after=lost)
    judged = job.pull(number, "opened").ok()
    assert any(" 502" in each for each in judged.asked) == (lost < 4), judged.story
    assert verdicts(job, job.repo.pull(number).head_sha) == [("DevTeam / verify", "completed", "success")]
    assert len(ours(job, number)) == 1
    no_check_spins(job)


@pytest.mark.parametrize("lost", range(2))
def test_a_merge_whose_answer_is_lost_is_told_once(job, lost):
    job.dispatch().ok()
    job.repo.merge(1, delete_branch=True)
    job.github.fault("502-after-effect", method="write", times=1, after=lost)
    merged = job.pull(1, "closed").ok()
    assert merged.outputs["status"] == "COMPLETED"
    assert any(" 502" in each for each in merged.asked) == (lost < 1), merged.story
    (comment,) = ours(job, 1)
    assert "**done**" in comment
    again = job.pull(1, "closed").ok()
    assert (again.outputs["status"], again.requests <= 4) == ("COMPLETED", True), again.story
    assert ["**done**" in each for each in ours(job, 1)] == [True]
    no_check_spins(job)


def test_a_pull_request_that_is_closed_meanwhile_is_judged_or_left_and_no_more(job):
    number = proposal(job, {"hello.txt": "x\n"})
    event = job.repo.event_pull(number, "opened")
    job.repo.close(number)
    job.repo.delete_branch(BRANCH)
    judged = job.run("pull_request", event).ok()
    assert "Traceback" not in judged.err
    assert len(job.repo.check_runs()) <= 1
    no_check_spins(job)
    assert (job.repo.pull(number).state, job.repo.branch(BRANCH)) == ("closed", None)
