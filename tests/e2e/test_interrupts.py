"""Signals, stops and full disks: work and state are saved, and the same command goes on."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project import HELLO_AND_WORLD, Project

BRANCH = "task/1-1-1-write-hello"
# The tool writes at once and then hangs; with `go` in the project's folder it ends.
HANGING_TOOL = """\
tool: command
tools:
  command: {argv: [sh, -c, "echo hello > hello.txt; touch $HOME/began; while [ ! -e $HOME/go ]; do sleep 0.1; done"]}
criteria: {words: pass}
commands: {words: "grep -rqs . hello.txt"}
"""
HALF_DONE_TOOL = HANGING_TOOL.replace("echo hello", "test -e hello.txt || echo half").replace(
    "sleep 0.1; done", "sleep 0.1; done; echo done > hello2.txt"
)
HANGING_CHECK = """\
tool: replay
tools:
  replay: {patches: recorded}
criteria: {words: pass}
commands: {words: "touch $HOME/began; while [ ! -e $HOME/go ]; do sleep 0.1; done"}
"""
HANGING_SETUP = (
    HANGING_CHECK.replace('"touch', '"true || touch')
    + """\
setup: ["touch $HOME/began; while [ ! -e $HOME/go ]; do sleep 0.1; done"]
"""
)


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def one_of_each(here: Project) -> bool:
    """One commit with the work, one with the tick, and no others."""
    tick, work = here.log(f"main..{BRANCH}")
    return tick == "Mark 1.1.1 as done" and work.startswith("1.1.1 Write hello to")


def home(name: str) -> Path:
    return Path(os.environ["HOME"]) / name


def children_of(folder: Path) -> list[str]:
    """Command lines of processes that work in or below `folder`."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve().is_relative_to(folder):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.fixture
def hanging(project, tmp_path):
    """Starts `devteam run` on a project in which something hangs, and waits until it does."""
    started: list[subprocess.Popen[str]] = []

    def start(config: str, **more) -> tuple[Project, subprocess.Popen[str]]:
        here = project(config=config, patches=HELLO_AND_WORLD, **more)
        (here.folder / "tmp").mkdir()
        here.env["TMPDIR"] = str(here.folder / "tmp")
        child = here.start("run", "--json")
        started.append(child)
        wait_for(lambda: home("began").exists() or child.poll() is not None)
        assert child.poll() is None, child.communicate()
        return here, child

    yield start
    for child in started:
        if child.poll() is None:
            child.kill()
            child.communicate()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("where", [HANGING_TOOL, HANGING_CHECK, HANGING_SETUP], ids=["tool", "check", "setup"])
def test_a_signal_saves_work_and_state_and_the_next_run_goes_on(hanging, where, number, code):
    here, child = hanging(where)
    child.send_signal(number)
    _, err = child.communicate(timeout=60)
    assert child.returncode == code, err
    assert "Traceback" not in err
    stored = here.execution("1.1.1")
    assert (stored["status"], stored["claim"], stored["error"]["code"]) == ("STOPPED", None, "interrupted")
    assert children_of(here.folder) == [], "a child outlived the run"
    home("go").touch()
    again = here.devteam("run", "--json").ok().json["tasks"][0]
    assert (again["status"], again["runId"]) == ("WAITING", stored["runId"])
    assert one_of_each(here)


@pytest.mark.parametrize("word", ["signal", "stop"])
def test_what_a_stopped_tool_had_written_is_kept_and_gone_on_from(hanging, word):
    here, child = hanging(HALF_DONE_TOOL, remote=True)
    began = time.monotonic()
    if word == "signal":
        child.send_signal(signal.SIGINT)
    else:
        here.devteam("stop", "1.1.1").ok()
    _, err = child.communicate(timeout=60)
    took = time.monotonic() - began
    assert took < (5 if word == "signal" else 15), err
    assert here.execution("1.1.1")["status"] == "STOPPED"
    assert here.show(BRANCH, "hello.txt") == "half"
    assert here.git("rev-parse", BRANCH) == here.git("ls-remote", "origin", BRANCH).split("\t")[0]
    home("go").touch()
    again = here.devteam("resume" if word == "stop" else "run", "1.1.1", "--json").ok().json["tasks"][0]
    assert again["status"] == "WAITING"
    assert here.show(BRANCH, "hello.txt") == "half"
    assert here.show(BRANCH, "hello2.txt") == "done"


def test_a_stopped_tool_that_had_done_all_has_done_it(hanging):
    here, child = hanging(HALF_DONE_TOOL.replace("echo done > hello2.txt", "true"))
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
    home("go").touch()
    assert here.devteam("run", "1.1.1", "--json").ok().json["tasks"][0]["status"] == "WAITING"


def test_a_second_ctrl_c_does_not_wait(hanging):
    here, child = hanging(HANGING_TOOL.replace("while", "trap '' INT TERM; while"))
    child.send_signal(signal.SIGINT)
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "Traceback" not in err
    home("go").touch()
    assert here.devteam("run", "--json").ok().json["tasks"][0]["status"] == "WAITING"


def test_another_process_stops_a_hanging_tool_and_resume_goes_on(hanging):
    here, child = hanging(HANGING_TOOL)
    here.devteam("stop", "1.1.1").ok()
    _, err = child.communicate(timeout=60)
    assert child.returncode == 1, err
    stored = here.execution("1.1.1")
    assert (stored["status"], stored["claim"], stored["error"]["code"]) == ("STOPPED", None, "stopped")
    assert children_of(here.folder) == []
    home("go").touch()
    assert here.devteam("run", "--json", "1.1.1").code == 1, "a person's stop is lifted by a person"
    assert here.devteam("resume", "1.1.1", "--json").ok().json["tasks"][0]["status"] == "WAITING"
    assert len(here.log(f"main..{BRANCH}")) == 2


def test_where_the_disk_is_full_at_any_size_nothing_is_lost(project):
    here = project(patches=HELLO_AND_WORLD)
    codes: set[int] = set()
    for limit in (*range(200, 6000, 800), 6000, 8000, 12000):
        done = run_with_file_limit(here, limit)
        codes.add(done.returncode)
        assert done.returncode in (0, 4), f"limit {limit}: {done.returncode}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        if done.returncode == 0:
            break
    assert 4 in codes
    here.devteam("run", "1.1.1").ok()
    assert here.execution("1.1.1")["status"] == "WAITING"
    assert one_of_each(here)


def run_with_file_limit(here: Project, limit: int) -> subprocess.CompletedProcess[str]:
    """No file may grow beyond `limit` bytes: what a full disk does to whoever writes next."""
    return subprocess.run(
        here.argv("run", "--json"),
        cwd=here.root,
        env={**os.environ, **here.env},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
