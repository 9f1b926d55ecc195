"""What a hostile tool, test or moment tries, and what becomes of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from tests.project import HELLO_AND_WORLD, LIST, adding

SECRET = "Zq9wertyPLAINsecret77"
REPLAYED = """\
tool: replay
tools: {replay: {patches: recorded}}
criteria: {words: pass}
"""
SLOW = """\
tool: command
tools: {command: {argv: [sh, -c, "sleep 3; echo hello > hello.txt"]}}
criteria: {words: pass}
commands: {words: "true"}
"""
# Moves the task branch on behind the judge's back, with a trailer like ours.
FORGE = """\
import os, subprocess
def git(*args, **more):
    words = ("git", "-c", "user.name=x", "-c", "user.email=x@example.invalid", *args)
    done = subprocess.run(words, cwd=os.environ["REAL"], check=True, capture_output=True, text=True, **more)
    return done.stdout.strip()
branch = "refs/heads/task/1-1-1-write-hello"
blob = git("hash-object", "-w", "--stdin", input="evil\\n")
env = {**os.environ, "GIT_INDEX_FILE": os.environ["REAL"] + "/.git/evil-index"}
git("read-tree", branch, env=env)
git("update-index", "--add", "--cacheinfo", f"100644,{blob},evil.txt", env=env)
tree = git("write-tree", env=env)
head = git("rev-parse", branch)
message = "x\\n\\n" + git("log", "-1", "--format=%(trailers)", branch)
git("update-ref", branch, git("commit-tree", tree, "-p", head, "-m", message))
"""


def test_a_commit_that_nobody_verified_is_not_delivered_whatever_its_trailers_say(project):
    here = project(patches=HELLO_AND_WORLD)
    (here.folder / "forge.py").write_text(FORGE)
    command = json.dumps(["env", f"REAL={here.root}", sys.executable, str(here.folder / "forge.py")])
    config = f"{REPLAYED}commands: {{words: {command}}}\n"
    here.commit({".devteam.yml": config})
    done = here.devteam("run", "--deliver", "merge")
    assert done.code == 5, done.story
    assert "evil.txt" not in here.git("ls-tree", "-r", "--name-only", "main")
    assert "[x]" not in here.show("main", LIST)


@pytest.mark.parametrize("path", ["docs/DevTeam/tasks_list.md", "specs/evil/tasks.md", ".devteam.yml"])
def test_a_tool_cannot_give_itself_work(project, path):
    patch = adding("hello.txt", "hello\n") + (adding(path, "1.1 Evil\n1.1.1 Evil.\n") if path != ".devteam.yml" else "")
    here = project(patches={"1.1.1": patch})
    here.git("mv", LIST, "tasks_list.md")
    where = "" if path.startswith("docs") else 'tasks: {path: [tasks_list.md, "specs/*/tasks.md"]}\n'
    here.commit({".devteam.yml": (here.root / ".devteam.yml").read_text() + where})
    here.devteam("run", "1.1.1", "--deliver", "merge").ok()
    assert "evil" not in here.git("ls-tree", "-r", "--name-only", "main").lower()
    titles = [task["title"] for task in here.devteam("tasks", "--json").ok().json["tasks"]]
    assert titles[0].startswith("Write hello")


def test_the_line_is_found_by_its_title_when_the_list_was_renumbered_meanwhile(project):
    here = project(patches=HELLO_AND_WORLD)
    here.devteam("implement", "1.1.1").ok()
    text = here.show("main", LIST)
    here.commit(
        {LIST: text.replace("1.1.1 Write hello", "1.1.9 Write hello").replace("1.1.2 Write", "1.1.1 Write") + "\n"}
    )
    done = here.devteam("run", "1.1.1", "--deliver", "merge")
    ticked = [line for line in here.show("main", LIST).splitlines() if "[x]" in line]
    assert all("Write hello" in line or line.startswith("1.1 ") for line in ticked), done.story


def test_people_s_words_keep_no_secret(project):
    here = project(patches=HELLO_AND_WORLD)
    env = {"SVC_TOKEN": SECRET}
    here.devteam("guide", "1.1.1", f"use {SECRET}", env=env).ok()
    here.devteam("inject", f"Use {SECRET}", "--description", SECRET, env=env).ok()
    here.devteam("skip", "1.1.2", f"because {SECRET}", env=env).ok()
    everything = here.git("log", "-p", "--all")
    assert SECRET not in everything
    assert "***" in everything


def test_concurrent_injections_are_all_there(project):
    here = project(patches=HELLO_AND_WORLD)
    children = [here.start("inject", f"Extra {number}") for number in range(4)]
    assert [child.wait(60) for child in children] == [0, 0, 0, 0]
    assert len({item["task"]["id"] for item in here.state("queue.json")}) == 4
    for child in children:
        child.communicate()


def test_nothing_is_taken_from_under_a_run(project):
    here = project(config=SLOW)
    child = here.start("run")
    deadline = time.monotonic() + 30
    while not list((here.root / ".git/devteam").glob("runs/*/attempt-1/brief.md")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    refused = here.devteam("retry", "1.1.1", "--clean")
    assert refused.code == 5, refused.story
    _, err = child.communicate(timeout=60)
    assert child.returncode == 0, err


@pytest.mark.parametrize(
    "command", [("run", ""), ("prep", ""), ("stop", ""), ("skip", ""), ("run", "--idempotency-key", "")]
)
def test_an_empty_argument_is_no_task(project, command):
    here = project(patches=HELLO_AND_WORLD)
    refused = here.devteam(*command)
    assert refused.code == 2, refused.story
    assert here.git("for-each-ref", "refs/heads/devteam") == ""


def test_a_cap_of_nothing_begins_no_attempt(project):
    here = project(patches=HELLO_AND_WORLD)
    done = here.devteam("run", "--max-cost", "0", "--json")
    assert done.json["tasks"][0]["error"]["code"] == "cost-cap"
    assert done.json["tasks"][0]["attempts"] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the switch is Linux's")
def test_our_environment_is_not_for_other_processes_of_this_user():
    script = (
        "from devteam_action.support.privacy import keep_to_ourselves\n"
        "import ctypes; keep_to_ourselves(); print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    done = subprocess.run((sys.executable, "-c", script), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0", "not dumpable: /proc/PID/environ belongs to root"
