from __future__ import annotations

import threading
import time

import pytest

from devteam_action.reporters.throttle import Slots, Throttle, slot_s


class FakeTime:
    """Time that a test moves; whoever waits looks again every millisecond."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        condition.wait(0.001)


class Surface:
    """What was shown, and when; `state` is what would be shown now."""

    def __init__(self, clock: FakeTime) -> None:
        self.clock = clock
        self.state = ""
        self.shown: list[tuple[float, str]] = []
        self.fail = False

    def write(self) -> None:
        self.shown.append((self.clock.now, self.state))
        if self.fail:
            raise OSError("down")


@pytest.fixture
def clock() -> FakeTime:
    return FakeTime()


@pytest.fixture
def surface(clock: FakeTime) -> Surface:
    return Surface(clock)


def throttle_of(surface: Surface, **settings) -> Throttle:
    return Throttle(surface.write, monotonic=surface.clock.monotonic, wait=surface.clock.wait, **settings)


def change(throttle: Throttle, surface: Surface, state: str) -> None:
    surface.state = state
    throttle.changed()


def until(surface: Surface, count: int) -> None:
    deadline = time.monotonic() + 5
    while len(surface.shown) < count and time.monotonic() < deadline:
        time.sleep(0.001)
    assert len(surface.shown) == count


@pytest.mark.parametrize(("age", "slot"), [(0, 10), (59.9, 10), (60, 30), (599, 30), (600, 60), (3600, 60)])
def test_the_older_the_run_the_longer_the_slot(age: float, slot: float) -> None:
    assert slot_s(age) == slot


def test_an_hour_of_changes_every_second_is_at_most_eighty_edits() -> None:
    slots, edits = Slots(), 0
    for second in range(3601):
        if second >= slots.due(second):
            slots.wrote(second)
            edits += 1
    assert 70 <= edits + 1 <= 80  # and the last state


def test_the_first_state_is_shown_at_once_and_the_next_in_its_slot(clock: FakeTime, surface: Surface) -> None:
    throttle = throttle_of(surface)
    change(throttle, surface, "one")
    until(surface, 1)
    change(throttle, surface, "two")
    change(throttle, surface, "three")
    time.sleep(0.02)
    assert surface.shown == [(0.0, "one")]
    clock.now = 10.0
    until(surface, 2)
    assert throttle.close()
    assert surface.shown == [(0.0, "one"), (10.0, "three")]


def test_nothing_changed_is_nothing_written(clock: FakeTime, surface: Surface) -> None:
    throttle = throttle_of(surface)
    change(throttle, surface, "one")
    until(surface, 1)
    clock.now = 4000.0
    time.sleep(0.02)
    assert throttle.close()
    assert len(surface.shown) == 1


def test_the_last_state_is_shown_at_the_end_without_waiting_for_a_slot(surface: Surface) -> None:
    throttle = throttle_of(surface)
    change(throttle, surface, "one")
    until(surface, 1)
    change(throttle, surface, "last")
    assert throttle.close()
    assert surface.shown[-1] == (0.0, "last")
    assert len(surface.shown) == 2


def test_a_throttle_that_never_changed_ends_at_once(surface: Surface) -> None:
    assert throttle_of(surface).close()
    assert surface.shown == []


def test_a_change_never_waits_for_the_write_before_it(surface: Surface) -> None:
    go_on = threading.Event()
    written: list[str] = []

    def slow() -> None:
        go_on.wait(5)
        written.append(surface.state)

    throttle = Throttle(slow, monotonic=surface.clock.monotonic, wait=surface.clock.wait)
    started = time.monotonic()
    for number in range(100):
        change(throttle, surface, str(number))
    assert time.monotonic() - started < 1
    go_on.set()
    assert throttle.close()
    assert written[-1] == "99"


def test_a_write_that_fails_is_tried_again_in_the_next_slot(
    clock: FakeTime, surface: Surface, caplog: pytest.LogCaptureFixture
) -> None:
    throttle = throttle_of(surface)
    surface.fail = True
    change(throttle, surface, "one")
    until(surface, 1)
    surface.fail = False
    clock.now = 10.0
    until(surface, 2)
    assert [state for _, state in surface.shown] == ["one", "one"]
    assert [at for at, _ in surface.shown] == [0.0, 10.0]
    assert throttle.close()
    assert len(surface.shown) == 2
    assert "could not be written" in caplog.text


def test_an_end_does_not_wait_for_ever(surface: Surface) -> None:
    stuck = threading.Event()
    throttle = Throttle(lambda: stuck.wait(5) and None, patience_s=0.05)
    throttle.changed()
    assert not throttle.close()
    stuck.set()


def test_after_the_end_nothing_is_written(surface: Surface) -> None:
    throttle = throttle_of(surface)
    change(throttle, surface, "one")
    assert throttle.close()
    change(throttle, surface, "late")
    time.sleep(0.02)
    assert [state for _, state in surface.shown] == ["one"]
