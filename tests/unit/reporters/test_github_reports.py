from __future__ import annotations

import threading

import msgspec
import pytest

from devteam_action.domain.events import (
    Completed,
    Failed,
    Intervened,
    RunOptions,
    StageFinished,
    StageStarted,
    Started,
)
from devteam_action.domain.findings import Finding, Verification
from devteam_action.domain.results import Prepared, StageFailed, Verified
from devteam_action.domain.view import view_of
from devteam_action.errors import Missing, NotAllowed
from devteam_action.pipeline.forge import CheckRun, TooLong
from devteam_action.render.fit import SUMMARY_LIMIT
from devteam_action.render.markers import task_marker
from devteam_action.render.own_templates import FOLDER
from devteam_action.render.wording import as_comments, conclusion
from devteam_action.reporters.annotations import AnnotationsReporter
from devteam_action.reporters.check_run import CheckRunReporter
from devteam_action.reporters.job_summary import JobSummary
from devteam_action.reporters.report_context import ReportContext
from devteam_action.reporters.sticky import StickyComment
from tests.unit.render.stories import (
    FACTS,
    FIRST,
    GREEN_ROWS,
    RED_ROWS,
    SECOND,
    STORIES,
    TICK,
    WORK,
    attempt,
    beginning,
    green,
    red,
    stamped,
    stopped,
)


class Wall:
    """Comments kept in memory as a forge keeps them; `refusals` are raised first, `most` is its true limit."""

    def __init__(self, *refusals: Exception, most: int = 65_536) -> None:
        self.bodies: dict[tuple[int, str], str] = {}
        self.writes: list[str] = []
        self.refusals = list(refusals)
        self.most = most
        self.tries = 0

    def put(self, number: int, marker: str, body: str) -> int:
        self.tries += 1
        if self.refusals:
            raise self.refusals.pop(0)
        if len(body) > self.most:
            raise TooLong("Body is too long")
        self.bodies[number, marker] = body
        self.writes.append(body)
        return 900 + len(self.bodies)


class Board:
    """Check runs kept in memory, one for each (head, external id); an id keeps its head."""

    def __init__(self, *refusals: Exception, most: int = 65_535) -> None:
        self.runs: dict[int, CheckRun] = {}
        self.writes = 0
        self.refusals = list(refusals)
        self.most = most

    def write(self, check: CheckRun) -> int:
        if self.refusals:
            raise self.refusals.pop(0)
        if max(len(check.summary), len(check.text)) > self.most:
            raise TooLong("too long")
        self.writes += 1
        same = [key for key, run in self.runs.items() if (run.head, run.external_id) == (check.head, check.external_id)]
        number = same[0] if same else 500 + len(self.runs)
        assert check.id in (None, number), "an id belongs to its head"
        self.runs[number] = check
        return number

    def on(self, head: str) -> list[CheckRun]:
        return [run for run in self.runs.values() if run.head == head]


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def context(told: list[str]) -> ReportContext:
    return ReportContext(FACTS.links, tell=told.append)


def tell_all(reporter, events) -> None:
    for event in events:
        reporter.handle(event)
    reporter.close()


MARKER = task_marker("1.1.2")
NO_RIGHT = NotAllowed("Resource not accessible by integration", remedy="permissions: pull-requests: write")
DOWN = Missing("GitHub did not answer")


# --- the sticky comment --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["green", "red", "stopped"])
def test_the_one_comment_ends_as_the_run_did(name: str, context: ReportContext) -> None:
    wall = Wall()
    tell_all(StickyComment(wall, context), STORIES[name]())
    assert list(wall.bodies) == [(7, MARKER)]
    assert "⏳ **" not in wall.bodies[7, MARKER]
    assert len(wall.writes) <= 2


def test_nothing_is_posted_before_a_pull_request_is_known(context: ReportContext) -> None:
    wall = Wall()
    sticky = StickyComment(wall, context)
    for event in stamped(list(beginning()))[:2]:
        sticky.handle(event)
    sticky.close()
    assert wall.tries == 0


def test_a_run_that_goes_on_shows_what_was_before_it(context: ReportContext) -> None:
    wall, events = Wall(), green()
    sticky = StickyComment(wall, context, history=events[:12])
    tell_all(sticky, events[12:])
    fresh = Wall()
    tell_all(StickyComment(fresh, context), events)
    assert wall.bodies == fresh.bodies


def test_a_lower_limit_than_the_stated_one_is_found_out(context: ReportContext) -> None:
    wall = Wall(most=3_000)
    tell_all(StickyComment(wall, context), red())
    body = wall.bodies[7, MARKER]
    assert len(body) <= 3_000
    assert "Left out for length" in body


def test_a_missing_right_is_told_once_and_not_tried_again(context: ReportContext, told: list[str]) -> None:
    wall = Wall(NO_RIGHT, NO_RIGHT, NO_RIGHT)
    tell_all(StickyComment(wall, context), green())
    assert wall.tries == 1
    assert len(told) == 1
    assert "Resource not accessible" in told[0]
    assert "permissions: pull-requests: write" in context.facts().troubles[0]


def test_a_forge_that_was_down_is_tried_again_and_forgiven(context: ReportContext) -> None:
    wall, done = Wall(DOWN), threading.Event()
    events = green()
    sticky = StickyComment(wall, context)
    for event in events[:6]:
        sticky.handle(event)
    for _ in range(500):
        if wall.tries and context.facts().troubles:
            break
        done.wait(0.01)
    assert context.facts().troubles
    tell_all(sticky, events[6:])
    assert wall.bodies
    assert context.facts().troubles == ()


def test_the_last_word_is_tried_once_more_and_not_for_ever(context: ReportContext) -> None:
    class Down(Wall):
        """Takes no last word the first `most_lost` times."""

        lost = 0

        def put(self, number: int, marker: str, body: str) -> int:
            if body.startswith(f"{marker}\n### ✅") and self.lost < self.most_lost:
                self.lost += 1
                raise DOWN
            return super().put(number, marker, body)

        def __init__(self, most_lost: int) -> None:
            super().__init__()
            self.most_lost = most_lost

    once, always = Down(1), Down(100)
    for wall in (once, always):
        tell_all(StickyComment(wall, context), green())
    assert once.bodies[7, MARKER].startswith(f"{MARKER}\n### ✅")
    assert once.lost == 1
    assert always.lost in (2, 3)  # the first edit of all may be the last word already


def test_a_template_of_the_users_that_is_wrong_is_told_and_ours_is_used(told: list[str]) -> None:
    context = ReportContext(FACTS.links, tell=told.append, templates={f"{FOLDER}/comment.md.j2": b"no marker"})
    wall = Wall()
    tell_all(StickyComment(wall, context), green())
    assert "### ✅ 1.1.2" in wall.bodies[7, MARKER]
    assert "has lost the marker" in told[0]
    assert len(told) == 1


# --- the check run -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("story", "head", "verdict"),
    [(green, TICK, "success"), (red, SECOND, "failure"), (stopped, FIRST, "cancelled")],
)
def test_the_verdict_is_on_the_last_head_and_no_head_is_left_in_progress(story, head, verdict, context) -> None:
    board = Board()
    reporter = CheckRunReporter(board, context)
    tell_all(reporter, story())
    assert [run.conclusion for run in board.on(head)] == [verdict]
    assert {run.status for run in board.runs.values()} == {"completed"}
    assert [run.conclusion for run in board.runs.values() if run.head != head] in ([], ["neutral"])
    assert board.writes == (2 if head == FIRST else 3)
    assert reporter.id is not None
    assert board.runs[reporter.id].head == head


def test_it_is_in_progress_from_the_end_of_prep_on(context: ReportContext) -> None:
    board = Board()
    reporter = CheckRunReporter(board, context)
    for event in stamped(list(beginning())):
        reporter.handle(event)
    assert reporter._starting is not None
    reporter._starting.join(5)
    (run,) = board.on(FIRST)
    assert (run.status, run.name, run.external_id) == ("in_progress", "DevTeam / verify", "devteam:1.1.2")


def test_a_run_resumed_in_another_process_leaves_one_check_run_a_head(context: ReportContext) -> None:
    board, events = Board(), green()
    first = CheckRunReporter(board, context)
    for event in events[:9]:
        first.handle(event)  # and it is killed
    assert first._starting is not None
    first._starting.join(5)
    again = [
        msgspec.structs.replace(each, result=msgspec.structs.replace(each.result, head=WORK))
        if isinstance(each, StageFinished) and isinstance(each.result, Prepared)
        else each
        for each in events[2:4]
    ]
    tell_all(CheckRunReporter(board, context, history=events[:9]), [*again, *events[9:]])
    assert {run.head: run.conclusion for run in board.runs.values()} == {
        FIRST: "neutral",
        WORK: "neutral",
        TICK: "success",
    }


def test_a_run_without_a_pull_request_writes_no_check(context: ReportContext) -> None:
    board = Board()
    events = green()
    local = msgspec.structs.replace(events[0], options=RunOptions(tool="aider", base_branch="main", deliver="branch"))
    prepared = [
        msgspec.structs.replace(each, result=msgspec.structs.replace(each.result, pull_request=None))
        if isinstance(each, StageFinished) and isinstance(each.result, Prepared)
        else each
        for each in events[1:4]
    ]
    tell_all(CheckRunReporter(board, context), [local, *prepared])
    assert board.writes == 0


def test_annotations_are_the_new_findings_on_lines_that_the_head_has(told: list[str]) -> None:
    context = ReportContext(FACTS.links, tell=told.append, line_counts=lambda head, paths: {"src/export.py": 89})
    board = Board()
    tell_all(CheckRunReporter(board, context), red())
    (run,) = board.on(SECOND)
    assert [each.line for each in run.annotations] == [81, 82, 84]


def test_a_run_that_cannot_have_its_branch_leaves_the_verdicts_of_before_as_they_are(context: ReportContext) -> None:
    board = Board()
    tell_all(CheckRunReporter(board, context), green())
    before = dict(board.runs)
    again = [
        Intervened(kind="guide", text="do it better", receipt="next-attempt"),
        StageStarted(stage="PREP"),
        StageFinished(stage="PREP", result=StageFailed(code="branch-moved", reason="somebody pushed")),
        Failed(status="ERROR", code="branch-moved", reason="somebody pushed"),
    ]
    tell_all(CheckRunReporter(board, context, history=green()), stamped(again))
    assert board.runs == before


def test_the_verdict_of_an_end_after_delivered_work_is_on_the_last_commit_of_ours(context: ReportContext) -> None:
    board = Board()
    tick = stamped(
        [
            Intervened(kind="refresh"),
            StageFinished(stage="PREP", result=Prepared(base="b", head=TICK, branch="x", repo_path="/r")),
            StageFinished(stage="PUBLISH", result=StageFailed(code="conflict", reason="a conflict")),
            Failed(status="ERROR", code="conflict", reason="a conflict"),
        ]
    )
    tell_all(CheckRunReporter(board, context, history=green()), tick)
    assert {run.head for run in board.runs.values()} == {TICK}


@pytest.mark.parametrize("number", [50, 51, 101])
def test_all_annotations_are_handed_over_errors_first(number: int, context: ReportContext) -> None:
    findings = tuple(
        Finding(tool="t", rule="r", path="a.py", line=n + 1, message="m", severity="notice" if n % 2 else "error")
        for n in range(number)
    )
    rows = (msgspec.structs.replace(RED_ROWS[1], findings=findings),)
    verification = Verification(verdict="failed", results=rows)
    events = stamped(
        [*beginning(), StageFinished(stage="VERIFY", result=Verified(head=FIRST, verification=verification))]
    )
    board = Board()
    tell_all(CheckRunReporter(board, context), events)
    severities = [each.severity for each in board.on(FIRST)[0].annotations]
    assert len(severities) == number
    assert severities == sorted(severities)  # `error` comes before `notice`


def test_a_check_that_may_not_be_written_is_told_once_and_the_run_goes_on(context, told) -> None:
    board = Board(NO_RIGHT, NO_RIGHT)
    tell_all(CheckRunReporter(board, context), green())
    assert board.writes == 0
    assert len(told) == 1
    assert "the check run could not be written" in context.facts().troubles[0]


def test_a_start_that_was_lost_leaves_a_check_with_the_verdict_all_the_same(context: ReportContext) -> None:
    board = Board(DOWN)
    tell_all(CheckRunReporter(board, context), green())
    assert [run.conclusion for run in board.runs.values()] == ["success"]


def test_an_error_that_nobody_expected_is_told_and_the_run_goes_on(context: ReportContext, told: list[str]) -> None:
    board, wall = Board(ZeroDivisionError("bug")), Wall(ZeroDivisionError("bug"))
    tell_all(CheckRunReporter(board, context), green())
    tell_all(StickyComment(wall, context), green())
    assert [run.conclusion for run in board.runs.values()] == ["success"]
    assert any("the check run could not be written: bug" in sentence for sentence in told)


def test_a_check_too_long_for_the_server_is_shortened(context: ReportContext) -> None:
    board = Board(most=1_500)
    tell_all(CheckRunReporter(board, context), red())
    assert board.on(SECOND)[0].conclusion == "failure"


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([Completed()], "success"),
        ([Completed(status="WAITING", waiting_for="review")], "success"),
        ([Completed(status="WAITING", waiting_for="person")], "action_required"),
        ([Completed(status="WAITING", waiting_for="approval")], "action_required"),
        ([Failed(code="attempts-spent", reason="r")], "failure"),
        ([Failed(code="conflict", reason="r")], "action_required"),
        ([Failed(status="STOPPED", code="stopped", reason="r")], "cancelled"),
        ([], "cancelled"),
        (list(attempt(1, WORK, GREEN_ROWS, "first")), "success"),
        (list(attempt(1, WORK, RED_ROWS, "first")), "failure"),
    ],
)
def test_what_a_check_concludes(events, expected: str) -> None:
    assert conclusion(view_of([*beginning(), *events])) == expected


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        ("`devteam retry 1.2` tries again", "`/devteam retry 1.2` tries again"),
        ("`devteam retry 1.2 --max-cost USD` goes on", "`devteam retry 1.2 --max-cost USD` goes on"),
        ("see `devteam logs`", "see `devteam logs`"),
    ],
)
def test_advice_for_the_command_line_becomes_what_a_comment_may_say(hint: str, said: str) -> None:
    assert as_comments(hint) == said


# --- job summary and annotations -----------------------------------------------------------------------------


def test_the_summary_of_each_run_of_a_step_is_appended(tmp_path, context: ReportContext) -> None:
    path = tmp_path / "summary.md"
    tell_all(JobSummary(path, context), red())
    tell_all(JobSummary(path, context), green())
    text = path.read_text(encoding="utf-8")
    assert text.index("## ❌ 1.1.2") < text.index("## ✅ 1.1.2")


def test_the_summaries_of_a_step_stay_below_a_mebibyte(tmp_path, context: ReportContext) -> None:
    path = tmp_path / "summary.md"
    path.write_text("x" * (SUMMARY_LIMIT - 4_500))
    tell_all(JobSummary(path, context), red())
    tell_all(JobSummary(path, context), red())
    assert SUMMARY_LIMIT - 4_000 < path.stat().st_size <= SUMMARY_LIMIT
    assert path.read_text(encoding="utf-8").count("```") % 2 == 0


def test_the_summary_says_what_other_reports_could_not(tmp_path, context: ReportContext) -> None:
    context.trouble("the comment on the pull request", NO_RIGHT)
    path = tmp_path / "summary.md"
    tell_all(JobSummary(path, context), green())
    assert "the comment on the pull request could not be written" in path.read_text(encoding="utf-8")


def test_a_summary_that_cannot_be_written_is_told_and_no_more(tmp_path, context, told) -> None:
    tell_all(JobSummary(tmp_path / "no" / "such" / "folder", context), green())
    assert "the job summary could not be written" in told[0]


def test_facts_that_are_no_events_are_redacted(told: list[str]) -> None:
    context = ReportContext(
        FACTS.links, tell=told.append, redact=lambda text: text.replace("hunter2", "***"), rate=lambda: "hunter2"
    )
    context.trouble("the check run", Missing("hunter2 was refused"))
    assert "hunter2" not in str(context.facts()) + str(told)


@pytest.mark.parametrize(("story", "number"), [(red, 4), (green, 0), (stopped, 0)])
def test_findings_of_the_last_verdict_become_annotations_once(story, number: int, context: ReportContext) -> None:
    written: list[Finding] = []
    tell_all(AnnotationsReporter(written.extend, context), story())
    assert len(written) == number


def test_a_finding_past_the_end_of_its_file_is_told_without_its_line(told: list[str]) -> None:
    context = ReportContext(FACTS.links, tell=told.append, line_counts=lambda head, paths: {"src/export.py": 89})
    written: list[Finding] = []
    tell_all(AnnotationsReporter(written.extend, context), red())
    assert [each.line for each in written] == [81, 82, 84, None]


def test_a_fork_is_judged_without_implement_or_publish(context: ReportContext) -> None:
    events = stamped(
        [
            *list(beginning())[:1],
            StageFinished(
                stage="PREP", result=Prepared(base="b", head=WORK, branch="x", repo_path="/r", pull_request=8)
            ),
            StageStarted(stage="VERIFY"),
            StageFinished(
                stage="VERIFY",
                result=Verified(head=WORK, verification=Verification(verdict="passed", results=GREEN_ROWS)),
            ),
            Completed(status="WAITING", waiting_for="review"),
        ]
    )
    assert isinstance(events[0], Started)
    wall, board = Wall(), Board()
    tell_all(StickyComment(wall, context), events)
    tell_all(CheckRunReporter(board, context), events)
    assert "IMPLEMENT" not in wall.bodies[8, MARKER]
    assert [run.conclusion for run in board.on(WORK)] == ["success"]
