"""Several processes and several machines on one project: one does the work, nobody's work is lost."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.project import HELLO_AND_WORLD, LIST, Project, adding

BRANCH = "task/1-1-1-write-hello"
# The first process waits in the tool until `go` is there.
SLOW = """\
tool: command
tools:
  command: {argv: [sh, -c, "echo hello > hello.txt; touch $HOME/began; while [ ! -e $HOME/go ]; do sleep 0.1; done"]}
criteria: {words: pass}
commands: {words: "grep -rqs . hello.txt"}
"""


def home(name: str) -> Path:
    return Path(os.environ["HOME"]) / name


def wait_for(file: Path, child: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while not file.exists():
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)


def another_clone(here: Project) -> Project:
    """The same project on another machine: nothing but what the remote has."""
    folder = here.folder / "elsewhere"
    folder.mkdir()
    here.git("clone", "-q", (here.folder / "origin.git").as_uri(), str(folder / "project"))
    return Project(here.folder, folder / "project", {"WORKSPACE_DIR": str(folder / "work")})


def rewrite_claim(here: Project, **fields: str) -> None:
    """The claim on 1.1.1 as another machine would have left it, on the remote's state branch."""
    copy = here.folder / "state-copy"
    here.git("clone", "-q", "-b", "devteam/state", (here.folder / "origin.git").as_uri(), str(copy))
    file = copy / "tasks/1.1.1.json"
    stored = json.loads(file.read_text())
    stored["claim"] |= fields
    file.write_text(json.dumps(stored))
    here.git("commit", "-q", "-a", "-m", "as another machine left it", cwd=copy)
    here.git("push", "-q", cwd=copy)


def killed_in_the_tool(project) -> Project:
    here = project(config=SLOW, remote=True)
    child = here.start("run")
    wait_for(home("began"), child)
    child.kill()
    child.communicate()
    home("go").touch()
    return here


def test_of_two_runs_at_once_one_wins_and_the_other_says_so(project):
    here = project(config=SLOW)
    first = here.start("run", "1.1.1", "--json")
    wait_for(home("began"), first)
    second = here.devteam("run", "1.1.1", "--json")
    assert second.code == 5, second.story
    assert second.json["error"]["code"] == "state-conflict"
    home("go").touch()
    out, err = first.communicate(timeout=60)
    assert first.returncode == 0, err
    assert json.loads(out)["tasks"][0]["status"] == "WAITING"
    assert len(here.log(f"main..{BRANCH}")) == 2


@pytest.mark.parametrize("remote", [False, True])
def test_runs_that_start_at_the_same_moment_do_the_task_once(project, remote):
    here = project(patches=HELLO_AND_WORLD, remote=remote)
    children = [here.start("run", "1.1.1", "--json") for _ in range(3)]
    said = [child.communicate(timeout=120) for child in children]
    codes = [child.returncode for child in children]
    assert set(codes) <= {0, 5}, said
    assert 0 in codes, said
    assert len(here.log(f"main..{BRANCH}")) == 2
    stored = here.execution("1.1.1")
    assert (stored["status"], stored["claim"]) == ("WAITING", None)


def test_resume_takes_a_living_run_over_and_the_first_lets_go(project):
    here = project(config=SLOW)
    first = here.start("run", "1.1.1", "--json")
    wait_for(home("began"), first)
    second = here.start("resume", "1.1.1", "--json")
    _, first_err = first.communicate(timeout=60)
    assert first.returncode == 5, first_err
    home("go").touch()
    out, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    run = json.loads(out)["tasks"][0]
    assert (run["status"], run["attempts"]) == ("WAITING", 1)
    assert len(here.log(f"main..{BRANCH}")) == 2
    events = (here.root / ".git/devteam/journal" / f"{run['runId']}.jsonl").read_text().splitlines()
    assert [json.loads(line)["sequenceNumber"] for line in events] == list(range(len(events)))


def test_a_run_left_on_another_machine_holds_its_task_until_somebody_takes_it_over(project):
    here = killed_in_the_tool(project)
    rewrite_claim(here, owner="another-host:1:1")
    there = another_clone(here)
    refused = there.devteam("run", "1.1.1", "--json")
    assert refused.code == 5, refused.story
    assert "devteam" in refused.json["error"]["hint"]
    done = there.devteam("resume", "1.1.1", "--json").ok().json["tasks"][0]
    assert (done["status"], done["attempts"]) == ("WAITING", 1)
    assert len(there.log(f"main..{BRANCH}")) == 2


def test_a_claim_that_nobody_renewed_runs_out(project):
    here = killed_in_the_tool(project)
    rewrite_claim(
        here, owner="another-host:1:1", expires="2020-01-01T00:15:00.000Z", takeoverAfter="2020-01-01T00:20:00.000Z"
    )
    there = another_clone(here)
    done = there.devteam("run", "--json").ok().json["tasks"][0]
    assert (done["taskId"], done["status"], done["attempts"]) == ("1.1.1", "WAITING", 1)
    assert here.execution("1.1.1")["claim"] is None


def test_the_first_machine_follows_what_the_second_did(project):
    patches = {"1.1.1-1": adding("wrong.txt", "x\n"), "1.1.1-2": adding("hello.txt", "hello\n")}
    here = project(patches=patches, remote=True)
    here.devteam("implement", "1.1.1").ok()
    journal = next((here.root / ".git/devteam/journal").glob("*.jsonl"))
    # An event that the first machine had written down, and was killed before it could push it.
    last = json.loads(journal.read_text().splitlines()[-1])
    lost = {**last, "type": "PROGRESS", "progress": 61, "sequenceNumber": last["sequenceNumber"] + 1}
    with journal.open("a") as file:
        file.write(json.dumps(lost) + "\n")
    here.git("push", "-q", "origin", BRANCH)
    there = another_clone(here)
    there.devteam("run", "1.1.1", "--max-attempts", "3", "--json").ok()
    there.git("push", "-q", "origin", f"{BRANCH}:{BRANCH}")
    again = here.devteam("guide", "1.1.1", "and write the world too", "--json")
    numbers = [json.loads(line)["sequenceNumber"] for line in journal.read_text().splitlines()]
    assert numbers == list(range(len(numbers))), again.story
    assert list(journal.parent.glob(f"{journal.name}.*")), "what was written here before is kept beside"


def test_a_commit_of_a_persons_on_the_task_branch_is_never_overwritten(project):
    patches = {"1.1.1-1": adding("hello.txt", "hello\n"), "1.1.1-2": adding("more.txt", "more\n")}
    here = project(patches=patches, remote=True)
    here.devteam("run", "1.1.1").ok()
    there = another_clone(here)
    there.git("switch", "-q", BRANCH)
    theirs = there.commit({"mine.txt": "mine\n"}, "a person's work")
    there.git("push", "-q", "origin", BRANCH)
    tried = here.devteam("guide", "1.1.1", "write more", "--json")
    assert tried.code == 5, tried.story
    assert here.git("rev-parse", BRANCH, cwd=here.folder / "origin.git") == theirs
    assert re.search(theirs[:7], tried.err + tried.out)


def test_a_commit_of_a_persons_made_here_is_never_overwritten(project):
    patches = {"1.1.1-1": adding("hello.txt", "hello\n"), "1.1.1-2": adding("more.txt", "more\n")}
    here = project(patches=patches)
    here.devteam("run", "1.1.1").ok()
    tree = next((here.folder / "work").glob("*/task/*"))
    (tree / "mine.txt").write_text("mine\n")
    here.git("add", "mine.txt", cwd=tree)
    here.git("commit", "-q", "-m", "a person's work", cwd=tree)
    theirs = here.git("rev-parse", BRANCH)
    tried = here.devteam("guide", "1.1.1", "write more", "--json")
    assert tried.code == 5, tried.story
    assert here.git("rev-parse", BRANCH) == theirs
    assert here.show(BRANCH, LIST).count("[x]") == 1
