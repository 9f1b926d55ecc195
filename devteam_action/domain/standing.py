"""Where one task stands: ready, or what keeps it and what would free it.

Each function looks at one kind of fact; `selection.py` asks them in order for every task of a list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
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

_MOST = 3  # blockers that each get a clause of advice of their own


class Standing(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where one task stands: `because` is a clause for people, `blockers` are ids of tasks that it waits for.

    `unblock` is a command or a sentence that would make it ready; empty when it is ready or done. `base` is the branch
    that it begins on, where that is another task's.
    """

    task: Task
    state: StandingState
    because: str = ""
    blockers: tuple[str, ...] = ()
    unblock: str = ""
    base: str = ""


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
            because = f"claimed by {holder(claim.owner)} until {minute(claim.expires)}"
            return Standing(task=task, state="claimed", because=because, unblock=claim_advice(task.id))
        case status if execution.stop_requested or (status == "STOPPED" and _by_a_person(execution)):
            because = execution.error.reason if execution.error else _on_request(execution)
            unblock = f"`devteam {'retry' if _is_closed(execution) else 'resume'} {task.id}`"
            return Standing(task=task, state="stopped", because=because, unblock=unblock)
        case _:
            return None


def holder(owner: str) -> str:
    """The owner of a claim for people: `process 14529 on vm`; one that is no process of ours as it stands."""
    match owner.rsplit(":", 2):
        case [host, pid, started] if host and pid.isdigit() and started:
            return f"process {pid} on {host}"
        case _:
            return owner


def minute(time: str) -> str:
    """`12:05 UTC` of an ISO 8601 time in UTC; what is no such time (somebody edited the file) as it stands."""
    is_time = len(time) >= 16 and time[10] == "T" and time[13] == ":"
    return f"{time[11:16]} UTC" if is_time else time


def claim_advice(task_id: str) -> str:
    """What to do about a task that another run holds."""
    return f"wait, end that run with `devteam stop {task_id}`, or take it over with `devteam resume {task_id}`"


def _by_a_person(execution: Execution) -> bool:
    """A run broken off by a signal or a failing remote goes on with the next `run`; a person's stop is lifted first."""
    return execution.error is None or execution.error.code == "stopped" or _is_closed(execution)


def _is_closed(execution: Execution) -> bool:
    """Whether a person closed its pull request without merging it."""
    return execution.error is not None and execution.error.code == "pull-request-closed"


def _as_waiting(task: Task, execution: Execution) -> Standing:
    where = f"pull request #{execution.pull_request}" if execution.pull_request else f"branch {execution.branch}"
    merge = f"merge {where}" if execution.pull_request else f"`devteam run {task.id} --deliver merge`, or merge {where}"
    because, unblock = {
        "approval": ("waits for an approval", f"approve it on {where}"),
        "person": ("waits for a person", f"see {where}, then `devteam retry {task.id}`")
        if execution.pull_request
        else ("waits for a person to open its pull request", f"open one for {where}, and merge it"),
    }.get(execution.waiting_for or "review", (f"verified on {where}, not merged yet", merge))
    return Standing(task=task, state="in-review", because=because, unblock=unblock)


def waits(task: Task, by_id: Mapping[str, Standing | Task], retired: Collection[str]) -> Standing:
    """Ready, or blocked by the dependencies that are not done; `retired` ids and tasks that stand as done are."""
    found: list[str] = []
    others: list[str] = []  # those that are not simply open: each needs something of its own
    for dependency in task.dependencies:
        met = by_id.get(dependency)
        if isinstance(met, Task):
            if dependency not in retired:
                found.append(dependency)
        elif dependency not in retired and (met is None or met.state != "done"):
            found.append(dependency)
            others.append(dependency)
    if not found:
        because = "every dependency is done" if task.dependencies else "it waits for nothing"
        return Standing(task=task, state="ready", because=because)
    blockers = tuple(found)
    to_finish = tuple(each for each in blockers if isinstance(by_id.get(each), Task)) if others else blockers
    return Standing(
        task=task,
        state="blocked",
        because=f"waits for {short_form(blockers)}",
        blockers=blockers,
        unblock=_what_frees(to_finish, others, by_id, task),
    )


def _what_frees(
    to_finish: tuple[str, ...], others: Sequence[str], by_id: Mapping[str, Standing | Task], task: Task
) -> str:
    """What to do about all of them: first what needs a decision or a command, then the tasks that are simply open."""
    said = [_what_frees_one(blocker, by_id.get(blocker), task) for blocker in others[:_MOST]]
    if len(others) > _MOST:
        said.append(f"{short_form(tuple(others[_MOST:]))} likewise")
    if to_finish:
        said.append(f"{'then ' if said else ''}finish {short_form(to_finish)}")
    return "; ".join(said)


def _what_frees_one(blocker: str, met: Standing | Task | None, task: Task) -> str:
    if not isinstance(met, Standing):
        return f"write a known id instead of {blocker} at {task.source.path}:{task.source.line}"
    if met.state == "skipped":
        at = f"{met.task.source.path}:{met.task.source.line}"
        return f"a skipped task is not done: tick {blocker} at {at}, or take it out of the dependencies"
    return f"{blocker} is {met.state}: {met.unblock}"


@lru_cache(maxsize=256)
def short_form(ids: tuple[str, ...]) -> str:
    """All of the ids, neighbours as a range: `1.1.1–1.1.4, 2.3`."""
    return ", ".join(_ranges(ids))


def _ranges(ids: Sequence[str]) -> Iterator[str]:
    """Three or more ids that count up in their last number are a range; two are named side by side."""
    first, after = 0, ("", -1)
    for at, each in enumerate(ids):
        here = _numbered(each)
        if here != after and at > first:
            yield _range(ids[first:at])
            first = at
        after = (here[0], here[1] + 1) if here[1] >= 0 else ("", -2)
    if ids:
        yield _range(ids[first:])


def _range(ids: Sequence[str]) -> str:
    return f"{ids[0]}–{ids[-1]}" if len(ids) > 2 else ", ".join(ids)


@lru_cache(maxsize=65536)  # many tasks wait for the same ones
def _numbered(task_id: str) -> tuple[str, int]:
    """What stands before the last number, and the number; -1 where there is none to count on from."""
    parent, _, number = task_id.rpartition(".")
    is_number = number.isascii() and number.isdigit() and len(number) < 9 and str(int(number)) == number
    return parent, int(number) if is_number else -1


def _on_request(execution: Execution) -> str:
    return f"stopped on request: {execution.stop_reason}" if execution.stop_reason else "stopped"


def hold(standing: Standing, stopped: Stopped) -> Standing:
    """What would be ready is held while the project is stopped."""
    if standing.state != "ready":
        return standing
    because = f"{stopped.task_id} is in ERROR, and that stops the project"
    unblock = f"`{stopped.resume}` or `devteam skip {stopped.task_id}`"
    return Standing(task=standing.task, state="stopped", because=because, unblock=unblock)
