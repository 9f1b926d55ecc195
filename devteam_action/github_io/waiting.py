"""How long we are patient with a GitHub that does not answer."""

from __future__ import annotations

import random
from collections.abc import Callable

from msgspec import Struct

PATIENCE_S = 150.0  # GitHub away for two minutes is no reason to lose a run
# Where GitHub names no time it wants at least a minute's silence, and more each time.
# docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
SECONDARY_S = 60.0
_FIRST_S = 1.0
_LONGEST_S = 30.0


class Patience(Struct, kw_only=True):
    """What is left of the patience for one request; `jitter` gives a number from 0 to 1."""

    left_s: float = PATIENCE_S
    tries: int = 0
    holds: int = 0
    jitter: Callable[[], float] = random.random

    def backoff(self) -> float | None:
        """Seconds to the next try after a lost answer, twice as long each time; None when patience has ended."""
        if self.left_s <= 0:
            return None
        wait = min(_LONGEST_S, _FIRST_S * 2**self.tries) * (0.5 + self.jitter())
        self.tries += 1
        return self._take(min(wait, self.left_s))

    def take(self, seconds: float) -> float | None:
        """The wait that GitHub has asked for, or None when it is longer than our patience."""
        return self._take(seconds) if seconds <= self.left_s else None

    def hold_off(self) -> float | None:
        """The wait after a limit for which GitHub names no time: a minute, then longer; None at patience's end."""
        if self.left_s < SECONDARY_S:
            return None
        wait = SECONDARY_S * 2**self.holds
        self.holds += 1
        return self._take(min(wait, self.left_s))

    def _take(self, seconds: float) -> float:
        self.left_s -= seconds
        return seconds
