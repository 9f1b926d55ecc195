"""Where the marks of a checklist stand, so that a tick changes exactly these characters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from devteam_action.domain.tasklist.checklist.tree import Node
from devteam_action.domain.tasklist.model import ListOptions, Spot


def make_spots(
    nodes: Sequence[Node], options: ListOptions, counts: Callable[[Node], bool], is_task: Callable[[Node], bool]
) -> tuple[tuple[Spot, ...], dict[str, int]]:
    """One spot for each box that is a task or a parent, and the index of each id's spot.

    The optional parts of a task have no parent here: the task's own work is not done when they are.
    """
    mark = done_mark(options)
    place: dict[int, int] = {}
    for at, node in enumerate(nodes):
        if not node.is_check:
            place[at] = len(place)
    spots: list[Spot] = []
    for at in place:
        node = nodes[at]
        start, end = node.item.line.mark_span
        belongs = node.parent >= 0 and not is_task(nodes[node.parent])
        spots.append(
            Spot(
                start=start,
                end=end,
                replacement=mark,
                done=options.meaning(node.item.line.mark) == "done",
                parent=place[node.parent] if belongs else -1,
                counts=counts(node),
            )
        )
    tasks = ((nodes[at].id, index, spots[index].done) for at, index in place.items() if is_task(nodes[at]))
    return tuple(spots), first_open(tasks)


def first_open(tasks: Iterable[tuple[str, int, bool]]) -> dict[str, int]:
    """For each id (with the index of its spot, and whether it is done) the spot of its first copy that is open."""
    found: dict[str, tuple[int, bool]] = {}
    for task_id, index, is_done in tasks:
        if task_id not in found or (found[task_id][1] and not is_done):
            found[task_id] = (index, is_done)
    return {task_id: index for task_id, (index, _) in found.items()}


def done_mark(options: ListOptions) -> bytes:
    """What a tick writes: `x`, unless the config gives `x` another meaning; then a mark that it calls done."""
    marks = ["x", *(mark for mark, meaning in options.marks.items() if meaning == "done"), "X", "✅"]
    return next((mark for mark in marks if options.meaning(mark) == "done"), "x").encode()
