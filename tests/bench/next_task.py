"""`devteam next --json`: what it costs to know what is next, on short and on very long lists, and beside others."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.bench.long_lists import treed_list
from tests.bench.rivals import Rival, installed_rivals
from tests.bench.row import Row, at_most, child_cpu

ROOT = Path(__file__).parents[2]
NEXT = (sys.executable, "-m", "devteam_action", "next", "--json")
BARE = (sys.executable, "-c", "pass")


def bench() -> Iterator[Row]:
    """Rows in CPU seconds of the whole process tree, git's children too; the least of several runs."""
    with tempfile.TemporaryDirectory(prefix="bench-next-") as folder:
        place = Path(folder)
        env = environment(place)
        few, some, many, most = (_project(place, count) for count in (50, 1_000, 10_000, 100_000))
        child_cpu(NEXT, cwd=few, env=env)  # writes the bytecode that an installed package comes with
        bare = min(child_cpu(BARE, cwd=few, env=env) for _ in range(15))
        short = min(child_cpu(NEXT, cwd=few, env=env) for _ in range(15)) - bare
        yield at_most("next on 50 tasks, over the bare interpreter", short * 1000, 120, " ms CPU")
        long = min(child_cpu(NEXT, cwd=many, env=env) for _ in range(3))
        yield at_most("next on 10,000 tasks", long, 1, " s CPU")
        longest = min(child_cpu(NEXT, cwd=most, env=env) for _ in range(2))
        yield at_most("next on 100,000 tasks, to 10,000", longest / long, 12, " times", note=f"{longest:.1f} s CPU")
        yield from _beside_others(place, {1_000: some, 10_000: many}, env)


def environment(place: Path) -> dict[str, str]:
    """That of somebody who installed the package: bytecode at hand, nothing else of this process's Python settings."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COVERAGE", "GIT_"))}
    return {**env, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(place / "bytecode"), "CI": "1"}


def _project(place: Path, count: int) -> Path:
    folder = place / f"tasks-{count}"
    folder.mkdir()
    (folder / "tasks_list.md").write_text(treed_list(count))
    git = ("git", "-C", str(folder), "-c", "user.name=bench", "-c", "user.email=bench@example.org")
    for command in (("init", "--quiet", "--initial-branch=main"), ("add", "--all"), ("commit", "--quiet", "-m", "x")):
        subprocess.run([*git, *command], check=True, env=environment(place))
    return folder


def _beside_others(place: Path, ours: Mapping[int, Path], env: Mapping[str, str]) -> Iterator[Row]:
    rivals, why_not = installed_rivals()
    if not rivals:
        yield Row("next beside task-master and backlog", "not measured", note=why_not)
        return
    for count, folder in ours.items():
        theirs = [(rival, rival.project(place / f"{rival.name}-{count}", count)) for rival in rivals]
        least: dict[str, float] = {}
        for _ in range(2):
            # In turns, so that a busy moment of the machine meets all of them.
            runs = [("devteam", child_cpu(NEXT, cwd=folder, env=env)), *(_run(*each, env) for each in theirs)]
            least = {name: min(cpu, least.get(name, cpu)) for name, cpu in runs}
        told = ", ".join(f"{name} {cpu:.2f}" for name, cpu in least.items())
        fastest = min(cpu for name, cpu in least.items() if name != "devteam")
        figure = f"next on {count:,} tasks, to the faster of {' and '.join(rival.name for rival in rivals)}"
        yield at_most(figure, least["devteam"] / fastest, 1, " times", note=f"{told} s CPU")


def _run(rival: Rival, folder: Path, env: Mapping[str, str]) -> tuple[str, float]:
    return rival.name, child_cpu(rival.argv, cwd=folder, env=env)
