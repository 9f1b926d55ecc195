"""The gate: what a comment that is no command costs, before anything is installed."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.row import Row, at_most, child_cpu

GATE = Path(__file__).parents[2] / "devteam_action" / "actions" / "gate.py"


def bench() -> Iterator[Row]:
    """Rows in CPU seconds; the least of several runs, the longest comment that GitHub takes beside an ordinary one."""
    with tempfile.TemporaryDirectory(prefix="bench-gate-") as folder:
        place = Path(folder)
        for figure, body in (("a comment", "LGTM, thank you!"), ("the longest comment", "> word\n" * 9_362)):
            cpu = min(_gate(place, body) for _ in range(10))
            yield at_most(f"gate on {figure} that is no command", cpu, 0.3, " s CPU")


def _gate(place: Path, body: str) -> float:
    user = {"login": "ann", "type": "User"}
    times = dict.fromkeys(("created_at", "updated_at"), "2026-01-02T03:04:05Z")
    event = {"action": "created", "issue": {"number": 7}, "comment": {"id": 11, "body": body, "user": user, **times}}
    (place / "event.json").write_text(json.dumps(event))
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GITHUB_EVENT_NAME": "issue_comment",
        "GITHUB_EVENT_PATH": str(place / "event.json"),
        "GITHUB_OUTPUT": str(place / "output"),
    }
    return child_cpu((sys.executable, "-I", str(GATE)), cwd=place, env=env)
