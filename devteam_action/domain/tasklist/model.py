"""What reading a task list gives: tasks, problems, and the places where marks are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from devteam_action.domain.task import Task

Dialect = Literal["wbs", "checklist", "speckit"]
MarkMeaning = Literal["done", "skipped", "open"]
ProblemKind = Literal[
    "undecodable",
    "no-task",
    "unclosed-fence",
    "unclosed-comment",
    "duplicate-id",
    "unknown-dependency",
    "unresolved-reference",
    "cycle",
    "self-dependency",
    "child-dependency",
    "unread-items",
    "unread-note",
    "mark-mismatch",
    "criterion",
]
FATAL: tuple[ProblemKind, ...] = ("undecodable", "no-task")

_MEANINGS: dict[str, MarkMeaning] = dict.fromkeys("xX✓✅", "done")


class ListOptions(Struct, frozen=True, kw_only=True):
    """How a list is to be read: `path` is for messages and sources, the rest are the config's `tasks.*` keys."""

    path: str = "tasks_list.md"
    marks: Mapping[str, MarkMeaning] = {}
    optional: bool = False
    phase_order: Literal["strict", "stories", "none"] = "strict"
    dialect: Dialect | None = None

    def meaning(self, mark: str | None) -> MarkMeaning:
        """What the character in a box says; the config's word is before ours, no box is open."""
        if mark is None:
            return "open"
        return self.marks.get(mark) or _MEANINGS.get(mark, "open")


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a list: where, and the edit that mends it."""

    severity: Literal["error", "warning"]
    kind: ProblemKind
    path: str
    line: int
    message: str
    fix: str


class Spot(Struct, frozen=True, kw_only=True, gc=False):
    """Where one item's mark is written: `replacement` goes over the bytes `start:end` to mark it done.

    `parent` is the index of the parent's spot, or -1; `counts` says whether the item, while open, keeps its parent
    open (optional and retired ones do not). `done` is what the mark says now.
    """

    start: int
    end: int
    replacement: bytes
    done: bool
    parent: int = -1
    counts: bool = True


class TaskList(Struct, frozen=True, kw_only=True):
    """A list as read: atomic tasks in document order, and everything that is wrong, at once.

    `blocked` names, for each task that a problem concerns, that problem: it must not be selected until the list is
    mended. `retired` ids stand in comments: they count as done for dependencies and for nothing else.
    `spots` has one entry per item that has a mark of its own (parents too), `spot_of` the index of a task's.
    """

    dialect: Dialect
    path: str
    tasks: tuple[Task, ...] = ()
    retired: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    blocked: Mapping[str, Problem] = {}
    spots: tuple[Spot, ...] = ()
    spot_of: Mapping[str, int] = {}

    @property
    def fatal(self) -> Problem | None:
        """The problem that makes the whole list unusable, if there is one."""
        return next((problem for problem in self.problems if problem.kind in FATAL), None)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")
