"""Finds a Python that aider runs on; a shim that cannot run, or answers another version, is passed over."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from devteam_action.errors import Missing
from devteam_action.support.environment import child_environment
from devteam_action.support.process import Command, run

NEWEST, OLDEST = (3, 12), (3, 10)  # aider-chat 0.86.2 says >=3.10,<3.13; on 3.13 pip takes a version of years ago

_PROBE = "import sys{imports}; print(sys.executable, *sys.version_info[:2], sep='\\n')"


def find_python(environ: Mapping[str, str], *, with_pip: bool) -> Path | None:
    """The first fitting interpreter: ours, then 3.12, 3.11, 3.10 and `python3` in every folder of PATH.

    `with_pip` asks for one that can make an environment with pip in it (some systems ship Python without).
    """
    env = child_environment(environ)
    for candidate in _candidates(environ.get("PATH", "")):
        found = probe(candidate, env, with_pip=with_pip)
        if found is not None:
            return found
    return None


def probe(candidate: Path, env: Mapping[str, str], *, with_pip: bool) -> Path | None:
    """The interpreter behind `candidate`, asked by running it; None when it does not run or does not fit."""
    code = _PROBE.format(imports=", venv, ensurepip" if with_pip else "")
    try:
        answer = run(Command(argv=(str(candidate), "-I", "-c", code), env=env, timeout_s=20, grace_s=1))
    except (Missing, OSError):
        return None  # not executable, or no program at all
    lines = answer.stdout.decode("utf-8", "replace").splitlines()
    if not answer.ok or len(lines) != 3 or not all(part.isdecimal() for part in lines[1:]):
        return None
    return Path(lines[0]) if OLDEST <= (int(lines[1]), int(lines[2])) <= NEWEST else None


def _candidates(path: str) -> Iterator[Path]:
    seen: set[Path] = set()
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        yield Path(sys.executable)
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    for name in (*names, "python3", "python"):
        for folder in path.split(":"):
            candidate = Path(folder) / name
            if folder and candidate not in seen and candidate.is_file():
                seen.add(candidate)
                yield candidate
