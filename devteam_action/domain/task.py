"""A task, as every `--json` output, state file and HTTP body shows it."""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")

TaskType = Literal["atomic", "checkpoint"]
TaskStatus = Literal["pending", "completed", "skipped"]


class TaskSource(Struct, frozen=True, kw_only=True):
    """Where the task stands: repository path of the list, and its 1-based line."""

    path: str
    line: int


class Task(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=False):
    """One piece of work from a task list; what is not written in the list has an empty value, never a guess.

    `dependencies` are direct, atomic and in document order; `files` is context, never a limit; `touches` is a
    limit (globs) where it is not empty; `criteria` maps a criterion's name to its required value as written.
    `status` is what the list says: `completed` and nothing else counts as done.
    """

    id: str
    title: str
    description: str = ""
    type: TaskType = "atomic"
    dependencies: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    criteria: dict[str, str] = {}
    acceptance: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()
    phase: int | None = None
    phase_title: str | None = None
    optional: bool = False
    status: TaskStatus = "pending"
    mark: str = " "
    id_from: Literal["list", "position", "injected"] = "list"
    source: TaskSource = TaskSource(path="", line=0)

    @property
    def headline(self) -> str:
        """The title for people: a link is shown by its text alone."""
        return _LINK.sub(r"\1", self.title)

    @property
    def is_done(self) -> bool:
        return self.status == "completed"
