"""The reports of a run on a GitHub of ours: one comment, one check a head, whatever is lost on the way."""

from __future__ import annotations

import re

import pytest

from devteam_action.domain.events import AnyEvent, decode, encode
from devteam_action.github_io.check_runs import CheckRuns
from devteam_action.github_io.comments import StickyComments
from devteam_action.render.links import Links
from devteam_action.reporters.check_run import CheckRunReporter
from devteam_action.reporters.job_summary import JobSummary
from devteam_action.reporters.report_context import ReportContext
from devteam_action.reporters.sticky import StickyComment
from tests.fakes.github import FakeGitHub
from tests.integration.github_io_client import client_for
from tests.unit.render.stories import FIRST, SECOND, TICK, WORK, green, red, stopped

BRANCH = "task/1-1-2-hide-the-export-button"


@pytest.fixture
def github(tmp_path):
    with FakeGitHub.serve(tmp_path / "github") as github:
        yield github


@pytest.fixture
def repo(github):
    lines = "".join(f"line {number}\n" for number in range(100))
    return github.repository("acme/app", files={"src/export.py": lines})


@pytest.fixture
def told(repo):
    """The stories with commits that the repository has, on a pull request that is open."""
    repo.git("branch", BRANCH, "main")
    heads = {old: repo.commit(BRANCH, {"src/new.py": f"{old}\n"}) for old in (FIRST, WORK, SECOND, TICK)}
    number = repo.open_pull(BRANCH, "main", title="1.1.2", by="ann")
    number = getattr(number, "number", number)

    def on_here(story) -> list[AnyEvent]:
        events = []
        for event in story():
            line = encode(event).decode()
            for old, new in heads.items():
                line = line.replace(old, new)
            events.append(decode(line.replace('"pullRequest":7', f'"pullRequest":{number}').encode()))
        return events

    on_here.number = number
    on_here.heads = heads
    return on_here


def report(repo, events, summary=None, said=None, **rights) -> None:
    client = client_for(repo, repo.job_token(**rights) if rights else None)
    context = ReportContext(
        Links(server_url="https://github.com", repository="acme/app", base_branch="main"),
        tell=(said if said is not None else []).append,
        missing_rights=lambda: client.missing_rights,
    )
    reporters = [
        StickyComment(StickyComments(client), context),
        CheckRunReporter(CheckRuns(client), context),
        *([JobSummary(summary, context)] if summary else []),
    ]
    for event in events:
        for reporter in reporters:
            reporter.handle(event)
    for reporter in reporters:
        reporter.close()


def state(repo, told):
    """What a person sees, without what differs in each run."""
    comments = [(each.user, each.body) for each in repo.comments(told.number)]
    checks = {
        old: [(run.status, run.conclusion, run.title, len(run.annotations)) for run in repo.check_runs(head)]
        for old, head in told.heads.items()
    }
    return comments, checks


@pytest.mark.parametrize(
    ("story", "head", "conclusion", "annotations"),
    [(green, TICK, "success", 0), (red, SECOND, "failure", 4), (stopped, FIRST, "cancelled", 0)],
)
def test_a_run_ends_with_one_comment_and_one_verdict(github, repo, told, story, head, conclusion, annotations) -> None:
    github.reset_count()
    report(repo, told(story))
    comments, checks = state(repo, told)
    assert [user for user, _ in comments] == ["github-actions[bot]"]
    ((status, verdict, _, count),) = checks[head]
    assert (status, verdict, count) == ("completed", conclusion, annotations)
    others = [run for old, runs in checks.items() if old != head for run in runs]
    assert {run[:2] for run in others} <= {("completed", "neutral")}
    assert len(github.writes) <= 5


def test_a_second_run_edits_what_the_first_one_wrote(repo, told) -> None:
    report(repo, told(red))
    report(repo, told(green))
    comments, checks = state(repo, told)
    assert len(comments) == 1
    assert "proved, waiting for review" in comments[0][1]
    assert all(len(runs) <= 1 for runs in checks.values())
    assert [run[:2] for run in checks[TICK]] == [("completed", "success")]


@pytest.mark.parametrize("kind", ["502-after-effect", "500", "reset"])
@pytest.mark.parametrize("lost", range(5))
def test_whatever_write_is_lost_the_end_is_the_same(tmp_path, github, repo, told, kind: str, lost: int) -> None:
    github.fault(kind, method="POST|PATCH", after=lost)
    report(repo, told(red))
    comments, checks = state(repo, told)
    assert len(comments) == 1
    assert "failed in VERIFY" in comments[0][1]
    assert [run[1:] for run in checks[SECOND]] == [("failure", "1.1.2: 2 of 4 criteria met", 4)]
    assert [run[1] for run in checks[FIRST]] == ["neutral"]


def test_a_token_that_only_reads_writes_nothing_and_the_summary_says_why(tmp_path, github, repo, told) -> None:
    github.reset_count()
    summary, said = tmp_path / "summary.md", []
    report(repo, told(red), summary, said, pull_requests="read", issues="read", checks="read", contents="read")
    assert repo.comments(told.number) == []
    assert len(github.writes) == 2, "one try each, and no more"
    text = summary.read_text(encoding="utf-8")
    assert "❌ 1.1.2" in text
    assert re.search(r"checks: write", text)
    assert len(said) == 2
