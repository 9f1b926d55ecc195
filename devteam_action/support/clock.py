"""The clock of the machine; tests bring their own."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """Tells the time as the rest of the program wants it (satisfies ports.Clock)."""

    def now(self) -> str:
        """ISO 8601 in UTC with milliseconds and `Z`."""
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean anything."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
