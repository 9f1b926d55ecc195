"""What people say on the remote reaches a run that works on a copy of its state; what was said before is no news."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from devteam_action.domain.execution import Execution
from devteam_action.domain.task import Task
from devteam_action.errors import RemoteUnreachable
from devteam_action.pipeline.state import ProjectState
from devteam_action.pipeline.state.relay import Relay
from devteam_action.pipeline.state.stop_all import stop_all
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore, Remote

TASK = Task(id="1.1", title="Do it")


class World:
    """People write to `people`'s state; the run works on `copy`, made with `begin`."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.remote, self.copy = Remote(), Remote()
        self.people = ProjectState(MemoryStore(self.remote), self.clock, "owner/repo")
        self.run = ProjectState(MemoryStore(self.copy), self.clock, "owner/repo")

    def begin(self) -> Relay:
        copied = self.remote.tip
        if copied.files:
            MemoryStore(self.copy).update("copy", lambda _: copied.files)
        self.run.change("1.1", "lift", lambda held: held and msgspec.structs.replace(held, stop_requested=False))
        self.run.claim(TASK, run_id="R", owner="job")
        self.clock.sleep(1)
        return Relay(MemoryStore(self.remote), MemoryStore(self.copy), copied)

    def say(self, **fields: object) -> None:
        new = Execution(customer_id="owner/repo", current_task=TASK)
        self.people.change("1.1", "said", lambda held: msgspec.structs.replace(held or new, **fields))
        self.clock.sleep(1)

    def stop_all(self) -> None:
        stop_all(MemoryStore(self.remote), self.clock, "owner/repo", "ann", "the model is down")
        self.clock.sleep(1)

    @property
    def by_ann(self) -> dict[str, object]:
        return {"stop_by": "ann", "stop_at": self.clock.now()}

    @property
    def is_stopped(self) -> bool:
        known = self.run.execution("1.1")
        assert known is not None
        return known.stop_requested


@pytest.fixture
def world() -> World:
    return World()


STOPS: dict[str, Callable[[World], None]] = {
    "a stop": lambda world: world.say(**world.by_ann, stop_requested=True, stop_reason="the model is down"),
    "a skip": lambda world: world.say(**world.by_ann, skipped="not now"),
    "a stop of everything": lambda world: world.stop_all(),
}


@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS)
def test_a_stop_reaches_the_run_that_began_before_it(world: World, stop: Callable[[World], None]) -> None:
    relay = world.begin()
    relay.bring("1.1")
    assert not world.is_stopped
    stop(world)
    relay.bring("1.1")
    assert world.is_stopped
    assert world.run.execution("1.1").stop_by == "ann"


def test_the_same_stop_said_again_is_news(world: World) -> None:
    world.say(**world.by_ann, stop_requested=True, stop_reason="the model is down")
    relay = world.begin()
    world.say(**world.by_ann, stop_requested=True, stop_reason="the model is down")
    relay.bring("1.1")
    assert world.is_stopped


def test_another_change_of_a_stopped_task_is_no_stop(world: World) -> None:
    world.say(**world.by_ann, stop_requested=True)
    relay = world.begin()
    world.say(pull_request=7)
    relay.bring("1.1")
    assert not world.is_stopped


@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS)
def test_a_stop_that_was_lifted_for_this_run_is_no_news_while_the_remote_still_has_it(
    world: World, stop: Callable[[World], None]
) -> None:
    stop(world)
    relay = world.begin()
    relay.bring("1.1")
    assert not world.is_stopped
    world.say(stop_requested=False, skipped=None)
    relay.bring("1.1")
    assert not world.is_stopped
    stop(world)
    relay.bring("1.1")
    assert world.is_stopped


def test_a_stop_of_another_task_is_not_ours(world: World) -> None:
    relay = world.begin()
    other = Execution(customer_id="owner/repo", current_task=Task(id="1.2", title="Else"), stop_requested=True)
    world.people.change("1.2", "stop", lambda held: other)
    relay.bring("1.1")
    assert not world.is_stopped


def test_guidance_is_brought_once_and_only_what_is_new(world: World) -> None:
    world.people.add_guidance("1.1", "old", "ann")
    relay = world.begin()
    [old] = world.run.load().guidance["1.1"]
    taken = world.run.execution("1.1")
    assert taken is not None
    world.run.save(taken, message="taken", taken=[old])
    new = world.people.add_guidance("1.1", "new", "ann")
    world.people.add_guidance("1.2", "for another", "ann")
    relay.bring("1.1")
    assert world.run.load().guidance == {"1.1": (new,)}
    world.run.save(taken, message="taken", taken=[new])
    relay.bring("1.1")
    assert world.run.load().guidance == {}


def test_what_nobody_said_writes_nothing_and_an_outage_is_told(world: World) -> None:
    relay = world.begin()
    before = world.copy.tip.version
    relay.bring("1.1")
    assert world.copy.tip.version == before
    world.remote.is_reachable = False
    with pytest.raises(RemoteUnreachable):
        relay.bring("1.1")
