"""A project that a command can be killed in at any effect, put back to its start, and looked at afterwards."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from tests.fakes.memory_forge import MemoryForge
from tests.project import LIST, Outcome, Project

BRANCH = "task/1-1-1-write-hello"
HERE = Path(__file__).resolve().parents[2]


class Victim:
    """`project` as it is now; `reset` makes it what it was at `keep_start`, at the same paths."""

    def __init__(self, project: Project, kinds: Sequence[str] = ()) -> None:
        self.project = project
        self.kinds = kinds
        self.folder = project.folder
        self._start = self.folder.with_name(f"{self.folder.name}-start")
        self._out = self.folder.with_name(f"{self.folder.name}-out")
        self._out.mkdir()
        self._forker: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._forker = subprocess.Popen(
            (sys.executable, "-m", "tests.kill.forker"), cwd=HERE, text=True, stdin=-1, stdout=-1
        )
        return self

    def __exit__(self, *error: object) -> None:
        assert self._forker is not None
        self._forker.communicate(timeout=30)

    def keep_start(self) -> None:
        (self.folder / "tmp").mkdir(exist_ok=True)
        shutil.copytree(self.folder, self._start, symlinks=True)

    def reset(self) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(self._start, self.folder, symlinks=True)

    def run(self, *argv: str, kill_at: int = -1) -> Outcome:
        """One command in a fork of the warm process."""
        assert self._forker is not None
        assert self._forker.stdin is not None
        assert self._forker.stdout is not None
        temporary = str(self.folder / "tmp")
        logs = str(self.project.root / ".git/devteam/logs")
        request = {
            "argv": argv,
            "cwd": str(self.project.root),
            "env": {**os.environ, **self.project.env, "TMPDIR": temporary},
            "kill_at": kill_at,
            "kinds": self.kinds,
            "out": str(self._out),
            "throw_away": [temporary, logs, "/dev/"],
        }
        self._forker.stdin.write(json.dumps(request) + "\n")
        self._forker.stdin.flush()
        code = int(self._forker.stdout.readline())
        return Outcome(code, (self._out / "stdout").read_text(), (self._out / "stderr").read_text(), argv)

    def effects(self) -> list[str]:
        """What the last command did that was not killed, in order."""
        return json.loads((self._out / "effects.json").read_text())["seen"]

    def deeds(self) -> set[str]:
        """The methods of the workspace that it called."""
        return set(json.loads((self._out / "effects.json").read_text())["deeds"])

    # --- looking at it

    def attempts(self) -> list[str]:
        """The attempt that each work commit on the task branch is of, oldest first."""
        start = self.project.git("rev-list", "--max-parents=0", "main")
        marks = "%(trailers:key=DevTeam-Attempt,valueonly,separator=%x2c)"
        return self.project.git("log", "--reverse", f"--format={marks}", f"{start}..{BRANCH}").split()

    def state_files(self) -> dict[str, Any]:
        """Every JSON file of the state branch, and the events of all runs as `events`; what is packed is unpacked."""
        where = self.folder / "origin.git"
        cwd = where if where.exists() else self.project.root
        names = self.project.git("ls-tree", "-r", "--name-only", "devteam/state", cwd=cwd).splitlines()
        batch = subprocess.run(
            ("git", "cat-file", "--batch=%(objectsize)"),
            input="".join(f"devteam/state:{name}\n" for name in names).encode(),
            capture_output=True,
            cwd=cwd,
            check=True,
        ).stdout
        found: dict[str, Any] = {"events": []}
        for name in names:
            size, _, batch = batch.partition(b"\n")
            content, batch = batch[: int(size)], batch[int(size) + 1 :]
            if name.endswith(".gz"):
                found[name] = gzip.decompress(content).decode()
            elif name.endswith(".jsonl"):
                found["events"] += [json.loads(line) for line in content.splitlines()]
            else:
                found[name] = json.loads(content)
        return found

    def complaints(
        self, *, status: str, attempts: Sequence[str] = ("1",), ticks: int = 2, merges: int = 0
    ) -> list[str]:
        """What is not as a run that was never disturbed leaves it."""
        project, state = self.project, self.state_files()
        subjects = project.log(BRANCH)
        execution = state["tasks/1.1.1.json"]
        numbers = [event["sequenceNumber"] for event in state["events"]]
        folders = [project.root, *(self.folder / "work").glob("*/task/*")]
        expected = {
            "work commits": (self.attempts(), list(attempts)),
            "tick commits": (subjects.count("Mark 1.1.1 as done"), 1),
            "merge commits": (len([each for each in subjects if each.startswith("Merge ")]), merges),
            "boxes ticked": (project.show(BRANCH, LIST).count("[x]"), ticks),
            "the work": (project.show(BRANCH, "hello.txt"), "hello"),
            "status": (execution["status"], status),
            "claim": (execution["claim"], None),
            "error": (execution["error"], None),
            "head": (execution["head"], project.git("rev-parse", BRANCH)),
            "event numbers": (numbers, list(range(len(numbers)))),
            "last event": (state["events"][-1]["type"], "COMPLETED"),
            "runs": (len([name for name in state if name.endswith("/run.json")]), 1),
            "attempts paid for": (sorted(state[name]["attempt"] for name in state if name.startswith("ledger/")),
                                  [int(each) for each in attempts]),
            "worktrees": (len(folders), 2),
            "dirty files": ([line for each in folders for line in project.git("status", "-s", cwd=each).split()], []),
            "locks": (self._stale_locks(), []),
            "journal": (self._journal(), [event["type"] for event in state["events"]]),
        }  # fmt: skip
        if (self.folder / "origin.git").exists():
            there = project.git(
                "for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}", cwd=self.folder / "origin.git"
            )
            expected["the remote's branch"] = (there, project.git("rev-parse", BRANCH))
        if "TEST_FORGE" in self.project.env:
            pulls = MemoryForge(self.folder / "origin.git").pulls()
            seen = [(each.branch, each.state, each.is_draft, each.labels) for each in pulls]
            expected["pull requests"] = (seen, [(BRANCH, "open", False, ["devteam"])])
            expected["its number"] = (execution["pullRequest"], 1)
            expected["start commits"] = (subjects.count("Start 1.1.1"), 1)
        if status == "COMPLETED":
            expected["main"] = (project.git("rev-parse", "main"), project.git("rev-parse", BRANCH))
        return [f"{what}: {is_now}, not {should}" for what, (is_now, should) in expected.items() if is_now != should]

    def _stale_locks(self) -> list[str]:
        """Lock files of git, which hold by being there; ours are held by a process and lie about harmlessly."""
        return [str(each) for each in (self.project.root / ".git").rglob("*.lock") if each.name != "turn.lock"]

    def _journal(self) -> list[str]:
        files = (self.project.root / ".git/devteam/journal").glob("*.jsonl")
        return [json.loads(line)["type"] for file in files for line in file.read_text().splitlines()]
