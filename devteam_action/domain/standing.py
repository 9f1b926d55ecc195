"""Where one task stands: ready, or what keeps it and what would free it.

Each function looks at one kind of fact; `selection.py` asks them in order for every task of a list.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from devteam_action.domain.execution import Execution
from devteam_action.domain.task import Task

StandingState = Literal[
    "ready",
    "blocked",
    "claimed",
    "in-review",
    "in-error",
    "stopped",
    "skipped",
    "unresolved",
    "optional",
    "done",
]


class Standing(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where one task stands: `because` is a clause for people, `blockers` are ids of tasks that it waits for.

    `unblock` is a command or a sentence that would make it ready; empty when it is ready or done.
    """

    task: Task
    state: StandingState
    because: str = ""
    blockers: tuple[str, ...] = ()
    unblock: str = ""


class Stopped(Struct, frozen=True, kw_only=True, rename="camel"):
    """STOP-ON-ERROR: the task in ERROR that holds the whole project, why, and the command that goes on."""

    task_id: str
    reason: str
    resume: str


def apart(
    task: Task, execution: Execution | None, blocked: Mapping[str, str], now: str, include_optional: bool
) -> Standing | None:
    """The standing of a task that its own facts decide, whatever it depends on; None when nothing does."""
    if task.is_done or (task.id_from == "injected" and execution is not None and execution.status == "COMPLETED"):
        return Standing(task=task, state="done", because="done")
    if standing := _as_skipped(task, execution) or (execution and _as_executed(task, execution, now)):
        return standing
    if task.id in blocked:
        unblock = f"mend {task.source.path}:{task.source.line} (`devteam lint` names every problem)"
        return Standing(task=task, state="unresolved", because=blocked[task.id], unblock=unblock)
    if task.optional and not include_optional:
        unblock = f"`devteam run {task.id}`, or `tasks.optional: true` in the config"
        return Standing(task=task, state="optional", because="optional tasks are not selected", unblock=unblock)
    return None


def _as_skipped(task: Task, execution: Execution | None) -> Standing | None:
    if task.status == "skipped":
        unblock = f"open its box at {task.source.path}:{task.source.line}"
        return Standing(task=task, state="skipped", because="the list marks it as skipped", unblock=unblock)
    if execution is not None and execution.skipped is not None:
        because = f"skipped: {execution.skipped}" if execution.skipped else "skipped"
        return Standing(task=task, state="skipped", because=because, unblock=f"`devteam retry {task.id}`")
    return None


def _as_executed(task: Task, execution: Execution, now: str) -> Standing | None:
    claim = execution.claim
    match execution.status:
        case "ERROR":
            because = execution.error.reason if execution.error else "its last run failed"
            unblock = f"`devteam retry {task.id}`, `devteam resume {task.id}` or `devteam skip {task.id}`"
            return Standing(task=task, state="in-error", because=because, unblock=unblock)
        case "WAITING" if execution.waiting_for != "slot":
            return _as_waiting(task, execution)
        case _ if claim and now < claim.takeover_after:
            because = f"claimed by {claim.owner} until {claim.expires}"
            unblock = f"wait for it, or `devteam stop {task.id}`; from {claim.takeover_after} on anybody may take it"
            return Standing(task=task, state="claimed", because=because, unblock=unblock)
        case status if execution.stop_requested or (status == "STOPPED" and _by_a_person(execution)):
            because = execution.error.reason if execution.error else "stopped"
            return Standing(task=task, state="stopped", because=because, unblock=f"`devteam resume {task.id}`")
        case _:
            return None


def _by_a_person(execution: Execution) -> bool:
    """A run broken off by a signal or a failing remote goes on with the next `run`; a person's stop is lifted first."""
    return execution.error is None or execution.error.code == "stopped"


def _as_waiting(task: Task, execution: Execution) -> Standing:
    where = f"pull request #{execution.pull_request}" if execution.pull_request else f"branch {execution.branch}"
    because, unblock = {
        "approval": ("waits for an approval", f"approve it on {where}"),
        "person": ("waits for a person", f"see {where}, then `devteam retry {task.id}`"),
    }.get(execution.waiting_for or "review", (f"verified on {where}, not merged yet", f"merge {where}"))
    return Standing(task=task, state="in-review", because=because, unblock=unblock)


def waits(task: Task, by_id: Mapping[str, Standing | Task], retired: Collection[str]) -> Standing:
    """Ready, or blocked by the dependencies that are not done; `retired` ids and tasks that stand as done are."""
    blockers: list[str] = []
    for dependency in task.dependencies:
        met = by_id.get(dependency)
        if dependency not in retired and not (isinstance(met, Standing) and met.state == "done"):
            blockers.append(dependency)
    if not blockers:
        return Standing(task=task, state="ready", because="every dependency is done" if task.dependencies else "")
    return Standing(
        task=task,
        state="blocked",
        because=f"waits for {_short(blockers)}",
        blockers=tuple(blockers),
        unblock=_what_frees(blockers[0], by_id.get(blockers[0]), task),
    )


def _what_frees(blocker: str, met: Standing | Task | None, task: Task) -> str:
    """What to do about the first blocker; the others become first in turn."""
    if met is None:
        return f"write a known id instead of {blocker} at {task.source.path}:{task.source.line}"
    if isinstance(met, Task):
        return f"finish {blocker}"
    if met.state == "skipped":
        at = f"{met.task.source.path}:{met.task.source.line}"
        return f"a skipped task is not done: tick {blocker} at {at}, or take it out of the dependencies"
    return f"{blocker} is {met.state}: {met.unblock}"


def _short(ids: Sequence[str], most: int = 5) -> str:
    rest = len(ids) - most
    return ", ".join(ids[:most]) + (f" and {rest} more" if rest > 0 else "")


def hold(standing: Standing, stopped: Stopped) -> Standing:
    """What would be ready is held while the project is stopped."""
    if standing.state != "ready":
        return standing
    because = f"{stopped.task_id} is in ERROR, and that stops the project"
    unblock = f"`{stopped.resume}` or `devteam skip {stopped.task_id}`"
    return Standing(task=standing.task, state="stopped", because=because, unblock=unblock)
