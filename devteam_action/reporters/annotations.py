"""Findings as workflow commands: for tokens that may write no check run, such as a fork's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from devteam_action.domain.events import AnyEvent
from devteam_action.domain.findings import Finding
from devteam_action.reporters.following import Following


class AnnotationsReporter(Following):
    """Hands the new findings of the last verdict to `write`, errors first, once, at the end."""

    def __init__(self, write: Callable[[Sequence[Finding]], None], *, history: Iterable[AnyEvent] = ()) -> None:
        super().__init__(history)
        self._write = write

    def close(self) -> None:
        findings = self.view.findings
        if findings:
            self._write(findings)
