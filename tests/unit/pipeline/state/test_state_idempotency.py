from __future__ import annotations

import pytest

from devteam_action.errors import BadInput, RemoteUnreachable, StateConflict
from devteam_action.pipeline.state import Answer, ProjectState
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore, Remote

DAY_S = 24 * 3600


class World:
    def __init__(self) -> None:
        self.remote = Remote()
        self.clock = FakeClock()
        self.acts = 0

    def ask(self, key: str = "k", request: bytes = b"run 1.1", answer: Answer | None = None) -> Answer:
        """As another process would."""
        state = ProjectState(MemoryStore(self.remote), self.clock, "owner/repo")
        return state.once(key, request, lambda: self._act(answer))

    def _act(self, answer: Answer | None) -> Answer:
        self.acts += 1
        return answer or Answer(exit_code=0, stdout=b"done %d" % self.acts)

    @property
    def keys(self) -> int:
        return sum(path.startswith("idempotency/") for path in self.remote.tip.files)


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("answer", [Answer(exit_code=0, stdout=b"\xff\x00\n"), Answer(exit_code=1, stdout=b"no")])
def test_the_same_request_again_gets_the_first_answer_byte_for_byte(world: World, answer: Answer) -> None:
    assert world.ask(answer=answer) == answer
    world.clock.advance(DAY_S)
    assert world.ask() == answer
    assert world.acts == 1


def test_another_request_with_the_key_is_bad_input(world: World) -> None:
    world.ask()
    with pytest.raises(BadInput, match="`k` was used for another request"):
        world.ask(request=b"run 1.2")
    assert world.acts == 1


def test_while_the_first_still_runs_the_second_is_a_conflict(world: World) -> None:
    def act() -> Answer:
        with pytest.raises(StateConflict, match="still runs"):
            world.ask()
        with pytest.raises(BadInput):
            world.ask(request=b"other")
        return Answer(exit_code=0, stdout=b"first")

    ProjectState(MemoryStore(world.remote), world.clock, "owner/repo").once("k", b"run 1.1", act)
    assert world.ask().stdout == b"first"
    assert world.acts == 0


def test_a_first_that_was_killed_holds_the_key_for_its_lease_only(world: World) -> None:
    class Killed(BaseException):
        pass

    def dies() -> Answer:
        world.remote.is_reachable = False  # nothing of it arrives any more
        raise Killed

    with pytest.raises(Killed):
        ProjectState(MemoryStore(world.remote), world.clock, "owner/repo").once("k", b"run 1.1", dies)
    world.remote.is_reachable = True
    with pytest.raises(StateConflict):
        world.ask()
    world.clock.advance(901)
    assert world.ask().stdout == b"done 1"


def test_a_first_that_raised_leaves_the_key_free(world: World) -> None:
    def raises() -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ProjectState(MemoryStore(world.remote), world.clock, "owner/repo").once("k", b"run 1.1", raises)
    assert world.keys == 0
    assert world.ask().stdout == b"done 1"


def test_old_keys_go_when_their_neighbours_are_written(world: World) -> None:
    for number in range(20):
        world.ask(f"key {number}")
    world.clock.advance(2 * DAY_S + 1)
    world.ask("key 3")
    assert world.acts == 21
    before = world.keys
    for number in range(600):
        world.ask(f"new {number}")
    old = 20 - (before - world.keys + 600)
    assert old <= 3


@pytest.mark.parametrize("key", ["", "k" * 501])
def test_a_key_without_a_reasonable_length_is_bad_input(world: World, key: str) -> None:
    with pytest.raises(BadInput, match="--idempotency-key"):
        world.ask(key)


def test_without_the_remote_nothing_is_done(world: World) -> None:
    world.remote.is_reachable = False
    with pytest.raises((RemoteUnreachable, StateConflict)):
        world.ask()
    assert world.acts == 0
