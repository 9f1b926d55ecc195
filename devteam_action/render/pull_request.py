"""What a task's pull request says of itself when it is opened."""

from __future__ import annotations

from devteam_action.domain.task import Task
from devteam_action.render.fit import COMMENT_LIMIT
from devteam_action.render.markdown import plain
from devteam_action.render.own_templates import NONE, OwnTemplates

_TITLE = 250  # characters; GitHub takes 256


def pull_request_text(
    task: Task,
    *,
    list_link: str,
    run_link: str,
    stands_on: str = "",
    first: int | None = None,
    own: OwnTemplates = NONE,
) -> tuple[str, str]:
    """Title (one line, at most 250 characters) and body (at most 65,536); `list_link` leads to the task's line.

    `stands_on` is the branch of another task that this one goes into, `first` the pull request of that.
    """
    title = plain(f"{task.id} {task.headline}", _TITLE)
    place = f"{task.source.path}:{task.source.line}" if task.source.path else ""
    values = {
        "title": task.headline,
        "task_id": task.id,
        "description": task.description,
        "acceptance": task.acceptance[:50],
        "criteria": list(task.criteria.items())[:50],
        "list_place": place,
        "list_link": list_link,
        "run_link": run_link,
        "stands_on": stands_on,
        "first": first,
    }
    return title, own.filled("pull_request.md.j2", lambda: values, limit=COMMENT_LIMIT)
