"""Problems that a list of any dialect can have, found in its tasks; and which tasks each of them blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from devteam_action.domain.task import Task
from devteam_action.domain.tasklist.model import Problem, ProblemKind
from devteam_action.domain.tasklist.scanner import Scan

_MOST_NAMED = 8


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
        message = f"task {task.id} stands above the first phase and again in line {copy.source.line}, which counts"
        concerns.append(
            Concern(_problem("warning", "duplicate-id", path, task.source.line, message, "remove the copy"))
        )
    return kept, concerns


def duplicates(tasks: Sequence[Task], path: str) -> list[Concern]:
    """One problem per id that several tasks have: an error when one of them is open, else a warning."""
    places: dict[str, list[Task]] = {}
    for task in tasks:
        places.setdefault(task.id, []).append(task)
    found: list[Concern] = []
    for task_id, copies in places.items():
        if len(copies) == 1:
            continue
        is_open = any(not copy.is_done for copy in copies)
        lines = ", ".join(str(copy.source.line) for copy in copies)
        problem = _problem(
            "error" if is_open else "warning", "duplicate-id", path, copies[1].source.line,
            f"the id {task_id} is given {len(copies)} times, in lines {lines}", "give each task an id of its own",
        )  # fmt: skip
        found.append(Concern(problem, (task_id,) if is_open else ()))
    return found


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
