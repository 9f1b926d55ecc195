"""The step after a run that was ended from outside: no task, comment or check run goes on saying that it runs."""

from __future__ import annotations

from devteam_action.cli.job.desk import Desk
from devteam_action.cli.output import Result
from devteam_action.pipeline.finish_interrupted import finish_interrupted, left_here

_REASON = "the job ended before the run did: it was cancelled, ran out of time, or lost its machine"


def finish(desk: Desk) -> Result:
    """Ends the runs that processes of this machine have left behind; none, as usual, is not told in the summary."""
    _, context = desk.context(("status",))
    app = context.app()
    left = left_here(app.project.state.load().executions.values())
    for execution in left:
        finish_interrupted(execution, app.surroundings(execution.current_task), reason=_REASON)
    ids = [each.task_id for each in left]
    if not ids:
        desk.say("no run was left behind")
    said = f"put on the record as stopped: {', '.join(ids)}" if ids else ""
    return Result(document={"success": True, "stopped": ids}, text=said)
