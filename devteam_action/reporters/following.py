"""What reporters of one view share: the view kept up to date, safely, however fast activities come."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

from devteam_action.domain.events import ActivityLogged, AnyEvent
from devteam_action.domain.view import RunView, seen, seen_activities, view_of


class Following:
    """Folds every event into a view. `history` are the events of a run that goes on, from before this process."""

    def __init__(self, history: Iterable[AnyEvent] = ()) -> None:
        self._view = view_of(history)
        self._folding = threading.Lock()

    @property
    def view(self) -> RunView:
        with self._folding:
            return self._view

    def handle(self, event: AnyEvent) -> None:
        with self._folding:
            self._view = seen(self._view, event)
        self.changed(event)

    def handle_activities(self, events: Sequence[ActivityLogged]) -> None:
        if events:
            with self._folding:
                self._view = seen_activities(self._view, events)
            self.changed(events[-1])

    def changed(self, event: AnyEvent) -> None:
        """`view` has just taken in `event`; the caller is not to be held up."""

    def close(self) -> None:
        """The last word on the view."""
