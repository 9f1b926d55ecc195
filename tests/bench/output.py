"""Tool output through redaction, classification, bus and execution log: lines a CPU second, and memory."""

from __future__ import annotations

import re
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from devteam_action.domain.activity import Classifier
from devteam_action.domain.activity_rules import RULES, Rule, known_form
from devteam_action.pipeline.activity_stream import ActivityStream
from devteam_action.pipeline.bus import Bus
from devteam_action.reporters.log_files import LogFiles
from devteam_action.support.clock import SystemClock
from devteam_action.support.redact import Redactor
from devteam_action.support.token_shapes import SHAPES, spans_of
from tests.bench.row import Row, at_least, at_most

_SECRETS = [f"a-secret-value-number-{number}" for number in range(10)]
_MIXED = (
    b"Collecting the dependencies of the project, and going on with it",
    b"tests/unit/test_config.py::test_reads_the_file PASSED                [ 45%]",
    b"Applied edit to src/app.py",
    b"see https://example.org/docs?page=1 for task-list and disk-usage",
    b"Error: nothing to see here",
    b"    return json.loads(path.read_text())",
    b"Running command: `pytest -q`",
    b"75%",
)

LINEAR = 1.5  # how much worse than in proportion to its length a line may cost


def bench() -> Iterator[Row]:
    """Lines a second of CPU time, growth with the length of a line, and memory gained."""
    # First, while the highest memory use so far is low: afterwards nothing would be seen to add to it.
    yield at_most("200 MB of output, memory gained", _memory(), 64, " MB")
    mixed = [_MIXED[number % len(_MIXED)] + b" %d" % number for number in range(150_000)]
    plain = [_MIXED[0] + b" %d" % number for number in range(150_000)]
    yield _lines("tool output, mixed lines, 10 secrets", _rate(mixed, _SECRETS), 50_000)
    yield _lines("tool output, plain lines, 10 secrets", _rate(plain, _SECRETS), 50_000)
    yield _lines("tool output, plain lines, no secrets", _rate(plain, []), 50_000)
    yield _lines("classifier alone, mixed lines", _classified(mixed), 100_000)
    ratio, shape = max(
        (_growth(lambda text, s=shape: sum(1 for _ in spans_of(s, text)), shape.markers[0]), shape.name)
        for shape in SHAPES
    )
    yield _linear("1 to 8 MB line, token shapes", ratio, f"worst: {shape}")
    ratio, rule = max((_growth(rule.pattern.match, _head(rule)), rule.name) for rule in RULES)
    yield _linear("1 to 8 MB line, classifier rules", ratio, f"worst: {rule}")
    yield _linear("1 to 8 MB line, whole redaction", _growth(Redactor(_SECRETS).redact, "sk-://eyJ"))
    yield _linear("1 to 8 MB line, all rules", _growth(known_form, "Searching: pattern "))


def _lines(figure: str, rate: float, goal: int) -> Row:
    return at_least(figure, rate, goal, " lines/CPU s")


def _linear(figure: str, ratio: float, note: str = "") -> Row:
    return at_most(figure, ratio, LINEAR, " of linear", note=note)


def _stream(folder: Path, secrets: list[str]) -> ActivityStream:
    clock = SystemClock()
    bus = Bus(
        customer_id="owner/repo",
        task_id="1.1.1",
        run_id="bench",
        clock=clock,
        redactor=Redactor(secrets),
        sinks=[LogFiles(folder, "1.1.1")],
    )
    return ActivityStream(bus, Classifier(execution_id="bench", project_id="owner/repo", source="bench"), clock)


def _rate(lines: list[bytes], secrets: list[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        stream = _stream(Path(folder), secrets)
        started = time.process_time()
        for line in lines:
            stream.line("stdout", line)
        stream.close()
        return len(lines) / (time.process_time() - started)


def _classified(lines: list[bytes]) -> float:
    texts = [line.decode() for line in lines]
    classifier = Classifier(execution_id="bench", project_id="owner/repo", source="bench")
    started = time.process_time()
    for start in range(0, len(texts), 2048):
        classifier.feed(texts[start : start + 2048])
    return len(texts) / (time.process_time() - started)


def _head(rule: Rule) -> str:
    """What a line must begin with, so that the rule reads on."""
    literal = re.match(r"[A-Za-z: `\"]*", rule.pattern.pattern.replace("\\", ""))
    return literal[0] if literal and literal[0] else "$ 7❌ "


def _growth(work: Callable[[str], object], piece: str) -> float:
    """The worst of (time for n MB) / (n x time for 1 MB), n = 2, 4, 8, over lines made to hurt."""
    return max(_growth_over(work, piece, unit) for unit in (piece, '" in `', "a1B2"))


def _growth_over(work: Callable[[str], object], piece: str, unit: str) -> float:
    sizes = (1, 2, 4, 8)
    lines = [piece + unit * (size * 2**20 // len(unit)) for size in sizes]
    costs = [min(_cost(work, line), _cost(work, line)) for line in lines]
    worst = float("inf")
    for _ in range(5):
        # Below five milliseconds a megabyte there is nothing but noise to compare.
        base = max(costs[0], 0.005)
        worst = max(cost / (size * base) for cost, size in zip(costs, sizes, strict=True))
        if worst <= LINEAR:
            break
        # A neighbour on the machine slows long lines more than short ones: what stays above the limit is ours.
        costs = [min(cost, _cost(work, line)) for cost, line in zip(costs, lines, strict=True)]
    return worst


def _cost(work: Callable[[str], object], line: str) -> float:
    started = time.process_time()
    work(line)
    return time.process_time() - started


def _memory() -> float:
    """Megabytes that 200 MB of output add to the highest memory use so far."""
    line = b"x" * 99
    with tempfile.TemporaryDirectory() as folder:
        stream = _stream(Path(folder), _SECRETS)
        for _ in range(20_000):
            stream.line("stdout", line)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(2_000_000):
            stream.line("stdout", line)
        stream.close()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
