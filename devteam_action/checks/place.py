"""Where a check runs and what it may ask: a tree, an environment, time, and the change it judges."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from devteam_action.checks.interpreter import Interpreter, Program, find_program
from devteam_action.domain.change import Change
from devteam_action.domain.config import Config
from devteam_action.domain.criteria import Wanted
from devteam_action.domain.findings import Finding, Severity
from devteam_action.domain.judging import Measured
from devteam_action.domain.results import Prepared
from devteam_action.domain.task import Task
from devteam_action.support.process import Command, Completed, run

_TAIL = 20_000  # characters of a tool's output that a result keeps
_LINE = 200


class Place(Struct, frozen=True, kw_only=True):
    """One tree with everything needed to run a tool in it.

    `scratch` is private to one check on one tree; `cache` is shared by all and outlives the run. `env` is the
    complete environment of children. Nothing is written into `root`.
    """

    root: Path
    scratch: Path
    cache: Path
    env: Mapping[str, str]
    python: Interpreter
    own: Interpreter
    timeout_s: float
    stop: threading.Event

    def program(self, distribution: str, *, isolated: bool = True) -> Program | None:
        return find_program(distribution, self.python, self.own, self.env, isolated=isolated)

    def run(self, *argv: str, env: Mapping[str, str] | None = None) -> Completed:
        """Runs a tool in the tree; raises Missing when it cannot be started."""
        command = Command(argv=argv, cwd=self.root, env={**self.env, **(env or {})}, timeout_s=self.timeout_s)
        return run(command, stop=self.stop)

    def relative(self, path: str) -> str:
        """A path as a tool prints it, relative to the tree; of a file elsewhere, its name only."""
        given = Path(path)
        if not given.is_absolute():
            return given.as_posix().removeprefix("./")
        for root in (self.root, self.root.resolve()):
            if given.is_relative_to(root):
                return given.relative_to(root).as_posix()
        return given.name

    def lines(self, path: str) -> list[str]:
        """The lines of a file of the tree; none when it is no readable file inside it."""
        try:
            inside = (self.root / path).resolve()
            if not inside.is_relative_to(self.root.resolve()):
                return []
            # Not splitlines(): it also splits at form feeds, and no tool counts lines so.
            return [line.removesuffix("\r") for line in inside.read_bytes().decode(errors="replace").split("\n")]
        except (OSError, ValueError):
            return []


class Base(Protocol):
    """The base of the change, as far as a red check needs it; nothing is checked out before it is asked for."""

    def place(self, check: str) -> Place: ...

    def kept(self, key: str, measure: Callable[[], tuple[Finding, ...]]) -> tuple[Finding, ...]:
        """What `measure` finds there, kept by the base's tree id."""
        ...

    @property
    def is_off(self) -> bool:
        """Whether the strict reading is wanted: what the base has too blocks as well."""
        ...


class Job(Struct, frozen=True, kw_only=True):
    """What is judged: a task's change, and the criteria wanted of one check."""

    task: Task
    config: Config
    change: Change
    wanted: Mapping[str, Wanted]
    base: Base
    read: Callable[[str, str], bytes | None]


class Check(Protocol):
    """A check is one file and one line in the registry.

    `criteria` are those it can measure; `has_baseline` says that its findings are compared with the base's by the
    runner (a check that looks at the change alone has nothing to compare).
    """

    @property
    def name(self) -> str: ...

    @property
    def criteria(self) -> tuple[str, ...]: ...

    @property
    def has_baseline(self) -> bool: ...

    def measure(self, place: Place, job: Job) -> tuple[Measured, ...]: ...


Changed = Callable[[], tuple[str, ...]]


class Trees(Protocol):
    """What the checks need of a repository."""

    def checkout(self, commit: str) -> AbstractContextManager[Path]:
        """A throw-away working copy of a commit, removed at the end."""
        ...

    def read(self, commit: str, path: str, /) -> bytes | None:
        """A file at a commit; None when it is not there."""
        ...

    def change(self, base: str, head: str) -> Change: ...

    def freshen(self, prepared: Prepared, head: str, progress: Callable[[str], None]) -> Changed:
        """The working directory is as `head` has it and the setup left it; the answer tells what was changed since."""
        ...

    def watch(self, folder: Path, head: str, meant: Collection[str], /) -> Changed:
        """Tells what was changed since in a checkout of `head` whose paths `meant` were written over."""
        ...


def finding(
    place: Place,
    tool: str,
    rule: str,
    message: str,
    *,
    path: str = "",
    line: int | None = None,
    column: int | None = None,
    severity: Severity = "error",
) -> Finding:
    """A finding with a path of the tree, and the text of its line."""
    where = place.relative(path) if path else ""
    text = place.lines(where) if where and line else []
    return Finding(
        tool=tool,
        rule=rule,
        message=message,
        path=where,
        line=line,
        column=column,
        severity=severity,
        line_text=text[line - 1][:_LINE] if line and line <= len(text) else "",
    )


def tail(completed: Completed) -> str:
    """The end of what a tool said, both streams."""
    parts = (completed.stdout, completed.stderr)
    text = "\n".join(part.decode(errors="replace").strip() for part in parts if part.strip())
    return text if len(text) <= _TAIL else f"[... {len(text) - _TAIL} characters not shown ...]\n{text[-_TAIL:]}"


def not_ended(completed: Completed) -> str:
    """Why a tool that did not exit by itself measured nothing; empty when it did exit."""
    match completed.ended:
        case "timed-out":
            return f"no answer within {completed.duration_s:.0f} s (verify.timeout-minutes)"
        case "stopped":
            return "stopped"
        case "exited":
            return f"ended by signal {-completed.code}" if completed.code < 0 else ""
