"""One check run for each external id, with every annotation once."""

from __future__ import annotations

import msgspec
import pytest

from devteam_action.domain.findings import Finding
from devteam_action.errors import NotAllowed
from devteam_action.github_io.check_runs import CheckRuns
from devteam_action.pipeline.forge import CheckRun
from tests.fakes.github import FakeGitHub
from tests.integration.github_io_client import FAULTS, client_for


@pytest.fixture
def github(tmp_path):
    with FakeGitHub.serve(tmp_path) as github:
        yield github


@pytest.fixture
def repo(github):
    return github.repository("acme/app")


@pytest.fixture
def checks(repo):
    return CheckRuns(client_for(repo))


@pytest.fixture
def started(repo):
    return CheckRun(
        name="DevTeam / verify", head=repo.branch("main"), external_id="run-1", status="in_progress", summary="…"
    )


def ended(started: CheckRun, count: int, **fields) -> CheckRun:
    findings = tuple(
        Finding(tool="ruff", rule="E501", message=f"finding {number}", path="README.md", line=1)
        for number in range(count)
    )
    done = {"status": "completed", "conclusion": "failure", "summary": "red", "annotations": findings, **fields}
    return msgspec.structs.replace(started, **done)


def messages(repo) -> list[list[str]]:
    return [[each["message"] for each in run.annotations] for run in repo.check_runs(repo.branch("main"))]


def numbered(count: int) -> list[str]:
    return [f"finding {number}" for number in range(count)]


@pytest.mark.parametrize(("count", "writes"), [(0, 1), (1, 1), (50, 1), (51, 2), (120, 3)])
def test_it_costs_one_request_and_one_for_every_further_fifty(github, repo, checks, started, count, writes):
    checks.write(ended(started, count), look=False)
    assert messages(repo) == [numbered(count)]
    assert len(github.requests) == writes


@pytest.mark.parametrize("count", [0, 50, 120])
def test_it_is_created_at_the_start_and_completed_at_the_end(github, repo, checks, started, count):
    made = checks.write(started, look=False)
    github.reset_count()
    assert checks.write(msgspec.structs.replace(ended(started, count), id=made)) == made
    (run,) = repo.check_runs(started.head)
    assert (run.status, run.conclusion, run.summary, run.external_id) == ("completed", "failure", "red", "run-1")
    assert messages(repo) == [numbered(count)]
    assert len(github.requests) == max(1, -(-count // 50))


@pytest.mark.parametrize("count", [0, 51])
def test_a_second_run_writes_the_same_one_and_no_annotation_twice(repo, started, count):
    first = CheckRuns(client_for(repo)).write(ended(started, count))
    second = CheckRuns(client_for(repo)).write(ended(started, count, conclusion="neutral"))
    assert first == second
    assert messages(repo) == [numbered(count)]
    assert repo.check_runs(started.head)[0].conclusion == "neutral"


def test_a_run_that_was_cut_off_between_batches_is_completed(github, repo, started):
    github.fault("401", method="PATCH")
    with pytest.raises(Exception, match="token"):
        CheckRuns(client_for(repo)).write(ended(started, 120))
    assert messages(repo) == [numbered(50)]
    CheckRuns(client_for(repo)).write(ended(started, 120))
    assert messages(repo) == [numbered(120)]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("kind", FAULTS)
def test_there_is_one_with_every_annotation_once_after_any_fault(github, repo, checks, started, kind, method):
    github.fault(kind, method=method)
    made = checks.write(started, look=False)
    checks.write(msgspec.structs.replace(ended(started, 120), id=made))
    assert messages(repo) == [numbered(120)]
    assert repo.check_runs(started.head)[0].conclusion == "failure"


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_batch_whose_answer_was_lost_is_not_sent_again(github, repo, checks, started, after):
    made = checks.write(started)
    github.fault("502-after-effect", method="PATCH", after=after)
    checks.write(msgspec.structs.replace(ended(started, 150), id=made))
    assert messages(repo) == [numbered(150)]


def test_another_external_id_on_the_same_head_is_another_run(repo, checks, started):
    other = msgspec.structs.replace(started, external_id="run-2")
    assert checks.write(started) != checks.write(other)
    assert len(repo.check_runs(started.head)) == 2


def test_an_id_that_is_not_there_any_more_makes_a_new_one(repo, checks, started):
    made = checks.write(msgspec.structs.replace(ended(started, 3), id=424242))
    assert [run.id for run in repo.check_runs(started.head)] == [made]


def test_a_job_that_may_not_write_checks_is_told_the_line(repo, started):
    client = client_for(repo, repo.job_token(checks="none"))
    with pytest.raises(NotAllowed) as refused:
        CheckRuns(client).write(started)
    assert "permissions:\n  checks: write" in refused.value.remedy
    assert client.missing_rights == ("checks: write",)
