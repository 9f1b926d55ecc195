"""Problems that a list of any dialect can have, found in its tasks; and which tasks each of them blocks."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from devteam_action.domain.task import Task
from devteam_action.domain.tasklist import wording
from devteam_action.domain.tasklist.limits import Limit, Miss, read_limit, stated_criterion
from devteam_action.domain.tasklist.model import Problem, ProblemKind
from devteam_action.domain.tasklist.scanner import Scan

_MOST_NAMED = 8
_KEYED = re.compile(r"[*_`]{0,3}(?:touches|criteria)[*_`]{0,3}\s?:", re.IGNORECASE)


class Concern(Struct, frozen=True):
    """A problem, and the ids of the tasks that must not be selected because of it."""

    problem: Problem
    tasks: tuple[str, ...] = ()


def without_overview(tasks: Sequence[Task], path: str) -> tuple[list[Task], list[Concern]]:
    """The tasks without those above the first phase of which a phase has a copy, and a warning for each."""
    phased = {task.id: task for task in tasks if task.phase is not None}
    if not phased or len(phased) == len(tasks):
        return list(tasks), []
    first = min(task.source.line for task in phased.values())
    kept: list[Task] = []
    concerns: list[Concern] = []
    for task in tasks:
        copy = phased.get(task.id)
        if task.phase is not None or copy is None or task.source.line > first:
            kept.append(task)
            continue
        message, fix = wording.overview(task.id, copy.source.line)
        concerns.append(Concern(_problem("warning", "duplicate-id", path, task.source.line, message, fix)))
    return kept, concerns


def duplicates(items: Iterable[tuple[str, int, bool]], path: str) -> list[Concern]:
    """One problem per id that several items (id, line, is done) have: an error when one is open, else a warning."""
    places: dict[str, list[tuple[int, bool]]] = {}
    for task_id, line, is_done in items:
        places.setdefault(task_id, []).append((line, is_done))
    found: list[Concern] = []
    for task_id, copies in places.items():
        if len(copies) == 1:
            continue
        is_open = any(not is_done for _, is_done in copies)
        message, fix = wording.duplicate(task_id, [line for line, _ in copies])
        problem = _problem("error" if is_open else "warning", "duplicate-id", path, copies[1][0], message, fix)
        found.append(Concern(problem, (task_id,) if is_open else ()))
    return found


def misses(missed: Iterable[Miss], path: str) -> list[Concern]:
    """A warning for each text that looks like a limit or a dependency and is read as none."""
    return [Concern(_problem("warning", "unread-note", path, each.line, each.message, each.fix)) for each in missed]


def unused_limits(scan: Scan, tasks: Sequence[Task], path: str) -> list[Concern]:
    """A warning for each limit that no task took over: those of groups, of phases, of prose."""
    lines = [
        line
        for line in scan.lines
        if ("ouches" in line.text or "riteria" in line.text)
        and line.kind in ("text", "item")
        and not (line.retired or line.mark)
        and _KEYED.match(line.rest)
    ]
    starts = [task.source.line for task in tasks]
    missed: list[Miss] = []
    for line in lines:
        limit = read_limit(line.rest)
        at = max(bisect_right(starts, line.number) - 1, 0)
        if limit is None or not tasks or _is_used(limit, tasks[at:]):
            continue
        key = "touches" if limit.touches else "criteria"
        message = f"`{key}:` stands below no task, and holds for none"
        missed.append(Miss(line.number, message, "write it below each task that is meant; groups and phases are none"))
    return misses(missed, path)


def cycles(tasks: Sequence[Task], path: str) -> list[Concern]:
    """One problem per group of tasks that wait for one another; finished ones wait for nobody."""
    place = {task.id: at for at, task in reversed(list(enumerate(tasks)))}
    waiting = [(place[task.id], task) for task in tasks if task.dependencies and not task.is_done]
    if all(max([place.get(each, -1) for each in task.dependencies]) <= at for at, task in waiting):
        return []  # every wait looks up the list: the usual case, and free of cycles
    edges: dict[int, list[int]] = {}
    for at, task in waiting:
        others = (place.get(each) for each in task.dependencies)
        edges.setdefault(at, []).extend(other for other in others if other is not None and other != at)
    found: list[Concern] = []
    for group in _knots(edges):
        ids = [tasks[at].id for at in sorted(group)]
        named = ", ".join(ids[:_MOST_NAMED]) + (" …" if len(ids) > _MOST_NAMED else "")
        problem = _problem(
            "error", "cycle", path, tasks[min(group)].source.line,
            f"these tasks wait for one another: {named}", "take one of the dependencies between them out",
        )  # fmt: skip
        found.append(Concern(problem, tuple(ids)))
    return found


def faults(scan: Scan, tasks: Sequence[Task], path: str) -> list[Concern]:
    """Fences and comments that never close; each blocks the task whose text it stands in."""
    found: list[Concern] = []
    for fault in scan.faults:
        inside = [task.id for task in tasks if task.source.line <= fault.line][-1:]
        what, close = ("fence", "closing fence") if fault.kind == "unclosed-fence" else ("HTML comment", "`-->`")
        message = f"the {what} that begins in line {fault.line} never closes: what follows is not read as tasks"
        problem = _problem("error", fault.kind, path, fault.line, message, f"add the {close}")
        found.append(Concern(problem, tuple(inside)))
    return found


def blocked(concerns: Iterable[Concern]) -> Mapping[str, Problem]:
    """For each task that must not be selected, the first problem that says so."""
    found: dict[str, Problem] = {}
    for concern in concerns:
        for task in concern.tasks:
            found.setdefault(task, concern.problem)
    return found


def in_order(concerns: Iterable[Concern]) -> tuple[Problem, ...]:
    """The problems by line; what was found about one line stays in the order of finding."""
    return tuple(sorted((concern.problem for concern in concerns), key=lambda problem: problem.line))


def _is_used(limit: Limit, tasks: Sequence[Task]) -> bool:
    """Whether the task above has those paths; whether any task from there on has such a criterion (groups hand down).

    Only our own criteria are asked for: prose has lines that begin with `Criteria:` too.
    """
    if limit.touches:
        return set(limit.touches) <= set(tasks[0].touches)
    names = {name for name, _ in limit.criteria if stated_criterion(name)}
    return all(any(name in task.criteria for task in tasks) for name in names)


def _problem(severity: str, kind: ProblemKind, path: str, line: int, message: str, fix: str) -> Problem:
    return Problem(
        severity="error" if severity == "error" else "warning",
        kind=kind,
        path=path,
        line=line,
        message=message,
        fix=fix,
    )


def _knots(edges: Mapping[int, Sequence[int]]) -> Iterable[list[int]]:
    """The strongly connected components of more than one node (Tarjan 1972, without recursion)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    on_stack: set[int] = set()
    stack: list[int] = []
    for root in edges:
        if root in index:
            continue
        work: list[tuple[int, int]] = [(root, 0)]
        while work:
            node, at = work.pop()
            if at == 0:
                index[node] = low[node] = len(index)
                stack.append(node)
                on_stack.add(node)
            targets = edges.get(node, ())
            if at:
                low[node] = min(low[node], low[targets[at - 1]])
            descended = False
            for position in range(at, len(targets)):
                target = targets[position]
                if target not in index:
                    work.append((node, position + 1))
                    work.append((target, 0))
                    descended = True
                    break
                if target in on_stack:
                    low[node] = min(low[node], index[target])
            if descended or low[node] != index[node]:
                continue
            group: list[int] = []
            while True:
                member = stack.pop()
                on_stack.discard(member)
                group.append(member)
                if member == node:
                    break
            if len(group) > 1:
                yield group
