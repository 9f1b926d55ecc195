"""Finds what is wrong with a list in the sequential dialects, and which tasks that blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from devteam_action.domain.tasklist import wording
from devteam_action.domain.tasklist.checklist.names import Names, resolve
from devteam_action.domain.tasklist.checklist.order import Waits, find_rings
from devteam_action.domain.tasklist.lint import Concern
from devteam_action.domain.tasklist.model import ListOptions, Problem, ProblemKind
from devteam_action.domain.tasklist.references import Reference
from devteam_action.domain.tasklist.scanner import Line

_BOX_LIKE = re.compile(r"\[[^\[\]\w]?\](?![(\[:])|\[\w?\](?![(\[:\w])")


class Findings(Struct):
    """The problems found so far; `blocked` maps a task's id to the first error that concerns it."""

    options: ListOptions
    problems: list[Problem] = field(default_factory=list[Problem])
    blocked: dict[str, Problem] = field(default_factory=dict[str, Problem])

    def error(self, kind: ProblemKind, line: int, message: str, fix: str, *, blocks: Iterable[str] = ()) -> None:
        problem = Problem(severity="error", kind=kind, path=self.options.path, line=line, message=message, fix=fix)
        self.problems.append(problem)
        for task_id in blocks:
            self.blocked.setdefault(task_id, problem)

    def warn(self, kind: ProblemKind, line: int, message: str, fix: str) -> None:
        self.problems.append(
            Problem(severity="warning", kind=kind, path=self.options.path, line=line, message=message, fix=fix)
        )

    def add(self, concerns: Iterable[Concern]) -> None:
        for concern in concerns:
            self.problems.append(concern.problem)
            for task_id in concern.tasks:
                self.blocked.setdefault(task_id, concern.problem)

    def sorted(self) -> tuple[Problem, ...]:
        return tuple(sorted(self.problems, key=lambda problem: problem.line))


def read_references(
    name: str,
    references: Sequence[Reference],
    own: Sequence[str],
    known: Names,
    findings: Findings,
    *,
    of_group: bool = False,
) -> tuple[str, ...]:
    """The tasks that `own` (one task, or all below a group) waits for by its own word; what is wrong is reported.

    `name` is what messages call it.
    An unknown id stays in the answer: it never counts as done. Text that names nothing is a warning only.
    """
    found: dict[str, None] = {}
    mine = set(own)
    for reference in references:
        if reference.kind == "unresolved":
            findings.warn("unresolved-reference", reference.line, *wording.unresolved(name, reference.text))
            continue
        tasks = resolve(reference, known)
        if tasks is None:
            said = wording.unknown(name, reference.text, reference.text)
            findings.error("unknown-dependency", reference.line, *said, blocks=own)
            found[reference.first] = None
            continue
        if mine.intersection(tasks) and reference.kind != "range":
            if of_group:
                said = wording.on_part(name, reference.text, reference.text)
                findings.error("child-dependency", reference.line, *said, blocks=own)
            else:
                holder = "" if reference.text in own else reference.text
                said = wording.on_itself(name, reference.text, holder)
                findings.error("self-dependency", reference.line, *said, blocks=own)
        found.update((task, None) for task in tasks if task not in mine)
    return tuple(found)


def break_implied_rings(ids: Sequence[str], waits: Sequence[Waits]) -> list[Waits]:
    """Drops what only the order implies where it contradicts what is written: `1. (depends on 2)` comes after 2."""
    place = {task_id: at for at, task_id in enumerate(ids)}
    if not any(
        place.get(each, -1) > place[task] for task, wait in zip(ids, waits, strict=True) for each in wait.written
    ):
        return list(waits)
    edges = {task: (*wait.implied, *wait.written) for task, wait in zip(ids, waits, strict=True)}
    ring_of = {task: number for number, ring in enumerate(find_rings(edges)) for task in ring}
    return [
        Waits(tuple(each for each in wait.implied if ring_of.get(each, -1) != ring_of.get(task, -2)), wait.written)
        for task, wait in zip(ids, waits, strict=True)
    ]


def find_unread(lines: Sequence[Line], read: set[int], findings: Findings) -> None:
    """Counts lines that look like tasks but are none: broken boxes, and boxes that the dialect does not read.

    `read` are the numbers of the lines that were understood.
    """
    unread = [line.number for line in lines if line.number not in read and _looks_like_one(line)]
    if unread:
        findings.warn("unread-items", unread[0], *wording.unread(unread))


def _looks_like_one(line: Line) -> bool:
    if line.retired or line.kind not in ("item", "text"):
        return False
    return line.mark is not None or _BOX_LIKE.match(line.rest) is not None
