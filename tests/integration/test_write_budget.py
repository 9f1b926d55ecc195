"""How often GitHub is written to in an hour of work: what one task costs, and an edit of the comment in each slot."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from devteam_action.domain.events import AnyEvent, decode, encode
from devteam_action.github_io.check_runs import CheckRuns
from devteam_action.github_io.comments import StickyComments
from devteam_action.pipeline.ports import Reporter
from devteam_action.render.links import Links
from devteam_action.reporters.check_run import CheckRunReporter
from devteam_action.reporters.report_context import ReportContext
from devteam_action.reporters.sticky import StickyComment
from tests.fakes.github import FakeGitHub
from tests.integration.github_io_client import client_for
from tests.job import Job
from tests.unit.render.stories import FIRST, SECOND, TICK, WORK, did, green

BRANCH = "task/1-1-2-hide-the-export-button"
PULL = 7  # of the story
HOUR_S, STEP_S = 3600, 4


class FakeTime:
    """Time that passes as fast as the test likes, with a moment for others at each step."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        condition.wait(0.001)

    def step(self) -> None:
        self.now += STEP_S
        time.sleep(0.006)


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub.serve(tmp_path / "github") as serving:
        yield serving


def writes_of_reports_in_an_hour(github: FakeGitHub) -> int:
    """The sticky comment and the check run of a run that does something at every moment of an hour."""
    repo = github.repository("acme/long", files={"src/export.py": "line\n" * 100})
    repo.git("branch", BRANCH, "main")
    heads = {old: repo.commit(BRANCH, {"src/new.py": old}) for old in (FIRST, WORK, SECOND, TICK)}
    for number in range(1, PULL):
        repo.issue(f"issue {number}")
    repo.open_pull(BRANCH, "main", title="1.1.2")
    clock, client = FakeTime(), client_for(repo)
    links = Links(server_url="https://github.com", repository="acme/long", base_branch="main")
    context = ReportContext(links, tell=print)
    sticky = StickyComment(StickyComments(client), context, monotonic=clock.monotonic, wait=clock.wait)
    reporters = (sticky, CheckRunReporter(CheckRuns(client), context))
    story = [_on_here(event, heads) for event in green()]
    busy = len(story) // 2
    github.reset_count()
    for place, event in enumerate(story):
        _tell(reporters, event)
        for second in range(0, HOUR_S if place == busy else 0, STEP_S):
            _tell(reporters, did("bash_command", f"npm test, time {second}"))
            clock.step()
    for reporter in reporters:
        reporter.close()
    assert len(repo.comments(PULL)) == 1
    return len(github.writes)


def _tell(reporters: Iterable[Reporter], event: AnyEvent) -> None:
    for reporter in reporters:
        reporter.handle(event)


def _on_here(event: AnyEvent, heads: Mapping[str, str]) -> AnyEvent:
    """The story's event, with commits that this repository has."""
    line = encode(event)
    for old, new in heads.items():
        line = line.replace(old.encode(), new.encode())
    return decode(line)


def test_an_hour_of_work_is_at_most_ninety_writes(github, tmp_path):
    job = Job.make(github, tmp_path)
    number = job.repo.issue("please")
    asked = job.comment(number, "/devteam run").ok()
    sent = [f"{each.method} {each.path}" for each in github.writes]
    live = [each for each in sent if "check-runs" in each or "/comments/" in each or each.endswith("/2/comments")]
    reports = [each for each in live if not each.endswith("/reactions")]
    hour = writes_of_reports_in_an_hour(github)
    assert hour > 60, "the hour was not as busy as it was meant to be"
    assert asked.writes - len(reports) + hour <= 90, (asked.writes, reports, hour)
