"""Findings as workflow commands: for tokens that may write no check run, such as a fork's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from devteam_action.domain.events import AnyEvent
from devteam_action.domain.findings import Finding
from devteam_action.reporters.following import Following
from devteam_action.reporters.report_context import ReportContext


class AnnotationsReporter(Following):
    """Hands the new findings of the last verdict to `write`, errors first, once, at the end.

    One that names a line which the head has not is told without its line.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Finding]], None],
        context: ReportContext,
        *,
        history: Iterable[AnyEvent] = (),
    ) -> None:
        super().__init__(history)
        self._write = write
        self._context = context

    def close(self) -> None:
        view = self.view
        placed = set(self._context.on_lines(view.run.head, view.findings))
        told = tuple(each if each in placed else msgspec.structs.replace(each, line=None) for each in view.findings)
        if told:
            self._write(told)
