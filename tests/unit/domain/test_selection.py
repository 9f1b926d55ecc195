"""SELECT: the next task, the standing of all others, and the matrix."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from devteam_action.domain.execution import Claim, Execution, ExecutionError
from devteam_action.domain.selection import MATRIX_JOBS, Selection, matrix, select
from devteam_action.domain.standing import Standing, holder, minute, short_form
from devteam_action.domain.task import Task, TaskSource

NOW = "2026-11-21T12:00:00.000Z"
SOON = "2026-11-21T12:05:00.000Z"
PAST = "2026-11-21T11:59:59.999Z"


def a_task(task_id: str, *needs: str, **fields: Any) -> Task:
    title = fields.pop("title", f"Title of {task_id}")
    return Task(id=task_id, title=title, dependencies=needs, source=TaskSource(path="tasks_list.md", line=7), **fields)


def done(task_id: str, **fields: Any) -> Task:
    return a_task(task_id, status="completed", **fields)


def an_execution(task: Task, status: Any, **fields: Any) -> Execution:
    return Execution(customer_id="owner/repo", current_task=task, status=status, **fields)


def a_claim(takeover_after: str) -> Claim:
    return Claim(owner="ci-7", run_id="r1", token="t", since=PAST, expires=PAST, takeover_after=takeover_after)


def selected(
    *tasks: Task,
    executions: tuple[Execution, ...] = (),
    blocked: dict[str, str] | None = None,
    queue: tuple[str, ...] = (),
    stop_on_error: Literal["project", "task"] = "project",
    include_optional: bool = False,
    retired: tuple[str, ...] = (),
) -> Selection:
    return select(
        tasks,
        {execution.task_id: execution for execution in executions},
        blocked=blocked or {},
        queue=queue,
        now=NOW,
        stop_on_error=stop_on_error,
        include_optional=include_optional,
        retired=retired,
    )


def standing_of(selection: Selection, task_id: str) -> Standing:
    return next(each for each in selection.standing if each.task.id == task_id)


def chosen(selection: Selection) -> str | None:
    return selection.task.id if selection.task else None


def test_the_first_task_in_document_order_wins_whatever_its_number():
    assert chosen(selected(done("3"), a_task("2"), a_task("1"))) == "2"


def test_a_task_waits_until_all_its_dependencies_are_done():
    selection = selected(done("1"), a_task("2", "1", "3"), a_task("3", "1"))
    assert chosen(selection) == "3"
    blocked = standing_of(selection, "2")
    assert (blocked.state, blocked.blockers, blocked.unblock) == ("blocked", ("3",), "finish 3")


def test_many_blockers_are_named_shortly():
    needs = [f"1.{n}" for n in range(1, 9)]
    selection = selected(*[a_task(each) for each in needs], a_task("2", *needs))
    blocked = standing_of(selection, "2")
    assert (blocked.because, blocked.unblock) == ("waits for 1.1–1.8", "finish 1.1–1.8")
    assert len(blocked.blockers) == 8


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        (("1.1",), "1.1"),
        (("1.1", "1.2"), "1.1, 1.2"),
        (("1.1", "1.2", "1.3", "2.4"), "1.1–1.3, 2.4"),
        (("1.3", "1.2", "1.1"), "1.3, 1.2, 1.1"),
        (("1.9", "1.10", "1.11"), "1.9–1.11"),
        (("1.9", "2.10", "3.11"), "1.9, 2.10, 3.11"),
        (("T001", "T002", "T003", "added-1"), "T001, T002, T003, added-1"),
        (("7", "8", "9", "10a"), "7–9, 10a"),
    ],
)
def test_the_short_form_names_all_of_them(ids: tuple[str, ...], text: str):
    assert short_form(ids) == text


def test_what_frees_a_task_names_every_blocker_and_decisions_first():
    failed, skipped = a_task("1.1"), a_task("1.2")
    executions = (an_execution(failed, "ERROR"), an_execution(skipped, "PENDING", skipped="later"))
    others = [a_task(each) for each in ("2.1", "2.2", "2.3", "3")]
    waiting = a_task("4", "1.1", "2.1", "2.2", "2.3", "1.2", "3")
    selection = selected(failed, skipped, *others, waiting, executions=executions, stop_on_error="task")
    assert standing_of(selection, "4").unblock == (
        "1.1 is in-error: `devteam retry 1.1`, `devteam resume 1.1` or `devteam skip 1.1`; "
        "a skipped task is not done: tick 1.2 at tasks_list.md:7, or take it out of the dependencies; "
        "then finish 2.1–2.3, 3"
    )


def test_many_blockers_that_need_a_decision_get_the_advice_of_the_first():
    failed = [a_task(f"1.{n}") for n in range(1, 7)]
    executions = tuple(an_execution(each, "ERROR") for each in failed)
    waiting = a_task("2", *[each.id for each in failed])
    selection = selected(*failed, waiting, executions=executions, stop_on_error="task")
    unblock = standing_of(selection, "2").unblock
    assert unblock.count("devteam retry") == 3
    assert unblock.endswith("; 1.4–1.6 likewise")


@pytest.mark.parametrize(
    ("tasks", "because"),
    [((a_task("2"),), "it waits for nothing"), ((done("1"), a_task("2", "1")), "every dependency is done")],
)
def test_a_ready_task_says_why_it_is_ready(tasks: tuple[Task, ...], because: str):
    assert standing_of(selected(*tasks), "2").because == because


@pytest.mark.parametrize(
    ("owner", "text"),
    [
        ("vm:14529:495344", "process 14529 on vm"),
        ("fe80::1:14529:495344", "process 14529 on fe80::1"),
        ("ci-7", "ci-7"),
        ("vm:14529:", "vm:14529:"),
        (":1:2", ":1:2"),
        ("", ""),
    ],
)
def test_who_holds_a_claim_is_said_in_words(owner: str, text: str):
    assert holder(owner) == text


@pytest.mark.parametrize(("time", "text"), [(SOON, "12:05 UTC"), ("soon", "soon"), ("", "")])
def test_a_time_is_said_to_the_minute(time: str, text: str):
    assert minute(time) == text


def test_a_retired_dependency_counts_as_done():
    assert chosen(selected(a_task("2", "1"), retired=("1",))) == "2"


def test_an_unknown_dependency_never_counts_as_done():
    selection = selected(a_task("2", "9"))
    assert selection.task is None
    assert standing_of(selection, "2").unblock == "write a known id instead of 9 at tasks_list.md:7"


def test_a_task_that_waits_for_its_own_doubled_id_waits_for_the_open_copy():
    assert chosen(selected(done("1"), a_task("1"), a_task("2", "1"), blocked={"1": "the id 1 is there twice"})) is None


@pytest.mark.parametrize(
    ("execution", "state", "because", "unblock"),
    [
        (
            {"status": "ERROR", "error": ExecutionError(code="checks", reason="test.pass failed")},
            "in-error",
            "test.pass failed",
            "`devteam retry 1`, `devteam resume 1` or `devteam skip 1`",
        ),
        (
            {"status": "ERROR"},
            "in-error",
            "its last run failed",
            "`devteam retry 1`, `devteam resume 1` or `devteam skip 1`",
        ),
        (
            {"status": "WAITING", "waiting_for": "review", "branch": "task/1-title"},
            "in-review",
            "verified on branch task/1-title, not merged yet",
            "`devteam run 1 --deliver merge`, or merge branch task/1-title",
        ),
        (
            {"status": "WAITING", "waiting_for": "review", "pull_request": 12},
            "in-review",
            "verified on pull request #12, not merged yet",
            "merge pull request #12",
        ),
        (
            {"status": "WAITING", "waiting_for": "approval", "pull_request": 12},
            "in-review",
            "waits for an approval",
            "approve it on pull request #12",
        ),
        (
            {"status": "WAITING", "waiting_for": "person", "pull_request": 12},
            "in-review",
            "waits for a person",
            "see pull request #12, then `devteam retry 1`",
        ),
        (
            {"status": "IMPLEMENTING", "claim": a_claim(SOON)},
            "claimed",
            "claimed by ci-7 until 11:59 UTC",
            "wait, end that run with `devteam stop 1`, or take it over with `devteam resume 1`",
        ),
        ({"status": "STOPPED"}, "stopped", "stopped", "`devteam resume 1`"),
        ({"status": "IMPLEMENTING", "stop_requested": True}, "stopped", "stopped", "`devteam resume 1`"),
        ({"status": "PENDING", "skipped": "not needed"}, "skipped", "skipped: not needed", "`devteam retry 1`"),
        ({"status": "ERROR", "skipped": ""}, "skipped", "skipped", "`devteam retry 1`"),
    ],
)
def test_a_task_with_an_execution_in_the_way_is_passed_over_and_says_why(
    execution: dict[str, Any], state: str, because: str, unblock: str
):
    task = a_task("1")
    selection = selected(task, a_task("2"), executions=(an_execution(task, **execution),), stop_on_error="task")
    found = standing_of(selection, "1")
    assert (found.state, found.because, found.unblock) == (state, because, unblock)
    assert chosen(selection) == "2"


@pytest.mark.parametrize(
    "execution",
    [
        {"status": "IMPLEMENTING", "claim": a_claim(PAST)},
        {"status": "IMPLEMENTING", "claim": a_claim(NOW)},
        {"status": "PENDING"},
        {"status": "WAITING", "waiting_for": "slot"},
        {"status": "COMPLETED"},
    ],
    ids=[
        "claim past its takeover",
        "claim at its takeover",
        "retried",
        "waiting for a slot",
        "opened again in the list",
    ],
)
def test_a_task_whose_execution_is_in_nobodys_hands_is_selected(execution: dict[str, Any]):
    task = a_task("1")
    assert chosen(selected(task, executions=(an_execution(task, **execution),))) == "1"


def test_a_stop_asked_of_a_living_claim_still_reads_as_claimed():
    task = a_task("1")
    running = an_execution(task, "IMPLEMENTING", claim=a_claim(SOON), stop_requested=True)
    assert standing_of(selected(task, executions=(running,)), "1").state == "claimed"


def test_what_the_list_says_is_done_is_done_whatever_the_state_says():
    task = done("1")
    selection = selected(task, a_task("2", "1"), executions=(an_execution(task, "ERROR"),))
    assert (chosen(selection), selection.stopped) == ("2", None)


def test_a_skipped_task_frees_nobody_and_says_so():
    task = a_task("1")
    skipped = an_execution(task, "PENDING", skipped="later")
    selection = selected(task, a_task("2", "1"), executions=(skipped,))
    blocked = standing_of(selection, "2")
    assert blocked.state == "blocked"
    assert blocked.unblock == (
        "a skipped task is not done: tick 1 at tasks_list.md:7, or take it out of the dependencies"
    )


def test_a_task_that_the_list_marks_as_skipped_is_not_selected():
    selection = selected(a_task("1", status="skipped"), a_task("2"))
    assert chosen(selection) == "2"
    assert standing_of(selection, "1").unblock == "open its box at tasks_list.md:7"


def test_an_error_stops_the_whole_project_until_somebody_decides():
    task = a_task("1")
    failed = an_execution(task, "ERROR", error=ExecutionError(code="conflict", reason="the base moved"))
    selection = selected(task, a_task("2"), executions=(failed,))
    assert selection.task is None
    assert selection.stopped is not None
    assert (selection.stopped.task_id, selection.stopped.reason) == ("1", "the base moved")
    assert selection.stopped.resume == "devteam retry 1"
    held = standing_of(selection, "2")
    assert (held.state, held.unblock) == ("stopped", "`devteam retry 1` or `devteam skip 1`")
    assert matrix(selection.standing) == ()


def test_an_error_stops_its_own_dependents_alone_when_the_config_says_task():
    task = a_task("1")
    selection = selected(
        task, a_task("2", "1"), a_task("3"), executions=(an_execution(task, "ERROR"),), stop_on_error="task"
    )
    assert (chosen(selection), selection.stopped) == ("3", None)
    assert standing_of(selection, "2").unblock.startswith("1 is in-error: `devteam retry 1`")


def test_an_error_of_a_task_that_left_the_list_stops_nothing():
    assert chosen(selected(a_task("2"), executions=(an_execution(a_task("1"), "ERROR"),))) == "2"


def test_a_problem_of_the_list_blocks_its_own_task_alone():
    selection = selected(a_task("1"), a_task("2"), blocked={"1": "unknown id 9"})
    assert chosen(selection) == "2"
    assert [each.because for each in selection.unresolved] == ["unknown id 9"]


def test_nothing_but_unresolved_tasks_means_dependencies_are_not_satisfied():
    selection = selected(a_task("1"), blocked={"1": "a cycle: 1 → 1"})
    assert (selection.task, selection.dependencies_satisfied) == (None, False)


def test_nothing_left_to_do_is_no_error():
    selection = selected(done("1"))
    assert (selection.task, selection.dependencies_satisfied, selection.progress) == (None, True, 100.0)


def test_optional_tasks_are_shown_but_neither_selected_nor_counted():
    selection = selected(a_task("1", optional=True), done("2", optional=True), done("3"), a_task("4"))
    assert (chosen(selection), selection.total, selection.completed) == ("4", 2, 1)
    assert standing_of(selection, "1").state == "optional"


def test_optional_tasks_are_like_any_other_when_the_config_asks_for_them():
    selection = selected(a_task("1", optional=True), done("2"), include_optional=True)
    assert (chosen(selection), selection.total, selection.completed) == ("1", 2, 1)


def test_injected_tasks_come_first_in_the_order_of_the_queue():
    tasks = (a_task("1"), a_task("i1", id_from="injected"), a_task("i2", id_from="injected"))
    assert chosen(selected(*tasks, queue=("i2", "i1"))) == "i2"
    assert [each.task.id for each in selected(*tasks, queue=("i2", "i1")).standing] == ["i2", "i1", "1"]


def test_an_injected_task_is_done_when_its_execution_is():
    injected = a_task("i1", id_from="injected")
    selection = selected(a_task("1", "i1"), injected, executions=(an_execution(injected, "COMPLETED"),), queue=("i1",))
    assert chosen(selection) == "1"


def test_a_queue_that_names_a_task_that_is_gone_is_no_trouble():
    assert chosen(selected(a_task("1"), queue=("i9",))) == "1"


def test_state_finds_a_task_without_an_id_of_its_own_by_its_title():
    before = a_task("2", title="Write it", id_from="position")
    now = (
        a_task("1", title="Plan", id_from="position"),
        a_task("2", title="New line", id_from="position"),
        a_task("3", title="Write it", id_from="position"),
    )
    selection = selected(*now, executions=(an_execution(before, "STOPPED"),))
    assert {each.task.id: each.state for each in selection.standing} == {"1": "ready", "2": "ready", "3": "stopped"}


def test_a_retitled_task_without_an_id_of_its_own_is_found_by_its_place():
    before = a_task("2", title="Write it", id_from="position")
    now = a_task("2", title="Write it well", id_from="position")
    assert standing_of(selected(now, executions=(an_execution(before, "STOPPED"),)), "2").state == "stopped"


def test_tasks_of_one_title_keep_their_executions_apart_by_place():
    tasks = [a_task(str(n), title="Write tests", id_from="position") for n in (1, 2)]
    selection = selected(*tasks, executions=(an_execution(tasks[1], "STOPPED"),))
    assert [each.state for each in selection.standing] == ["ready", "stopped"]


@pytest.mark.parametrize(
    ("completed", "total", "progress"), [(0, 3, 0.0), (1, 3, 33.3), (2, 3, 66.7), (3, 3, 100.0), (2999, 3000, 99.9)]
)
def test_progress_has_one_decimal_and_is_100_only_at_the_end(completed: int, total: int, progress: float):
    tasks = [done(str(n)) if n < completed else a_task(str(n)) for n in range(total)]
    assert selected(*tasks).progress == progress


def test_the_matrix_leaves_out_a_task_that_may_touch_what_another_touches():
    selection = selected(
        a_task("1", touches=("src/a/**",)),
        a_task("2", touches=("src/*/x.py",)),
        a_task("3", touches=("docs/**",)),
        a_task("4"),
        a_task("5", "1"),
    )
    assert [task.id for task in matrix(selection.standing)] == ["1", "3", "4"]


def test_the_matrix_holds_no_more_jobs_than_github_starts():
    assert len(matrix(selected(*[a_task(str(n)) for n in range(400)]).standing)) == MATRIX_JOBS == 256
