"""Resolves what a dependency text names to tasks: ids, groups, headings, phases and ranges."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from devteam_action.domain.tasklist.references import Reference, sort_key

Key = tuple[tuple[int, str], ...]


class Names(Struct):
    """What can be named: `members` maps ids of tasks and groups to tasks, `phases` numbers of phases."""

    members: dict[str, tuple[str, ...]]
    phases: dict[str, tuple[str, ...]]
    retired: frozenset[str]
    keys: list[tuple[Key, str]]


def names(
    groups: Iterable[tuple[str, Sequence[str]]],
    phases: Mapping[str, Sequence[str]],
    retired: Iterable[str],
) -> Names:
    """`groups` are ids with the tasks under them (a task alone has itself); the first of two equal ids wins."""
    members: dict[str, tuple[str, ...]] = {}
    prefixes: dict[str, list[str]] = {}
    for name, tasks in groups:
        members.setdefault(name, tuple(tasks))
        if list(tasks) == [name]:
            parts = name.split(".")
            for length in range(1, len(parts)):
                prefixes.setdefault(".".join(parts[:length]), []).append(name)
    keys = sorted((sort_key(name), name) for name in members)
    for prefix, tasks in prefixes.items():
        members.setdefault(prefix, tuple(tasks))
    return Names(members, {number: tuple(tasks) for number, tasks in phases.items()}, frozenset(retired), keys)


def resolve(reference: Reference, known: Names) -> tuple[str, ...] | None:
    """The tasks that a reference means; None for an id, range or phase that the list does not have."""
    if reference.kind == "range":
        return _between(reference, known)
    if reference.kind == "phase":
        return known.phases.get(reference.first)
    for name in (reference.first, f"{reference.first}.0", reference.first.removesuffix(".0")):
        if name in known.members:
            return known.members[name]
    return (reference.first,) if reference.first in known.retired else None


def _between(reference: Reference, known: Names) -> tuple[str, ...] | None:
    """Everything of the same depth from the first to the last, in the order of numbers."""
    first, last = sort_key(reference.first), sort_key(reference.last)
    low = bisect_left(known.keys, first, key=lambda entry: entry[0])
    high = bisect_right(known.keys, last, key=lambda entry: entry[0])
    depth = reference.first.count(".")
    named = [name for _, name in known.keys[low:high] if name.count(".") == depth]
    return tuple(dict.fromkeys(task for name in named for task in known.members[name])) or None
