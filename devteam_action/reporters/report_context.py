"""What reports on GitHub share: addresses, facts about the place, and one memory of what could not be written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from devteam_action.domain.findings import Finding
from devteam_action.errors import DevteamError
from devteam_action.render.facts import Facts
from devteam_action.render.links import Links
from devteam_action.render.own_templates import OwnTemplates


class ReportContext:
    """One a job. `tell` shows a sentence to whoever watches, `redact` takes secrets out of all that is no event.

    `missing_rights` gives lines of `permissions:` that the token lacks, `rate` a sentence about the rate limit or
    nothing. `templates` are the repository's own, by path, as the base commit has them. `line_counts(head, paths)`
    tells how many lines those files of the commit have that are in it. Safe for several threads.
    """

    def __init__(
        self,
        links: Links,
        *,
        tell: Callable[[str], None],
        redact: Callable[[str], str] = str,
        missing_rights: Callable[[], tuple[str, ...]] = tuple,
        rate: Callable[[], str] = str,
        templates: Mapping[str, bytes] | None = None,
        line_counts: Callable[[str, Sequence[str]], Mapping[str, int]] | None = None,
    ) -> None:
        self.links = links
        self._tell = tell
        self._redact = redact
        self._own = OwnTemplates(templates, tell=tell, redact=redact)
        self._missing_rights = missing_rights
        self._rate = rate
        self._line_counts = line_counts
        self._troubles: dict[str, str] = {}
        self._lock = threading.Lock()

    def facts(self) -> Facts:
        """The facts of this moment, redacted."""
        with self._lock:
            troubles = tuple(self._troubles.values())
        return Facts(
            links=self.links,
            missing_rights=tuple(self._redact(line) for line in self._missing_rights()),
            troubles=troubles,
            rate=self._redact(self._rate()),
            own=self._own,
        )

    def trouble(self, surface: str, error: Exception) -> None:
        """`surface` could not be written: told once, and kept for the reports that can be."""
        remedy = f" ({' '.join(error.remedy.split())})" if isinstance(error, DevteamError) and error.remedy else ""
        said = self._redact(f"{surface} could not be written: {error}{remedy}")
        with self._lock:
            is_new = surface not in self._troubles
            self._troubles[surface] = said
        if is_new:
            self._tell(said)

    def mended(self, surface: str) -> None:
        """`surface` was written after all."""
        with self._lock:
            self._troubles.pop(surface, None)

    def on_lines(self, head: str, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Those of `findings` that stand on a line of a file, and the commit has that line."""
        placed = [each for each in findings if each.path and each.line is not None]
        if self._line_counts is None or not placed:
            return tuple(placed)
        counts = self._line_counts(head, tuple(dict.fromkeys(each.path for each in placed)))
        return tuple(each for each in placed if 0 < (each.line or 0) <= counts.get(each.path, 0))
