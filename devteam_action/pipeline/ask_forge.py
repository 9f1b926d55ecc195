"""What became of pull requests whose end this clone cannot see by itself; only those are asked for."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from devteam_action.domain.execution import Execution
from devteam_action.pipeline.forge import Forge
from devteam_action.pipeline.reconcile import Clone


class Ends(Struct, frozen=True, kw_only=True):
    """The numbers of pull requests that were merged, and of those that a person closed unmerged."""

    merged: frozenset[int] = frozenset()
    closed: frozenset[int] = frozenset()

    def __or__(self, other: Ends) -> Ends:
        return Ends(merged=self.merged | other.merged, closed=self.closed | other.closed)


def ends_of(executions: Mapping[str, Execution], here: Clone, forge: Forge) -> Ends:
    """One request for each task in review whose branch is gone, or that no list could tell to be done.

    Hand the answer to `reconcile.repairs`: without it a branch that went with its closed pull request reads as work
    that is to be begun anew. Raises what the forge raises.
    """
    asked = [
        each
        for each in executions.values()
        if each.status == "WAITING" and each.claim is None and each.pull_request is not None and _is_unclear(each, here)
    ]
    states = {each.pull_request: forge.get(each.pull_request).state for each in asked if each.pull_request is not None}
    return Ends(
        merged=frozenset(number for number, state in states.items() if state == "merged"),
        closed=frozenset(number for number, state in states.items() if state == "closed"),
    )


def _is_unclear(execution: Execution, here: Clone) -> bool:
    is_injected = execution.current_task.id_from == "injected"
    return is_injected or bool(execution.branch and here.is_gone(execution.branch, execution.head))
