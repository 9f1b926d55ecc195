"""Watching one run from look to look: what is new, and whether it is over; pure, so that time and server are tables."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from devteam_action.scar.completion import End
from devteam_action.scar.messages import Busy, ScarMessage


class Look(Struct, frozen=True, kw_only=True):
    """What one poll saw, `at` in seconds. The busy list was read before the messages: idle means they are final.

    `busy` is None where the busy list could not be had, `messages` where the server did not answer as SCAR does.
    """

    at: float
    busy: Busy | None
    messages: Sequence[ScarMessage] | None


class Patience(Struct, frozen=True, kw_only=True):
    """How long is waited, in seconds: for the run (time in the queue apart), in the queue (None: for ever), for a
    server that went away, and in silence where that is the only sign left."""

    run_s: float = 3600.0
    queue_s: float | None = None
    away_s: float = 60.0
    quiet_s: float = 300.0


class Arrived(Struct, frozen=True):
    """A message of the run, numbered from 0 in the order in which it came; none is told twice."""

    index: int
    message: ScarMessage


class Place(Struct, frozen=True, kw_only=True):
    """How far a list went: so many messages, the last of them `last`."""

    count: int
    last: ScarMessage | None


class Watch:
    """One run since its POST was accepted, at second `began`.

    `baseline` messages were there before, `anchor` the last of them. `marker` is how the answer to the end marker
    begins, empty where none was sent. `ahead` others of the conversation were before ours. `end` is None while the run
    goes on; `messages` are the run's own, without the marker's answer.
    """

    def __init__(
        self,
        *,
        baseline: int,
        marker: str,
        began: float,
        patience: Patience,
        anchor: ScarMessage | None = None,
        ahead: int = 0,
    ) -> None:
        self.end: End | None = None
        self.messages: list[ScarMessage] = []
        self.queued_s = 0.0
        self.run_s = 0.0
        self.busy: Busy | None = Busy(active=True, queued=0)  # what the POST's answer promises
        self.is_away = False
        self.lost_messages = False
        self.quiet_since = began
        self._ours = 2 if marker else 1  # of the conversation's messages in the queue, while ours has not begun
        self._is_behind = ahead > 0
        self._marker = marker
        self._patience = patience
        self._seen = baseline
        self._last = anchor  # the one at place `_seen - 1`, to know the list again
        self._marked: Place | None = None
        self._at = began
        self._began = began
        self._away_since: float | None = None
        self._blind_since: float | None = None
        self._was_away = False

    @property
    def waits(self) -> bool:
        """It has not begun: it has no slot of the server yet, or another's command is before it."""
        return self.busy is not None and (self.busy.waits or self.is_behind)

    @property
    def is_behind(self) -> bool:
        """Another client's command runs, and ours waits for it in the same conversation."""
        return self._is_behind and self.busy is not None and self.busy.active and self.busy.queued >= self._ours

    @property
    def place(self) -> Place | None:
        """How the list stood when the run was over; None where that is not known for certain."""
        if self.end == "marker":
            return self._marked
        return Place(count=self._seen, last=self._last) if self.end == "idle" else None

    def see(self, look: Look) -> list[Arrived]:
        """What is new in this look. Not to be called after the end."""
        self._count(look)
        if look.messages is None:
            self._away(look.at)
            return []
        self.is_away, self._away_since = False, None
        self.busy = look.busy
        # What was before ours is over for good: whatever waits from now on is behind it.
        self._is_behind = self.is_behind or (self._is_behind and (look.busy is None or look.busy.waits))
        self._blind_since = None if look.busy is not None else self._blind_since or look.at
        had_anchor = self._last is not None
        arrived, is_marked = self._take(look.messages, look.at)
        self.end = self._ended(look, is_marked, had_anchor=had_anchor)
        return arrived

    def stop(self) -> None:
        """We give up on our own account."""
        self.end = self.end or "stopped"

    @property
    def may_be_busy(self) -> bool:
        """Whether something may still run in the conversation, as far as anybody can tell."""
        return self.end != "marker" and (self.busy is None or not self.busy.is_idle)

    def _count(self, look: Look) -> None:
        passed = max(0.0, look.at - self._at)
        self._at = max(self._at, look.at)
        if self.waits:
            self.queued_s += passed
        else:
            self.run_s += passed

    def _away(self, at: float) -> None:
        self.is_away = self._was_away = True
        if self._away_since is None:
            self._away_since = at
        # Of a server that is gone nobody can say that it goes on, however little time its command had.
        if at - self._away_since >= self._patience.away_s or self._too_long() is not None:
            self.end = "unreachable"

    def _take(self, messages: Sequence[ScarMessage], at: float) -> tuple[list[Arrived], bool]:
        if not self._is_same_list(messages):
            self.lost_messages = True
            self._seen = 0
        arrived: list[Arrived] = []
        is_marked = False
        for number, message in enumerate(messages[self._seen :], self._seen + 1):
            if self._marker and message.message.startswith(self._marker):
                is_marked = True
                self._marked = Place(count=number, last=message)
                break  # what comes after it is another's
            arrived.append(Arrived(len(self.messages), message))
            self.messages.append(message)
        if arrived or is_marked:
            self.quiet_since = at
        self._seen = len(messages)
        self._last = messages[-1] if messages else None
        return arrived, is_marked

    def _is_same_list(self, messages: Sequence[ScarMessage]) -> bool:
        """A list only grows. One that is shorter, or has another message where we stopped, began anew."""
        if len(messages) < self._seen:
            return False
        return self._last is None or messages[self._seen - 1] == self._last

    def _ended(self, look: Look, is_marked: bool, *, had_anchor: bool) -> End | None:
        if is_marked:
            return "cleared" if self.lost_messages else "marker"
        if look.busy is not None and look.busy.is_idle:
            return self._idle(look, had_anchor)
        if look.busy is None and self.lost_messages:
            return "restarted"  # and a marker that was waiting is lost with the rest
        if look.busy is None and self._is_silent(look.at):
            return "quiet"
        return self._too_long()

    def _idle(self, look: Look, had_anchor: bool) -> End:
        """Nothing runs there. That is our run's end only if it is still the process that took our message.

        Its memory proves it: a message that was there before still is. Without one, a server that was away or that has
        nothing, not even the marker's answer, is taken for another.
        """
        if self.lost_messages:
            return "restarted"
        if not had_anchor and (self._was_away or (self._marker and not look.messages)):
            return "restarted"
        return "idle"

    def _is_silent(self, at: float) -> bool:
        since = max(self.quiet_since, self._blind_since or 0.0)
        return bool(self.messages) and not self._marker and at - since >= self._patience.quiet_s

    def _too_long(self) -> End | None:
        if self.run_s >= self._patience.run_s:
            return "timeout"
        if self._patience.queue_s is not None and self.queued_s >= self._patience.queue_s:
            return "queue-timeout"
        return None
