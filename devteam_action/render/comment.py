"""The sticky comment: one text a task, with a marker that no template may lose."""

from __future__ import annotations

from devteam_action.domain.view import RunView
from devteam_action.render.facts import Facts
from devteam_action.render.fit import COMMENT_LIMIT
from devteam_action.render.markers import task_marker
from devteam_action.render.report import report_of


def comment_body(view: RunView, facts: Facts, *, limit: int = COMMENT_LIMIT) -> str:
    """The comment within `limit` characters, its marker in the first line; it never raises."""
    from markupsafe import Markup

    marker = Markup(task_marker(view.task.id if view.task else ""))  # noqa: S704 - made of letters, digits and dots
    return facts.own.filled(
        "comment.md.j2", lambda: {"marker": marker, "report": report_of(view, facts)}, limit=limit, marker=marker
    )
