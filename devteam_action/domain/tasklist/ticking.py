"""Marks a task done by changing the bytes of its mark, and of its parents' when it was their last open child."""

from __future__ import annotations

from collections.abc import Sequence

from devteam_action.domain.tasklist.model import Spot


def tick_spot(data: bytes, spots: Sequence[Spot], index: int) -> bytes:
    """`data` with the mark at `index` written; the same bytes when it is done already. Every other byte stays."""
    if spots[index].done:
        return data
    edits = [spots[index]]
    marked = {index}
    open_below = _open_children(spots)
    parent = spots[index].parent
    while parent >= 0 and parent not in marked:
        open_below[parent] -= spots[index].counts
        if open_below[parent]:
            break
        marked.add(parent)
        if not spots[parent].done:
            edits.append(spots[parent])
        parent = spots[parent].parent
    for spot in sorted(edits, key=lambda spot: spot.start, reverse=True):
        data = data[: spot.start] + spot.replacement + data[spot.end :]
    return data


def _open_children(spots: Sequence[Spot]) -> list[int]:
    """How many children keep each one open. A parent's own mark says nothing: its children decide."""
    counts = [0] * len(spots)
    has_children = {spot.parent for spot in spots}
    # A parent that is marked done with an open child below it is still open, and so keeps its own parent open.
    is_open = [spot.counts and not spot.done and at not in has_children for at, spot in enumerate(spots)]
    for at in range(len(spots)):
        if not is_open[at]:
            continue
        above, child = spots[at].parent, at
        while above >= 0 and above != child:
            counts[above] += 1
            if counts[above] > 1:
                break  # it was open already, and so were those above it
            child, above = above, spots[above].parent
    return counts
