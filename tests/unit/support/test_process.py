"""The process door: children end, with all they started, and memory stays bounded."""

import os
import sys
import threading
import time

import psutil
import pytest

from devteam_action.errors import Missing
from devteam_action.support.process import Command, run

ENV = {"PATH": os.environ["PATH"]}


def shell(script: str, **more: object) -> Command:
    return Command(argv=("sh", "-c", script), env=ENV, **{"grace_s": 0.3, **more})  # pyright: ignore[reportArgumentType]


def test_a_child_that_ends_gives_its_code_and_both_streams():
    done = run(shell("echo out; echo err >&2; exit 3"))
    assert (done.code, done.stdout, done.stderr, done.ended) == (3, b"out\n", b"err\n", "exited")


def test_the_environment_is_exactly_the_one_given():
    done = run(Command(argv=(sys.executable, "-c", "import os; print(sorted(os.environ))"), env={"ONLY": "this"}))
    names = done.stdout.decode()
    assert "ONLY" in names
    assert "HOME" not in names


def test_standard_input_is_given_or_at_its_end():
    assert run(shell("cat", stdin=b"x" * 200_000)).stdout == b"x" * 200_000
    assert run(shell("cat; echo end")).stdout == b"end\n"


def test_a_child_may_leave_its_input_unread():
    assert run(shell("exit 0", stdin=b"x" * 5_000_000)).code == 0


def test_time_out_ends_the_whole_group_however_stubborn(tmp_path):
    pid_file = tmp_path / "pid"
    script = f"trap '' INT TERM; (trap '' INT TERM; echo $$ > {pid_file}; sleep 60) & sleep 60"
    done = run(shell(script, timeout_s=0.3, grace_s=0.1))
    assert (done.ended, done.code) == ("timed-out", -9)
    assert not psutil.pid_exists(int(pid_file.read_text()))


def test_a_stop_is_obeyed_while_the_child_is_silent():
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    started = time.monotonic()
    assert run(shell("sleep 60"), stop=stop).ended == "stopped"
    assert time.monotonic() - started < 5


def test_a_grandchild_that_holds_the_pipe_does_not_hold_us():
    done = run(shell("sleep 60 & echo done"))
    assert (done.stdout, done.ended) == (b"done\n", "exited")


def test_lines_arrive_whole_in_order_and_without_their_ends():
    lines: list[bytes] = []
    run(shell(r"printf 'a\r\nb\n\nlast'"), on_line=lambda _, line: lines.append(line))
    assert lines == [b"a", b"b", b"", b"last"]


def test_output_beyond_the_limit_keeps_both_ends():
    done = run(shell("echo first; head -c 3000000 /dev/zero; echo; echo last"), keep_bytes=200_000)
    assert done.truncated
    assert len(done.stdout) < 300_000
    assert done.stdout.startswith(b"first\n")
    assert done.stdout.endswith(b"last\n")
    assert b"bytes not kept" in done.stdout


@pytest.mark.parametrize("program", ["no-such-program-anywhere", "/"])
def test_a_program_that_is_not_there_is_named(program):
    with pytest.raises(Missing, match=program):
        run(Command(argv=(program,), env=ENV))


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Missing, match="gone"):
        run(Command(argv=("true",), env=ENV, cwd=tmp_path / "gone"))
