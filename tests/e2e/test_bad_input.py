"""Bad input, and what it gets: one clear error with its exit code, nothing lost, no traceback.

`REFUSED` are commands that cannot be carried out: one `error:` line, or with `--json` one document, and a repository
that is as it was. `FAILED` are tasks that end in ERROR because of what the tool did.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.project import CHECKED_BY_GREP, HELLO_AND_WORLD, LIST, TWO_TASKS, Outcome, Project

TASK = "1.1 A\n1.1.1 Write hello to [hello.txt](hello.txt).\n"
BRANCH = "task/1-1-1-write-hello"
HALVES = ("ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8")

Arrange = Callable[[Path], Project]


# --- how the repository comes to be as it is


def listed(tasks: str, *, config: str = CHECKED_BY_GREP) -> Arrange:
    return lambda folder: Project.make(folder, tasks, config=config, patches=HELLO_AND_WORLD)


def configured(text: str) -> Arrange:
    return listed(TASK, config=text)


def list_of_bytes(data: bytes) -> Arrange:
    def arrange(folder: Path) -> Project:
        here = listed(TASK)(folder)
        (here.root / LIST).write_bytes(data)
        here.commit({})
        return here

    return arrange


def after(*commands: tuple[str, ...], remote: bool = False) -> Arrange:
    """A sound project, and git commands run in it."""

    def arrange(folder: Path) -> Project:
        here = Project.make(folder, TASK, patches=HELLO_AND_WORLD, remote=remote)
        for command in commands:
            here.git(*command)
        return here

    return arrange


def without_list(folder: Path) -> Project:
    return after(("rm", "-q", LIST), ("commit", "-q", "-m", "gone"))(folder)


def without_commit(folder: Path) -> Project:
    root = folder / "project"
    root.mkdir()
    here = Project(folder, root, {"WORKSPACE_DIR": str(folder / "work")})
    here.git("init", "-q", "-b", "main")
    return here


def without_repository(folder: Path) -> Project:
    (folder / "project").mkdir()
    return Project(folder, folder / "project", {"GIT_CEILING_DIRECTORIES": str(folder)})


def with_foreign_work(folder: Path) -> Project:
    here = after(("switch", "-q", "-c", BRANCH))(folder)
    here.commit({"mine.txt": "a person's\n"})
    here.git("switch", "-q", "main")
    return here


def with_state(files: Mapping[str, bytes]) -> Arrange:
    """A branch `devteam/state` that holds these files."""

    def arrange(folder: Path) -> Project:
        here = listed(TASK)(folder)
        here.git("switch", "-q", "--orphan", "devteam/state")
        for path, data in files.items():
            (here.root / path).parent.mkdir(parents=True, exist_ok=True)
            (here.root / path).write_bytes(data)
        here.git("add", "-A")
        here.git("commit", "-q", "-m", "state")
        here.git("switch", "-q", "main")
        return here

    return arrange


def tooled(script: str, *, limit: float = 1.0, config: str = "") -> Arrange:
    """The tool is a shell script that works in the copy; {folder} in it is ours, outside of any repository."""

    def arrange(folder: Path) -> Project:
        text = f"tool: command\ntools: {{command: {{argv: [sh, ./tool.sh], timeout-minutes: {limit}}}}}\n" + (
            config or "criteria: {words: pass}\ncommands: {words: 'grep -qs . hello.txt'}\n"
        )
        return Project.make(folder, TASK, config=text, files={"tool.sh": script.replace("{folder}", str(folder))})

    return arrange


NO_CRITERION = "tool: replay\ntools: {replay: {patches: recorded}}\n"


# --- commands that cannot be carried out


@dataclass(frozen=True)
class Refused:
    arrange: Arrange
    code: int
    says: tuple[str, ...]
    command: tuple[str, ...] = ("run",)
    without: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    limit: str = "true"  # a shell command before ours, which sets limits
    word: str = ""  # the error's code


REFUSED: dict[str, Refused] = {
    # the list
    "missing list": Refused(without_list, 2, ("no task list in", LIST, "commit it"), word="task-list"),
    "empty list": Refused(list_of_bytes(b""), 2, ("no task found in", "accepted shapes are"), word="task-list"),
    "list of prose": Refused(list_of_bytes(b"# Plan\n\nWe will see.\n"), 2, ("no task found in", "1.1.1 Task")),
    "list that is no UTF-8": Refused(
        list_of_bytes(b"1.1 A\n1.1.1 Caf\xe9\n"), 2, (f"{LIST}:2", "save the file as UTF-8")
    ),
    "cycle": Refused(
        listed("1.1 A\n1.1.1 One (Dependencies: 1.1.2)\n1.1.2 Two (Dependencies: 1.1.1)\n"),
        2,
        ("nothing can be selected", "wait for one another: 1.1.1, 1.1.2", f"{LIST}:2"),
        word="task-list",
    ),
    "cycle, asked for one": Refused(
        listed("1.1 A\n1.1.1 One (Dependencies: 1.1.2)\n1.1.2 Two (Dependencies: 1.1.1)\n"),
        2,
        ("task 1.1.1", "wait for one another"),
        ("run", "1.1.1"),
    ),
    "cycle, next": Refused(
        listed("1.1 A\n1.1.1 One (Dependencies: 1.1.2)\n1.1.2 Two (Dependencies: 1.1.1)\n"),
        2,
        ("1.1.1, 1.1.2",),
        ("next",),
    ),
    "duplicate id": Refused(
        listed("1.1 A\n1.1.1 One\n1.1.1 Two\n"), 2, ("the id 1.1.1 is given 2 times, in lines 2, 3", f"{LIST}:2")
    ),
    "unknown dependency": Refused(
        listed("1.1 A\n1.1.1 One (Dependencies: 9.9.9)\n"), 2, ("task 1.1.1: there is no task 9.9.9", f"{LIST}:2")
    ),
    "dependency on oneself": Refused(
        listed("1.1 A\n1.1.1 One (Dependencies: 1.1.1)\n"), 2, ("task 1.1.1", f"{LIST}:2")
    ),
    "open dependency": Refused(
        listed(TWO_TASKS), 2, ("waits for 1.1.1", "finish 1.1.1"), ("run", "1.1.2"), word="dependency-open"
    ),
    "unknown task": Refused(
        listed(TASK), 2, ("no task 7.7.7 in", "`devteam tasks`"), ("run", "7.7.7"), word="unknown-task"
    ),
    "a section for a task": Refused(listed(TASK), 2, ("no task 1.1 in",), ("run", "1.1")),
    # criteria
    "unknown criterion in the list": Refused(
        listed("1.1 A\n1.1.1 One\n    criteria: test.pas = 100%\n"), 2, ("unknown criterion `test.pas`", f"{LIST}:2")
    ),
    "banana in the list": Refused(
        listed("1.1 A\n1.1.1 One\n    criteria: test.coverage ≥ banana\n"),
        2,
        ("≥ banana", f"{LIST}:2"),
        ("run", "1.1.1"),
    ),
    "unknown criterion in the config": Refused(
        configured("criteria: {test.pas: pass}\n"),
        2,
        (".devteam.yml:1", "unknown criterion `test.pas`"),
        word="criterion",
    ),
    "banana in the config": Refused(
        configured("criteria:\n  test.coverage: ≥ banana\n"), 2, (".devteam.yml:2", "≥ banana", "expected"), ("next",)
    ),
    # the configuration
    "unknown key": Refused(
        configured("tool: replay\nmax-atempts: 2\n"),
        2,
        (".devteam.yml:2", "`max-atempts`", "`max-attempts`?"),
        word="config",
    ),
    "wrong type": Refused(
        configured("tool: replay\npush: often\n"), 2, (".devteam.yml:2: push: expected true or false, got 'often'",)
    ),
    "no YAML": Refused(configured("tool: [replay\n"), 2, (".devteam.yml:2",), ("status",)),
    "unknown tool": Refused(
        configured("tool: nosuch\n"), 2, (".devteam.yml: tool", "`nosuch`", "aider, command, replay")
    ),
    "a list outside": Refused(configured("tasks: {path: ../../etc/passwd}\n"), 2, ("outside the repository",)),
    "config that is not there": Refused(
        listed(TASK), 2, ("nope.yml is not in main",), ("next", "--config", "nope.yml")
    ),
    # the repository
    "no repository": Refused(without_repository, 2, ("is in no git repository", "`git init`"), word="repository"),
    "no folder": Refused(listed(TASK), 2, ("nowhere is no folder", "-C"), ("next", "-C", "nowhere")),
    "no commit": Refused(without_commit, 2, ("has no commit yet", "commit the task list")),
    "detached HEAD": Refused(after(("checkout", "-q", "--detach")), 2, ("HEAD is detached", "--base-branch")),
    "no identity": Refused(
        listed(TASK),
        2,
        ("git does not know who commits", "git config user.name"),
        without=("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"),
    ),
    "no base branch": Refused(
        listed(TASK, config=f"{CHECKED_BY_GREP}base-branch: develop\n"),
        2,
        (".devteam.yml: base-branch", "no branch `develop`", "has main"),
    ),
    "no base branch, by argument": Refused(
        listed(TASK), 2, ("--base-branch: there is no branch `nope`",), ("run", "--base-branch", "nope")
    ),
    "base branch only on the remote": Refused(
        after(("push", "-q", "origin", "main:develop"), ("fetch", "-q"), remote=True),
        2,
        ("no branch `develop`", "`git branch develop origin/develop`"),
        ("run", "--base-branch", "develop"),
    ),
    "branch name taken by one above": Refused(after(("branch", "task")), 2, (BRANCH, "git branch -m task")),
    "branch name taken by one below": Refused(
        after(("branch", f"{BRANCH}/x")), 2, (BRANCH, f"git branch -m {BRANCH}/x")
    ),
    "branch name taken by a person's work": Refused(with_foreign_work, 5, (BRANCH, "not ours"), word="state-conflict"),
    "unknown remote": Refused(configured("tool: replay\nremote: upstream\n"), 2, ("upstream", "its remotes")),
    "remote that is gone": Refused(
        after(("remote", "set-url", "origin", "file:///nowhere/at/all.git"), remote=True), 4, ("origin",)
    ),
    # the tool
    "tool not installed": Refused(
        configured("tool: command\ntools: {command: {argv: [no-such-program]}}\n"),
        4,
        ("`no-such-program` is not on PATH", "install"),
        word="tool-missing",
    ),
    "tool without a command": Refused(configured("tool: command\n"), 2, ("tools.command.argv", "such as")),
    "tool without a key": Refused(configured("tool: aider\n"), 4, ("OPENAI_API_KEY", "set one of them")),
    "tool at a path that is not there": Refused(
        configured("tool: aider\n"),
        4,
        ("AIDER_PATH", "/nowhere/aider"),
        env={"AIDER_PATH": "/nowhere/aider", "OPENAI_API_KEY": "sk-nobodys"},
    ),
    # the state
    "foreign state branch": Refused(
        with_state({"README.md": b"mine\n"}), 2, ("state branch is not usable",), word="state-damaged"
    ),
    "newer state": Refused(
        with_state({"project.json": b'{"schemaVersion": 99}'}), 2, ("schema 99", "up to schema 1", "upgrade"), ("next",)
    ),
    "garbage for state": Refused(with_state({"project.json": b"\xff\x00{{"}), 2, ("project.json",)),
    "name of the state branch taken": Refused(
        after(("branch", "devteam")), 2, ("name is taken by the branch devteam",)
    ),
    "name of the state branch taken on the remote": Refused(
        after(("push", "-q", "origin", "main:devteam"), remote=True),
        2,
        ("on the remote `origin`", "name is taken by the branch devteam", "rename"),
    ),
    "disk full while writing state": Refused(listed(TASK), 4, ("disk",), limit="ulimit -f 0"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_command_that_cannot_be_carried_out_says_why_and_leaves_all_as_it_was(tmp_path, name):
    case = REFUSED[name]
    here = case.arrange(tmp_path)
    before = everything(here)
    told = run(here, (*case.command, "--json"), case)
    assert told.code == case.code, told.story
    assert [line for line in told.err.splitlines() if line.startswith("error:")] == [first_error(told)], told.story
    assert_says(told, told.err, case.says)
    document = told.json
    assert document.keys() == {"success", "error"}
    assert document["success"] is False
    assert document["error"].keys() == {"code", "message", "hint", "retryable"}
    assert document["error"]["hint"], "an error says what to do next"
    assert case.word in ("", document["error"]["code"])
    assert everything(here) == before


# --- tasks that end in ERROR


@dataclass(frozen=True)
class Failure:
    arrange: Arrange
    says: tuple[str, ...]
    command: tuple[str, ...] = ("run", "--max-attempts", "1")
    limit: str = "true"
    nowhere: tuple[str, ...] = ()  # paths below the test's folder that must not be there


FAILED: dict[str, Failure] = {
    "tool hangs": Failure(tooled("sleep 60\n", limit=0.01), ("no end after 1 s", "timeout-minutes")),
    "tool ends badly": Failure(tooled("echo no such model >&2; exit 3\n"), ("`sh` exited with 3", "no such model")),
    "tool kills itself": Failure(tooled("kill -9 $$\n"), ("ended by signal 9",)),
    "tool does nothing": Failure(tooled("true\n"), ("the tool changed nothing",)),
    "tool writes a hook": Failure(
        tooled("mkdir -p .git/hooks; echo 'touch {folder}/owned' >.git/hooks/post-commit; chmod +x .git/hooks/*\n"),
        ("the tool changed nothing",),
        nowhere=("owned", "project/.git/hooks/post-commit"),
    ),
    "tool writes git settings": Failure(
        tooled("git config core.fsmonitor 'touch {folder}/owned'; git config alias.status '!touch {folder}/owned'\n"),
        ("the tool changed nothing",),
        nowhere=("owned",),
    ),
    "tool writes above the tree": Failure(
        tooled("echo x >../x; mkdir -p ../../y && rmdir ../../y\n"),
        ("the tool changed nothing",),
        nowhere=("x", "work/x"),
    ),
    "tool makes a link out of the tree": Failure(
        tooled("ln -s /etc/passwd hello.txt\n"), ("hello.txt: it is a symbolic link", "nothing may be taken over")
    ),
    "tool makes a pipe": Failure(tooled("mkfifo hello.txt\n"), ("hello.txt: it is no regular file",)),
    "tool writes 50 MB": Failure(
        tooled("head -c 50000000 /dev/zero >hello.txt\n"), ("hello.txt: it has 50.0 MB, more than 10 MB",)
    ),
    "tool changes the list": Failure(tooled(f"echo '1.1.1 [x] Done' >{LIST}\n"), (f"{LIST}: it is protected",)),
    "tool changes the config": Failure(
        tooled("echo 'criteria: {}' >.devteam.yml\n"), (".devteam.yml: it is protected",)
    ),
    "tool writes a secret": Failure(
        tooled(f"printf 'token = \"%s%s\"\\n' {' '.join(HALVES)} >hello.txt; cat hello.txt\n"),
        ("hello.txt: it holds a secret (github token)", "nothing may be taken over"),
    ),
    "tool writes nonsense": Failure(tooled("echo x >other.txt\n"), ("words",)),
    "nothing can be measured": Failure(
        tooled("echo hello >hello.txt\n", config="push: true\n"),
        ("no criterion could be measured", "state a criterion"),
    ),
    "a criterion cannot be measured": Failure(
        tooled("echo hello >hello.txt\n", config="criteria: {test.coverage: '>= 80%'}\n"), ("test.coverage", "no test")
    ),
    "a check that is not installed": Failure(
        tooled("echo hi >hello.txt\n", config="criteria: {docs: pass}\ncommands: {docs: no-such-program}\n"),
        ("docs", "no-such-program"),
    ),
}


@pytest.mark.parametrize("name", FAILED)
def test_a_task_that_fails_says_why_and_the_repository_is_as_it_was(tmp_path, name):
    case = FAILED[name]
    here = case.arrange(tmp_path)
    before = everything(here)
    told = run(here, (*case.command, "--json"), case)
    assert told.code == 1, told.story
    error = told.json["tasks"][0]["error"]
    assert told.json["success"] is False
    assert len([line for line in told.err.splitlines() if line.startswith("✗")]) == 1, told.story
    assert_says(told, f"{error['message']}\n{error['hint']}\n{told.err}", case.says)
    assert error["hint"]
    assert everything(here) == before
    assert [path for path in case.nowhere if (tmp_path / path).exists()] == []
    assert here.execution("1.1.1")["error"]["code"] == error["code"]
    assert here.execution("1.1.1")["claim"] is None
    assert "".join(HALVES) not in told.out + told.err + here.git("log", "-p", "--all")


def test_200_megabytes_of_output_are_no_trouble(tmp_path):
    script = "head -c 100000000 /dev/zero | tr '\\0' x; yes $(head -c 9999 /dev/zero | tr '\\0' y) | head -n 10000\n"
    here = tooled(f"{script}echo hello >hello.txt\n")(tmp_path)
    done = run(here, ("run", "--json"), Failure(tooled(""), (), limit="ulimit -v 1500000"))
    assert done.code == 0, done.story[-3000:]
    assert done.json["tasks"][0]["status"] == "WAITING"
    assert len(done.err) < 100_000
    kept = sum(path.stat().st_size for path in (here.root / ".git/devteam").rglob("*") if path.is_file())
    assert kept < 150_000_000
    assert len(here.git("rev-list", "--objects", "--disk-usage", "devteam/state")) < 7, "below a million bytes"


def test_damaged_state_files_are_named_and_the_rest_still_works(tmp_path):
    here = listed(TWO_TASKS)(tmp_path)
    here.devteam("skip", "1.1.2", "later").ok()
    here.git("switch", "-q", "devteam/state")
    here.commit({"tasks/1.1.1.json": "{garbage", "queue.json": "[1]"})
    here.git("switch", "-q", "main")
    done = here.devteam("run", "--json").ok()
    assert "tasks/1.1.1.json is damaged" in done.err
    assert "queue.json is damaged" in done.err
    assert done.json["tasks"][0]["status"] == "WAITING"
    assert here.execution("1.1.2")["skipped"] == "later"
    assert here.git("ls-tree", "-r", "--name-only", "devteam/state", "damaged/") != "", "the bytes are kept"


def test_two_runs_at_once_on_one_task_end_in_one(tmp_path):
    script = "touch {folder}/started; while [ ! -e {folder}/go ]; do sleep 0.05; done; echo hello >hello.txt\n"
    here = tooled(script)(tmp_path)
    with running(here) as first:
        wait_for(tmp_path / "started")
        second = here.devteam("run", "1.1.1", "--json")
        assert second.code == 5, second.story
        assert second.json["error"]["code"] == "state-conflict"
        assert second.json["error"]["retryable"] is True
        assert "claimed by" in second.err
        (tmp_path / "go").touch()
        out, err = first.communicate(timeout=60)
    assert first.returncode == 0, err
    assert json.loads(out)["tasks"][0]["status"] == "WAITING"
    assert len(here.log(f"main..{BRANCH}")) == 2


MENDED: dict[str, tuple[str, Callable[[Project], object]]] = {
    "no identity": ("no identity", lambda here: None),
    "disk full": ("disk full while writing state", lambda here: None),
    "branch name taken": ("branch name taken by one above", lambda here: here.git("branch", "-m", "task", "other")),
    "a person's work": (
        "branch name taken by a person's work",
        lambda here: here.git("branch", "-m", BRANCH, "mine"),
    ),
    "name of the state branch taken": (
        "name of the state branch taken",
        lambda here: here.git("branch", "-m", "devteam", "other"),
    ),
    "foreign state branch": ("foreign state branch", lambda here: here.git("branch", "-m", "devteam/state", "mine")),
}


@pytest.mark.parametrize("name", MENDED)
def test_when_it_is_mended_as_the_error_says_the_same_command_works(tmp_path, name):
    of, mend = MENDED[name]
    case = REFUSED[of]
    here = case.arrange(tmp_path)
    assert run(here, case.command, case).code == case.code
    mend(here)
    done = here.devteam(*case.command, "--json").ok()
    assert done.json["tasks"][0]["status"] == "WAITING"
    assert here.log(f"main..{BRANCH}")[0] == "Mark 1.1.1 as done"


def test_starting_over_takes_the_branch_and_keeps_what_a_person_had_there(tmp_path):
    here = with_foreign_work(tmp_path)
    theirs = here.git("rev-parse", BRANCH)
    assert here.devteam("run").code == 5
    done = here.devteam("retry", "1.1.1", "--clean", "--json").ok()
    assert done.json["tasks"][0]["status"] == "WAITING"
    kept = done.err.partition("the old branch is kept as ")[2].split()[0]
    assert here.git("rev-parse", kept) == theirs


# --- what the tests share


def run(here: Project, command: tuple[str, ...], case: Refused | Failure) -> Outcome:
    """The command below the case's limits, with its environment."""
    env = {**os.environ, **here.env, **(case.env if isinstance(case, Refused) else {})}
    for name in case.without if isinstance(case, Refused) else ():
        env.pop(name, None)
    argv = ("sh", "-c", f'{case.limit}; exec "$0" "$@"', *here.argv(*command))
    done = subprocess.run(
        argv, cwd=here.root, env=env, capture_output=True, text=True, errors="replace", check=False, timeout=120
    )
    told = Outcome(done.returncode, done.stdout, done.stderr, command)
    assert "Traceback" not in told.out + told.err, told.story
    assert "bug in devteam" not in told.err, told.story
    return told


def first_error(told: Outcome) -> str:
    return next((line for line in told.err.splitlines() if line.startswith("error:")), "no error line")


def assert_says(told: Outcome, text: str, words: tuple[str, ...]) -> None:
    missing = [word for word in words if word not in text]
    assert not missing, f"not said: {missing}\n{told.story}"


def everything(here: Project) -> dict[str, str]:
    """What is a person's: refs that are not ours, HEAD, index and working directory."""
    if not (here.root / ".git").exists():
        return {"files": str(sorted(here.root.rglob("*")))}
    refs = here.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return {
        "refs": str([ref for ref in refs if not is_ours(ref)]),
        "head": (here.root / ".git/HEAD").read_text(),
        "status": here.git("status", "--porcelain", "--ignored"),
        "stash": here.git("stash", "list") if refs else "",
        "hooks": str(sorted((here.root / ".git/hooks").glob("*"))),
        "config": (here.root / ".git/config").read_text(),
    }


def is_ours(ref: str) -> bool:
    return ref.startswith((f"refs/heads/{BRANCH} ", "refs/heads/devteam/state ", "refs/devteam/"))


@contextlib.contextmanager
def running(here: Project) -> Iterator[subprocess.Popen[str]]:
    child = here.start("run", "--json")
    try:
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
            child.communicate(timeout=30)


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not come"
        time.sleep(0.05)
