"""`deliver: pr` against a whole GitHub: REST, GraphQL and git over HTTP; answers are lost after their effect."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from devteam_action.app import App
from devteam_action.cli import main
from devteam_action.github_io.pull_requests import PullRequests
from tests.fakes.github import FakeGitHub
from tests.fakes.pull_ground import CHAIN, CONFIG
from tests.integration.github_io_client import client_for
from tests.project import LIST, adding

BRANCH = "task/1-1-1-write-one"
FILES = {LIST: CHAIN, ".devteam.yml": CONFIG, "recorded/1.1.1.patch": adding("one.txt", "one\n")}


@pytest.fixture
def github(tmp_path):
    with FakeGitHub.serve(tmp_path / "github") as github:
        yield github


class Job:
    """A checkout of the repository in a job, with the job's token."""

    def __init__(self, github: FakeGitHub, tmp_path, monkeypatch, capsys) -> None:
        self.repo = github.repository("acme/app", files=FILES)
        self.token = self.repo.job_token()
        self.root = tmp_path / "checkout"
        self._capsys = capsys
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("GIT_TOKEN", self.token)
        monkeypatch.setattr(App, "forge", PullRequests(client_for(self.repo, self.token)))
        self._address = f"{github.server_url}/acme/app.git"
        self.check_out()

    def check_out(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        with_token = self._address.replace("://", f"://x-access-token:{self.token}@")
        subprocess.run(("git", "clone", "-q", with_token, str(self.root)), check=True)
        subprocess.run(("git", "remote", "set-url", "origin", self._address), check=True, cwd=self.root)

    def devteam(self, *args: str, code: int = 0) -> Any:
        self._capsys.readouterr()
        found = main([*args, "--json", "-C", str(self.root)])
        said = self._capsys.readouterr()
        assert found == code, f"{said.out}\n{said.err}"
        return json.loads(said.out)


@pytest.fixture
def job(github, tmp_path, monkeypatch, capsys) -> Job:
    return Job(github, tmp_path, monkeypatch, capsys)


def the_pull_request(job: Job) -> tuple[object, ...]:
    (pull,) = job.repo.pulls()
    subjects = job.repo.git("log", "--format=%s", f"main..{BRANCH}").split("\n")
    return (
        pull.state,
        pull.draft,
        sorted(pull.labels),
        pull.base_ref,
        pull.head_sha == job.repo.branch(BRANCH),
        subjects[0],
    )


READY = ("open", False, ["devteam"], "main", True, "Mark 1.1.1 as done")


def test_a_job_opens_one_pull_request_and_makes_it_ready_in_few_requests(github, job):
    github.reset_count()
    assert job.devteam("run")["tasks"][0]["pullRequest"] == 1
    assert the_pull_request(job) == READY
    asked = [
        each
        for each in github.requests
        if not each.path.endswith((".git/info/refs", "git-upload-pack", "git-receive-pack"))
    ]
    assert len(asked) <= 8, [(each.method, each.path) for each in asked]
    assert sum(each.is_write for each in asked) <= 4


def test_another_job_changes_nothing(job):
    job.devteam("run")
    job.check_out()
    assert job.devteam("run", "1.1.1")["tasks"] == []
    assert the_pull_request(job) == READY


@pytest.mark.parametrize("number", range(3))
def test_an_answer_that_is_lost_after_its_effect_changes_nothing(github, job, number):
    github.fault("502-after-effect", method="POST", path=r"^(?!.*\.git/)", times=1, after=number)
    job.devteam("run")
    assert 502 in [each.status for each in github.requests]
    assert the_pull_request(job) == READY


def test_a_repository_that_forbids_it_gets_the_branch_and_a_person_the_link(job):
    job.repo.actions_may_open_pulls = False
    run = job.devteam("run")["tasks"][0]
    assert (run["waitingFor"], run["pullRequest"]) == ("person", None)
    assert job.repo.pulls() == []
    assert job.repo.branch(BRANCH) == run["head"]
