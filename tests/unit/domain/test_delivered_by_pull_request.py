"""What pull requests change in a run's course: who is waited for, who is called, and how proved work is brought up."""

from __future__ import annotations

import pytest

from devteam_action.domain.decide import Finish, Implement, Prepare, Publish, StartAttempt, Verify, decide
from devteam_action.domain.events import AnyEvent, Completed, Failed, Intervened, RunOptions, StageFinished
from devteam_action.domain.execution import Execution
from devteam_action.domain.projection import execution_of
from devteam_action.domain.results import BaseMoved, Implemented, Prepared, Published, StageFailed
from devteam_action.domain.run import Run, fold
from tests.unit.domain.test_decide import GREEN, TASK, attempt, prepared, started, tool_failed, verified

REVIEW = Completed(status="WAITING", waiting_for="review")
PERSON = Completed(status="WAITING", waiting_for="person")
REFRESH = Intervened(kind="refresh")


def published(number: int | None = 7) -> StageFinished:
    return StageFinished(stage="PUBLISH", result=Published(head="t1", pushed=True, pull_request=number))


def opened(number: int | None = 7, head: str = "b0") -> StageFinished:
    result = Prepared(base="b0", head=head, branch="task/1", repo_path="/w", pull_request=number)
    return StageFinished(stage="PREP", result=result)


def a_run(*history: AnyEvent) -> Run:
    return fold([started(deliver="pr"), *history])


@pytest.mark.parametrize(
    ("prep", "publish", "end"),
    [
        (opened(), published(), REVIEW),
        (opened(None), published(), REVIEW),
        (opened(None), published(None), PERSON),
    ],
    ids=["opened", "opened late", "never"],
)
def test_without_a_pull_request_a_person_is_waited_for(prep, publish, end):
    assert decide(a_run(prep, *GREEN[1:], publish)) == Finish(end)


@pytest.mark.parametrize(
    "history", [(opened(),), (opened(None), *GREEN[1:], published())], ids=["by PREP", "by PUBLISH"]
)
def test_the_stored_state_has_the_number_from_the_stage_that_knows_it_first(history):
    stored = execution_of(a_run(*history), Execution(customer_id="acme/app", current_task=TASK))
    assert (stored.pull_request, stored.base_branch) == (7, "main")


def test_what_is_resumed_keeps_its_pull_request():
    run = a_run(opened(), Intervened(kind="resume"))
    assert (run.pull_request, run.prepared) == (7, None)


ENDED = [opened(), *GREEN[1:], published(), REVIEW]


def test_when_a_retry_adds_nothing_the_successor_of_a_closed_one_gets_what_was_proved():
    nothing = StageFinished(stage="IMPLEMENT", attempt=2, result=Implemented(ok=False, reason="x", retryable=False))
    run = a_run(*ENDED, Intervened(kind="retry"), opened(8, head="t1"), attempt(2, "retry"), nothing)
    assert decide(run) == Verify(2, "t1")
    run = fold([verified(head="t1")], run)
    assert decide(run) == Publish()
    assert decide(fold([published(8)], run)) == Finish(REVIEW)


def test_when_guidance_adds_nothing_the_same_pull_request_goes_on_waiting():
    nothing = StageFinished(stage="IMPLEMENT", attempt=2, result=Implemented(ok=False, reason="x", retryable=False))
    word = Intervened(kind="guide", text="better")
    run = a_run(*ENDED, word, opened(head="t1"), attempt(2, "guidance"), nothing)
    assert decide(run) == Finish(REVIEW)


def test_work_that_is_brought_up_is_delivered_again_and_proved_only_on_a_new_base():
    again = a_run(*ENDED, REFRESH)
    assert decide(again) == Prepare("t1")
    again = fold([opened(head="t1")], again)
    assert decide(again) == Publish()
    moved = fold([StageFinished(stage="PUBLISH", result=BaseMoved(base="b1", head="m1"))], again)
    assert decide(moved) == Verify(1, "m1")


def test_bringing_up_takes_no_attempt_even_where_the_last_one_came_to_nothing():
    waiting = a_run(*ENDED, Intervened(kind="guide", text="nicer"), opened(head="t1"), attempt(2), tool_failed())
    assert decide(waiting) == Finish(REVIEW)
    again = fold([REVIEW, REFRESH, opened(head="t1")], waiting)
    assert decide(again) == Verify(2, "t1")


@pytest.mark.parametrize(
    "end", [Completed(), Failed(code="conflict", reason="a.py"), Failed(status="STOPPED", code="stopped", reason="x")]
)
def test_only_what_waits_can_be_brought_up(end):
    run = a_run(opened(), *GREEN[1:], published(), end)
    assert fold([REFRESH], run).ended == end


def test_bringing_up_may_change_the_base():
    options = RunOptions(tool="replay", base_branch="main", deliver="pr")
    stacked = fold([started(deliver="pr"), *ENDED])
    run = fold([Intervened(kind="refresh", options=options)], stacked)
    assert run.options == options
    assert decide(run) == Prepare("t1")


@pytest.mark.parametrize(
    ("end", "called"),
    [
        (Failed(code="conflict", reason="x"), True),
        (Failed(status="STOPPED", code="not-allowed", reason="x"), True),
        (Failed(status="STOPPED", code="stopped", reason="x"), False),
        (Failed(status="STOPPED", code="interrupted", reason="x"), False),
        (PERSON, True),
        (REVIEW, False),
        (Completed(), False),
    ],
)
def test_a_run_remembers_that_it_called_a_person(end, called):
    assert a_run(opened(), end).has_called_a_person is called


def test_what_was_stopped_on_purpose_does_not_take_the_call_back_and_a_good_end_does():
    called = a_run(opened(), Failed(code="conflict", reason="x"))
    stopped = fold([Intervened(kind="retry"), Failed(status="STOPPED", code="stopped", reason="x")], called)
    assert stopped.has_called_a_person
    assert not fold([REVIEW], stopped).has_called_a_person


def test_a_branch_that_somebody_pushed_to_goes_on_after_adopt_with_their_commits():
    moved = StageFailed(code="branch-moved", reason="somebody pushed")
    run = a_run(opened(), *GREEN[1:], StageFinished(stage="PUBLISH", result=moved))
    assert isinstance(decide(run), Finish)
    adopted = fold([Failed(code="branch-moved", reason="x"), Intervened(kind="adopt")], run)
    assert decide(adopted) == Prepare("c1")
    assert decide(fold([opened(head="theirs")], adopted)) == Verify(1, "theirs")


def test_adopted_before_the_first_attempt_the_tool_still_works():
    moved = StageFailed(code="branch-moved", reason="somebody pushed")
    run = a_run(StageFinished(stage="PREP", result=moved), Intervened(kind="adopt"), prepared())
    assert decide(run) == StartAttempt(1, "first")
    assert decide(fold([attempt(1)], run)) == Implement(1)
