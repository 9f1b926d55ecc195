from __future__ import annotations

import gzip
import json

import msgspec
import pytest

from devteam_action.domain.events import Activity, ActivityLogged
from devteam_action.domain.execution import Execution
from devteam_action.domain.task import Task
from devteam_action.errors import BadInput, StateConflict, StateDamaged
from devteam_action.pipeline.run_output import Packed, RunOutput
from devteam_action.pipeline.state import Injected, LedgerEntry, ProjectState
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore, Remote

RUN = "20260101T000000Z-aaaa"
TASK = Task(id="1.1", title="Do it")


class World:
    """Writers on one remote, with one clock."""

    def __init__(self) -> None:
        self.remote = Remote()
        self.clock = FakeClock()

    def state(self, keep_runs: int = 200) -> ProjectState:
        return ProjectState(MemoryStore(self.remote), self.clock, "owner/repo", keep_runs=keep_runs)

    def put(self, **files: bytes | None) -> None:
        MemoryStore(self.remote).update("put", lambda _: files)

    @property
    def files(self) -> dict[str, bytes]:
        return self.remote.tip.files


@pytest.fixture
def world() -> World:
    return World()


def event(number: int) -> bytes:
    return b'{"type":"PROGRESS","sequenceNumber":%d}' % number


def entry(attempt: int = 1) -> LedgerEntry:
    return LedgerEntry(run_id=RUN, task_id="1.1", attempt=attempt, tool="replay", started="2026-01-01T00:00:00Z")


# --- claims


def test_of_two_claimers_one_wins(world: World) -> None:
    world.state().claim(TASK, run_id=RUN, owner="one")
    with pytest.raises(StateConflict, match=f"task 1.1 is claimed by run {RUN}"):
        world.state().claim(TASK, run_id="other", owner="two")
    assert world.state().load().executions["1.1"].run_id == RUN


def test_claiming_again_by_the_same_run_changes_nothing(world: World) -> None:
    first = world.state().claim(TASK, run_id=RUN, owner="one")
    assert world.state().claim(TASK, run_id=RUN, owner="one") == first


def test_a_renewed_claim_outlives_twenty_minutes(world: World) -> None:
    mine, other = world.state(), world.state()
    mine.claim(TASK, run_id=RUN, owner="one")
    for _ in range(6):
        world.clock.advance(300)
        mine.renew("1.1", RUN)
    with pytest.raises(StateConflict):
        other.claim(TASK, run_id="other", owner="two")


def test_who_was_taken_over_cannot_write_any_more(world: World) -> None:
    mine = world.state()
    execution = mine.claim(TASK, run_id=RUN, owner="one")
    world.clock.advance(1201)
    world.state().claim(TASK, run_id="other", owner="two")
    for act in (
        lambda: mine.save(execution, message="late", events=[event(0)]),
        lambda: mine.renew("1.1", RUN),
    ):
        with pytest.raises(StateConflict, match=r"lost its claim on task 1\.1: run other"):
            act()
    mine.release("1.1", RUN)
    assert world.state().load().executions["1.1"].run_id == "other"
    assert world.state().events(RUN) == ()


def test_a_released_task_is_free_at_once(world: World) -> None:
    state = world.state()
    state.claim(TASK, run_id=RUN, owner="one")
    state.release("1.1", RUN)
    assert world.state().claim(TASK, run_id="other", owner="two").run_id == "other"


# --- saving


def test_a_save_is_read_back_and_renews_the_claim(world: World) -> None:
    state = world.state()
    execution = state.claim(TASK, run_id=RUN, owner="one")
    world.clock.advance(600)
    stored = state.save(
        msgspec.structs.replace(execution, status="IMPLEMENTING", progress=10, branch="task/1-1"),
        message="1.1: implementing",
        events=[event(0), event(1)],
        ledger=[entry()],
    )
    assert stored.claim is not None
    assert stored.claim.expires == "2026-01-01T00:25:00.000Z"
    assert world.state().load().executions["1.1"] == stored
    assert world.state().events(RUN, refresh=True) == (event(0), event(1))
    assert [each.attempt for each in world.state().ledger(refresh=True)] == [1]
    (run,) = world.state().runs(refresh=True)
    assert (run.run_id, run.task_id, run.status, run.branch, run.ended) == (RUN, "1.1", "IMPLEMENTING", "task/1-1", "")
    assert world.remote.messages[-1] == "1.1: implementing"


def test_events_are_appended_in_segments_and_never_twice(world: World) -> None:
    state = world.state()
    execution = state.claim(TASK, run_id=RUN, owner="one")
    state.save(execution, message="1", events=[event(0), event(1)])
    first = {path: content for path, content in world.files.items() if path.endswith("0.jsonl")}
    state.save(execution, message="2", events=[event(0), event(1), event(2)])  # as after a kill before its record
    state.save(execution, message="3", events=[event(2)])
    assert world.state().events(RUN, refresh=True) == (event(0), event(1), event(2))
    assert first.items() <= world.files.items()


def test_what_others_set_meanwhile_is_kept_by_a_save(world: World) -> None:
    state = world.state()
    execution = state.claim(TASK, run_id=RUN, owner="one")

    def stop(held: Execution | None) -> Execution | None:
        assert held is not None
        return msgspec.structs.replace(held, stop_requested=True, skipped="not now")

    world.state().change("1.1", "stop", stop)
    stored = state.save(execution, message="next", events=[])
    assert (stored.stop_requested, stored.skipped) == (True, "not now")


def test_save_with_release_ends_the_run_and_frees_the_task(world: World) -> None:
    state = world.state()
    execution = state.claim(TASK, run_id=RUN, owner="one")
    done = msgspec.structs.replace(execution, status="COMPLETED", progress=100)
    assert state.save(done, message="done", release=True).claim is None
    (run,) = state.runs()
    assert (run.status, run.ended) == ("COMPLETED", world.clock.now())


def test_a_save_whose_answer_was_lost_is_stored_once(world: World) -> None:
    state = world.state()
    execution = state.claim(TASK, run_id=RUN, owner="one")
    count = len(world.remote.versions)
    world.remote.faults.append("answer-lost")
    state.save(execution, message="m", events=[event(0)])
    assert len(world.remote.versions) == count + 1
    assert world.state().events(RUN, refresh=True) == (event(0),)


# --- people's words


def test_a_change_of_nothing_writes_nothing(world: World) -> None:
    assert world.state().change("1.1", "look", lambda held: held) is None
    assert world.remote.messages == []


def test_a_change_to_none_forgets_the_task(world: World) -> None:
    world.state().claim(TASK, run_id=RUN, owner="one")
    assert world.state().change("1.1", "forget", lambda _: None) is None
    assert world.state().load().executions == {}


def test_guidance_waits_until_a_save_takes_it(world: World) -> None:
    state = world.state()
    execution = state.claim(TASK, run_id=RUN, owner="one")
    first = world.state().add_guidance("1.1", "use a set", "somebody")
    world.clock.advance(1)
    second = world.state().add_guidance("1.1", "and test it", "somebody")
    assert state.load().guidance == {"1.1": (first, second)}
    taken = msgspec.structs.replace(first, receipt="taken")
    state.save(execution, message="m", taken=[taken])
    assert world.state().load().guidance == {"1.1": (second,)}
    kept = [content for path, content in world.files.items() if "/guidance-" in path]
    assert [msgspec.json.decode(content)["receipt"] for content in kept] == ["taken"]


def test_empty_guidance_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="empty"):
        world.state().add_guidance("1.1", " \n", "somebody")


def test_injected_tasks_keep_their_order_and_none_takes_the_id_of_another(world: World) -> None:
    state = world.state()
    for name in ("a", "b", "a"):
        state.inject(Injected(task=Task(id=name, title=name), by="somebody"))
    assert [each.task.id for each in state.load().queue] == ["a", "b", "a-2"]
    state.uninject("b")
    state.uninject("b")
    assert [each.task.id for each in state.load().queue] == ["a", "a-2"]


def test_tasks_with_odd_ids_are_found_again(world: World) -> None:
    state = world.state()
    ids = ["../../x", "a b", "é", "x" * 300, "x" * 301, ".git", "%"]
    for name in ids:
        state.claim(Task(id=name, title=name), run_id=RUN, owner="one")
        state.add_guidance(name, "text", "somebody")
    view = state.load()
    assert set(view.executions) == set(view.guidance) == set(ids)
    assert view.damaged == ()


# --- damage


def test_damaged_files_are_named_and_the_rest_works(world: World) -> None:
    state = world.state()
    state.claim(TASK, run_id=RUN, owner="one")
    state.add_guidance("1.1", "text", "somebody")
    good = world.files["tasks/1.1.json"]
    world.put(**{
        "tasks/1.2.json": b"\x00garbage",
        "tasks/1.3.json": b'{"customerId": 7}',
        "tasks/1.4.json": good,
        "tasks/deep.json": b"[" * 100_000,
        "queue.json": b'{"not": "a list"}',
        "guidance/1.1/zzz.json": b"\xff\xfe",
        "runs/2026/01/01/x/run.json": b"{",
        "ledger/2026/01/01/x-1.json": b"{",
    })  # fmt: skip
    view = state.load()
    assert list(view.executions) == ["1.1"]
    assert [each.text for each in view.guidance["1.1"]] == ["text"]
    assert [each.path for each in view.damaged] == [
        "guidance/1.1/zzz.json",
        "queue.json",
        "tasks/1.2.json",
        "tasks/1.3.json",
        "tasks/1.4.json",
        "tasks/deep.json",
    ]
    assert "task 1.1" in view.damaged[4].reason
    assert state.runs() == ()
    assert list(state.ledger()) == []


def test_writing_over_a_damaged_file_keeps_its_bytes(world: World) -> None:
    state = world.state()
    state.inject(Injected(task=TASK))
    world.put(**{"tasks/1.1.json": b"garbage", "queue.json": b"waste"})
    state.claim(TASK, run_id=RUN, owner="one")
    state.inject(Injected(task=TASK))
    kept = {path.rpartition("-")[0]: content for path, content in world.files.items() if path.startswith("damaged/")}
    assert kept == {"damaged/tasks/1.1.json": b"garbage", "damaged/queue.json": b"waste"}
    assert state.load().damaged == ()


@pytest.mark.parametrize(
    ("project", "message"),
    [
        (b'{"schemaVersion": 2}', "has schema 2; this version of devteam reads up to schema 1"),
        (b'{"schemaVersion": 0}', "below 1"),
        (b"{", "not usable: project.json says no schema"),
        (None, "it is missing"),
    ],
)
def test_a_branch_that_is_not_ours_to_read_is_neither_read_nor_written(
    world: World, project: bytes | None, message: str
) -> None:
    state = world.state()
    state.claim(TASK, run_id=RUN, owner="one")
    world.put(**{"project.json": project})
    before = world.files
    for act in (
        state.load,
        lambda: state.claim(TASK, run_id=RUN, owner="one", takeover=True),
        lambda: state.inject(Injected(task=TASK)),
        lambda: state.runs(refresh=True),
    ):
        with pytest.raises(StateDamaged, match=message) as error:
            act()
        assert error.value.remedy
    assert world.files == before


def test_without_the_remote_the_last_known_state_is_shown_as_stale(world: World) -> None:
    state = world.state()
    state.claim(TASK, run_id=RUN, owner="one")
    world.remote.is_reachable = False
    view = state.load()
    assert view.stale
    assert list(view.executions) == ["1.1"]


def test_the_files_are_json_that_people_can_read(world: World) -> None:
    world.state().claim(TASK, run_id=RUN, owner="one")
    assert json.loads(world.files["project.json"])["schemaVersion"] == 1
    stored = json.loads(world.files["tasks/1.1.json"])
    assert {"customerId", "currentTask", "status", "branch", "progress", "startTime", "lastUpdate", "artifacts"} <= set(
        stored
    )
    assert world.files["tasks/1.1.json"].count(b"\n") > 10


def packed(text: str) -> Packed:
    return Packed(
        activities=gzip.compress(f'{{"said":"{text}"}}\n'.encode()), output=gzip.compress(f"{text}\n".encode())
    )


def test_what_tools_did_is_kept_beside_the_events_in_pieces_that_are_never_rewritten(world: World) -> None:
    state = world.state()
    execution = state.claim(TASK, run_id=RUN, owner="one")
    execution = state.save(execution, message="a", events=[event(0)], output=[packed("one")])
    before = dict(world.files)
    execution = state.save(execution, message="b", output=[packed("two"), packed("three")])
    state.save(execution, message="c", events=[event(1)])
    assert state.output(RUN) == b"one\ntwo\nthree\n"
    assert [json.loads(line)["said"] for line in state.activities(RUN)] == ["one", "two", "three"]
    assert state.events(RUN) == (event(0), event(1))
    assert all(world.files[path] == content for path, content in before.items() if path.endswith((".gz", ".jsonl")))


def test_the_number_of_the_next_activity_is_known_from_what_is_stored(world: World) -> None:
    state = world.state()
    execution = state.claim(TASK, run_id=RUN, owner="one")
    assert state.next_activity(RUN) == 0
    flood = RunOutput(most_bytes=20_000)
    for number in range(5000):
        flood.handle(
            ActivityLogged(
                activity=Activity(
                    id=f"r-{number}", execution_id="r", project_id="p", source="s", type="agent_response",
                    message=f"{number} {hash(('salt', number)):x}", sequence_number=number,
                )
            )
        )  # fmt: skip
    execution = state.save(execution, message="a", output=flood.pieces())
    assert state.next_activity(RUN) == 5000
    state.save(execution, message="b", output=[packed("a piece without a number")])
    assert state.next_activity(RUN) == 5000
    assert state.next_activity("another") == 0


def test_a_damaged_piece_takes_no_other_with_it(world: World) -> None:
    state = world.state()
    execution = state.claim(TASK, run_id=RUN, owner="one")
    state.save(execution, message="a", output=[packed("one"), packed("two")])
    path = next(path for path in world.files if path.endswith("output-000000.txt.gz"))
    world.put(**{path: b"broken"})
    assert state.output(RUN, refresh=True) == b"two\n"


def test_what_tools_did_goes_with_its_run(world: World) -> None:
    for number in range(3):
        state = world.state(keep_runs=1)
        run_id = f"2026010{number + 1}T000000Z-aaaa"
        execution = state.claim(TASK, run_id=run_id, owner="one", takeover=True)
        done = msgspec.structs.replace(execution, status="COMPLETED")
        state.save(done, message="a", output=[packed(run_id)], release=True)
    assert [path for path in world.files if path.endswith(".gz") and "20260101" in path] == []
    assert state.output(run_id) == f"{run_id}\n".encode()
