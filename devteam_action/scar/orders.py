"""What SCAR is told to do for a task, as a list: which command, and what stands in each of its arguments."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from devteam_action.domain.scar_config import ScarConfig

# Where a command file says what an argument is for, it gets that (SCAR's own seed commands); any other gets it all.
_ONLY_A_MARK = frozenset({"prime", "validate"})
_PLAN_AND_BRANCH = frozenset({"execute-github"})
_PLAN = frozenset({"execute"})
_WRITES_PLAN = frozenset({"plan-feature", "plan-feature-github"})


class Assignment(Struct, frozen=True, kw_only=True):
    """One task for SCAR: `branch` is on the remote already; `brief` is the whole text.

    With `only_plan` nothing is to be changed."""

    run_id: str
    task_id: str
    branch: str
    brief: str
    only_plan: bool = False

    @property
    def mark(self) -> str:
        """Tells the words of one run from another's, in SCAR's own logs too."""
        return f"devteam-run:{self.run_id}"

    @property
    def plan(self) -> str:
        """The file that a planning command writes and an executing one reads."""
        return f".agents/plans/{self.branch.replace('/', '-')}.md"


class Invocation(Struct, frozen=True, kw_only=True):
    """`/command-invoke`: the command, its arguments one by one, and the longest that it may run."""

    command: str
    arguments: tuple[str, ...]
    timeout_s: float


def invocations(settings: ScarConfig, assignment: Assignment, commands: Sequence[str]) -> tuple[Invocation, ...]:
    """The commands in their order; the run's id is in each of them."""
    return tuple(
        Invocation(
            command=command,
            arguments=_arguments(command, assignment),
            timeout_s=settings.timeout_of(command),
        )
        for command in commands
    )


def _arguments(command: str, assignment: Assignment) -> tuple[str, ...]:
    if command in _ONLY_A_MARK:
        return (assignment.mark,)
    if assignment.only_plan:
        return (_planning_order(assignment),)
    if command in _PLAN_AND_BRANCH:
        return (assignment.plan, assignment.branch, assignment.mark)
    if command in _PLAN:
        return (assignment.plan, assignment.mark)
    return (_order(assignment, writes_plan=command in _WRITES_PLAN),)


def _order(assignment: Assignment, *, writes_plan: bool) -> str:
    """Where to work comes first: a branch of another name is only taken when it is the only one."""
    lines = [
        f"[{assignment.mark}] Task {assignment.task_id}.",
        f"Work on the branch {assignment.branch}, which is on the remote already: fetch it, check it out, commit there "
        "and push it. Make no other branch, do not rewrite what is pushed, and do not merge another branch into it. "
        "Open no pull request: that is done elsewhere.",
    ]
    if writes_plan:
        lines.append(
            f"Write the plan to {assignment.plan} on that branch. Say in it, too, that no pull request is to be opened."
        )
    return "\n".join([*lines, "", assignment.brief])


def _planning_order(assignment: Assignment) -> str:
    """Words are all that is wanted: what is pushed would stand in the way of the tool that writes the code."""
    return "\n".join(
        (
            f"[{assignment.mark}] Task {assignment.task_id}.",
            "Only plan: make no branch, commit nothing and push nothing. Your last message is the whole plan.",
            "",
            assignment.brief,
        )
    )


def repository_of(settings: ScarConfig, address: str) -> str:
    """The project's name on the server: what the configuration says, else the last part of the remote's address."""
    last = address.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    return settings.repository or last.removesuffix(".git")
