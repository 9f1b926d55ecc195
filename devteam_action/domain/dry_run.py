"""What a run would do if everything went well: the same `decide`, fed with assumed results."""

from __future__ import annotations

from collections.abc import Sequence

from devteam_action.domain.criteria import Wanted
from devteam_action.domain.decide import Finish, Implement, Prepare, Publish, StartAttempt, Step, Verify, decide
from devteam_action.domain.events import AnyEvent, AttemptStarted, RunOptions, StageFinished, Started
from devteam_action.domain.findings import Verification
from devteam_action.domain.results import Implemented, Prepared, Published, Verified
from devteam_action.domain.run import evolve, fold
from devteam_action.domain.task import Task


def planned(task: Task, options: RunOptions, criteria: Sequence[Wanted]) -> tuple[str, ...]:
    """The steps of a run on `task`, in words, on the assumption that each succeeds at once.

    `criteria` are those that somebody stated; without any, VERIFY measures what the repository has set up.
    """
    stated = [f"{wanted.name} {wanted.required.text}" for wanted in criteria if wanted.stated]
    run = fold([Started(task=task, options=options)])
    steps: list[str] = []
    while run.ended is None:
        words, event = _assume(decide(run), task, options, ", ".join(stated))
        if words:
            steps.append(words)
        run = evolve(run, event)
    return tuple(steps)


def _assume(step: Step, task: Task, options: RunOptions, stated: str) -> tuple[str, AnyEvent]:
    match step:
        case Prepare():
            prepared = Prepared(base="base", head="base", branch="branch", repo_path="")
            drafted = ", pushed, with a draft pull request" if options.deliver == "pr" else ""
            words = f"PREP: a branch from {options.base_branch}{drafted}"
            return words, StageFinished(stage="PREP", result=prepared)
        case StartAttempt(number=number, reason=reason):
            return "", AttemptStarted(number=number, reason=reason)
        case Implement():
            done = Implemented(ok=True, commit="work")
            words = f"IMPLEMENT: {options.tool} writes the code, in at most {options.max_attempts} attempts"
            return words, StageFinished(stage="IMPLEMENT", result=done)
        case Verify(head=head):
            proof = Verified(head=head, verification=Verification(verdict="passed"))
            return f"VERIFY: {stated or 'what the repository has set up'}", StageFinished(stage="VERIFY", result=proof)
        case Publish():
            done = Published(head="tick", merged=options.deliver == "merge")
            words = f"PUBLISH: tick {task.id} and {_delivery(options)}"
            return words, StageFinished(stage="PUBLISH", result=done)
        case Finish(event=event):
            return "", event


def _delivery(options: RunOptions) -> str:
    match options.deliver:
        case "merge":
            return f"merge into {options.base_branch}"
        case "pr":
            return "make the pull request ready for review"
        case "branch":
            return "leave the branch for review"
