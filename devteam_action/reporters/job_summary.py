"""The summary of a run on its job's page, written once at its end."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from devteam_action.domain.events import AnyEvent
from devteam_action.render.fit import SUMMARY_LIMIT
from devteam_action.render.summary import summary_text
from devteam_action.reporters.following import Following
from devteam_action.reporters.report_context import ReportContext

_LEAST = 4_000  # bytes that the shortest summary of a run takes


class JobSummary(Following):
    """Appends to the file that GITHUB_STEP_SUMMARY names; several runs of one step share its one MiB.

    Close it after the other reporters: it says what they could not write.
    """

    def __init__(self, path: Path, context: ReportContext, *, history: Iterable[AnyEvent] = ()) -> None:
        super().__init__(history)
        self._path = path
        self._context = context

    def close(self) -> None:
        view = self.view
        if view.task is None:
            return
        try:
            used = self._path.stat().st_size if self._path.exists() else 0
            room = SUMMARY_LIMIT - used - 2
            if room >= _LEAST:
                text = summary_text(view, self._context.facts(), limit=room)
                with self._path.open("a", encoding="utf-8", newline="") as file:
                    file.write(f"\n{text}" if used else text)
        except OSError as error:
            self._context.trouble("the job summary", error)
