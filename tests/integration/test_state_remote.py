"""The state branch against real remotes that misbehave: lost answers, kills, refusals, outages, full disks, garbage.

The faults are made by a `git` of ours in front of the real one on PATH, so that the code under test is the shipped one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from devteam_action.domain.task import Task
from devteam_action.errors import (
    DevteamError,
    NotAllowed,
    RemoteUnreachable,
    StateConflict,
    StateDamaged,
    StateNotWritten,
)
from devteam_action.git_io.git import Git
from devteam_action.git_io.state_branch import BranchStore
from devteam_action.git_io.state_branch.turn import machine_wide, turn
from devteam_action.pipeline.ports import Changes, Snapshot
from devteam_action.pipeline.state import Injected, ProjectState
from devteam_action.support.clock import SystemClock

TASK = Task(id="1.1", title="Do it")
BRANCH = "refs/heads/devteam/state"


class World:
    """A bare remote, clones of it, and a place for a false `git`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bare = folder / "remote.git"
        git("init", "-q", "--bare", str(self.bare))
        self.clones = 0

    def clone(self, url: str = "") -> Path:
        self.clones += 1
        path = self.folder / f"clone-{self.clones}"
        git("init", "-q", str(path))
        git("-C", str(path), "remote", "add", "origin", url or str(self.bare))
        return path

    def store(self, clone: Path | None = None, env: dict[str, str] | None = None) -> BranchStore:
        environment = {**os.environ, **(env or {})}
        return BranchStore(Git(clone or self.clone(), env=environment), remote="origin", clock=SystemClock())

    def state(self, clone: Path | None = None, env: dict[str, str] | None = None) -> ProjectState:
        return ProjectState(self.store(clone, env), SystemClock(), "owner/repo")

    def false_git(self, on_push: str, nth: int = 1) -> dict[str, str]:
        """A `git` that is the real one, but for the nth push: there `on_push` runs (shell, `real` runs git)."""
        real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
        place = self.folder / f"bin-{time.monotonic_ns()}"
        place.mkdir()
        script = place / "git"
        script.write_text(
            textwrap.dedent(f"""\
                #!/bin/sh
                real() {{ PATH="$OLD_PATH" {real} "$@"; }}
                OLD_PATH="{os.environ["PATH"]}"
                if [ "$1" = push ]; then
                  echo >> {place}/pushes
                  if [ $(wc -l < {place}/pushes) = {nth} ]; then {on_push}; fi
                fi
                PATH="$OLD_PATH" exec {real} "$@"
                """)
        )
        script.chmod(0o755)
        return {"PATH": f"{place}:{os.environ['PATH']}"}

    @property
    def commits(self) -> int:
        out = subprocess.run(
            ["git", "-C", str(self.bare), "rev-list", "--count", BRANCH], capture_output=True, check=False
        )
        return int(out.stdout or b"0")

    def show(self, path: str) -> bytes:
        return git("-C", str(self.bare), "show", f"{BRANCH}:{path}")


def git(*args: str, stdin: bytes = b"") -> bytes:
    identity = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    return subprocess.run(["git", *identity, *args], input=stdin, check=True, capture_output=True).stdout


def plus_one(path: str) -> Callable[[Snapshot], Changes]:
    return lambda snapshot: {path: b"%d" % (int(snapshot.get(path) or b"0") + 1)}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


# --- answers that do not come back


@pytest.mark.parametrize(
    "on_push",
    [
        'real "$@" >/dev/null 2>&1; exit 1',
        'real "$@" >/dev/null 2>&1; echo "fatal: the remote end hung up unexpectedly" >&2; exit 128',
        'real "$@" >/dev/null 2>&1; kill -9 $$',
    ],
    ids=["silent", "hung-up", "killed"],
)
def test_a_push_that_arrived_without_an_answer_counts_once(world: World, on_push: str) -> None:
    clone = world.clone()
    world.store(clone).update("+1", plus_one("n"))
    world.store(clone, world.false_git(on_push)).update("+1", plus_one("n"))
    assert world.show("n") == b"2"
    assert world.commits == 2


def test_a_push_that_never_arrived_is_made_again(world: World) -> None:
    world.store(env=world.false_git("exit 1")).update("+1", plus_one("n"))
    assert (world.show("n"), world.commits) == (b"1", 1)


def test_a_lost_answer_is_recognised_below_the_commits_of_others(world: World) -> None:
    clone = world.clone()
    world.store(clone).update("+1", plus_one("n"))
    other = world.clone()
    script = world.folder / "other.py"
    script.write_text(
        "import sys; from pathlib import Path\n"
        "from devteam_action.git_io.git import Git\n"
        "from devteam_action.git_io.state_branch import BranchStore\n"
        "from devteam_action.support.clock import SystemClock\n"
        "from devteam_action.git_io.state_branch import turn as turns\n"
        "turns._WAIT_S = 0.0  # its turn is in the middle of another's\n"
        "store = BranchStore(Git(Path(sys.argv[1])), remote='origin', clock=SystemClock())\n"
        "store.update('+1', lambda s: {'n': b'%d' % (int(s.get('n')) + 10)})\n"
    )
    theirs = f'PATH="$OLD_PATH" PYTHONPATH={Path.cwd()} {sys.executable} {script} {other}'
    world.store(clone, world.false_git(f'real "$@" >/dev/null 2>&1; {theirs}; exit 1')).update("+1", plus_one("n"))
    assert world.show("n") == b"12"
    assert world.commits == 3


def test_a_kill_between_the_push_and_its_record_leaves_one_state(world: World) -> None:
    clone = world.clone()
    script = world.folder / "run.py"
    script.write_text(
        "import sys; from pathlib import Path\n"
        "from devteam_action.domain.task import Task\n"
        "from devteam_action.git_io.git import Git\n"
        "from devteam_action.git_io.state_branch import BranchStore\n"
        "from devteam_action.pipeline.state import ProjectState\n"
        "from devteam_action.support.clock import SystemClock\n"
        "clock = SystemClock()\n"
        "state = ProjectState(BranchStore(Git(Path(sys.argv[1])), remote='origin', clock=clock), clock, 'owner/repo')\n"
        "held = state.claim(Task(id='1.1', title='Do it'), run_id='r1', owner='me')\n"
        "events = [b'{\"sequenceNumber\":%d}' % n for n in range(3)]\n"
        "state.save(held, message='save', events=events)\n"
        "print('saved')\n"
    )

    def run(env: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), **env}
        return subprocess.run(
            [sys.executable, str(script), str(clone)], env=environment, capture_output=True, check=False
        )

    # The false git pushes for real and then kills the Python process that waits for it: nothing is recorded there.
    kill = 'real "$@" >/dev/null 2>&1; kill -9 $PPID'
    assert run(world.false_git(kill)).returncode == -signal.SIGKILL
    assert world.commits == 1
    assert list(world.state().load().executions) == ["1.1"]
    assert run(world.false_git(kill, nth=2)).returncode == -signal.SIGKILL
    events = tuple(b'{"sequenceNumber":%d}' % number for number in range(3))
    assert world.state().events("r1", refresh=True) == events
    assert run({}).stdout == b"saved\n"
    assert world.state().events("r1", refresh=True) == events
    assert len(world.state().runs(refresh=True)) == 1


# --- refusals and outages


def test_a_hook_that_refuses_is_an_error_that_says_so(world: World) -> None:
    hook = world.bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'devteam/state is protected here' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(NotAllowed, match="devteam/state is protected here") as error:
        world.store().update("+1", plus_one("n"))
    assert "write access" in error.value.remedy
    assert world.commits == 0


def test_a_remote_that_is_gone_is_an_error_and_the_last_state_is_still_read(world: World) -> None:
    clone = world.clone()
    world.state(clone).claim(TASK, run_id="r1", owner="one")
    world.bare.rename(world.folder / "away.git")
    fresh = world.state(clone)
    view = fresh.load()
    assert (view.stale, list(view.executions)) == (True, ["1.1"])
    with pytest.raises(RemoteUnreachable) as error:
        fresh.inject(Injected(task=TASK))
    assert "origin" in error.value.message
    assert error.value.remedy


def test_an_address_with_a_password_is_never_shown(world: World) -> None:
    clone = world.clone("https://somebody:hunter2secret@127.0.0.1:9/x.git")
    with pytest.raises(DevteamError) as error:
        world.store(clone).read()
    assert "hunter2secret" not in error.value.message + error.value.remedy


def test_a_repository_without_the_remote_says_how_to_add_it(world: World) -> None:
    clone = world.clone()
    git("-C", str(clone), "remote", "remove", "origin")
    with pytest.raises(RemoteUnreachable, match="no remote `origin`"):
        world.store(clone).read()


def test_a_deleted_state_branch_starts_afresh(world: World) -> None:
    clone = world.clone()
    world.state(clone).claim(TASK, run_id="r1", owner="one")
    git("-C", str(world.bare), "update-ref", "-d", BRANCH)
    state = world.state(clone)
    assert state.load().executions == {}
    state.claim(TASK, run_id="r2", owner="two")
    assert world.commits == 1


def test_a_state_branch_that_was_rewritten_is_followed(world: World) -> None:
    clone = world.clone()
    state = world.state(clone)
    state.claim(TASK, run_id="r1", owner="one")
    git("-C", str(world.bare), "update-ref", "-d", BRANCH)
    world.state().claim(Task(id="2", title="t"), run_id="r2", owner="two")
    state.claim(Task(id="3", title="t"), run_id="r3", owner="one")
    assert sorted(world.state().load().executions) == ["2", "3"]


def test_a_branch_with_somebodys_source_code_is_refused_and_left_alone(world: World) -> None:
    source = world.clone()
    (source / "README").write_text("not state")
    git("-C", str(source), "add", ".")
    git("-C", str(source), "commit", "-qm", "x")
    git("-C", str(source), "push", "-q", "origin", f"HEAD:{BRANCH}")
    with pytest.raises(StateDamaged, match=r"project\.json"):
        world.state().claim(TASK, run_id="r1", owner="one")
    assert world.commits == 1


def test_a_tree_with_odd_entries_does_no_harm(world: World) -> None:
    world.state().claim(TASK, run_id="r1", owner="one")
    stream = (
        b"commit refs/heads/devteam/state\ncommitter a <a@localhost> 1 +0000\ndata 1\nx\n"
        b"from refs/heads/devteam/state^0\n"
        b"M 120000 inline tasks/link.json\ndata 11\n/etc/passwd\n"
        b'M 100644 inline "tasks/new\\nline.json"\ndata 1\nx\n'
        b"M 160000 1111111111111111111111111111111111111111 tasks/module.json\n"
        b"M 100644 inline queue.json/file\ndata 1\nx\n"
    )
    git("-C", str(world.bare), "fast-import", "--quiet", stdin=stream)
    state = world.state()
    view = state.load()
    assert list(view.executions) == ["1.1"]
    assert {each.path for each in view.damaged} >= {"tasks/link.json"}
    state.inject(Injected(task=TASK))
    assert [each.task.id for each in world.state().load().queue] == ["1.1"]


# --- the user's repository


def test_the_users_clone_stays_as_it_was(world: World) -> None:
    clone = world.clone()
    (clone / "a").write_text("1")
    git("-C", str(clone), "add", ".")
    git("-C", str(clone), "commit", "-qm", "x")

    def picture() -> list[bytes]:
        return [
            git("-C", str(clone), *args)
            for args in (
                ("status", "--porcelain"),
                ("for-each-ref",),
                ("config", "--list", "--local"),
                ("count-objects", "-v"),
                ("rev-parse", "--is-shallow-repository"),
            )
        ]

    before = picture()
    state = world.state(clone)
    state.claim(TASK, run_id="r1", owner="one")
    state.load()
    assert picture() == before


def test_a_fresh_clone_gets_one_commit_and_no_blobs_it_does_not_read(world: World) -> None:
    git("-C", str(world.bare), "config", "uploadpack.allowFilter", "true")
    writer = world.state()
    held = writer.claim(TASK, run_id="20260101T000000Z-a", owner="one")
    for number in range(20):
        writer.save(
            held, message="m", events=[b'{"sequenceNumber":%d,"x":"%s"}' % (number, os.urandom(500).hex().encode())]
        )
    for number in range(10):
        writer.claim(Task(id=f"2.{number}", title="t"), run_id="r2", owner="one")
    # An address with a scheme: git copies a plain path whole, and ignores depth and filter.
    clone = world.clone(f"file://{world.bare}")
    reader = world.state(clone)
    assert len(reader.load().executions) == 11
    cache = clone / ".git" / "devteam" / "state" / "origin.git"
    assert git("--git-dir", str(cache), "rev-list", "--count", "refs/devteam/state") == b"1\n"
    missing = git("--git-dir", str(cache), "rev-list", "--objects", "--missing=print", "refs/devteam/state")
    assert sum(line.startswith(b"?") for line in missing.splitlines()) >= 20
    assert git("-C", str(clone), "rev-parse", "--is-shallow-repository") == b"false\n"
    # What is missing comes when it is asked for, and writing on top of it works.
    assert len(reader.events("20260101T000000Z-a")) == 20
    reader.save(held, message="m", events=[b'{"sequenceNumber":20}'])
    assert len(world.state().events("20260101T000000Z-a", refresh=True)) == 21


def test_the_way_in_that_the_repository_is_configured_with_is_used(world: World) -> None:
    clone = world.clone("https://example.invalid/x.git")
    git("-C", str(clone), "config", f"url.{world.bare}.insteadOf", "https://example.invalid/x.git")
    world.state(clone).claim(TASK, run_id="r1", owner="one")
    assert world.commits == 1


def test_what_was_local_is_carried_to_a_remote_that_has_none(world: World) -> None:
    clone = world.clone()
    local = ProjectState(BranchStore(Git(clone), clock=SystemClock()), SystemClock(), "owner/repo")
    local.claim(TASK, run_id="r1", owner="one")
    state = world.state(clone)
    assert list(state.load().executions) == ["1.1"]
    state.inject(Injected(task=TASK))
    view = world.state().load()
    assert (list(view.executions), len(view.queue)) == (["1.1"], 1)
    assert world.commits == 2


def test_worktrees_share_one_cache(world: World) -> None:
    clone = world.clone()
    git("-C", str(clone), "commit", "-q", "--allow-empty", "-m", "x")
    git("-C", str(clone), "worktree", "add", "-q", "-b", "b", str(world.folder / "tree"))
    world.state(clone).claim(TASK, run_id="r1", owner="one")
    store = world.store(world.folder / "tree")
    assert store.read(refresh=False).get("tasks/1.1.json") is not None


def test_a_cache_full_of_loose_objects_is_packed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = world.clone()
    for number in range(30):
        world.store(clone).update("m", lambda _, number=number: {"n": b"%d" % number})
    cache = clone / ".git" / "devteam" / "state" / "origin.git"
    (cache / "objects" / "17").mkdir(exist_ok=True)
    monkeypatch.setattr("devteam_action.git_io.state_branch.remote._LOOSE", -1)
    assert world.store(clone).read().get("n") == b"29"
    assert b"count: 0" in git("--git-dir", str(cache), "count-objects", "-v")
    world.store(clone).update("+1", plus_one("n"))
    assert world.show("n") == b"30"


def test_a_turn_that_somebody_keeps_for_ever_is_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devteam_action.git_io.state_branch.turn._WAIT_S", 0.1)
    with turn(machine_wide(str(world.bare))):
        world.store().update("+1", plus_one("n"))
    assert world.show("n") == b"1"


# --- full disks


@pytest.mark.parametrize("where", ["local", "remote"])
def test_a_full_disk_is_one_clear_error_and_loses_nothing(world: World, where: str) -> None:
    clone = world.clone()
    script = world.folder / "full.py"
    script.write_text(
        "import os, resource, sys; from pathlib import Path\n"
        "from devteam_action.errors import StateNotWritten\n"
        "from devteam_action.git_io.git import Git\n"
        "from devteam_action.git_io.state_branch import BranchStore\n"
        "from devteam_action.support.clock import SystemClock\n"
        "remote = 'origin' if sys.argv[2] == 'remote' else None\n"
        "store = BranchStore(Git(Path(sys.argv[1])), remote=remote, clock=SystemClock())\n"
        "store.update('first', lambda _: {'n': b'1'})\n"
        "free = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, free[1]))\n"
        "try:\n"
        "    store.update('big', lambda _: {'n': b'2', 'big': os.urandom(400_000)})\n"
        "except StateNotWritten as error:\n"
        "    print('refused:', error.message, '/', error.remedy)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, free)\n"
        "assert store.read().get('n') == b'1'\n"
        "store.update('again', lambda _: {'n': b'3'})\n"
    )
    done = subprocess.run(
        [sys.executable, str(script), str(clone), where],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "refused: the state could not be written" in done.stdout
    assert "free some disk space" in done.stdout
    assert not list(clone.rglob("fast_import_crash_*"))
    last = world.store(clone) if where == "remote" else BranchStore(Git(clone), clock=SystemClock())
    assert last.read().get("n") == b"3"


def test_a_folder_that_cannot_be_made_is_state_not_written(world: World) -> None:
    clone = world.clone()
    (clone / ".git" / "devteam").write_text("in the way")
    with pytest.raises(StateNotWritten, match="cache of the state branch"):
        world.store(clone).update("+1", plus_one("n"))


def test_two_claimers_on_two_machines_one_wins(world: World) -> None:
    first, second = world.state(), world.state()
    first.load()
    second.load()
    first.claim(TASK, run_id="r1", owner="one")
    with pytest.raises(StateConflict, match=r"claimed by run r1 \(one\)"):
        second.claim(TASK, run_id="r2", owner="two")
