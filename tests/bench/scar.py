"""SCAR as a tool: how soon its words are seen, what looking costs, and whether every recorded run ends right."""

from __future__ import annotations

import multiprocessing
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from devteam_action.domain.activity import Classifier
from devteam_action.domain.events import ActivityLogged, AnyEvent
from devteam_action.pipeline.activity_stream import ActivityStream
from devteam_action.pipeline.bus import Bus
from devteam_action.pipeline.said import Said
from devteam_action.reporters.log_files import LogFiles
from devteam_action.scar.client import ScarClient
from devteam_action.scar.conversation import project_id_of
from devteam_action.scar.messages import ScarMessage
from devteam_action.scar.sync import SyncScar
from devteam_action.support.clock import SystemClock
from devteam_action.support.redact import Redactor
from tests.bench.row import Row, at_least, at_most
from tests.fakes.scar import FakeScar, Turn, recording, recordings

INTERVAL_S = 0.5
MESSAGES = 60  # of each run whose latency is measured
QUIET_S = {20: 5.0, 40: 15.0}  # before the message of that number: a client that backs off would see it late
BURST, QUIET_POLLS = 20, 30  # 20 messages at once, then 15 s of quiet at that interval
ALL = 1000


def bench() -> Iterator[Row]:
    yield from _recorded()
    yield at_least("SCAR, classifier, whole messages", _classified(), 100_000, " lines/CPU s")
    yield from _bytes()
    with _server() as url:
        # One core for everything that is ours; the server has its own process.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        alone = _latencies(url, 1)
        yield _seen("SCAR, appearance to log and feed, p95", alone)
        ten = _latencies(url, 10)
        yield _seen("SCAR, 10 conversations on one core, p95", ten)
        yield _after_quiet([*alone, *ten])
    added = _p95(ten) - _p95(alone)
    yield at_most("SCAR, what 10 conversations add to p95", max(0.0, added), 0.1, " s")


# --- outcomes


def _recorded() -> Iterator[Row]:
    """Every recorded run through the client, and what the rule "two quiet polls" would have said of it."""
    if not recordings.is_there():
        missing = "the recorded runs are not beside this checkout"
        yield Row("SCAR, recorded runs", "not measured", "all right", ok=False, note=missing)
        return
    from tests.integration.test_scar_recorded import EXPECTED, replayed, two_quiet_polls

    ours, theirs = 0, 0
    wrong: list[str] = []
    for name, (outcome, cause, count) in EXPECTED.items():
        played = recording(name)
        ended = replayed(played).ended
        is_right = (ended.outcome, ended.cause, len(ended.messages)) == (outcome, cause, count)
        ours += is_right
        wrong += [] if is_right else [f"{name}: {ended.outcome} {ended.cause}"]
        at, seen = two_quiet_polls(played)
        theirs += outcome == "COMPLETED" and seen == count and at >= played.command.ends_s
    every = len(EXPECTED)
    yield Row("SCAR, recorded runs", f"{ours} of {every} right", f"{every} of {every}", ours == every, ", ".join(wrong))
    yield Row("SCAR, recorded runs by two quiet polls", f"{theirs} of {every} right")


# --- the classifier


def _classified() -> float:
    texts = [
        "I'll look at the project first.\nThen the tests.\n\n- one\n- two",
        "🔧 BASH\ngit log --oneline -n 5 && ls -la",
        "🔧 READ\nReading: /workspace/demo-app/src/app.py",
        "🔧 BASH\ncat <<'X'\nline 1\nline 2\nX\necho done",
        '🔧 TODOWRITE\n{"todos":[{"content":"Write test","status":"completed","activeForm":"Writing tes...',
        '⚠️ Error: it broke\nTraceback (most recent call last):\n  File "a", line 1\nValueError: no',
        "## Summary\n\n- Added `src/test_app.py`\n- All checks pass\n\n```python\nassert add(1, 2) == 3\n```",
    ] * 4000
    lines = sum(len(text.splitlines()) for text in texts)
    classifier = Classifier(execution_id="bench", project_id="owner/repo", source="scar")
    started = time.process_time()
    for text in texts:
        classifier.message(text)
    return lines / (time.process_time() - started)


# --- bytes


def _bytes() -> Iterator[Row]:
    bursts = ALL // BURST
    with_etag, without = _polled([BURST] * bursts, QUIET_POLLS)
    note = f"{with_etag:,} bytes against {without:,}; {bursts} bursts of {BURST} messages, {QUIET_POLLS} polls each"
    yield at_least("SCAR, bytes in bursts, saved by ETags", without / with_etag, 15, " times fewer", note=note)
    with_etag, without = _polled([1] * ALL, 1)
    yield Row(
        "SCAR, bytes with news in every poll, saved by ETags",
        f"{without / with_etag:.2f} times fewer",
        note=f"{with_etag:,} bytes against {without:,}: there is nothing that an ETag could save",
    )


def _polled(news: Sequence[int], polls: int) -> tuple[int, int]:
    """Bytes that the server sent, with our client and with the same requests without ETags."""
    return tuple(_sent(news, polls, forget=forget) for forget in (False, True))  # type: ignore[return-value]


def _sent(news: Sequence[int], polls: int, *, forget: bool) -> int:
    project = project_id_of("acme/app")
    with FakeScar.serve() as scar, SyncScar(ScarClient(scar.url)) as client:
        conversation = client.conversation(project)
        for count in news:
            for _ in range(count):
                scar.append(conversation, "🔧 READ\nReading: /workspace/demo-app/src/app.py")
            for _ in range(polls):
                if forget:
                    client.client.line._kept.clear()
                client.is_busy(conversation)
                client.get_messages(project)
        return sum(each.sent for each in scar.requests)


# --- latency


class _Feed:
    """Notes when each message, which says when it was made, has reached the log and then this feed."""

    def __init__(self) -> None:
        self.waited: list[tuple[float, bool]] = []  # and whether it was long quiet before
        self._last = float("inf")

    def handle(self, event: AnyEvent) -> None:
        pass

    def handle_activities(self, events: Sequence[ActivityLogged]) -> None:
        now = time.monotonic()
        for event in events:
            said = float(event.activity.message)
            self.waited.append((now - said, said - self._last >= min(QUIET_S.values())))
            self._last = said

    def close(self) -> None:
        pass


def _talk(turn: Turn) -> None:
    chance = random.Random(turn.conversation)
    for number in range(MESSAGES):
        turn.wait(QUIET_S.get(number, chance.uniform(0.02, 0.4)))
        turn.say(f"{time.monotonic():.6f}")  # one clock for all processes of a machine


def _serve(tell: Connection) -> None:
    with FakeScar.serve() as scar:
        scar.repository("demo-app")
        scar.agent = _talk
        tell.send(scar.url)
        tell.recv()


@contextmanager
def _server() -> Iterator[str]:
    ours, its = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(its,), daemon=True)
    process.start()
    try:
        yield str(ours.recv())
    finally:
        ours.send("end")
        process.join(10)


def _latencies(url: str, conversations: int) -> list[tuple[float, bool]]:
    waited: list[tuple[float, bool]] = []
    with ExitStack() as stack:
        scar = stack.enter_context(SyncScar(ScarClient(url, poll_interval_s=INTERVAL_S)))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        feeds = [_Feed() for _ in range(conversations)]
        threads = [
            threading.Thread(target=_follow, args=(scar, folder, feed, f"acme/app-{conversations}-{number}"))
            for number, feed in enumerate(feeds)
        ]
        for thread in threads:
            thread.start()
        for thread, feed in zip(threads, feeds, strict=True):
            thread.join()
            assert len(feed.waited) == MESSAGES
            waited += feed.waited
    return waited


def _follow(scar: SyncScar, folder: Path, feed: _Feed, name: str) -> None:
    clock = SystemClock()
    log = LogFiles(folder, name)
    bus = Bus(
        customer_id=name, task_id="1", run_id=name, clock=clock,
        redactor=Redactor(["a-secret-value"]), sinks=[log, feed],
    )  # fmt: skip
    stream = ActivityStream(bus, Classifier(execution_id=name, project_id=name, source="scar"), clock)
    project = project_id_of(name)
    scar.slash(project, "repo", ["demo-app"])

    def on_message(index: int, message: ScarMessage) -> None:
        stream.say(Said(text=message.message, details={"messageIndex": index, "sentAt": message.timestamp}))

    ended = scar.wait_for_completion(project, scar.send_command(project, "prime"), on_message=on_message)
    stream.close()
    bus.close()
    assert ended.outcome == "COMPLETED", ended


def _p95(waited: Sequence[tuple[float, bool]]) -> float:
    return statistics.quantiles([seconds for seconds, _ in waited], n=20)[-1]


def _seen(figure: str, waited: Sequence[tuple[float, bool]]) -> Row:
    every = [seconds for seconds, _ in waited]
    note = f"median {statistics.median(every):.2f} s, longest {max(every):.2f} s, {len(every)} messages"
    return at_most(figure, _p95(waited), INTERVAL_S + 0.1, " s", note=note)


def _after_quiet(waited: Sequence[tuple[float, bool]]) -> Row:
    """No back-off while a run is live: the first word after a long silence is seen as soon as any other."""
    late = [seconds for seconds, was_quiet in waited if was_quiet]
    shown = " and ".join(f"{seconds:g} s" for seconds in QUIET_S.values())
    note = f"after {shown} of quiet, median {statistics.median(late):.2f} s, {len(late)} messages"
    return at_most("SCAR, first word after long quiet, longest", max(late), INTERVAL_S + 0.25, " s", note=note)
