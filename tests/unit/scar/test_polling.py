"""The pace of looking at a run, with time that only the waiting moves."""

from __future__ import annotations

import asyncio
import itertools

from devteam_action.scar import polling
from devteam_action.scar.messages import Busy, ScarMessage
from devteam_action.scar.watching import Patience, Watch

INTERVAL_S = 0.5


def looked_at(monkeypatch, *, run_s, says_at=()):
    """The seconds at which the server was asked for messages, until the run is over."""
    now, asked = [0.0], []
    real_sleep = asyncio.sleep

    async def sleep(seconds):
        now[0] += seconds
        await real_sleep(0)

    monkeypatch.setattr(polling.asyncio, "sleep", sleep)

    async def busy():
        return Busy(active=now[0] < run_s, queued=0)

    async def messages():
        asked.append(round(now[0], 3))
        return tuple(ScarMessage("c1", "word", f"t{at}") for at in says_at if at <= now[0])

    async def run():
        watch = Watch(baseline=0, marker="", began=0.0, patience=Patience())
        looks = polling.looks(
            watch, busy=busy, messages=messages, interval_s=INTERVAL_S, clock=lambda: now[0], stop=None, tell=None
        )
        return [arrived async for arrived in looks]

    asyncio.run(run())
    return asked


def test_a_quiet_run_is_looked_at_as_often_as_a_talking_one(monkeypatch):
    quiet = looked_at(monkeypatch, run_s=120)
    talking = looked_at(monkeypatch, run_s=120, says_at=range(120))
    assert quiet == talking
    assert len(quiet) == 120 / INTERVAL_S + 1
    assert max(after - before for before, after in itertools.pairwise(quiet)) <= INTERVAL_S + 0.001
