"""One line of the bench's table, and the CPU time that most of them tell."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct


class Row(Struct, frozen=True):
    """One figure: `value` and `goal` are for people, `ok` tells whether it was reached; None where nothing is asked."""

    figure: str
    value: str
    goal: str = ""
    ok: bool | None = None
    note: str = ""


def at_most(figure: str, value: float, limit: float, unit: str = "", *, note: str = "") -> Row:
    """A row that is reached by staying below `limit`."""
    return Row(figure, _told(value, unit), f"at most {limit:g}{unit}", value <= limit, note)


def at_least(figure: str, value: float, limit: float, unit: str = "", *, note: str = "") -> Row:
    """A row that is reached by getting to `limit`."""
    return Row(figure, _told(value, unit), f"at least {limit:,.0f}{unit}", value >= limit, note)


def cpu_of(act: Callable[[], object]) -> float:
    """CPU seconds of this process and of the children that it waited for."""
    before = _cpu()
    act()
    return _cpu() - before


def child_cpu(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout_s: float = 120) -> float:
    """CPU seconds of one child and its own children; raises CalledProcessError when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, cwd=cwd, env=env, stdout=subprocess.DEVNULL, check=True, timeout=timeout_s)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _cpu() -> float:
    parts = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in parts)


def _told(value: float, unit: str) -> str:
    return f"{value:,.0f}{unit}" if value >= 100 else f"{value:.2f}{unit}"
