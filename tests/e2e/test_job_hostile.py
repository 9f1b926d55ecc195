"""What hostile tools, checks, forks and moments try on a job, and what becomes of it."""

from __future__ import annotations

import json
import os
import re
import time

import pytest

from tests.job import READ_ONLY, Job
from tests.project import CHECKED_BY_GREP, adding

BRANCH = "task/1-1-1-write-hello"
# What the runner would obey on either stream, in all its spellings.
COMMANDS = ["::set-output name=status::COMPLETED", "  ::error::x", "##[add-path]/evil", "a\r::add-mask::hello"]
LOUD = f"""\
import sys
for line in {COMMANDS!r}:
    print(line)
    print(line, file=sys.stderr)
"""
LOUD_TOOL = """\
tool: command
tools: {command: {argv: [sh, -c, "python3 {tree}/loud.py; echo hello > hello.txt"]}}
criteria: {words: pass}
commands: {words: "python3 loud.py; false"}
max-attempts: 1
"""
SLOW = """\
tool: command
tools: {command: {argv: [sh, -c, "sleep 1; until test -e GATE; do sleep 0.1; done; echo hello > hello.txt"]}}
criteria: {words: pass}
commands: {words: "true"}
"""
# A check that looks for what its judge was told.
NOSY = """\
tool: replay
tools: {replay: {patches: recorded}}
criteria: {words: pass}
commands: {words: "! cat /proc/$PPID/environ"}
"""


def obeyed(text: str) -> list[str]:
    """The lines of a stream that the runner takes for commands, whatever another stream has turned off."""
    lines = re.split(r"[\r\n]+", text)
    return [line for line in lines if line.lstrip().lstrip("\ufeff\u200b").lstrip().startswith("::") or "##[" in line]


def test_what_a_tool_and_a_check_print_is_no_command_on_either_stream(github, tmp_path):
    job = Job.make(github, tmp_path, config=LOUD_TOOL, files={"loud.py": LOUD})
    done = job.dispatch(inputs={"verbosity": "3"})
    assert done.code == 1, done.story
    assert "add-path" in done.err, "it is shown"
    assert obeyed(done.err) == []
    said = [line for line in obeyed(done.out) if not re.fullmatch(r"::(stop-commands::)?[0-9a-f]{32}(::)?", line)]
    assert [line for line in said if not line.startswith("::error title=words")] == []
    assert done.outputs["status"] == "ERROR"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_check_cannot_read_the_token_of_the_job_that_judges(github, tmp_path):
    job = Job.make(github, tmp_path, config=NOSY)
    job.dispatch().ok()
    job.pull(1, "synchronize", env={"OPENAI_API_KEY": "sk-0123456789abcdef0123"}).ok()


def test_a_fork_s_branch_called_like_ours_is_of_no_task(job):
    number = job.repo.open_pull(BRANCH, "main", title="1.1.1 mine", by="mallory", from_fork="mallory/app")
    number = getattr(number, "number", number)
    job.comment(number, "/devteam stop").ok()
    refused = job.comment(number, "/devteam skip")
    assert refused.code == 2, refused.story
    judged = job.pull(number, "opened", rights=READ_ONLY)
    assert judged.code == 1, judged.story
    done = job.dispatch().ok()
    assert (done.outputs["task-id"], done.outputs["status"]) == ("1.1.1", "WAITING")
    assert done.outputs["pull-request"] != str(number)


def test_a_pull_request_that_is_closed_while_its_task_is_worked_on_gets_no_successor_unasked(github, tmp_path):
    gate = tmp_path / "gate"
    job = Job.make(github, tmp_path, config=SLOW.replace("GATE", str(gate)))
    running = job.start("workflow_dispatch", job.repo.event_dispatch(inputs={}))
    deadline = time.monotonic() + 30
    while not job.repo.pulls() and time.monotonic() < deadline:
        time.sleep(0.05)
    job.repo.close(1)
    gate.touch()
    done = running.outcome()
    assert done.code == 1, done.story
    assert "was closed" in done.out
    assert [each.number for each in job.repo.pulls()] == [1]
    again = job.comment(1, "/devteam retry").ok()
    assert again.outputs["pull-request"] == "2"
    assert job.repo.pull(2).draft is False


def test_a_job_that_only_records_a_merge_runs_nothing_of_its_neighbours(github, tmp_path):
    patches = {"1": adding("hello.txt", "hello\n"), "2": adding("world.txt", "world\n")}
    tasks = "- [ ] 1. Write hello to `hello.txt` (P)\n- [ ] 2. Write world to `world.txt` (P)\n"
    ran = tmp_path / "ran"
    config = CHECKED_BY_GREP.replace("grep -rqs", f"touch {ran}; grep -rqs") + "on-merge: run\n"
    job = Job.make(github, tmp_path, tasks, config=config, patches=patches)
    job.dispatch(inputs={"max-tasks": "2"}).ok()
    ran.unlink()
    job.repo.merge(1, by="ann")
    head = job.repo.pull(2).head_sha
    done = job.pull(1, "closed", env={"DEVTEAM_RUN_NOTHING": "true"}).ok()
    assert done.outputs["status"] == "COMPLETED"
    assert job.repo.pull(2).head_sha == head
    assert not ran.exists()
    # The same merge where code may run: the neighbour is brought up.
    job.pull(1, "closed").ok()
    assert job.repo.pull(2).head_sha != head


def test_no_word_of_the_token_is_anywhere(github, tmp_path):
    tool = "\n".join(
        [
            "import base64, os, pathlib",
            "token = pathlib.Path(os.environ['TMPDIR'], 'stolen').read_text()",
            "half = len(token) // 2",
            "print(token); print(token[:half]); print(token[half:])",
            "print(base64.b64encode(f'x-access-token:{token}'.encode()).decode())",
            "print(f'http://x:{token}@127.0.0.1/')",
            "pathlib.Path('hello.txt').write_text('hello')",
            "pathlib.Path(f'{token}.txt').write_text('x')",
            "pathlib.Path('note.txt').write_text(token)",
            "raise SystemExit(f'failed with {token}')",
        ]
    )
    config = LOUD_TOOL.replace("loud.py; echo hello > hello.txt", "thief.py").replace("loud.py; false", "thief.py")
    job = Job.make(github, tmp_path, config=config, files={"thief.py": tool})
    token = job.repo.job_token(contents="write", pull_requests="write", issues="write", checks="write")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "stolen").write_text(token)
    done = job.dispatch(token=token, env={"TMPDIR": str(scratch)}, inputs={"verbosity": "3"})
    assert done.code == 1, done.story
    assert "***" in done.err, "it was said, and hidden"
    shown = [done.out, done.err, done.summary, json.dumps(dict(done.outputs))]
    shown += [each.body for pull in job.repo.pulls() for each in job.repo.comments(pull.number)]
    shown += [pull.title + pull.body for pull in job.repo.pulls()]
    shown += [f"{each.title}{each.summary}{each.text}{each.annotations}" for each in job.repo.check_runs(None)]
    shown.append(job.repo.git("log", "-p", "--all"))
    shown.append(job.repo.git("for-each-ref"))
    logs = done.workspace / ".git" / "devteam"
    shown += [path.read_text(errors="replace") for path in logs.rglob("*") if path.is_file()]
    shown += [str(path) for path in logs.rglob("*")]
    half = len(token) // 2
    for text in shown:
        assert token not in text
        assert token[:half] not in text
        assert token[half:] not in text
