"""Ctrl-C and SIGTERM: the first asks politely, so that work and state are saved; the same once more does not wait.

Whoever ends a process in earnest sends SIGINT first and SIGTERM some seconds later (a runner that cancels a job does):
the other signal is the same request, and must not cut short what the first one began.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Generator
from types import FrameType


class Interrupts:
    """Installs the handlers; `number` is the signal that came first, None when none did."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._call: Callable[[], None] | None = None
        self._came: set[int] = set()

    @property
    def exit_code(self) -> int | None:
        """130 for Ctrl-C, 143 for SIGTERM (128 and the signal's number)."""
        return None if self.number is None else 128 + self.number

    @contextlib.contextmanager
    def installed(self) -> Generator[Interrupts]:
        """Handlers are ours inside, and as they were afterwards; main thread only."""
        before = {number: signal.signal(number, self._handle) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextlib.contextmanager
    def calling(self, call: Callable[[], None]) -> Generator[None]:
        """Inside, the first signal calls `call` instead of raising KeyboardInterrupt."""
        self._call = call
        if self.number is not None:
            call()
        try:
            yield
        finally:
            self._call = None

    def _handle(self, number: int, frame: FrameType | None) -> None:
        is_again = number in self._came
        is_first = not self._came
        self._came.add(number)
        self.number = self.number or number
        if is_again or (is_first and self._call is None):
            raise KeyboardInterrupt
        if is_first and self._call is not None:
            self._call()
