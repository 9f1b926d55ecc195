"""The action's own time: a whole job under act against its tool and its checks by hand."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.action.harness import Act
from tests.bench.row import Row, at_most
from tests.fakes.github import FakeGitHub
from tests.project import HELLO_AND_WORLD, LIST, TWO_TASKS

ROUNDS = 3
DEVTEAM = Path(__file__).parents[2] / "examples" / "devteam.yml"
# A suite of some seconds, as a small project has one; it does not need the processor, so a busy machine matters less.
CHECKS = ("grep -rqs . hello.txt", "sleep 4")
CONFIG = f"""\
tool: replay
tools:
  replay: {{patches: recorded}}
criteria: {{words: pass, suite: pass}}
commands: {{words: "{CHECKS[0]}", suite: "{CHECKS[1]}"}}
"""


def bench() -> Iterator[Row]:
    """Seconds from the step's start to its end, the installation from uv's warm cache included; the best of some."""
    with tempfile.TemporaryDirectory(prefix="bench-action-") as place:
        ours, asked, written = zip(*(_job(Path(place) / str(number)) for number in range(ROUNDS)), strict=True)
        hand = min(_by_hand(Path(place) / f"hand-{number}") for number in range(ROUNDS))
    limit = round(1.25 * hand + 3, 2)
    note = f"tool and checks by hand: {hand:.2f} s; all: {', '.join(f'{each:.2f}' for each in ours)} s"
    yield at_most(
        "the action's step, to 1.25 times its tool and checks by hand and 3 s", min(ours), limit, " s", note=note
    )
    yield at_most("requests from dispatch to a ready pull request", max(asked), 25)
    yield at_most("of which writes", max(written), 12)


def _files() -> dict[str, str]:
    return {LIST: TWO_TASKS, ".devteam.yml": CONFIG, "recorded/1.1.1.patch": HELLO_AND_WORLD["1.1.1"]}


def _job(place: Path) -> tuple[float, int, int]:
    place.mkdir()
    (place / "environments").mkdir()
    with FakeGitHub.serve(place / "github") as github:
        repo = github.repository("acme/app", files=_files())
        act = Act(github, place, place / "environments")
        run = act.run(DEVTEAM.read_text(), "workflow_dispatch", repo.event_dispatch(), repo=repo, job="work").ok()
        assert not repo.pull(1).draft
        return run.steps["work/devteam"].seconds, len(github.requests), len(github.writes)


def _by_hand(place: Path) -> float:
    """The tool `replay` is `git apply`; the checks are the shell's."""
    place.mkdir()
    for path, text in _files().items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    subprocess.run(("git", "init", "-q"), cwd=place, check=True)
    started = time.monotonic()
    for words in (("git", "apply", "recorded/1.1.1.patch"), *(("sh", "-c", check) for check in CHECKS)):
        subprocess.run(words, cwd=place, check=True)
    return time.monotonic() - started
