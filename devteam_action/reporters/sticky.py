"""The one live comment of a task's pull request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from devteam_action.domain.events import AnyEvent
from devteam_action.domain.view import RunView
from devteam_action.errors import NotAllowed
from devteam_action.pipeline.forge import Comments, TooLong
from devteam_action.render.comment import comment_body
from devteam_action.render.facts import Facts
from devteam_action.render.fit import COMMENT_LIMIT
from devteam_action.render.markers import task_marker
from devteam_action.reporters.following import Following
from devteam_action.reporters.report_context import ReportContext
from devteam_action.reporters.throttle import Throttle, Wait, real_wait

SURFACE = "the comment on the pull request"
_SHORTENINGS = 6  # each by a quarter: what even then is refused has another reason
_SHORTEST = 2_000


class StickyComment(Following):
    """Posted when the pull request is known, edited as the throttle allows, brought up to date at the end.

    A refusal for want of a right ends it; anything else is tried again in the next slot. The run never hears of it.
    `number` is the issue or pull request until events name one.
    """

    def __init__(
        self,
        comments: Comments,
        context: ReportContext,
        *,
        number: int | None = None,
        history: Iterable[AnyEvent] = (),
        monotonic: Callable[[], float] = time.monotonic,
        wait: Wait = real_wait,
    ) -> None:
        super().__init__(history)
        self._comments = comments
        self._context = context
        self._number = number
        self._limit = COMMENT_LIMIT
        self._shown = ""
        self._is_refused = False
        self._writing = threading.Lock()
        self._throttle = Throttle(self._write, monotonic=monotonic, wait=wait)

    def changed(self, event: AnyEvent) -> None:
        if self._target(self.view) is not None and not self._is_refused:
            self._throttle.changed()

    def close(self) -> None:
        if not self._throttle.close():
            self._context.trouble(SURFACE, TimeoutError("GitHub took too long to answer at the end of the run"))

    def _target(self, view: RunView) -> int | None:
        return (view.pull_request or self._number) if view.task is not None else None

    def _write(self) -> None:
        with self._writing:
            view = self.view
            number = self._target(view)
            if number is None or view.task is None or self._is_refused:
                return
            try:
                self._put(number, task_marker(view.task.id), view, self._context.facts())
            except NotAllowed as error:
                self._is_refused = True
                self._context.trouble(SURFACE, error)
            except Exception as error:
                self._context.trouble(SURFACE, error)
                raise
            else:
                self._context.mended(SURFACE)

    def _put(self, number: int, marker: str, view: RunView, facts: Facts) -> None:
        """The true limit is the server's word: where it says `too long`, more is shed."""
        for _ in range(_SHORTENINGS):
            body = comment_body(view, facts, limit=self._limit)
            if body == self._shown:
                return
            try:
                self._comments.put(number, marker, body)
            except TooLong:
                self._limit = max(_SHORTEST, min(self._limit, len(body)) * 3 // 4)
                continue
            self._shown = body
            return
        raise NotAllowed("GitHub takes no comment of any length here")
