"""A surface that is edited in slots: the first state at once, the last one always, between them one edit a slot."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from devteam_action.errors import DevteamError

_log = logging.getLogger("devteam.reporters")

Wait = Callable[[threading.Condition, float], None]

_FIRST_MINUTE, _FIRST_TEN = 60.0, 600.0
_LAST_WORD_S = 180.0  # how long the end of a run waits for its last edit; a client's own patience is shorter


def slot_s(age_s: float) -> float:
    """Seconds between two edits, `age_s` seconds after the first: 10 in the first minute, 30 up to ten, then 60."""
    return 10.0 if age_s < _FIRST_MINUTE else 30.0 if age_s < _FIRST_TEN else 60.0


class Slots:
    """When the next edit may be; it counts nothing that was not changed."""

    def __init__(self) -> None:
        self._first: float | None = None
        self._last = 0.0

    def due(self, now: float) -> float:
        """The time from which an edit may be made."""
        return now if self._first is None else self._last + slot_s(self._last - self._first)

    def wrote(self, now: float) -> None:
        if self._first is None:
            self._first = now
        self._last = now


def real_wait(condition: threading.Condition, seconds: float) -> None:
    condition.wait(seconds)


class Throttle:
    """Calls `write` in a thread of its own, which never holds up whoever says `changed`.

    `write` shows the newest state, whatever that is then; what it raises is logged, and the next slot tries again, the
    last word once. `monotonic` and `wait` are the clock: `wait` may return early.
    """

    def __init__(
        self,
        write: Callable[[], None],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Wait = real_wait,
        patience_s: float = _LAST_WORD_S,
    ) -> None:
        self._write = write
        self._monotonic = monotonic
        self._wait = wait
        self._patience_s = patience_s
        self._slots = Slots()
        self._state = threading.Condition()
        self._is_changed = False
        self._is_closing = False
        self._is_last_try = False
        self._thread: threading.Thread | None = None

    def changed(self) -> None:
        """There is something new to show."""
        with self._state:
            if self._is_closing:
                return
            self._is_changed = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="throttle", daemon=True)
                self._thread.start()
            self._state.notify_all()

    def close(self) -> bool:
        """Shows the last state if it is not shown yet; False when that took longer than anybody should wait."""
        with self._state:
            self._is_closing = True
            self._state.notify_all()
            thread = self._thread
        if thread is None:
            return True
        thread.join(self._patience_s)
        return not thread.is_alive()

    def _run(self) -> None:
        while self._next():
            # From the start of an edit to the start of the next: a slow server is not asked more often for it.
            self._slots.wrote(self._monotonic())
            try:
                self._write()
            except DevteamError as error:
                _log.warning("a report could not be written: %s", error)
                self._again()
            except Exception:  # noqa: BLE001 - whatever it is, the run goes on
                _log.exception("a report could not be written")
                self._again()

    def _again(self) -> None:
        """What was not shown is still to be shown: in the next slot, and at the end once more, not for ever."""
        with self._state:
            self._is_changed = not self._is_last_try
            self._is_last_try = self._is_closing

    def _next(self) -> bool:
        """Waits for something to show, and for its slot; False when there is nothing more to come."""
        with self._state:
            while True:
                if self._is_changed:
                    left = 0.0 if self._is_closing else self._slots.due(self._monotonic()) - self._monotonic()
                    if left <= 0:
                        self._is_changed = False
                        return True
                    self._wait(self._state, left)
                elif self._is_closing:
                    return False
                else:
                    self._state.wait()
