"""Every StateStore keeps these promises: in memory, on a local branch, and on a remote's branch.

Whoever writes another store adds it to `WORLDS` and has the suite for it.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from devteam_action.git_io.git import Git
from devteam_action.git_io.state_branch import BranchStore
from devteam_action.pipeline.ports import Changes, Snapshot, StateStore
from devteam_action.support.clock import SystemClock
from tests.fakes.memory_store import MemoryStore, Remote

NewWriter = Callable[[], StateStore]


def in_memory(_: Path) -> NewWriter:
    remote = Remote()
    return lambda: MemoryStore(remote)


def on_a_local_branch(folder: Path) -> NewWriter:
    repository = folder / "repository"
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    return lambda: BranchStore(Git(repository), clock=SystemClock())


def on_a_remote_branch(folder: Path) -> NewWriter:
    """Each writer has a clone of its own."""
    bare = folder / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    clones = iter(range(100))

    def writer() -> StateStore:
        clone = folder / f"clone-{next(clones)}"
        subprocess.run(["git", "init", "-q", str(clone)], check=True)
        subprocess.run(["git", "-C", str(clone), "remote", "add", "origin", str(bare)], check=True)
        return BranchStore(Git(clone), remote="origin", clock=SystemClock())

    return writer


WORLDS = [in_memory, on_a_local_branch, on_a_remote_branch]


@pytest.fixture(autouse=True)
def no_long_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here writers interrupt each other in the middle of a turn, which nobody else does: they must not wait for it."""
    monkeypatch.setattr("devteam_action.git_io.state_branch.turn._WAIT_S", 0.0)


@pytest.fixture(params=WORLDS, ids=lambda world: world.__name__)
def new_writer(request: pytest.FixtureRequest, tmp_path: Path) -> NewWriter:
    return request.param(tmp_path)


def put(store: StateStore, **files: bytes | None) -> Snapshot:
    return store.update("put", lambda _: {name.replace("__", "/"): content for name, content in files.items()})


def plus_one(path: str) -> Callable[[Snapshot], Changes]:
    return lambda snapshot: {path: b"%d" % (int(snapshot.get(path) or b"0") + 1)}


def test_before_the_first_write_there_is_nothing(new_writer: NewWriter) -> None:
    snapshot = new_writer().read()
    assert (snapshot.version, snapshot.paths(), snapshot.get("a")) == ("", (), None)


def test_what_one_writer_wrote_another_reads(new_writer: NewWriter) -> None:
    put(new_writer(), tasks__a=b"one\n", tasks__b=b"", top=b"\x00\xff")
    snapshot = new_writer().read()
    assert snapshot.get("tasks/a") == b"one\n"
    assert snapshot.get("tasks/b") == b""
    assert snapshot.get("top") == b"\x00\xff"
    assert snapshot.get("tasks") is None
    assert snapshot.get("tasks/none") is None


def test_a_listing_is_by_prefix_and_sorted(new_writer: NewWriter) -> None:
    store = new_writer()
    put(store, tasks__b=b"1", tasks__a=b"2", tasks__deep__c=b"3", tasksx=b"4", top=b"5")
    snapshot = store.read()
    assert snapshot.paths("tasks/") == ("tasks/a", "tasks/b", "tasks/deep/c")
    assert snapshot.paths("task") == ("tasks/a", "tasks/b", "tasks/deep/c", "tasksx")
    assert snapshot.paths("none/") == ()
    assert len(snapshot.paths()) == 5


def test_update_returns_the_state_after_it(new_writer: NewWriter) -> None:
    store = new_writer()
    first = put(store, a=b"1", b=b"1")
    assert first.get("a") == b"1"
    second = put(store, a=b"2", b=None, c=b"3")
    assert [second.get(path) for path in "abc"] == [b"2", None, b"3"]
    assert second.paths() == ("a", "c")
    assert second.version == store.read().version != first.version


def test_a_snapshot_stays_as_it_was(new_writer: NewWriter) -> None:
    store = new_writer()
    before = put(store, a=b"1")
    put(store, a=b"2")
    assert before.get("a") == b"1"
    assert before.paths() == ("a",)


def test_no_changes_write_nothing(new_writer: NewWriter) -> None:
    store = new_writer()
    before = put(store, a=b"1").version
    assert store.update("nothing", lambda _: {}).version == before
    assert new_writer().read().version == before


def test_deleting_what_is_not_there_is_no_error(new_writer: NewWriter) -> None:
    store = new_writer()
    assert put(store, a=b"1", gone=None).paths() == ("a",)
    assert put(store, gone=None).paths() == ("a",)


def test_an_objection_reaches_the_caller_and_nothing_is_written(new_writer: NewWriter) -> None:
    store = new_writer()
    before = put(store, a=b"1").version

    def objects(_: Snapshot) -> Changes:
        raise ZeroDivisionError("no")

    with pytest.raises(ZeroDivisionError):
        store.update("objects", objects)
    assert store.read().version == before


def test_an_objection_to_what_is_no_longer_so_is_asked_again(new_writer: NewWriter) -> None:
    late, early = new_writer(), new_writer()
    put(late, lock=b"held")
    put(early, lock=None, free=b"yes")

    def only_when_free(snapshot: Snapshot) -> Changes:
        if snapshot.get("lock") is not None:
            raise ZeroDivisionError("held")
        return {"mine": b"1"}

    assert late.update("take", only_when_free).get("mine") == b"1"


def test_a_writer_that_lost_the_race_is_asked_again(new_writer: NewWriter) -> None:
    first, second = new_writer(), new_writer()
    put(first, n=b"0")
    second.read()
    for _ in range(3):
        first.update("+1", plus_one("n"))
        second.update("+1", plus_one("n"))
    assert new_writer().read().get("n") == b"6"


def test_a_race_in_the_middle_of_a_change_loses_nothing(new_writer: NewWriter) -> None:
    first, second = new_writer(), new_writer()
    put(first, n=b"10")
    interruptions = [b"20", b"30"]

    def disturbed(snapshot: Snapshot) -> Changes:
        seen = int(snapshot.get("n") or b"0")
        if interruptions:
            put(second, n=interruptions.pop(0))
        return {"n": b"%d" % (seen + 1)}

    assert first.update("+1", disturbed).get("n") == b"31"


def test_a_disjoint_change_of_another_is_no_reason_to_ask_again(new_writer: NewWriter) -> None:
    first, second = new_writer(), new_writer()
    put(first, mine=b"1", theirs=b"1")
    asked: list[str] = []

    def change(snapshot: Snapshot) -> Changes:
        asked.append(snapshot.version)
        if len(asked) == 1:
            put(second, theirs=b"2")
        return {"mine": (snapshot.get("mine") or b"") + b"+"}

    after = first.update("mine", change)
    assert len(asked) == 1
    assert (after.get("mine"), after.get("theirs")) == (b"1+", b"2")


def test_a_new_file_below_a_prefix_that_was_listed_is_a_reason_to_ask_again(new_writer: NewWriter) -> None:
    first, second = new_writer(), new_writer()
    put(first, tasks__a=b"1")
    asked: list[int] = []

    def change(snapshot: Snapshot) -> Changes:
        asked.append(len(snapshot.paths("tasks/")))
        if len(asked) == 1:
            put(second, tasks__b=b"1")
        return {"count": b"%d" % asked[-1]}

    assert first.update("count", change).get("count") == b"2"
    assert asked == [1, 2]


def test_the_very_first_write_is_a_race_too(new_writer: NewWriter) -> None:
    first, second = new_writer(), new_writer()
    first.read()
    second.read()
    first.update("+1", plus_one("n"))
    second.update("+1", plus_one("n"))
    assert new_writer().read().get("n") == b"2"


def test_reading_without_asking_gives_what_was_seen_last(new_writer: NewWriter) -> None:
    store = new_writer()
    put(store, a=b"1")
    assert store.read(refresh=False).get("a") == b"1"


def test_threads_of_one_process_may_share_a_store(tmp_path: Path) -> None:
    store = on_a_local_branch(tmp_path)()
    threads = [threading.Thread(target=lambda: [store.update("+1", plus_one("n")) for _ in range(5)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read().get("n") == b"20"
