"""`dispatch-workflow`: the repository's own CI is started on the branches that we pushed.

A push with the job's token starts none of it (GitHub: events of GITHUB_TOKEN), a dispatch does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec

from devteam_action.cli.job.desk import Desk
from devteam_action.cli.output import Result
from devteam_action.errors import DevteamError


def start_workflows(result: Result, desk: Desk) -> None:
    """Starts the workflow once for each branch that was pushed in this job; a refusal is told, and fails nothing."""
    workflow = desk.inputs.dispatch_workflow
    if not workflow or desk.inputs.dry_run:
        return
    for branch in pushed_branches(result):
        try:
            desk.needed_github.workflows.dispatch(workflow, branch)
            desk.say(f"{workflow} was started on {branch}")
        except DevteamError as error:
            desk.say(f"{workflow} was not started on {branch}: {error.message} ({error.remedy})")


def pushed_branches(result: Result) -> tuple[str, ...]:
    """The branches of the runs in this result that have a pull request, each once."""
    document = msgspec.to_builtins(result.document)
    tasks = cast("Mapping[str, object]", document).get("tasks") if isinstance(document, dict) else None
    found: dict[str, None] = {}
    for task in cast("list[object]", tasks) if isinstance(tasks, list) else []:
        row = cast("Mapping[str, object]", task if isinstance(task, dict) else {})
        if row.get("pullRequest") and row.get("branch"):
            found[str(row["branch"])] = None
    return tuple(found)
