"""The rules of retry, stop, budget and order, as tables; and resume as a fold."""

import pytest

from devteam_action.domain.decide import Finish, Implement, Prepare, Publish, StartAttempt, Verify, decide
from devteam_action.domain.events import (
    AttemptStarted,
    Completed,
    Failed,
    Intervened,
    RunOptions,
    StageFinished,
    Started,
    decode,
    encode,
)
from devteam_action.domain.findings import CriterionResult, Finding, Verification
from devteam_action.domain.results import BaseMoved, Implemented, Prepared, Published, StageFailed, Usage, Verified
from devteam_action.domain.run import Run, fold
from devteam_action.domain.task import Task

TASK = Task(id="1.1.1", title="Add the flag")


def started(**options):
    task = options.pop("task", TASK)
    return Started(task=task, options=RunOptions(tool="replay", base_branch="main", **options), run_id="r")


def prepared(head="b0"):
    return StageFinished(stage="PREP", result=Prepared(base="b0", head=head, branch="task/1", repo_path="/w"))


def attempt(number, reason="first"):
    return AttemptStarted(number=number, reason=reason)


def implemented(commit="c1", cost=None):
    result = Implemented(ok=True, commit=commit, usage=Usage(cost_usd=cost))
    return StageFinished(stage="IMPLEMENT", result=result)


def not_measured(besides=None):
    row = CriterionResult(
        criterion="test.pass",
        passed=False,
        actual="not measured",
        required="= 100%",
        measured=False,
        lacking=True,
        reason="no pytest",
    )
    others = besides.result.verification.results if besides else ()
    verification = Verification(verdict="failed", results=(row, *others))
    return StageFinished(stage="VERIFY", result=Verified(head="c1", verification=verification))


def tool_failed(reason="no-edit", retryable=True):
    return StageFinished(stage="IMPLEMENT", result=Implemented(ok=False, reason=reason, retryable=retryable))


def verified(verdict="passed", *, head="c1", text="x = 1", actual="1 error"):
    finding = Finding(tool="ruff", rule="F401", message="unused", path="a.py", line=1, line_text=text)
    row = CriterionResult(
        criterion="lint.clean",
        passed=verdict == "passed",
        actual=actual,
        required="0 errors",
        findings=() if verdict == "passed" else (finding,),
    )
    results = () if verdict == "unverified" else (row,)
    return StageFinished(
        stage="VERIFY", result=Verified(head=head, verification=Verification(verdict=verdict, results=results))
    )


PUBLISHED = StageFinished(stage="PUBLISH", result=Published(head="t1"))
MERGED = StageFinished(stage="PUBLISH", result=Published(head="t1", merged=True))
GREEN = [prepared(), attempt(1), implemented(), verified()]
RED = [prepared(), attempt(1), implemented(), verified("failed")]


@pytest.mark.parametrize(
    ("history", "step"),
    [
        ([], Prepare("")),
        ([prepared()], StartAttempt(1, "first")),
        ([prepared(), attempt(1)], Implement(1)),
        ([prepared(), attempt(1), implemented()], Verify(1, "c1")),
        (GREEN, Publish()),
        (RED, StartAttempt(2, "checks-failed")),
        ([prepared(), attempt(1), tool_failed()], StartAttempt(2, "tool-failed")),
        ([*GREEN, PUBLISHED], Finish(Completed(status="WAITING", waiting_for="review"))),
        ([*GREEN, MERGED], Finish(Completed())),
        ([*GREEN, StageFinished(stage="PUBLISH", result=BaseMoved(base="b1", head="m1"))], Verify(1, "m1")),
    ],
)
def test_the_main_path(history, step):
    assert decide(fold([started(), *history])) == step


@pytest.mark.parametrize(
    ("options", "history", "code"),
    [
        ({"max_attempts": 1}, RED, "attempts-spent"),
        ({}, [*RED, attempt(2), implemented("c2"), verified("failed", head="c2")], "same-failure"),
        ({}, [prepared(), attempt(1), tool_failed(), attempt(2), tool_failed()], "same-failure"),
        ({}, [prepared(), attempt(1), tool_failed("authentication", retryable=False)], "authentication"),
        ({}, [prepared(), attempt(1), implemented(), verified("unverified")], "unverified"),
        ({"max_cost_usd": 0.5}, [prepared(), attempt(1), implemented(cost=0.5), verified("failed")], "cost-cap"),
        ({}, [StageFinished(stage="PREP", result=StageFailed(code="setup", reason="no"))], "setup"),
        ({}, [*GREEN, StageFinished(stage="PUBLISH", result=StageFailed(code="conflict", reason="a.py"))], "conflict"),
    ],
)
def test_what_ends_a_run_in_error(options, history, code):
    step = decide(fold([started(**options), *history]))
    assert isinstance(step, Finish)
    assert isinstance(step.event, Failed)
    assert (step.event.status, step.event.code) == ("ERROR", code)


def test_a_different_failure_is_worth_another_attempt():
    history = [*RED, attempt(2), implemented("c2"), verified("failed", head="c2", text="y = 2")]
    assert decide(fold([started(), *history])) == StartAttempt(3, "checks-failed")


def test_a_failure_that_only_moved_to_another_line_is_the_same():
    moved = Finding(tool="ruff", rule="F401", message="unused", path="a.py", line=99, line_text="x = 1")
    row = CriterionResult(
        criterion="lint.clean", passed=False, actual="1 error", required="0 errors", findings=(moved,)
    )
    again = Verified(head="c2", verification=Verification(verdict="failed", results=(row,)))
    history = [*RED, attempt(2), implemented("c2"), StageFinished(stage="VERIFY", result=again)]
    step = decide(fold([started(), *history]))
    assert isinstance(step, Finish)
    assert isinstance(step.event, Failed)
    assert step.event.code == "same-failure"


def test_a_cost_below_the_cap_goes_on():
    history = [prepared(), attempt(1), implemented(cost=0.2), verified("failed")]
    assert decide(fold([started(max_cost_usd=0.5), *history])) == StartAttempt(2, "checks-failed")


def test_a_tool_that_fails_does_not_hide_what_is_still_red():
    since = [attempt(2, "checks-failed"), tool_failed(), attempt(3, "tool-failed"), tool_failed()]
    step = decide(fold([started(), *RED, *since]))
    assert isinstance(step, Finish)
    assert isinstance(step.event, Failed)
    assert step.event.reason == "two attempts failed in the same way: no-edit; still red: lint.clean (1 error)"


def test_a_failure_that_only_its_place_can_mend_names_the_remedy():
    step = decide(fold([started(), prepared(), attempt(1), tool_failed("scar-no-commands", retryable=False)]))
    assert isinstance(step, Finish)
    assert isinstance(step.event, Failed)
    assert ".claude/commands" in step.event.hint
    assert step.event.hint.endswith("then `devteam retry 1.1.1`")


def test_a_checkpoint_is_verified_without_a_tool_and_never_repeated():
    checkpoint = Task(id="2", title="Checkpoint", type="checkpoint")
    run = fold([started(task=checkpoint), prepared(), attempt(1)])
    assert decide(run) == Verify(1, "b0")
    red = decide(fold([verified("failed", head="b0")], run))
    assert isinstance(red, Finish)


def stop_then_resume(history):
    run = fold([started(), *history, Intervened(kind="stop")])
    end = decide(run)
    assert isinstance(end, Finish)
    assert isinstance(end.event, Failed)
    assert end.event.status == "STOPPED"
    return fold([end.event, Intervened(kind="resume")], run)


def test_resume_prepares_again_and_goes_on_at_the_unfinished_stage():
    run = stop_then_resume([prepared(), attempt(1), implemented()])
    assert decide(run) == Prepare("c1")
    assert decide(fold([prepared(head="c1")], run)) == Verify(1, "c1")


def test_retry_keeps_the_history_and_starts_a_new_attempt():
    run = fold([started(max_attempts=1), *RED])
    end = decide(run)
    assert isinstance(end, Finish)
    again = fold([end.event, Intervened(kind="retry"), prepared(head="c1")], run)
    assert decide(again) == StartAttempt(2, "retry")


def test_retry_after_a_conflict_publishes_again():
    failed = StageFinished(stage="PUBLISH", result=StageFailed(code="conflict", reason="a.py"))
    again = [Failed(code="conflict", reason="a.py"), Intervened(kind="retry"), prepared(head="c1")]
    assert decide(fold([started(), *GREEN, failed, *again])) == Publish()


def test_retry_of_an_unverified_task_only_verifies_again():
    history = [prepared(), attempt(1), implemented(), verified("unverified"), Failed(code="unverified", reason="")]
    assert decide(fold([started(), *history, Intervened(kind="retry"), prepared(head="c1")])) == Verify(1, "c1")


def test_guidance_on_a_task_in_review_starts_exactly_one_attempt():
    waiting = Completed(status="WAITING", waiting_for="review")
    run = fold([started(max_attempts=1), *GREEN, PUBLISHED, waiting, Intervened(kind="guide", text="use a set")])
    assert run.guidance == ("use a set",)
    run = fold([prepared(head="t1")], run)
    assert decide(run) == StartAttempt(2, "guidance")
    run = fold([attempt(2, "guidance"), implemented("c2"), verified("failed", head="c2")], run)
    assert isinstance(decide(run), Finish)


def test_guidance_while_running_changes_no_step():
    history = [prepared(), attempt(1), Intervened(kind="guide", text="use a set")]
    assert decide(fold([started(), *history])) == Implement(1)


def test_refused_guidance_is_not_kept():
    assert fold([started(), Intervened(kind="guide", text="no", receipt="refused")]).guidance == ()


def test_a_commit_whose_record_was_lost_is_proved_again():
    run = fold([started(), *GREEN, Intervened(kind="takeover"), prepared(head="merged")])
    assert decide(run) == Verify(1, "merged")


def test_folding_what_was_written_gives_the_same_run():
    history = [started(), *RED, attempt(2), tool_failed(), Intervened(kind="stop")]
    assert fold(decode(encode(event)) for event in history) == fold(history)
    assert isinstance(fold(history), Run)


def test_adopted_commits_stand_for_the_work_and_are_proved():
    failed = [prepared(), attempt(1), tool_failed(), Failed(code="attempts-spent", reason="")]
    run = fold([started(max_attempts=1), *failed, Intervened(kind="adopt")])
    assert run.is_mended_by_hand
    assert decide(run) == Prepare("b0")
    run = fold([prepared(head="theirs")], run)
    assert decide(run) == Verify(1, "theirs")


def test_adopting_what_is_there_measures_it_again():
    red = [*RED, Failed(code="x", reason=""), Intervened(kind="adopt"), prepared(head="c1")]
    assert decide(fold([started(), *red])) == Verify(1, "c1")


def test_adopted_commits_on_a_task_in_review_are_proved_and_delivered():
    waiting = Completed(status="WAITING", waiting_for="review")
    run = fold([started(), *GREEN, PUBLISHED, waiting, Intervened(kind="adopt"), prepared(head="theirs")])
    assert decide(run) == Verify(1, "theirs")
    assert decide(fold([verified(head="theirs")], run)) == Publish()


def test_no_attempt_is_spent_on_what_only_lacks_a_means_to_be_measured():
    step = decide(fold([started(), prepared(), attempt(1), implemented(), not_measured()]))
    assert isinstance(step, Finish)
    assert isinstance(step.event, Failed)
    assert (step.event.code, step.event.reason) == ("not-measured", "not measured: test.pass: no pytest")
    assert "`setup:`" in step.event.hint
    assert "on main, then `devteam retry 1.1.1`" in step.event.hint
    both = [prepared(), attempt(1), implemented(), not_measured(besides=verified("failed"))]
    assert decide(fold([started(), *both])) == StartAttempt(2, "checks-failed")


FAILED_SINCE = [[attempt(2, "checks-failed"), tool_failed(reason)] for reason in ("no-edit", "token-limit")]


@pytest.mark.parametrize("since", [[], *FAILED_SINCE])
def test_retry_measures_again_what_only_could_not_be_measured(since):
    history = [prepared(), attempt(1), implemented(), not_measured(), *since, Failed(code="same-failure", reason="")]
    again = fold([started(), *history, Intervened(kind="retry"), prepared(head="c1")])
    step = decide(again)
    assert (type(step), step.head) == (Verify, "c1")
    assert decide(fold([verified()], again)) == Publish()


def test_retry_has_the_tool_at_it_where_something_was_red_too():
    red = [prepared(), attempt(1), implemented(), not_measured(besides=verified("failed")), attempt(2), tool_failed()]
    again = fold([started(), *red, Failed(code="x", reason=""), Intervened(kind="retry"), prepared(head="c1")])
    assert decide(again) == StartAttempt(3, "retry")


def test_adopting_and_then_retrying_makes_one_more_attempt_on_top():
    run = fold([started(), *RED, Failed(code="x", reason=""), Intervened(kind="adopt"), Intervened(kind="retry")])
    assert run.is_mended_by_hand
    assert decide(fold([prepared(head="theirs")], run)) == StartAttempt(2, "retry")


def test_guidance_that_no_tool_has_followed_is_still_owed_an_attempt_at_retry():
    history = [prepared(), attempt(1), implemented(), not_measured(), Failed(code="not-measured", reason="")]
    guided = [Intervened(kind="guide", text="better"), prepared(), attempt(2, "guidance"), tool_failed()]
    again = [Failed(code="rate-limit", reason=""), Intervened(kind="retry"), prepared(head="c1")]
    assert decide(fold([started(), *history, *guided, *again])) == StartAttempt(3, "retry")


def test_what_a_person_has_seen_holds_for_their_word_alone():
    red = [started(), *RED, Failed(code="attempts-spent", reason="")]
    seen = fold([*red, Intervened(kind="adopt", head="a" * 40)])
    assert seen.seen_head == "a" * 40
    ended = fold([prepared(head="theirs"), verified("failed", head="theirs"), Failed(code="x", reason="")], seen)
    assert fold([Intervened(kind="adopt")], ended).seen_head == ""


def test_guidance_makes_an_attempt_due_and_is_heard_when_that_attempt_takes_it():
    waiting = Completed(status="WAITING", waiting_for="review")
    word = Intervened(kind="guide", text="use capitals", receipt="next-attempt")
    run = fold([started(), *GREEN, PUBLISHED, waiting, word, prepared(head="c1")])
    assert (decide(run), run.guidance) == (StartAttempt(2, "guidance"), ())
    heard = fold([attempt(2, "guidance"), Intervened(kind="guide", text="use capitals")], run)
    assert (decide(heard), heard.guidance) == (Implement(2), ("use capitals",))


def test_new_limits_count_from_the_last_retry():
    more = RunOptions(tool="replay", base_branch="main", max_attempts=5)
    run = fold([started(max_attempts=1), *RED, Failed(code="attempts-spent", reason=""), Intervened(kind="retry")])
    assert run.allowed == 2
    assert fold([Intervened(kind="resume", options=more)], run).allowed == 6
