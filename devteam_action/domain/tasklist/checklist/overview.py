"""Leaves out the overview that some lists have above their first phase, where it repeats tasks of the phases."""

from __future__ import annotations

from devteam_action.domain.tasklist import wording
from devteam_action.domain.tasklist.checklist.items import Item, Items
from devteam_action.domain.tasklist.checklist.lint import Findings
from devteam_action.domain.tasklist.checklist.phases import find_phases


def drop_overview(found: Items, findings: Findings) -> None:
    """Of two boxes with one number, one under a phase and one above the first, only the former is a task."""
    places: dict[str, list[int]] = {}
    for at, item in enumerate(found.items):
        if item.number:
            places.setdefault(item.number, []).append(at)
    if all(len(each) == 1 for each in places.values()):
        return
    _, phase_of = find_phases(found.headings, sorted({item.heading for item in found.items if item.heading >= 0}))
    phase = [*phase_of, -1]
    dropped: set[int] = set()
    for number, each in places.items():
        above = [at for at in each if phase[found.items[at].heading] < 0]
        if above and len(above) < len(each):
            dropped.update(above)
            counts = next(at for at in each if at not in above)
            said = wording.overview(number, found.items[counts].line.number)
            findings.warn("duplicate-id", found.items[above[0]].line.number, *said)
    _remove(found, dropped)


def _remove(found: Items, dropped: set[int]) -> None:
    kept: list[Item] = []
    new_index: dict[int, int] = {-1: -1}
    for at, item in enumerate(found.items):
        new_index[at] = new_index[item.inside] if at in dropped else len(kept)
        if at not in dropped:
            item.inside = new_index[item.inside]
            kept.append(item)
    found.items[:] = kept
