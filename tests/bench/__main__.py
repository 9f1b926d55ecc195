"""`python -m tests.bench [PART…] [--json]`: every figure that was promised, measured here and now, in one table.

Each part runs in a process of its own, so that none disturbs another's memory or CPU time, and none runs for ever.
Exit code 1 when a figure is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib import import_module
from types import FrameType

import msgspec

from tests.bench.row import Row

# Seconds that each part may take; together about eleven minutes on two cores.
PARTS = {"next_task": 150, "prep": 50, "verify": 60, "state": 160, "output": 80, "gate": 20, "action": 120, "scar": 220}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--rows", choices=tuple(PARTS), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.rows:
        return _rows_of(args.rows)
    wanted = tuple(args.parts) or tuple(PARTS)
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    # Ended from outside, too, it must not leave a part behind.
    signal.signal(signal.SIGTERM, _leave)
    rows: list[Row] = []
    for part in wanted:
        _say(f"{part}: at most {PARTS[part]} s")
        for row in _measured(part):
            _say(f"  {row.figure}: {row.value}")
            rows.append(row)
    print(_json(rows) if args.json else _table(rows))
    return int(any(row.ok is False for row in rows))


def _leave(number: int, frame: FrameType | None) -> None:
    del frame
    sys.exit(128 + number)


def _rows_of(part: str) -> int:
    for row in import_module(f"tests.bench.{part}").bench():
        print(msgspec.json.encode(row).decode(), flush=True)
    return 0


def _measured(part: str) -> Iterator[Row]:
    """The rows of a part as they come; what is missing after its time is said in a last one."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.bench", "--rows", part], stdout=subprocess.PIPE, start_new_session=True
    )
    started = time.monotonic()
    timer = threading.Timer(PARTS[part], _end, (child,))
    timer.start()
    try:
        assert child.stdout is not None
        with child.stdout:
            for line in child.stdout:
                yield msgspec.json.decode(line, type=Row)
        code = child.wait()
    finally:
        timer.cancel()
        _end(child)
    took = time.monotonic() - started
    if code == -signal.SIGKILL:
        yield Row(f"{part}: the rest", "not measured", "", False, f"ended after {took:.0f} s")
    elif code:
        yield Row(f"{part}: the rest", "not measured", "", False, f"failed with exit code {code}; see above")


def _end(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _table(rows: list[Row]) -> str:
    cells = [("figure", "measured", "goal", "")]
    cells += [(row.figure, row.value, row.goal, _verdict(row)) for row in rows]
    wide = [max(len(line[column]) for line in cells) for column in range(4)]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(line, wide, strict=True)).rstrip() for line in cells]
    lines.insert(1, "  ".join("-" * width for width in wide))
    notes = [f"{row.figure}: {row.note}" for row in rows if row.note]
    return "\n".join((*lines, *(("", *notes) if notes else ())))


def _verdict(row: Row) -> str:
    return {True: "ok", False: "SHORT", None: ""}[row.ok]


def _json(rows: list[Row]) -> str:
    return msgspec.json.format(msgspec.json.encode({"rows": rows}), indent=2).decode()


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
