"""Writers of state as processes of their own, for the race test and the bench.

`python -m tests.bench.state_writers KIND REMOTE CLONE COUNT` makes COUNT updates from a clone made in CLONE:
`store` through BranchStore, each counting its own file and one that all share; `bare` by a loop of fetch,
commit-tree and push with lease.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

BRANCH = "refs/heads/devteam/state"
_IDENTITY = {
    "GIT_AUTHOR_NAME": "writer",
    "GIT_AUTHOR_EMAIL": "writer@localhost",
    "GIT_COMMITTER_NAME": "writer",
    "GIT_COMMITTER_EMAIL": "writer@localhost",
}


def new_remote(folder: Path) -> Path:
    """A bare repository whose state branch holds one small file."""
    remote = folder / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
    first = f"commit {BRANCH}\ncommitter w <w@localhost> 1 +0000\ndata 1\nx\nM 100644 inline start\ndata 2\n{{}}\n"
    subprocess.run(["git", "-C", str(remote), "fast-import", "--quiet"], input=first.encode(), check=True)
    return remote


def race(kind: str, remote: Path, folder: Path, *, writers: int, updates: int, timeout_s: float) -> float:
    """Runs all writers at once; the wall time in seconds. Raises when one fails or the time is over."""
    started = time.monotonic()
    here = Path(__file__).parents[2]
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.state_writers", kind, str(remote), str(folder / f"{kind}-{number}"),
             str(updates)],
            cwd=here,
            stderr=subprocess.PIPE,
        )
        for number in range(writers)
    ]  # fmt: skip
    try:
        for child in children:
            _, errors = child.communicate(timeout=max(1.0, started + timeout_s - time.monotonic()))
            assert child.returncode == 0, errors.decode()
    finally:
        for child in children:
            child.kill()
            child.communicate()
    return time.monotonic() - started


def write_through_the_store(remote: str, clone: Path, count: int) -> None:
    from devteam_action.git_io.git import Git
    from devteam_action.git_io.state_branch import BranchStore
    from devteam_action.pipeline.ports import Changes, Snapshot
    from devteam_action.support.clock import SystemClock

    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    subprocess.run(["git", "-C", str(clone), "remote", "add", "origin", remote], check=True)
    store = BranchStore(Git(clone), remote="origin", clock=SystemClock())
    own = f"writers/{clone.name}"

    def change(snapshot: Snapshot) -> Changes:
        return {path: b"%d" % (int(snapshot.get(path) or b"0") + 1) for path in (own, "all")}

    for _ in range(count):
        store.update("count", change)


def write_by_a_bare_loop(remote: str, clone: Path, count: int) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(clone)], check=True)
    for number in range(count):
        while not _pushed(remote, clone, f"{clone.name} {number}"):
            pass


def _pushed(remote: str, clone: Path, message: str) -> bool:
    _git(clone, "fetch", "-q", remote, f"+{BRANCH}:refs/heads/seen")
    old = _git(clone, "rev-parse", "refs/heads/seen").stdout.decode().strip()
    new = _git(clone, "commit-tree", "-p", old, "-m", message, f"{old}^{{tree}}").stdout.decode().strip()
    pushed = _git(clone, "push", "-q", f"--force-with-lease={BRANCH}:{old}", remote, f"{new}:{BRANCH}", check=False)
    return pushed.returncode == 0


def _git(clone: Path, *args: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, **_IDENTITY}
    return subprocess.run(["git", "-C", str(clone), *args], check=check, capture_output=True, env=env)


def main(arguments: Sequence[str]) -> None:
    kind, remote, clone, count = arguments
    write = write_through_the_store if kind == "store" else write_by_a_bare_loop
    write(remote, Path(clone), int(count))


if __name__ == "__main__":
    main(sys.argv[1:])
