"""The job summary of one run."""

from __future__ import annotations

from devteam_action.domain.view import RunView
from devteam_action.render.facts import Facts
from devteam_action.render.fit import SUMMARY_LIMIT, size_in_bytes
from devteam_action.render.report import report_of


def summary_text(view: RunView, facts: Facts, *, limit: int = SUMMARY_LIMIT) -> str:
    """The summary, within `limit` bytes of UTF-8 where shedding can do it."""
    address = facts.links.pull_request(view.pull_request)
    return facts.own.filled(
        "summary.md.j2",
        lambda: {"report": report_of(view, facts), "pull_request_address": address},
        limit=limit,
        measure=size_in_bytes,
    )
