"""`stack: true`: a task whose open dependencies are all in review begins on the branch of the last of them; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from devteam_action.domain.execution import Execution
from devteam_action.domain.standing import Standing, short_form


def stacked(standing: Standing, executions: Mapping[str, Execution]) -> Standing:
    """What is blocked only by tasks in review is ready, with the branch to begin on as its `base`; else why not.

    `executions` are those of the tasks that it waits for, by their ids. Several of them must stand on each other: two
    branches that do not, have nothing in common to begin on.
    """
    if standing.state != "blocked" or not standing.blockers:
        return standing
    waiting = [executions.get(each) for each in standing.blockers]
    reviewed = [each for each in waiting if each is not None and _is_in_review(each)]
    if len(reviewed) != len(waiting):
        return standing
    by_branch = {each.branch: each for each in executions.values() if _is_in_review(each)}
    wanted = {each.branch for each in reviewed}
    for last in reviewed:
        if wanted <= set(_below(last, by_branch)):
            because = f"{short_form(standing.blockers)} in review: it begins on {last.branch}"
            return Standing(task=standing.task, state="ready", because=because, base=last.branch)
    return msgspec.structs.replace(
        standing,
        because=f"waits for {short_form(standing.blockers)}, in review on branches that do not stand on each other",
    )


def _is_in_review(execution: Execution) -> bool:
    is_waiting = execution.status == "WAITING" and execution.waiting_for == "review"
    return is_waiting and bool(execution.branch) and execution.skipped is None


def _below(execution: Execution, by_branch: Mapping[str, Execution]) -> Sequence[str]:
    """The branch of the execution, and those that it was begun on, as far as they are in review."""
    found = [execution.branch]
    while (below := by_branch.get(found[-1])) is not None and below.base_branch not in ("", *found):
        found.append(below.base_branch)
    return found
