"""The three texts of the check run: title, summary, and the details below it."""

from __future__ import annotations

from typing import NamedTuple

from devteam_action.domain.view import RunView
from devteam_action.render.facts import Facts
from devteam_action.render.fit import CHECK_LIMIT
from devteam_action.render.markdown import plain
from devteam_action.render.report import report_of
from devteam_action.render.wording import check_title


class CheckTexts(NamedTuple):
    title: str
    summary: str
    text: str


def check_texts(view: RunView, facts: Facts, *, continued: str = "", limit: int = CHECK_LIMIT) -> CheckTexts:
    """`summary` and `text` within `limit` characters each; `continued` is the head on which the verdict is instead.

    The title names the task: GitHub lists our check under whichever workflow ran first on the commit.
    """
    task_id = view.task.id if view.task else ""
    words = f"continued on {continued[:7]}" if continued else check_title(view)
    address = facts.links.commit(continued)

    def part(name: str) -> str:
        return facts.own.filled(
            "check_run.md.j2",
            lambda: {
                "part": name,
                "report": report_of(view, facts),
                "continued": continued,
                "continued_address": address,
            },
            limit=limit,
        )

    return CheckTexts(plain(f"{task_id}: {words}", 250), part("summary"), part("text").strip())
