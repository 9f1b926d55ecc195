"""Where the marks of a checklist stand, so that a tick changes exactly these characters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from devteam_action.domain.tasklist.checklist_tree import Node
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
    spot_of: dict[str, int] = {}
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
        if node.id not in spot_of and is_task(node):
            spot_of[node.id] = len(spots) - 1
    return tuple(spots), spot_of


def done_mark(options: ListOptions) -> bytes:
    """What a tick writes: `x`, unless the config gives `x` another meaning; then a mark that it calls done."""
    marks = ["x", *(mark for mark, meaning in options.marks.items() if meaning == "done"), "X", "✅"]
    return next((mark for mark in marks if options.meaning(mark) == "done"), "x").encode()
