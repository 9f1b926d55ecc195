from __future__ import annotations

import msgspec
import pytest

from devteam_action.domain.command_status import CommandStatus
from devteam_action.domain.events import (
    AttemptStarted,
    Completed,
    Failed,
    Intervened,
    StageFinished,
    StageStarted,
)
from devteam_action.domain.results import BaseMoved, Implemented, Published, Saved, StageFailed
from devteam_action.domain.view import RunView, seen, seen_activities, view_of
from tests.unit.render.stories import (
    GREEN_ROWS,
    RED_ROWS,
    SECOND,
    STORIES,
    WORK,
    attempt,
    beginning,
    did,
    green,
    red,
    running,
    stamped,
    stands,
    stopped,
    with_scar,
)


def states(view: RunView) -> str:
    """The checklist as a picture: `.` to come, `>` running, `x` done, `!` failed, `-` stopped."""
    return "".join(
        {"pending": ".", "running": ">", "done": "x", "failed": "!", "stopped": "-"}[row.state] for row in view.stages
    )


PREPARED = list(beginning())
FIRST_RED = [*PREPARED, *attempt(1, WORK, RED_ROWS, "first")]
MOVED = StageFinished(stage="PUBLISH", result=BaseMoved(base="b", head="h"))
NO_EDIT = StageFinished(stage="IMPLEMENT", result=Implemented(ok=False, reason="no-edit"))
STOP = Failed(status="STOPPED", code="stopped", reason="stopped on request")
SAVED = StageFinished(stage="IMPLEMENT", result=Saved(commit="5" * 40))
RESUME = Intervened(kind="resume")
REFRESH = Intervened(kind="refresh")
FIRST_GREEN = [*PREPARED, *attempt(1, WORK, GREEN_ROWS, "first")]


@pytest.mark.parametrize(
    ("events", "picture"),
    [
        ([], "....."),
        (PREPARED[:1], "x...."),
        (PREPARED[:2], "x>..."),
        (PREPARED, "xx..."),
        ([*PREPARED, AttemptStarted(number=1), StageStarted(stage="IMPLEMENT")], "xx>.."),
        (FIRST_RED, "xxx!."),
        (FIRST_GREEN, "xxxx."),
        ([*FIRST_RED, AttemptStarted(number=2)], "xx..."),
        ([*FIRST_RED, AttemptStarted(number=2), StageStarted(stage="IMPLEMENT")], "xx>.."),
        ([*FIRST_GREEN, StageStarted(stage="PUBLISH")], "xxxx>"),
        ([*FIRST_GREEN, StageStarted(stage="PUBLISH"), MOVED], "xxx.."),
        ([*PREPARED[:2], StageFinished(stage="PREP", result=StageFailed(code="c", reason="r"))], "x!..."),
        ([*PREPARED, AttemptStarted(number=1), NO_EDIT], "xx!.."),
        (stopped(), "xx-.."),
        ([*PREPARED, AttemptStarted(number=1), StageStarted(stage="IMPLEMENT"), SAVED, STOP], "xx-.."),
        # Gone on after a stop in VERIFY, and brought up to a newer base after the end: IMPLEMENT is not done again.
        ([*FIRST_GREEN[:-1], STOP, RESUME, PREPARED[1]], "x>..."),
        ([*FIRST_GREEN[:-1], STOP, RESUME, *PREPARED[1:3], StageStarted(stage="VERIFY")], "xxx>."),
        ([*green(), REFRESH, *PREPARED[1:3], StageStarted(stage="PUBLISH")], "xxx.>"),
        # PREP itself has failed: nothing after it stands.
        (
            [*green(), RESUME, PREPARED[1], StageFinished(stage="PREP", result=StageFailed(code="c", reason="r"))],
            "x!...",
        ),
        ([*green(), RESUME, *PREPARED[1:3]], "xxx.."),
        (red(), "xxx!."),
        (green(), "xxxxx"),
        ([*PREPARED, StageStarted(stage="VERIFY"), Failed(code="lost", reason="gone")], "xx.-."),
    ],
)
def test_the_checklist_is_ticked_by_events_alone(events, picture: str) -> None:
    assert states(view_of(events)) == picture


@pytest.mark.parametrize("name", STORIES)
def test_a_view_does_not_depend_on_how_its_events_came_in(name: str) -> None:
    events = STORIES[name]()
    for cut in range(len(events) + 1):
        assert view_of(events[cut:], view_of(events[:cut])) == view_of(events)


def test_many_activities_at_once_are_as_many_one_by_one() -> None:
    view = view_of(stamped(PREPARED))
    activities = [did("file_edit", "e", path="a.py"), did("error", "boom"), did("file_edit", "f", path="b.py")] * 5
    one_by_one = view
    for each in activities:
        one_by_one = seen(one_by_one, each)
    at_once = seen_activities(view, activities)
    assert at_once.counts == one_by_one.counts == {"file_edit": 10, "error": 5}
    assert at_once.doing == one_by_one.doing == "edits b.py"
    assert at_once.errors == one_by_one.errors == ("boom",) * 5


def test_the_rows_of_the_last_attempt_that_was_judged_are_shown() -> None:
    view = view_of(running())
    assert view.rows == RED_ROWS
    assert view.rows_attempt == 1
    assert view_of(green()).rows == GREEN_ROWS


def test_criteria_show_one_by_one_as_they_are_judged() -> None:
    events = list(attempt(2, SECOND, GREEN_ROWS, "checks-failed"))
    judged = next(at for at, event in enumerate(events) if event.__class__.__name__ == "CheckFinished")
    view = view_of([*FIRST_RED, *events[: judged + 2]])
    assert view.rows == GREEN_ROWS[:2]
    assert view.rows_attempt == 2


def test_attempts_say_what_each_changed_missed_and_cost() -> None:
    first, second = view_of(green()).attempts
    assert (first.outcome, first.missed, first.commit) == ("failed", ("test.coverage", "type.strict"), WORK)
    assert (second.outcome, second.missed, second.commit) == ("passed", (), SECOND)
    assert first.refused == (".github/workflows/ci.yml: protected",)
    assert second.usage.tokens_sent == 4200
    assert view_of(green()).run.usage.tokens_sent == 8400


def test_what_people_said_is_kept_with_what_became_of_it() -> None:
    words = [
        Intervened(kind="guide", by="ann", text="first"),
        Intervened(kind="guide", by="ann", text="late", receipt="refused"),
    ]
    assert [(each.text, each.receipt) for each in view_of([*PREPARED, *words]).receipts] == [
        ("first", "taken"),
        ("late", "refused"),
    ]


def test_guidance_that_waited_for_an_attempt_has_one_receipt() -> None:
    waits = Intervened(kind="guide", by="ann", text="use capitals", receipt="next-attempt")
    taken = Intervened(kind="guide", by="ann", text="use capitals")
    assert [each.receipt for each in view_of([*PREPARED, waits, waits]).receipts] == ["next-attempt"]
    assert [each.receipt for each in view_of([*PREPARED, waits, taken]).receipts] == ["taken"]


def test_the_pull_request_of_prep_stays_known_to_the_end() -> None:
    bare = StageFinished(stage="PUBLISH", result=Published(head="1" * 40))
    view = view_of([*FIRST_GREEN, bare, Completed(status="WAITING", waiting_for="review")])
    assert view.pull_request == 7


def test_time_is_the_work_and_not_the_pauses() -> None:
    events = stamped(PREPARED)
    later = msgspec.structs.replace(StageStarted(stage="VERIFY"), timestamp="2026-03-09T09:00:00.000Z")
    now = msgspec.structs.replace(did("progress", "half"), timestamp="2026-03-09T09:00:05.000Z")
    assert view_of(events).duration_s == pytest.approx(1.4)
    assert view_of([*events, later, now]).duration_s == pytest.approx(6.4)


def test_findings_are_listed_once_errors_first_and_those_without_a_place_last() -> None:
    places = [(each.severity, each.path, each.line) for each in view_of(red()).findings]
    assert places == [("error", "src/export.py", line) for line in (81, 82, 84, 90)]


def test_a_stage_that_was_cut_off_is_counted_up_to_the_end() -> None:
    view = view_of(stopped())
    assert next(row for row in view.stages if row.stage == "IMPLEMENT").duration == pytest.approx(12)


def test_a_command_is_one_row_with_its_last_word_and_the_same_command_again_is_another():
    words = [
        CommandStatus(name="prime", state="QUEUED"),
        CommandStatus(name="prime", state="RUNNING"),
        CommandStatus(name="prime", state="FAILED", cause="ended without output"),
        CommandStatus(name="prime", state="RUNNING"),
        CommandStatus(name="validate", state="RUNNING"),
    ]
    view = view_of(stamped([*FIRST_RED, *map(stands, words)]))
    assert [(each.name, each.state) for each in view.activity.commands] == [
        ("prime", "FAILED"), ("prime", "RUNNING"), ("validate", "RUNNING"),
    ]  # fmt: skip


def test_the_status_of_a_command_is_counted_as_no_doing_but_its_failure_is_an_error_that_is_shown():
    failed = stands(CommandStatus(name="prime", state="FAILED"))
    view = view_of(stamped([*PREPARED, failed]))
    assert dict(view.counts) == {}
    assert view.errors == ("PRIME: FAILED",)
    assert view.activity.recent == ()


def test_the_latest_of_each_type_are_kept_however_many_come_and_however_they_come():
    events = stamped([did("file_edit", "e", path=f"{number}.py") for number in range(1000)])
    status = stands(CommandStatus(name="prime", state="RUNNING"))
    at_once = seen_activities(RunView(), [status, *events])
    one_by_one = RunView()
    for event in (status, *events):
        one_by_one = seen(one_by_one, event)
    assert at_once.activity == one_by_one.activity
    assert at_once.activity.latest["file_edit"][-1] == "999.py"
    assert len(at_once.activity.latest["file_edit"]) < 50
    assert [each.name for each in at_once.activity.commands] == ["prime"], "a status is never passed over"


def test_what_is_rare_in_a_burst_is_not_lost_behind_what_is_frequent():
    burst = [did("error", "Error: no"), did("file_edit", "e", path="a.py"), *[did("agent_response", "w")] * 2000]
    at_once = seen_activities(RunView(), burst)
    one_by_one = view_of(burst)
    assert at_once.errors == one_by_one.errors == ("Error: no",)
    assert at_once.activity == one_by_one.activity
    assert (at_once.activity.latest["error"], at_once.activity.latest["file_edit"]) == (("Error: no",), ("a.py",))


def test_a_search_is_shown_with_its_pattern():
    view = seen_activities(
        RunView(),
        [did("grep_search", "S", pattern="def add", path="src"), did("glob_pattern", "F", pattern="**/*.py")],
    )
    assert [text for _, text in view.activity.recent] == ['"def add" in src', "**/*.py"]
    assert view.doing == "looks for **/*.py"


def test_a_story_with_a_server_has_its_commands_and_what_it_did():
    view = view_of(with_scar())
    assert [(each.name, each.state) for each in view.activity.commands] == [
        ("prime", "COMPLETED"), ("execute-github", "RUNNING"),
    ]  # fmt: skip
