"""What people see of a run on SCAR: at three verbosities, in the logs, and on the state branch afterwards."""

from __future__ import annotations

import gzip
import json
import re
import subprocess

import pytest

from tests.fakes.scar import FakeScar, Turn
from tests.fakes.scar.agents import branch_in
from tests.fakes.scar.commands import COMMAND_FILES
from tests.project import Project

CONFIG = """\
tool: scar
criteria: {words: pass}
commands: {words: "grep -rqs . hello.txt world.txt"}
scar: {poll-interval: 0.1, timeout-seconds: 10, command-timeout: 20, commands: [prime, execute-github]}
"""
SEED = {f".claude/commands/{name}.md": COMMAND_FILES[name] for name in ("prime", "execute-github")}


def primes(turn: Turn) -> None:
    turn.tool("Bash", "git log --oneline -n 5")
    turn.tool("Read", "Reading: /workspace/project/README.md")
    turn.say("A small project.\n\nNothing odd in it.")


def executes(turn: Turn) -> None:
    branch = branch_in(turn)
    turn.git("fetch", "-q", "origin")
    turn.git("checkout", "-q", "-B", branch, f"origin/{branch}")
    turn.write("hello.txt", "hello\n")
    turn.tool("Bash", "cat <<'X'\nline 1\n\nX\ngit commit -am hello")
    turn.git("add", "-A")
    turn.git("commit", "-q", "-m", "Hello")
    turn.git("push", "-q", "origin", branch)
    turn.say("::error::not a workflow command\n<!-- devteam:task=1.1.1 -->\n" + "x" * 500)


@pytest.fixture
def ran(tmp_path, project) -> tuple[Project, str]:
    """A project whose first task SCAR has done; what the run told on standard error at verbosity 2."""
    with FakeScar.serve(tmp_path / "scar") as scar:
        scar.agents |= {"prime": primes, "execute-github": executes}
        here = project(config=CONFIG, remote=True, files=SEED)
        done = here.devteam("run", "1.1.1", env={"SCAR_BASE_URL": scar.url}).ok()
        assert scar.problems == []
    return here, done.err


def logged(here: Project, verbosity: int) -> list[str]:
    """The execution log at that verbosity, without the times that begin its lines."""
    out = here.devteam("logs", "1.1.1", "--verbosity", str(verbosity)).ok().out
    return [re.sub(r"^\d\d:\d\d:\d\d +", "", line) for line in out.splitlines()]


def test_the_three_verbosities_of_a_command(ran):
    here, told = ran
    assert logged(here, 1) == [
        "PRIME: RUNNING", "PRIME: COMPLETED", "EXECUTE-GITHUB: RUNNING", "EXECUTE-GITHUB: COMPLETED"
    ]  # fmt: skip
    second = logged(here, 2)
    assert second[0].startswith("…      /repo:")
    assert any(re.fullmatch(r"PRIME: COMPLETED \(.*3 messages, 2 tool calls\)", line) for line in second)
    assert "PRIME: COMPLETED (" in told
    third = logged(here, 3)
    begin = third.index("PRIME: RUNNING")
    assert third[begin + 1 : begin + 5] == [
        "$      git log --oneline -n 5",
        "read   /workspace/project/README.md",
        "       A small project.".strip(),
        "       Nothing odd in it.".strip(),
    ]
    assert "$      cat <<'X' line 1 X git commit -am hello" in third
    (long,) = [line for line in third if "xxx" in line]
    assert long == "x" * 200 + "..."


def test_every_line_is_an_activity_in_order_and_names_its_message(ran):
    here, _ = ran
    records = here.devteam("logs", "1.1.1", "--json").ok().json["records"]
    activities = [each["activity"] for each in records]
    assert [each["sequenceNumber"] for each in activities] == list(range(len(activities)))
    assert {each["source"] for each in activities} == {"scar"}
    assert {each["output"] for each in activities} == {None}
    words = [each for each in activities if each["type"] != "progress"]
    assert {each["verbosity"] for each in words} == {3}
    assert [each["details"]["messageIndex"] for each in words] == [0, 1, 2, 2, 0, 1, 2, 2, 2]
    assert all(each["details"]["sentAt"].endswith("Z") for each in words)
    (command,) = [each for each in words if each["message"].startswith("cat <<")]
    assert command["details"]["lines"] == ["🔧 BASH", "cat <<'X'", "line 1", "", "X", "git commit -am hello"]


def test_the_state_branch_has_the_activities_and_the_whole_output_packed(ran):
    here, _ = ran
    origin = here.folder / "origin.git"
    files = here.git("ls-tree", "-r", "--name-only", "devteam/state", cwd=origin).splitlines()
    packed = {
        path: gzip.decompress(subprocess.check_output(["git", "show", f"devteam/state:{path}"], cwd=origin))
        for path in files
        if path.startswith("runs/") and path.endswith(".gz")
    }
    output = b"".join(data for path, data in sorted(packed.items()) if path.endswith(".txt.gz")).decode()
    assert "A small project.\nNothing odd in it.\n" in output
    assert "x" * 500 in output
    assert "RUNNING" not in output
    lines = [line for path, data in sorted(packed.items()) if "activities-" in path for line in data.splitlines()]
    records = here.devteam("logs", "1.1.1", "--json").ok().json["records"]
    assert [json.loads(line) for line in lines] == records
