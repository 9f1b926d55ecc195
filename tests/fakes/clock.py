"""A clock that moves only when it is told to, or when somebody sleeps on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FakeClock:
    def __init__(self, start: str = "2026-01-01T00:00:00.000Z") -> None:
        self._start = datetime.fromisoformat(start)
        self._passed = 0.0

    def now(self) -> str:
        moment = (self._start + timedelta(seconds=self._passed)).astimezone(UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def monotonic(self) -> float:
        return self._passed

    def sleep(self, seconds: float) -> None:
        self._passed += seconds

    advance = sleep
