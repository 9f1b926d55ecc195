"""`devteam logs`: while runs come and go, and in a job, whose runner reads what is printed."""

from __future__ import annotations

import sys
import threading

from tests.project import HELLO_AND_WORLD

HOSTILE = ("##[error]theirs", "::error::theirs", "  ::add-mask::innocent", "###[warning]theirs")
SAYS = f"import pathlib\npathlib.Path('hello.txt').write_text('hello')\nprint({chr(10).join(HOSTILE)!r})\n"
CONFIG = f"""\
tool: command
tools:
  command: {{argv: ["{sys.executable}", says.py]}}
criteria: {{words: pass}}
commands: {{words: "grep -rqs . hello.txt"}}
"""
IN_A_JOB = {"GITHUB_ACTIONS": "true"}


def test_following_without_a_task_begins_before_the_first_run_and_sees_every_task(project):
    here = project(patches=HELLO_AND_WORLD)
    reader = here.start("logs", "--follow")
    told: list[str] = []
    everything = threading.Event()

    def read() -> None:
        assert reader.stdout is not None
        for line in reader.stdout:
            told.append(line.strip())
            if "world.txt" in line:
                everything.set()

    reading = threading.Thread(target=read)
    reading.start()
    try:
        here.devteam("run", "--all", "--deliver", "merge").ok()
        assert everything.wait(10), told
    finally:
        reader.terminate()
        reading.join(10)
        reader.communicate()
    assert [line for line in told if line.startswith("task ")] == ["task 1.1.1", "task 1.1.2"]
    assert any("hello.txt" in line for line in told)


def test_in_a_job_no_line_of_a_log_is_a_command_to_the_runner_and_json_says_the_same_as_anywhere(project):
    here = project(config=CONFIG, files={"says.py": SAYS})
    here.devteam("run", "1.1.1").ok()
    shown = here.devteam("logs", env=IN_A_JOB).ok().out
    assert "## [error]theirs" in shown
    assert not [line for line in shown.splitlines() if "##[" in line or line.lstrip().startswith("::")]
    elsewhere = here.devteam("logs").ok().out
    assert "##[error]theirs" in elsewhere, "elsewhere nothing is changed"
    in_a_job = here.devteam("logs", "--json", env=IN_A_JOB).ok()
    assert "##[" not in in_a_job.out
    assert in_a_job.json == here.devteam("logs", "--json").ok().json
    assert [each["activity"]["message"] for each in in_a_job.json["records"]] == list(HOSTILE)
