"""PREP against git itself: what the branch costs beside writing its files, and what a second PREP costs."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from devteam_action.git_io.workspace import GitWorkspace
from tests.bench.row import Row, at_most, cpu_of
from tests.unit.git_io.git_project import GitProject, quiet

ROUNDS = 9
MANY_FILES = 50_000


def bench() -> Iterator[Row]:
    """Ratios of CPU seconds, of us and of all our children, so a busy machine matters little."""
    with tempfile.TemporaryDirectory(prefix="bench-prep-") as place:
        yield _first_time(Path(place) / "small")
        yield _again(Path(place) / "large")


def _first_time(place: Path) -> Row:
    project = GitProject(place)
    project.workspace().plain.run("version")  # the folder that all tasks share is made once in a repository's life
    ours: list[float] = []
    bare: list[float] = []
    for number in range(ROUNDS * 3):
        folder = place / "bare" / str(number)
        by_hand = ("worktree", "add", "--no-checkout", "-b", f"bare/{number}", str(folder), "main")
        workspace = project.workspace()
        bare.append(cpu_of(lambda by_hand=by_hand: project.git(*by_hand)))
        total = cpu_of(lambda number=number, workspace=workspace: _prepare(workspace, f"task/{number}"))
        writing = cpu_of(lambda folder=folder: project.git("reset", "--hard", "--quiet", cwd=folder))
        ours.append(total - writing)
    ratio = statistics.mean(ours) / statistics.mean(bare)
    return at_most("PREP but for writing files, to `git worktree add --no-checkout`", ratio, 2, " times")


def _again(place: Path) -> Row:
    project = GitProject(place)
    project.git("fast-import", "--quiet", stdin=_many_files())
    workspace = project.workspace()
    folder = Path(_prepare(workspace, "task/many"))
    project.status(folder)
    pairs = [
        (cpu_of(lambda: _prepare(project.workspace(), "task/many")), cpu_of(lambda: project.status(folder)))
        for _ in range(ROUNDS)
    ]
    ratio = statistics.median(ours for ours, _ in pairs) / statistics.median(status for _, status in pairs)
    return at_most(f"PREP again with {MANY_FILES:,} files, to `git status`", ratio, 1.5, " times")


def _many_files() -> bytes:
    """A commit on main with MANY_FILES small files, as a stream: making them one by one would take minutes."""
    files = "".join(
        f"M 100644 inline src/m{number // 500}/f{number}.py\ndata <<X\nvalue = {number}\nX\n"
        for number in range(MANY_FILES)
    )
    head = "commit refs/heads/main\ncommitter P <p@example.org> 0 +0000\ndata <<X\nMany\nX\n"
    return f"{head}from refs/heads/main^0\n{files}".encode()


def _prepare(workspace: GitWorkspace, branch: str) -> str:
    return workspace.prepare(branch, "main", expected_head=None, progress=quiet).repo_path
