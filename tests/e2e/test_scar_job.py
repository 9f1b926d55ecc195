"""SCAR in jobs of GitHub Actions: one pull request, with the work of an agent elsewhere in it."""

from __future__ import annotations

import pytest

from tests.fakes.scar import FakeScar
from tests.job import Job
from tests.scar_agents import CONFIG, SEED, commits, writing

BRANCH = "task/1-1-1-write-hello"
MORE = "scar: {repository: app, poll-interval: 0.1, timeout-seconds: 10, command-timeout: 20, clone-url: '%s'}\n"


@pytest.fixture
def job(github, tmp_path):
    """The job's repository, on a runner of one's own beside SCAR."""
    with FakeScar.serve(tmp_path / "scar") as scar:
        made = Job.make(github, tmp_path, config=CONFIG, files=SEED, patches={})
        # SCAR has an access of its own to the repository, as it has on GitHub.
        address = f"file://{made.repo.store.path}"
        made.repo.commit("main", {".devteam.yml": CONFIG.split("scar:")[0] + MORE % address}, as_login="ann")
        made.env |= {"SCAR_BASE_URL": scar.url, "RUNNER_ENVIRONMENT": "self-hosted"}
        made.scar = scar
        yield made


def test_a_dispatch_ends_with_one_ready_pull_request_with_the_agents_work(job):
    job.scar.agents["execute-github"] = writing({"hello.txt": "hello\n"})
    job.dispatch().ok()
    (pull,) = job.repo.pulls()
    assert (pull.head_ref, pull.draft, pull.labels) == (BRANCH, False, ["devteam"])
    assert job.repo.git("show", f"{BRANCH}:hello.txt").strip() == "hello"
    assert "the agent's work" in job.repo.git("log", "--format=%s", f"main..{BRANCH}").splitlines()


def test_after_nothing_arrived_a_person_says_retry_and_it_goes_on(job):
    job.dispatch()
    (pull,) = job.repo.pulls()
    assert pull.draft
    assert "needs-human" in pull.labels
    job.scar.agents["execute-github"] = writing({"hello.txt": "hello\n"})
    job.dispatch(inputs={"command": "retry", "task": "1.1.1"}).ok()
    (pull,) = job.repo.pulls()
    assert not pull.draft


def test_what_a_failed_command_left_on_the_branch_is_gone_on_with_in_the_next_job(job):
    def half(turn):
        commits(turn, {"hello.txt": "half\n"})
        turn.fail("Invalid API key · Fix external API key")

    job.scar.agents["execute-github"] = half
    job.dispatch()
    (pull,) = job.repo.pulls()
    assert job.repo.git("show", f"{BRANCH}:hello.txt").strip() == "half"
    job.scar.agents["execute-github"] = writing({"hello.txt": "whole\n"})
    done = job.dispatch(inputs={"command": "retry", "task": "1.1.1"})
    (pull,) = job.repo.pulls()
    assert not pull.draft, done.story
    assert job.repo.git("show", f"{BRANCH}:hello.txt").strip() == "whole"
