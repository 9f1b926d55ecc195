"""One run at a time in a conversation; what may still be going on there stays on the record."""

from __future__ import annotations

import json

import pytest

from devteam_action.domain.task import Task
from devteam_action.errors import ConversationTaken, RemoteUnreachable
from devteam_action.pipeline.state import ProjectState
from devteam_action.support.owner import this_owner
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore, Remote

HERE = "pm-project-1"


class World:
    def __init__(self):
        self.clock = FakeClock()
        self.remote = Remote()
        self.said = []

    def state(self):
        return ProjectState(MemoryStore(self.remote), self.clock, "owner/repo")

    def run(self, run_id, task_id="1.1", owner="elsewhere:1:2"):
        """A run that has the claim on its task; its conversations."""
        state = self.state()
        state.claim(Task(id=task_id, title="x"), run_id=run_id, owner=owner)
        return state.conversations(task_id, run_id, self.said.append)

    def stored(self):
        return json.loads(MemoryStore(self.remote).read().get(f"conversations/{HERE}.json"))


@pytest.fixture
def world():
    return World()


def test_a_conversation_is_one_runs_while_it_holds_it(world):
    first, second = world.run("run-1"), world.run("run-2", "1.2")
    with first.hold(HERE):
        assert world.stored()["runId"] == "run-1"
        with pytest.raises(ConversationTaken, match=r"run-1 of task 1\.1"), second.hold(HERE):
            pass
    with second.hold(HERE) as held:
        assert held.run_id == "run-2"
    assert world.stored()["runId"] == ""


def test_a_hold_is_given_back_when_its_run_breaks(world):
    with pytest.raises(ZeroDivisionError), world.run("run-1").hold(HERE):
        raise ZeroDivisionError
    with world.run("run-2", "1.2").hold(HERE):
        pass


def test_the_hold_of_a_run_that_has_lost_its_claim_holds_nobody(world):
    first = world.run("run-1")
    with first.hold(HERE):
        world.clock.advance(21 * 60)
        with world.run("run-2", "1.2").hold(HERE) as held:
            assert held.run_id == "run-2"
            world.state().release("1.1", "run-1")
    assert world.stored()["runId"] == "", "what is given back late takes nothing from another"


def test_the_hold_of_a_process_of_this_host_that_is_no_more_holds_nobody(world):
    host, _, _ = this_owner().rsplit(":", 2)
    first = world.run("run-1", owner=f"{host}:999999999:1")
    hold = first.hold(HERE)
    hold.__enter__()
    with world.run("run-2", "1.2").hold(HERE) as held:
        assert held.run_id == "run-2"


def test_the_same_run_may_ask_again(world):
    first = world.run("run-1")
    with first.hold(HERE), first.hold(HERE):
        pass


def test_a_busy_mark_outlives_the_hold_until_it_is_taken_away(world):
    first = world.run("run-1")
    with first.hold(HERE):
        first.mark_busy(HERE)
    second = world.run("run-2", "1.2")
    with second.hold(HERE) as held:
        assert held.busy
        second.mark_idle(HERE)
    with world.run("run-3", "1.3").hold(HERE) as held:
        assert not held.busy


def test_the_first_busy_mark_says_since_when(world):
    first = world.run("run-1")
    with first.hold(HERE):
        first.mark_busy(HERE)
        since = world.stored()["busy"]
        world.clock.advance(60)
        first.mark_busy(HERE)
    assert world.stored()["busy"] == since


def test_what_is_left_of_a_task_is_for_the_next_attempt_at_it_and_no_other(world):
    first = world.run("run-1")
    with first.hold(HERE):
        first.remember(HERE, left="c1", branches=["b", "a"])
        first.remember(HERE, left="c2", branches=["a"])
    world.state().release("1.1", "run-1")
    with world.run("run-2").hold(HERE) as held:
        assert (held.left, held.branches) == ("c2", ("a", "b"))
    with world.run("run-3", "1.2").hold(HERE) as held:
        assert (held.left, held.branches) == ("", ())


def test_a_mark_that_cannot_be_made_stops_and_one_that_cannot_be_lifted_is_told(world):
    first = world.run("run-1")
    with first.hold(HERE):
        world.remote.is_reachable = False
        with pytest.raises(RemoteUnreachable):
            first.mark_busy(HERE)
        first.mark_idle(HERE)
    assert world.said


def test_a_damaged_record_is_set_aside_and_begun_anew(world):
    MemoryStore(world.remote).update("x", lambda snapshot: {})
    with world.run("run-1").hold(HERE):
        pass
    MemoryStore(world.remote).update("damage", lambda snapshot: {f"conversations/{HERE}.json": b"{oh"})
    with world.run("run-2", "1.2").hold(HERE) as held:
        assert held.run_id == "run-2"
    assert MemoryStore(world.remote).read().paths("damaged/")


@pytest.mark.parametrize("conversation", ["../../x", "a/b", ".git", "é" * 300])
def test_no_name_of_a_conversation_leaves_its_folder(world, conversation):
    with world.run("run-1").hold(conversation):
        pass
    (path,) = MemoryStore(world.remote).read().paths("conversations/")
    assert path.count("/") == 1
    assert "/." not in path
