"""The step after a run that was ended from outside: no task, comment or check run goes on saying that it runs."""

from __future__ import annotations

from devteam_action.actions.payloads import Event
from devteam_action.actions.route import Accept, Answer, plan
from devteam_action.cli.job.conversation import Conversation
from devteam_action.cli.job.desk import Desk
from devteam_action.cli.output import Result
from devteam_action.pipeline.finish_interrupted import finish_interrupted, left_here

_REASON = "the job ended before the run did: it was cancelled, ran out of time, or lost its machine"


def finish(desk: Desk, event: Event) -> Result:
    """Ends the runs that processes of this machine have left behind; none, as usual, is not told in the summary.

    The command that the job was for is ended too, where the step that carried it out came to no end of its own.
    """
    _, context = desk.context(("status",))
    app = context.app()
    left = left_here(app.project.state.load().executions.values())
    for execution in left:
        finish_interrupted(execution, app.surroundings(execution.current_task), reason=_REASON)
    ids = [each.task_id for each in left]
    if not ids:
        desk.say("no run was left behind")
    wanted = plan(event, desk.inputs, desk.job.job)
    if isinstance(wanted, Answer | Accept) and not desk.variables.get("DEVTEAM_RUN_STATUS"):
        _tell(wanted, ids, desk)
    said = f"put on the record as stopped: {', '.join(ids)}" if ids else ""
    return Result(document={"success": True, "stopped": ids}, text=said)


def _tell(asked: Answer | Accept, stopped: list[str], desk: Desk) -> None:
    talk = Conversation(desk)
    talk.react(asked.comment.id, "confused")
    what = "".join(f"\n\n{task}: its work is kept; `devteam resume {task}` goes on" for task in stopped)
    talk.answer(asked.comment, asked.command.name, Result(document={}, text=f"{_REASON}{what}", exit_code=1))
