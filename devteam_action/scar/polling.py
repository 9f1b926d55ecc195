"""Looking at a run at a steady pace: the busy list first, then the messages; no back-off while it is live."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol, TypeVar

from devteam_action.scar.messages import Busy, ScarMessage
from devteam_action.scar.problems import ScarRefused, ScarStrange, ScarUnavailable
from devteam_action.scar.watching import Arrived, Look, Watch

_T = TypeVar("_T")
_STOP_S = 0.1  # within which a stop is noticed
_QUIET_TOLD_S = 30.0

Tell = Callable[[str], None]


class Stopped(Protocol):
    """An Event of threading's."""

    def is_set(self) -> bool: ...


async def looks(
    watch: Watch,
    *,
    busy: Callable[[], Awaitable[Busy]],
    messages: Callable[[], Awaitable[tuple[ScarMessage, ...]]],
    interval_s: float,
    clock: Callable[[], float],
    stop: Stopped | None,
    tell: Tell | None,
) -> AsyncIterator[Arrived]:
    """What arrives until the watch has ended. A server that does not answer is a look too, never an error."""
    news = _News(tell)
    while watch.end is None:
        began = clock()
        # In this order: only then does "not busy" mean that the list read after it is the whole run.
        seen_busy = await _tried(busy, stop)
        seen_messages = await _tried(messages, stop)
        for arrived in watch.see(Look(at=clock(), busy=seen_busy, messages=seen_messages)):
            yield arrived
        news.of(watch, clock())
        if watch.end is None and not await _pause(began + interval_s, clock, stop):
            watch.stop()


async def _tried(ask: Callable[[], Awaitable[_T]], stop: Stopped | None) -> _T | None:
    """The answer; None where there is none, or where we are told to stop while a server keeps us waiting."""
    asking = asyncio.ensure_future(ask())
    try:
        while not asking.done():
            await asyncio.wait((asking,), timeout=_STOP_S)
            if stop is not None and stop.is_set() and not asking.done():
                return None
        return asking.result()
    except (ScarUnavailable, ScarStrange, ScarRefused):
        return None
    finally:
        asking.cancel()


async def _pause(until: float, clock: Callable[[], float], stop: Stopped | None) -> bool:
    """False as soon as we are told to stop."""
    while True:
        if stop is not None and stop.is_set():
            return False
        left = until - clock()
        if left <= 0:
            return True
        await asyncio.sleep(min(left, _STOP_S))


class _News:
    """Sentences about a run that says nothing itself, each when it begins to be true."""

    def __init__(self, tell: Tell | None) -> None:
        self._tell = tell
        self._last = ""
        self._told_quiet_s = 0.0

    def of(self, watch: Watch, now: float) -> None:
        quiet_s = now - watch.quiet_since
        if quiet_s < self._told_quiet_s:
            self._told_quiet_s = 0.0
        sentence = ""
        if watch.end is not None:
            return
        if watch.is_away:
            sentence = "SCAR does not answer; waiting for it"
        elif watch.is_behind:
            sentence = "waiting behind another client's command"
        elif watch.waits:
            sentence = "waiting for a free slot of SCAR"
        elif quiet_s >= self._told_quiet_s + _QUIET_TOLD_S:
            self._told_quiet_s = quiet_s
            sentence = f"working, quiet for {quiet_s:.0f} s"
        if sentence and sentence != self._last and self._tell is not None:
            self._tell(sentence)
        self._last = sentence or self._last
