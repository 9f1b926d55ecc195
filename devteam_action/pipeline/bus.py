"""The one way of an event: numbered, stamped, redacted once; to the journal first, then to every reporter."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Protocol, TypeVar, cast, get_args, runtime_checkable

import msgspec

from devteam_action.domain.events import Activity, ActivityLogged, AnyEvent, Progressed, Stage, encode
from devteam_action.domain.results import StageResult
from devteam_action.pipeline.journal import Journal
from devteam_action.pipeline.ports import Clock, Reporter
from devteam_action.support.encodable import encodable
from devteam_action.support.redact import Redactor

_log = logging.getLogger("devteam.bus")
_Event = TypeVar("_Event", bound=AnyEvent)

# What a stage adds to a run's progress (CONTRACT: state branch); what came before it is done when it begins.
_WEIGHTS: dict[Stage, int] = {"SELECT": 0, "PREP": 10, "IMPLEMENT": 60, "VERIFY": 25, "PUBLISH": 5}
_BEFORE: dict[Stage, int] = {"SELECT": 0, "PREP": 0, "IMPLEMENT": 10, "VERIFY": 70, "PUBLISH": 95}
_TOP = 99  # 100 is the word of COMPLETED alone

# Tags and other closed words: a secret of that very text would take the event's meaning away, and is none.
_WORDS = frozenset(
    {str(cast("type[msgspec.Struct]", kind).__struct_config__.tag) for kind in get_args(AnyEvent | StageResult)}
    | {"SELECT", "IMPLEMENT", "VERIFY", "PUBLISH", "STOPPED", "WAITING"}
)


@runtime_checkable
class ActivityReporter(Protocol):
    """A reporter that takes many activities at once, where thousands come a second."""

    def handle_activities(self, events: Sequence[ActivityLogged]) -> None: ...


class Bus:
    """Safe to use from several threads; every reporter sees the same events in the same order.

    `start_sequence`, `start_progress` and `start_activity` go on where a resumed run stopped. Activity events carry
    the number of the event before them: (event number, activity number) is the order of everything.
    """

    def __init__(
        self,
        *,
        customer_id: str,
        task_id: str,
        run_id: str,
        clock: Clock,
        redactor: Redactor,
        sinks: Sequence[Reporter] = (),
        journal: Journal | None = None,
        start_sequence: int = 0,
        start_progress: int = 0,
        start_activity: int = 0,
    ) -> None:
        self.customer_id = customer_id
        self.task_id = task_id
        self.run_id = run_id
        self.clock = clock
        self.redactor = redactor
        self._journal = journal
        self._sinks = list(sinks)
        self._next = start_sequence
        self._next_activity = start_activity
        self._progress = start_progress
        self._lock = threading.RLock()

    def emit(self, event: _Event) -> _Event:
        """The event as everybody sees it; raises StateNotWritten, and shows it to nobody, where the journal fails."""
        with self._lock:
            stamped = self._stamped(self.redactor.redact_struct(encodable(event), words=_WORDS))
            if isinstance(stamped, ActivityLogged):
                self._tell(stamped)
                return stamped
            if self._journal is not None:
                self._journal.append(encode(stamped))
            self._next += 1
            if isinstance(stamped, Progressed):
                self._progress = stamped.progress
            self._tell(stamped)
            return stamped

    def next_activity_numbers(self, count: int) -> range:
        """The numbers of the next `count` activities of this run: from 0, without a gap, each given once."""
        with self._lock:
            numbers = range(self._next_activity, self._next_activity + count)
            self._next_activity += count
            return numbers

    def emit_activities(self, activities: Sequence[Activity]) -> None:
        """Many activities at once. Their texts must be redacted already (pipeline/activity_stream.py does it)."""
        if not activities:
            return
        with self._lock:
            events = [
                ActivityLogged(
                    customer_id=self.customer_id,
                    task_id=self.task_id,
                    run_id=self.run_id,
                    timestamp=activity.timestamp,
                    sequence_number=self._next - 1,
                    activity=activity,
                )
                for activity in activities
            ]
            for sink in tuple(self._sinks):
                self._guarded(sink, events)

    def progress(self, stage: Stage, fraction: float, message: str = "") -> Progressed:
        """Says how far the run is, from counted facts of a stage.

        Where no whole percent was gained nothing goes on the record, and the answer is the progress as it is.
        """
        inside = _WEIGHTS[stage] * min(1.0, max(0.0, fraction))
        percent = min(_TOP, int(_BEFORE[stage] + inside))
        with self._lock:
            if percent > self._progress:
                return self.emit(Progressed(progress=percent, message=message))
            return Progressed(progress=self._progress, message=message)

    def close(self) -> None:
        """Lets every reporter finish what it shows."""
        with self._lock:
            for sink in tuple(self._sinks):
                try:
                    sink.close()
                except Exception:  # noqa: BLE001 - whatever it is, the run goes on
                    _log.exception("the reporter %s could not finish", type(sink).__name__)
            self._sinks.clear()

    def _stamped(self, event: _Event) -> _Event:
        number = self._next - 1 if isinstance(event, ActivityLogged) else self._next
        stamped = msgspec.structs.replace(
            event,
            customer_id=self.customer_id,
            task_id=self.task_id,
            run_id=self.run_id,
            timestamp=self.clock.now(),
            sequence_number=number,
        )
        if isinstance(stamped, Progressed):
            never_falling = max(self._progress, min(_TOP, stamped.progress))
            return msgspec.structs.replace(stamped, progress=never_falling)
        return stamped

    def _tell(self, event: AnyEvent) -> None:
        for sink in tuple(self._sinks):
            self._guarded(sink, (event,))

    def _guarded(self, sink: Reporter, events: Sequence[AnyEvent]) -> None:
        """A reporter that fails is told about once, and asked no more: showing a run must never fail it."""
        try:
            if isinstance(sink, ActivityReporter) and isinstance(events[0], ActivityLogged):
                sink.handle_activities(cast("Sequence[ActivityLogged]", events))
            else:
                for event in events:
                    sink.handle(event)
        except Exception:  # noqa: BLE001 - whatever it is, the run goes on
            self._sinks.remove(sink)
            _log.exception("the reporter %s failed and is off for the rest of this run", type(sink).__name__)
