"""The check run `DevTeam / verify`: in progress from PREP's end on, concluded on the last head; never a second one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

import msgspec

from devteam_action.domain.events import AnyEvent, StageFinished
from devteam_action.domain.results import Prepared
from devteam_action.domain.view import RunView
from devteam_action.errors import DevteamError, NotAllowed
from devteam_action.pipeline.forge import CheckRun, Checks, TooLong
from devteam_action.render.check_texts import check_texts
from devteam_action.render.fit import CHECK_LIMIT
from devteam_action.render.wording import conclusion
from devteam_action.reporters.following import Following
from devteam_action.reporters.report_context import ReportContext

_log = logging.getLogger("devteam.reporters")

NAME = "DevTeam / verify"
SURFACE = "the check run"
_SHORTENINGS = 6
_PATIENCE_S = 180.0


class CheckRunReporter(Following):
    """Written twice: when the branch stands, and at the end. A head that was left is concluded as `neutral`.

    `only_pushed`: a head that no remote has can carry no check, so that runs which deliver no pull request write none.
    """

    def __init__(
        self,
        checks: Checks,
        context: ReportContext,
        *,
        only_pushed: bool = True,
        history: Iterable[AnyEvent] = (),
    ) -> None:
        super().__init__(history)
        self._left_behind = _spinning(self.view)
        self._checks = checks
        self._context = context
        self._only_pushed = only_pushed
        self._limit = CHECK_LIMIT
        self._started: CheckRun | None = None
        self._starting: threading.Thread | None = None
        self._is_refused = False
        self.id: int | None = None

    def changed(self, event: AnyEvent) -> None:
        is_start = isinstance(event, StageFinished) and isinstance(event.result, Prepared)
        if is_start and self._starting is None and self._is_wanted(self.view):
            self._starting = threading.Thread(target=self._start, args=(self.view,), name="check-run", daemon=True)
            self._starting.start()

    def close(self) -> None:
        """The end; the id of the check run that has the verdict is `id` from then on."""
        if self._starting is not None:
            self._starting.join(_PATIENCE_S)
        view = self.view
        # A run that did not get as far as its branch has judged nothing: what a commit's check run says still holds.
        has_begun = self._starting is not None or self._left_behind
        if self._is_refused or not has_begun or not self._is_wanted(view):
            return
        head = view.run.head
        before = self._started
        is_same = before is not None and before.head == head
        last = self._written(_concluded(view, head, before.id if before is not None and is_same else None), view)
        if last is None:
            return
        self.id = last.id
        for left in self._left(before, head):
            self._written(left, view, continued=head)

    def _left(self, started: CheckRun | None, head: str) -> list[CheckRun]:
        """Check runs on other heads that would be in progress for ever: ours, and that of a process that was killed."""
        left = [started] if started is not None and started.head != head else []
        if self._left_behind not in ("", head, *(each.head for each in left)):
            left.append(_started_on(self._left_behind, self.view))
        return [msgspec.structs.replace(each, status="completed", conclusion="neutral") for each in left]

    def _is_wanted(self, view: RunView) -> bool:
        options = view.run.options
        is_pushed = options is not None and (options.deliver == "pr" or view.pull_request is not None)
        return bool(view.run.head) and (is_pushed or not self._only_pushed)

    def _start(self, view: RunView) -> None:
        self._started = self._written(_started_on(view.run.head, view), view)

    def _written(self, check: CheckRun, view: RunView, *, continued: str = "") -> CheckRun | None:
        try:
            return self._write(check, view, continued)
        except DevteamError as error:
            self._is_refused = isinstance(error, NotAllowed)
            self._context.trouble(SURFACE, error)
            return None
        except Exception as error:  # noqa: BLE001 - in a thread of ours nobody else would hear of it
            self._context.trouble(SURFACE, error)
            _log.exception("the check run could not be written")
            return None

    def _write(self, check: CheckRun, view: RunView, continued: str) -> CheckRun:
        facts = self._context.facts()
        is_over = check.status == "completed" and not continued
        for _ in range(_SHORTENINGS):
            texts = check_texts(view, facts, continued=continued, limit=self._limit)
            full = msgspec.structs.replace(
                check,
                title=texts.title,
                summary=texts.summary,
                text=texts.text,
                details_url=facts.links.run_url,
                annotations=self._context.on_lines(check.head, view.findings) if is_over else (),
            )
            try:
                return msgspec.structs.replace(full, id=self._checks.write(full))
            except TooLong:
                self._limit = min(self._limit, max(len(texts.summary), len(texts.text))) * 3 // 4
        raise NotAllowed("GitHub takes no check run of any length here")


def _task_id(view: RunView) -> str:
    """What makes it the same check run for every run that judges this head."""
    return view.task.id if view.task is not None else ""


def _started_on(head: str, view: RunView) -> CheckRun:
    return CheckRun(name=NAME, head=head, external_id=f"devteam:{_task_id(view)}", status="in_progress")


def _concluded(view: RunView, head: str, known: int | None) -> CheckRun:
    check = _started_on(head, view)
    return msgspec.structs.replace(check, status="completed", conclusion=conclusion(view), id=known)


def _spinning(view: RunView) -> str:
    """The head on which a process that was killed has left a check run in progress; empty where there is none."""
    return view.run.prepared.head if view.run.prepared is not None and view.end is None else ""
