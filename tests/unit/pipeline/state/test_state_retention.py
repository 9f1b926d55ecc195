from __future__ import annotations

import msgspec

from devteam_action.domain.events import Status
from devteam_action.domain.task import Task
from devteam_action.pipeline.state import LedgerEntry, ProjectState
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore, Remote


class World:
    def __init__(self, keep_runs: int) -> None:
        self.remote = Remote()
        self.clock = FakeClock()
        self.state = ProjectState(MemoryStore(self.remote), self.clock, "owner/repo", keep_runs=keep_runs)

    def run(self, number: int, status: Status = "COMPLETED", hours: float = 8) -> str:
        """One whole run, `hours` after the one before."""
        self.clock.advance(hours * 3600)
        stamp = self.clock.now()[:19].replace("-", "").replace(":", "")
        run_id = f"{stamp}Z-{number:04d}"
        execution = self.state.claim(Task(id=str(number), title="t"), run_id=run_id, owner="one")
        entry = LedgerEntry(run_id=run_id, task_id=str(number), attempt=1, tool="replay", started=self.clock.now())
        self.state.save(
            msgspec.structs.replace(execution, status=status), message="m", events=[b"{}"], ledger=[entry], release=True
        )
        return run_id

    @property
    def stored(self) -> list[str]:
        return sorted({path.split("/")[4] for path in self.remote.tip.files if path.startswith("runs/2")})


def test_beyond_keep_runs_the_oldest_finished_run_goes_and_the_ledger_stays() -> None:
    world = World(keep_runs=5)
    ids = [world.run(number) for number in range(12)]
    assert world.stored == ids[-5:]
    assert [run.run_id for run in world.state.runs()] == ids[:-6:-1]
    assert [entry.run_id for entry in world.state.ledger()] == ids
    assert world.state.events(ids[0]) == ()
    assert world.state.events(ids[-1]) == (b"{}",)


def test_a_run_that_is_not_over_is_kept_for_thirty_days() -> None:
    world = World(keep_runs=2)
    open_run = world.run(0, "IMPLEMENTING")
    others = [world.run(number) for number in range(1, 6)]
    assert world.stored == [open_run, *others[-1:]]
    world.clock.advance(31 * 24 * 3600)
    last = world.run(6)
    assert world.stored == [others[-1], last]


def test_a_lowered_limit_is_reached_in_several_short_writes() -> None:
    world = World(keep_runs=1000)
    for number in range(50):
        world.run(number, hours=0.5)
    world.state = ProjectState(MemoryStore(world.remote), world.clock, "owner/repo", keep_runs=3)
    world.run(50)
    assert len(world.stored) == 31
    world.run(51)
    world.run(52)
    assert len(world.stored) == 3


def test_a_damaged_index_mends_itself_and_never_stops_a_save() -> None:
    world = World(keep_runs=3)
    ids = [world.run(number) for number in range(3)]
    MemoryStore(world.remote).update("damage", lambda _: {"runs/index.json": b"\xff"})
    ids += [world.run(number) for number in range(3, 9)]
    assert set(ids[-3:]) <= set(world.stored)
    wrong = b'{"days": {"2026/01/01": 900, "nonsense": 5, "2026/01/02": -3}}'
    MemoryStore(world.remote).update("damage", lambda _: {"runs/index.json": wrong})
    last = world.run(10)
    assert last in world.stored


def test_a_run_over_several_days_is_one_story() -> None:
    world = World(keep_runs=10)
    for part in (b"1", b"2"):
        execution = world.state.claim(Task(id="1", title="t"), run_id="no-day-in-it", owner="one")
        world.state.save(execution, message="m", events=[part], release=True)
        world.clock.advance(24 * 3600)
    assert world.state.events("no-day-in-it") == (b"1", b"2")
