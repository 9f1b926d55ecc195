"""The sticky comment: one text a task, with a marker that no template may lose."""

from __future__ import annotations

from devteam_action.domain.view import RunView
from devteam_action.errors import ConfigError
from devteam_action.render.facts import Facts
from devteam_action.render.fit import COMMENT_LIMIT, fit
from devteam_action.render.markers import task_marker
from devteam_action.render.report import report_of
from devteam_action.render.templates import render_markdown

TEMPLATE = "comment.md.j2"


def comment_body(view: RunView, facts: Facts, *, yours: str = "", limit: int = COMMENT_LIMIT) -> str:
    """The comment within `limit` characters, its marker in the first line.

    `yours` is the text of the user's own template. Raises ConfigError where that cannot be rendered, loses the
    marker, or is too long with everything shed; without `yours` it never raises.
    """
    marker = task_marker(view.task.id if view.task else "")
    text = fit(_rendered(view, facts, marker, yours), limit)
    if yours and text.count(marker) != 1:
        raise ConfigError(
            f"the template {TEMPLATE} has lost the marker by which the comment is found again",
            remedy="put `{{ marker }}` back, once; ours is used until then",
        )
    if yours and len(text) > limit:
        raise ConfigError(
            f"the template {TEMPLATE} makes a comment of {len(text)} characters; GitHub takes {limit}",
            remedy='put what may go in `{% call section("name", 10) %}…{% endcall %}`; ours is used until then',
        )
    return text


def _rendered(view: RunView, facts: Facts, marker: str, yours: str) -> str:
    from markupsafe import Markup

    return render_markdown(
        TEMPLATE,
        yours=yours,
        marker=Markup(marker),  # noqa: S704 - made of letters, digits and dots
        report=report_of(view, facts),
    )
