"""The bench itself: what falls short is said, and a part that breaks or hangs is a row like any other."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench.long_lists import treed_list
from tests.bench.row import Row, at_least, at_most

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("row", "ok", "value"),
    [
        (at_most("a", 1.2, 1.2, " times"), True, "1.20 times"),
        (at_most("a", 1.21, 1.2, " times"), False, "1.21 times"),
        (at_least("a", 49_999, 50_000, " lines"), False, "49,999 lines"),
        (at_least("a", 50_000, 50_000, " lines"), True, "50,000 lines"),
    ],
)
def test_a_row_is_reached_at_its_limit_and_not_beyond(row, ok, value):
    assert (row.ok, row.value) == (ok, value)


def test_the_table_says_which_figure_falls_short():
    rows = [Row("fast", "1", "2", True), Row("slow", "3", "2", False, "three of them"), Row("beside", "not measured")]
    head, _, fast, slow, beside, _, note = bench._table(rows).splitlines()
    assert head.split() == ["figure", "measured", "goal"]
    assert fast.split()[-1] == "ok"
    assert slow.split()[-1] == "SHORT"
    assert beside.split() == ["beside", "not", "measured"]
    assert note == "slow: three of them"


@pytest.fixture
def part(monkeypatch):
    """Makes the part `verify` of the bench this program, with this much time, and measures it."""

    def measured(program: str, limit_s: float) -> list[Row]:
        monkeypatch.setitem(bench.PARTS, "verify", limit_s)
        start = subprocess.Popen

        def instead(argv, **options):
            assert argv[-1] == "verify"
            return start([sys.executable, "-c", program], **options)

        monkeypatch.setattr(subprocess, "Popen", instead)
        return list(bench._measured("verify"))

    return measured


ONE_ROW = json.dumps({"figure": "a", "value": "1"})


def test_a_part_that_fails_keeps_its_rows_and_is_told(part):
    first, last = part(f"print({ONE_ROW!r}, flush=True); raise SystemExit(3)", 30)
    assert first == Row("a", "1")
    assert (last.ok, last.note) == (False, "failed with exit code 3; see above")


def test_a_part_that_hangs_is_ended_and_told(part):
    first, last = part(f"import time; print({ONE_ROW!r}, flush=True); time.sleep(60)", 0.7)
    assert first == Row("a", "1")
    assert last.ok is False
    assert last.note.startswith("ended after ")


def test_an_unknown_part_is_refused_with_the_names_of_all():
    done = subprocess.run([sys.executable, "-m", "tests.bench", "nxt"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no such part: nxt; there are next_task, prep, verify, state, output, gate, action" in done.stderr


@pytest.mark.parametrize("count", [1, 50, 1000])
def test_a_long_list_has_as_many_tasks_as_were_asked_for(count):
    from devteam_action.domain.tasklist import ListOptions, read

    found = read(treed_list(count).encode(), ListOptions(path="tasks_list.md"))
    assert len(found.tasks) == count
    assert not found.problems
    assert sum(task.is_done for task in found.tasks) == count // 2
