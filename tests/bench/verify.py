"""VERIFY with four checks against the same four by hand: what running them at once costs and saves."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from devteam_action.checks.verifier import GateVerifier
from devteam_action.domain.config import Config
from devteam_action.domain.results import Prepared
from devteam_action.domain.task import Task
from tests.bench.row import Row, at_most
from tests.fakes.trees import GitTrees

_FUNCTION = "def f{n}(value: int) -> int:\n    return value + {n}\n\n\n"
_TEST = "def test_f{n}() -> None:\n    assert f{n}(1) == {m}\n\n\n"
_SETTINGS = "[tool.ruff.lint]\nselect = ['F']\n[tool.mypy]\nstrict = true\n[tool.basedpyright]\ninclude = ['src']\n"
_BY_HAND = {
    "pytest": ("-m", "pytest", "-q", "-p", "no:cacheprovider"),
    "ruff": ("-m", "ruff", "check", "--no-cache", "."),
    "mypy": ("-m", "mypy", "--cache-dir", "{cache}", "src"),
    "basedpyright": ("-m", "basedpyright"),
}


def bench() -> Iterator[Row]:
    """One row: seconds of wall time that VERIFY took, and the seconds that it may take, of the best of three rounds.

    Allowed are 1.15 times the greater of the slowest check by hand and all their CPU time shared by the cores, plus
    half a second. Both sides start with the type checker's cache cold in the same way: empty.
    """
    with tempfile.TemporaryDirectory(prefix="bench-verify-") as place:
        rounds = [_round(Path(place) / str(number)) for number in range(3)]
    yield min(rounds, key=lambda each: each[0])[1]


def _round(place: Path) -> tuple[float, Row]:
    """How much of the allowed time was taken, and the row that says so."""
    trees, base, head = _project(place / "repository")
    slowest = cpu = 0.0
    for argv in _BY_HAND.values():
        wall, used = _by_hand(trees.root, [part.format(cache=f"{place}/mypy") for part in argv])
        slowest, cpu = max(slowest, wall), cpu + used
    allowed = 1.15 * max(slowest, cpu / (os.cpu_count() or 1)) + 0.5
    took = _verify(trees, base, head, place / "cache")
    note = f"by hand: the slowest check {slowest:.1f} s, all of them {cpu:.1f} s CPU"
    return took / allowed, at_most("VERIFY with four checks", took, round(allowed, 2), " s", note=note)


def _project(root: Path) -> tuple[GitTrees, str, str]:
    trees = GitTrees(root)
    names = ", ".join(f"f{n}" for n in range(200))
    tests = f"from code_ import {names}\n\n\n" + "".join(_TEST.format(n=n, m=n + 1) for n in range(200))
    # Slow enough that the checks, not their start, are what is measured.
    tests += "def test_slow() -> None:\n    assert sum(range(60_000_000)) > 0\n"
    code = "".join(_FUNCTION.format(n=n) for n in range(200)).rstrip("\n") + "\n"
    base = trees.commit({"pyproject.toml": _SETTINGS, "src/code_.py": code, "tests/test_code.py": tests})
    head = trees.commit({"src/code_.py": code.replace("value + 7\n", "7 + value\n")})
    return trees, base, head


def _by_hand(root: Path, argv: list[str]) -> tuple[float, float]:
    before = os.times()
    env = {**os.environ, "PYTHONPATH": f"{root}/src", "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, *argv], cwd=root, env=env, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.elapsed - before.elapsed, sum(after[2:4]) - sum(before[2:4])


def _verify(trees: GitTrees, base: str, head: str, cache: Path) -> float:
    criteria = {"test.pass": "pass", "lint.clean": "pass", "type.strict": "0 errors"}
    task = Task(id="1", title="Bench", criteria=criteria)
    prepared = Prepared(base=base, head=head, branch="task/1", repo_path=str(trees.root))
    verifier = GateVerifier(Config(), trees, root=trees.root, cache_dir=cache, env=os.environ)
    started = time.monotonic()
    found = verifier.verify(task, prepared, head, lambda _: None, threading.Event())
    took = time.monotonic() - started
    if found.verdict != "passed":
        raise RuntimeError(f"not what was to be measured: {found}")
    return took
