"""What the state branch costs, as ratios of one run on one machine."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from devteam_action.domain.task import Task
from devteam_action.git_io.git import Git
from devteam_action.git_io.state_branch import BranchStore
from devteam_action.pipeline.state import ProjectState
from devteam_action.support.clock import SystemClock
from tests.bench.row import Row, at_most
from tests.bench.state_writers import BRANCH, new_remote, race

ROUNDS = 25
WRITERS, UPDATES = 16, 25


def bench() -> Iterator[Row]:
    """The figures of the state branch, each as it is known."""
    for measure in (one_write, many_runs, many_writers):
        with tempfile.TemporaryDirectory() as folder:
            yield from measure(Path(folder))


def _ratio(name: str, seconds: float, against: float, limit: float) -> Row:
    note = f"{seconds * 1000:,.1f} ms against {against * 1000:,.1f} ms"
    return at_most(name, seconds / against, limit, " times", note=note)


def one_write(folder: Path) -> Iterator[Row]:
    """A save with push, against fast-import and push of files of the same size, in turns."""
    state, step = _saver(folder / "ours", "20260101T000000Z-a", remote=_folder(folder / "a"))
    bare_remote = new_remote(_folder(folder / "b"))
    clone = folder / "bare"
    _git("clone", "-q", "--bare", str(bare_remote), str(clone))
    number = 0

    def bare() -> None:
        nonlocal number
        number += 1
        old = _git("-C", str(clone), "rev-parse", BRANCH).strip().decode()
        files = {"tasks/1.json": 1200, "runs/2026/01/01/a/run.json": 500, f"runs/2026/01/01/a/{number}.jsonl": 200}
        parts = [f"commit {BRANCH}\ncommitter w <w@localhost> {number} +0000\ndata 1\nx\nfrom {old}\n".encode()]
        for path, size in files.items():
            content = (f"{number} " * size)[:size].encode()
            parts.append(f"M 100644 inline {path}\ndata {size}\n".encode() + content + b"\n")
        _git("-C", str(clone), "fast-import", "--quiet", stdin=b"".join(parts))
        _git(
            "-C", str(clone), "push", "-q", f"--force-with-lease={BRANCH}:{old}", str(bare_remote), f"{BRANCH}:{BRANCH}"
        )

    ours, theirs = _in_turns(step, bare)
    state.load()
    yield _ratio("one save with push / fast-import and push", ours, theirs, 1.5)


def many_runs(folder: Path) -> Iterator[Row]:
    """A save with 10,000 stored runs (50 a day) against one with 10; and the first and last save of a new run."""
    for remote in (False, True):
        steps: list[Callable[[], None]] = []
        begins: list[Callable[[], None]] = []
        for count in (10, 10_000):
            place = _folder(folder / f"{count}-{remote}")
            _, step = _saver(place / "clone", "20261231T000000Z-a", remote=place if remote else None, stored=count)
            begin = _beginner(place / "clone", remote=remote)
            steps.append(step)
            begins.append(begin)
        where = "remote" if remote else "local"
        few, many = _in_turns(*steps)
        yield _ratio(f"a save with 10,000 stored runs / with 10 ({where})", many, few, 1.3)
        few, many = _in_turns(*begins)
        yield _ratio(f"a whole new run with 10,000 stored runs / with 10 ({where})", many, few, 1.3)


def many_writers(folder: Path) -> Iterator[Row]:
    """16 processes with 25 updates each on one remote, against a bare loop of fetch, commit-tree, push with lease."""
    seconds: dict[str, float] = {}
    for kind in ("bare", "store"):
        place = _folder(folder / kind)
        seconds[kind] = race(kind, new_remote(place), place, writers=WRITERS, updates=UPDATES, timeout_s=600)
    yield _ratio(f"{WRITERS} processes × {UPDATES} updates / bare loop", seconds["store"], seconds["bare"], 1.2)


# --- parts


def _saver(
    clone: Path, run_id: str, *, remote: Path | None, stored: int = 0
) -> tuple[ProjectState, Callable[[], None]]:
    """A state with `stored` runs, and one step of a run in it: what the engine saves at the end of a stage."""
    _git("init", "-q", str(clone))
    bare = clone
    if remote is not None:
        bare = remote / "remote.git"
        _git("init", "-q", "--bare", str(bare))
        _git("-C", str(clone), "remote", "add", "origin", str(bare))
    if stored:
        _git("-C", str(bare), "fast-import", "--quiet", stdin=_history(stored))
    state = _state(clone, remote=remote is not None)
    held = state.claim(Task(id="1", title="Do it"), run_id=run_id, owner="bench")
    number = 0

    def step() -> None:
        nonlocal number
        event = msgspec.json.encode({"type": "PROGRESS", "sequenceNumber": number, "message": "x" * 150})
        state.save(held, message="1: implementing", events=[event])
        number += 1

    return state, step


def _beginner(clone: Path, *, remote: bool) -> Callable[[], None]:
    """A whole new run: its claim, its first save (which counts it), and its last."""
    state = _state(clone, remote=remote)
    number = 0

    def begin() -> None:
        nonlocal number
        number += 1
        run_id = f"20261231T0000{number:02d}Z-b"
        held = state.claim(Task(id="2", title="t"), run_id=run_id, owner="bench")
        held = state.save(held, message="begin", events=[b'{"sequenceNumber":0}'])
        state.save(msgspec.structs.replace(held, status="COMPLETED"), message="end", release=True)

    return begin


def _state(clone: Path, *, remote: bool) -> ProjectState:
    clock = SystemClock()
    store = BranchStore(Git(clone), remote="origin" if remote else None, clock=clock)
    return ProjectState(store, clock, "owner/repo", keep_runs=20_000)


def _history(count: int) -> bytes:
    """A state branch with `count` finished runs, 50 a day, as a fast-import stream."""
    days: dict[str, int] = {}
    parts = [f"commit {BRANCH}\ncommitter w <w@localhost> 1 +0000\ndata 1\nx\n".encode()]

    def put(path: str, content: bytes) -> None:
        parts.append(f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n")

    put("project.json", b'{"schemaVersion":1}')
    for number in range(count):
        day = f"2026/{number // 1400 + 1:02d}/{number // 50 % 28 + 1:02d}"
        days[day] = days.get(day, 0) + 1
        run_id = f"{day.replace('/', '')}T000000Z-{number:05d}"
        ended = f"{day.replace('/', '-')}T00:00:00.000Z"
        record = {"runId": run_id, "taskId": str(number), "started": ended, "updated": ended, "ended": ended}
        put(f"runs/{day}/{run_id}/run.json", msgspec.json.encode(record))
        put(f"runs/{day}/{run_id}/events-000000.jsonl", b'{"sequenceNumber":0}\n')
        put(f"ledger/{day}/{run_id}-1.json", msgspec.json.encode({**record, "attempt": 1, "tool": "replay"}))
    put("runs/index.json", msgspec.json.encode({"days": days}))
    return b"".join(parts)


def _in_turns(*acts: Callable[[], None]) -> Sequence[float]:
    """The median seconds of each act, taken in turns so that the machine's moods hit all alike."""
    for act in acts:
        act()
    seconds: list[list[float]] = [[] for _ in acts]
    for _ in range(ROUNDS):
        for taken, act in zip(seconds, acts, strict=True):
            started = time.perf_counter()
            act()
            taken.append(time.perf_counter() - started)
    return [statistics.median(taken) for taken in seconds]


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _git(*args: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(["git", *args], input=stdin, check=True, capture_output=True).stdout
