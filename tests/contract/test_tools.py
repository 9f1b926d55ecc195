"""What every tool keeps, whatever its child does: it ends, leaves nobody behind, stays small and leaks nothing."""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from devteam_action.domain.config import ToolConfig
from devteam_action.pipeline.ports import Tool, ToolJob
from devteam_action.tools import TOOLS, tool_named
from tests.unit.tools.tool_jobs import Ran, make_job

# Each tool, and how a program of ours takes the place of its child: (what to call it, the environment of the tool).
Played = tuple[Tool, ToolJob]
Play = Callable[..., Played]

FLOOD_BYTES = 200 * 2**20
LINE = b"x" * 999 + b"\n"


def _program(place: Path, name: str, code: str) -> Path:
    place.mkdir(exist_ok=True)
    path = place / name
    path.write_text(f"#!{sys.executable} -S\n{code}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture(params=sorted(TOOLS))
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Play:
    """Makes the named tool run `code` as its child."""
    name: str = request.param
    programs = tmp_path / "programs"

    def played(code: str, *, minutes: float = 1.0, env: dict[str, str] | None = None) -> Played:
        path = f"{programs}:{os.environ['PATH']}"
        if name == "command":
            config = ToolConfig(argv=(str(_program(programs, "tool", code)),), timeout_minutes=minutes)
        elif name == "replay":
            config = ToolConfig(patches="patches", timeout_minutes=minutes)
            (tmp_path / "patches").mkdir()
            (tmp_path / "patches" / "1.1.1.patch").write_text("any")
            env = {**(env or {}), "PATH": path}
        else:
            _program(programs, "aider", "raise SystemExit('only its Python is run')")
            _program(programs, "python", code)
            config = ToolConfig(model="openai/m", timeout_minutes=minutes)
        job = make_job(tmp_path, config, env=env)
        if name == "replay":
            _program(programs, "git", code)
        return tool_named(name, {"AIDER_PATH": str(programs / "aider"), "PATH": path}), job

    return played


HANGING = """
import os, pathlib, subprocess, time
child = subprocess.Popen(["sleep", "300"])
pathlib.Path("pids").write_text(f"{os.getpid()} {child.pid}")
print("working", flush=True)
time.sleep(300)
"""


def _wait_for(path: Path) -> list[int]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if path.is_file() and len(words := path.read_text().split()) == 2:
            return [int(word) for word in words]
        time.sleep(0.02)
    raise AssertionError(f"{path} was never written")


def _alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_tool_that_ends_well_is_finished(play: Play) -> None:
    tool, job = play("print('all done')\n")
    assert Ran(tool, job).outcome.status == "finished"


def test_a_tool_that_breaks_is_failed_with_a_reason_and_its_last_words(play: Play) -> None:
    tool, job = play("import sys; print('it is broken', file=sys.stderr); sys.exit(3)\n")
    outcome = Ran(tool, job).outcome
    assert outcome.status == "failed"
    assert outcome.reason in {"crashed", "malformed-edit"}
    assert "it is broken" in outcome.message


def test_a_tool_that_hangs_is_ended_with_its_children(play: Play) -> None:
    tool, job = play(HANGING, minutes=1 / 60)
    started = time.monotonic()
    outcome = Ran(tool, job).outcome
    assert outcome.status == "timed-out"
    assert "timeout-minutes" in outcome.message
    assert time.monotonic() - started < 20
    assert not any(_alive(pid) for pid in _wait_for(job.tree / "pids"))


def test_a_stop_ends_a_tool_with_its_children(play: Play) -> None:
    tool, job = play(HANGING)
    stop = threading.Event()
    done: list[Ran] = []
    worker = threading.Thread(target=lambda: done.append(Ran(tool, job, stop)))
    worker.start()
    pids = _wait_for(job.tree / "pids")
    stop.set()
    worker.join(30)
    assert [ran.outcome.status for ran in done] == ["stopped"]
    assert not any(_alive(pid) for pid in pids)


def test_200_megabytes_of_output_pass_in_64_of_memory(play: Play) -> None:
    tool, job = play(f"import os\nfor _ in range({FLOOD_BYTES // len(LINE) // 64}): os.write(1, {LINE!r} * 64)\n")
    process, over = psutil.Process(), threading.Event()
    peak = before = process.memory_info().rss
    seen = 0

    def count(_stream: str, line: bytes) -> None:
        nonlocal seen
        seen += len(line) + 1

    def watch() -> None:
        nonlocal peak
        while not over.wait(0.01):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    outcome = tool.implement(job, count, threading.Event())
    over.set()
    watcher.join()
    assert outcome.status in {"finished", "failed"}
    assert peak - before < 64 * 2**20
    if tool.name != "replay":  # git's own output is no output of a tool: replay says itself what it applied
        assert seen > 0.99 * FLOOD_BYTES


def test_the_child_sees_nothing_of_our_own_environment(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "not-for-children")
    monkeypatch.setenv("DATABASE_URL", "not-for-children")
    tool, job = play("import os, json; open('seen', 'w').write(json.dumps(dict(os.environ)))\n")
    Ran(tool, job)
    seen = (job.tree / "seen").read_text()
    assert "PATH" in seen
    assert "not-for-children" not in seen


def test_the_brief_reaches_no_argument(play: Play) -> None:
    """Arguments are visible to every user of a machine, and bounded; a brief is neither public nor short."""
    tool, job = play("import sys; open('argv', 'w').write(repr(sys.argv))\n")
    Ran(tool, job)
    assert job.brief not in (job.tree / "argv").read_text()
