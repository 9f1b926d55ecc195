"""The fake's agents really work on a clone of their own and push to where it came from."""

from __future__ import annotations

import subprocess
import sys
import urllib.request

import pytest

from tests.fakes.scar import FakeScar, wait_until
from tests.fakes.scar.agents import pushes, rewrites, working_agent


def git(folder, *arguments):
    done = subprocess.run(("git", *arguments), cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def remote(tmp_path):
    """A bare repository with a command folder, `main` and a task branch."""
    bare, work = tmp_path / "app.git", tmp_path / "work"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(bare))
    git(tmp_path, "clone", "-q", str(bare), str(work))
    (work / ".claude" / "commands").mkdir(parents=True)
    (work / ".claude" / "commands" / "execute-github.md").write_text("Do it on $1: $ARGUMENTS\n")
    git(work, "add", "--all")
    git(work, "-c", "user.name=t", "-c", "user.email=t@t.invalid", "commit", "-q", "-m", "first")
    git(work, "push", "-q", "origin", "HEAD:main", "HEAD:task/one")
    return bare


@pytest.fixture
def scar(tmp_path, remote):
    with FakeScar.serve(tmp_path / "workspace", speed=100) as served:
        served.post("c1", f"/clone {remote}")
        wait_until(lambda: bool(served.texts("c1")))
        assert served.texts("c1") == [
            "Repository cloned successfully!\n\nCodebase: app\n✓ Loaded 1 commands\n\nReady to work!"
        ]
        yield served


def invoke(scar, *arguments):
    scar.post("c1", " ".join(["/command-invoke execute-github", *arguments]))
    wait_until(lambda: not scar.lanes.is_busy("c1"))
    assert not scar.problems


def test_the_named_branch_moves_forward(scar, remote):
    scar.agent = working_agent
    before = git(remote, "rev-parse", "task/one")
    invoke(scar, "task/one")
    assert git(remote, "rev-parse", "task/one~1") == before
    assert "scar-was-here.txt" in git(remote, "ls-tree", "--name-only", "task/one")
    assert any(text.startswith("🔧 WRITE\nWriting: ") for text in scar.texts("c1"))


def test_a_new_branch_can_be_pushed_and_an_old_one_rewritten(scar, remote):
    scar.agent = pushes("feature/one", {"a.txt": "a"}, onto="main")
    invoke(scar, "x")
    assert git(remote, "rev-parse", "feature/one~1") == git(remote, "rev-parse", "main")
    before = git(remote, "rev-parse", "task/one")
    scar.agent = rewrites("task/one")
    invoke(scar, "x")
    assert git(remote, "rev-parse", "task/one") != before


def test_a_switch_with_pull_has_the_newest_command_files(scar, tmp_path):
    work = tmp_path / "work"
    (work / ".claude" / "commands" / "more.md").write_text("More: $ARGUMENTS\n")
    git(work, "add", "--all")
    git(work, "-c", "user.name=t", "-c", "user.email=t@t.invalid", "commit", "-q", "-m", "more")
    git(work, "push", "-q", "origin", "HEAD:main")
    for text, count in (("/repo app", 1), ("/repo app pull", 2)):
        scar.post("c1", text)
        wait_until(lambda: not scar.lanes.is_busy("c1"))
        assert f"✓ Loaded {count} commands" in scar.texts("c1")[-1]


def test_an_agent_that_breaks_is_seen(scar):
    scar.agent = pushes("nowhere/x", {})
    scar.post("c1", "/command-invoke execute-github x")
    wait_until(lambda: not scar.lanes.is_busy("c1"))
    assert scar.problems
    assert scar.texts("c1")[-1].startswith("⚠️ Error: ")


def test_a_second_clone_of_that_name_is_another_answer(scar, remote):
    scar.post("c2", f"/clone {remote}")
    wait_until(lambda: bool(scar.texts("c2")))
    assert scar.texts("c2")[0].startswith("Repository already cloned.")
    scar.slash.codebases.clear()
    scar.post("c3", f"/clone {remote}")
    wait_until(lambda: bool(scar.texts("c3")))
    assert scar.texts("c3")[0].startswith("Directory already exists: ")
    scar.post("c4", "/clone /nowhere/else.git")
    wait_until(lambda: bool(scar.texts("c4")))
    assert scar.texts("c4")[0].startswith("Failed to clone repository: ")


def test_it_can_be_served_for_people():
    child = subprocess.Popen(
        (sys.executable, "-m", "tests.fakes.scar", "--port", "0"), stdout=subprocess.PIPE, text=True
    )
    try:
        line = child.stdout.readline()
        url = next(word for word in line.split() if word.startswith("http"))
        with urllib.request.urlopen(f"{url}/health") as answer:
            assert answer.read() == b'{"status":"ok"}'
    finally:
        child.terminate()
        child.wait()
        child.stdout.close()
