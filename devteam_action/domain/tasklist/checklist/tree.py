"""Makes the tree of a checklist: parents by number first, by indentation second; then an id for every box."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from devteam_action.domain.tasklist.checklist.items import Item, Items


class Node(Struct, gc=False):
    """One box in the tree. `optional` is inherited; a check is a demand on its phase and no task.

    `id` is what is written or, where `positional`, made from the place. `parent` and `children` are indices.
    """

    item: Item
    parent: int = -1
    children: list[int] = field(default_factory=list[int])
    id: str = ""
    positional: bool = False
    optional: bool = False
    is_check: bool = False


def grow(found: Items) -> list[Node]:
    """One node for each item, in document order; a list is numbered as soon as one box has a number."""
    _drop_doubtful_numbers(found.items)
    nodes = [Node(item) for item in found.items]
    _find_parents(nodes)
    for at, node in enumerate(nodes):
        if node.parent >= 0:
            nodes[node.parent].children.append(at)
    _find_checks(nodes)
    for node in top_down(nodes):
        above = nodes[node.parent] if node.parent >= 0 else None
        node.optional = node.item.optional or (above is not None and above.optional)
        node.is_check = node.is_check or (above is not None and above.is_check)
    _name(nodes, found)
    return nodes


def top_down(nodes: list[Node]) -> Iterator[Node]:
    """Every node after its parent, siblings in document order."""
    waiting = [at for at in range(len(nodes) - 1, -1, -1) if nodes[at].parent < 0]
    while waiting:
        node = nodes[waiting.pop()]
        yield node
        waiting.extend(reversed(node.children))


def _drop_doubtful_numbers(items: list[Item]) -> None:
    """`3 retries` and `2d view` begin with a number only where most boxes of the list do."""
    numbered = sum(bool(item.number) for item in items)
    for item in items:
        if item.number and not item.strong and numbered * 2 <= len(items):
            item.text, item.number = item.line.rest, ""


def _find_parents(nodes: list[Node]) -> None:
    everywhere = {node.item.number: at for at, node in reversed(list(enumerate(nodes))) if node.item.number}
    before: dict[str, int] = {}
    later: list[tuple[int, int]] = []
    for at, node in enumerate(nodes):
        number = node.item.number
        if not number:
            node.parent = node.item.inside
            continue
        prefix = next((each for each in _prefixes(number) if each in everywhere), "")
        if prefix in before:
            node.parent = before[prefix]
        elif prefix:
            later.append((at, everywhere[prefix]))
        else:
            node.parent = _numberless_around(nodes, node.item.inside)
        before[number] = at
    for at, parent in later:  # the group stands below its first member; never make a ring of that
        above = parent
        while above not in (-1, at):
            above = nodes[above].parent
        if above == -1:
            nodes[at].parent = parent


def _prefixes(number: str) -> Iterator[str]:
    """The numbers that may be a parent's, nearest first; `1.0` heads the group of `1.1` in many lists."""
    parts = number.split(".")
    for length in range(len(parts) - 1, 0, -1):
        prefix = ".".join(parts[:length])
        yield prefix
        if f"{prefix}.0" != number:
            yield f"{prefix}.0"


def _numberless_around(nodes: list[Node], inside: int) -> int:
    while inside >= 0 and nodes[inside].item.number:
        inside = nodes[inside].item.inside
    return inside


def _find_checks(nodes: list[Node]) -> None:
    numbered = {node.item.heading for node in nodes if node.item.number}
    if numbered:
        for node in nodes:
            bare = not node.item.number and node.parent < 0
            node.is_check = bare and node.item.heading >= 0 and node.item.heading not in numbered


def _name(nodes: list[Node], found: Items) -> None:
    taken = {node.item.number for node in nodes} | set(found.retired)
    counts: dict[str, int] = {}
    numbers = _nearest_numbers(found)
    for node in top_down(nodes):
        if node.is_check:
            continue
        above = nodes[node.parent].id if node.parent >= 0 else numbers[node.item.heading]
        place = counts[above] = counts.get(above, 0) + 1
        if node.item.number:
            node.id = node.item.number
            continue
        while (name := f"{above}.{place}" if above else str(place)) in taken:
            place += 1
        counts[above] = place
        node.id, node.positional = name, True
        taken.add(name)


def _nearest_numbers(found: Items) -> list[str]:
    """For each heading its own number or that of the nearest one above it; the last entry is for no heading (-1)."""
    numbers: list[str] = []
    for heading in found.headings:
        inherited = numbers[heading.parent] if heading.parent >= 0 else ""
        numbers.append(heading.number or inherited)
    return [*numbers, ""]
