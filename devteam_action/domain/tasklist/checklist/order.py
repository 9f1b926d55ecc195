"""What each task of a sequential list waits for: the one before it, its group's word, and runs that go side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field


class Step(Struct, gc=False):
    """One place in the order: a task, or a group (a parent, a phase) with `children`.

    `parallel` neighbours go side by side. `written` is what the list itself says the step waits for (None: nothing
    said). Nobody waits for a step that is no `member` (optional or skipped tasks). What follows a group waits for
    its last step or run, or for all of `whole` where that is given.
    """

    id: str
    parallel: bool = False
    written: tuple[str, ...] | None = None
    member: bool = True
    whole: tuple[str, ...] = ()
    children: list[int] = field(default_factory=list[int])


class Waits(Struct, frozen=True, gc=False):
    """What one task waits for: by its place, and by what is written."""

    implied: tuple[str, ...] = ()
    written: tuple[str, ...] = ()


class _Level(Struct):
    """Steps with the same parent, being gone through: `tail` is what the next one waits for.

    A run of parallel steps waits for `anchor`, and is itself the tail for what follows it.
    """

    steps: Sequence[int]
    owner: int
    anchor: Sequence[str]
    tail: Sequence[str]
    inherited: tuple[str, ...]
    at: int = 0
    run: list[str] | None = None

    def passed(self, step: Step, ends: Sequence[str]) -> None:
        if not step.parallel:
            self.run = None
            self.anchor = self.tail = ends
        elif self.run is None:
            self.tail = self.run = list(ends)
        else:
            self.run.extend(ends)


def waits(steps: Sequence[Step], roots: Sequence[int], *, written_adds: bool) -> dict[int, Waits]:
    """For each task (a step without children) what it waits for, keyed by its index in `steps`.

    A step waits for what stands before it: the last step without `parallel`, or the whole run of parallel ones. What
    is written on a group takes the place of that for the group's beginning; what is written on a task does so too,
    and then the groups' words hold for it as well. With `written_adds` a task's own word is an addition only.
    """
    found: dict[int, Waits] = {}
    levels = [_Level(roots, -1, (), (), ())]
    while levels:
        level = levels[-1]
        if level.at == len(level.steps):
            levels.pop()
            if levels:
                _leave(levels[-1], steps[level.owner], level)
            continue
        at = level.steps[level.at]
        level.at += 1
        step = steps[at]
        wait = level.anchor if step.parallel else level.tail
        if step.children:
            start = wait if step.written is None else step.written
            levels.append(_Level(step.children, at, start, start, level.inherited + (step.written or ())))
            continue
        found[at] = _of_task(step, wait, level.inherited, written_adds=written_adds)
        if step.member:
            level.passed(step, (step.id,))
    return found


def _leave(level: _Level, group: Step, inside: _Level) -> None:
    """A group ends as its last step or run does; one that nobody waits for is passed as if it were not there."""
    if group.member:
        level.passed(group, group.whole or inside.tail)


def _of_task(step: Step, wait: Sequence[str], inherited: tuple[str, ...], *, written_adds: bool) -> Waits:
    if step.written is None:
        return Waits(tuple(wait))
    if written_adds:
        return Waits(tuple(wait), step.written)
    return Waits((), step.written + inherited)


def find_rings(edges: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The groups of ids that wait for each other in a ring (or for themselves); Tarjan's algorithm, linear."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    rings: list[list[str]] = []
    for start in edges:
        if start in order:
            continue
        path = [(start, iter(edges[start]))]
        order[start] = low[start] = len(order)
        stack.append(start)
        on_stack.add(start)
        while path:
            node, nexts = path[-1]
            for target in nexts:
                if target not in edges:
                    continue
                if target not in order:
                    order[target] = low[target] = len(order)
                    stack.append(target)
                    on_stack.add(target)
                    path.append((target, iter(edges[target])))
                    break
                if target in on_stack:
                    low[node] = min(low[node], order[target])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == order[node]:
                    cut = stack.index(node, len(stack) - 1) if stack[-1] == node else _cut(stack, node)
                    ring = stack[cut:]
                    del stack[cut:]
                    on_stack.difference_update(ring)
                    if len(ring) > 1 or node in edges[node]:
                        rings.append(ring)
    return rings


def _cut(stack: Sequence[str], node: str) -> int:
    at = len(stack) - 1
    while stack[at] != node:
        at -= 1
    return at
