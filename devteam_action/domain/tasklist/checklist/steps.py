"""From the tree of a checklist to its order: who is a task, who is done, and who waits by what is written."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from devteam_action.domain.tasklist.checklist.block import Block
from devteam_action.domain.tasklist.checklist.items import Items
from devteam_action.domain.tasklist.checklist.lint import Findings, read_references
from devteam_action.domain.tasklist.checklist.names import Names, names
from devteam_action.domain.tasklist.checklist.order import Step
from devteam_action.domain.tasklist.checklist.phases import Phase
from devteam_action.domain.tasklist.checklist.tree import Node
from devteam_action.domain.tasklist.model import ListOptions
from devteam_action.domain.tasklist.scanner import Scan


class List(Struct):
    """Everything about one file on the way from boxes to tasks; the lists run parallel, by node."""

    options: ListOptions
    scan: Scan
    found: Items
    nodes: list[Node]
    blocks: list[Block]
    phases: list[Phase]
    phase_of: list[int]
    findings: Findings

    def counts(self, node: Node) -> bool:
        """Whether somebody waits for it: it keeps its parent open while it is open itself."""
        meant = self.options.meaning(node.item.line.mark)
        return meant != "skipped" and (self.options.optional or not node.optional)

    def is_task(self, node: Node) -> bool:
        """A parent is no task, unless only optional parts are below it: then its own work is left."""
        every = self.options.optional or node.optional
        return not node.is_check and not any(every or not self.nodes[at].optional for at in node.children)


def leaves(this: List) -> list[list[str]]:
    """For each node the ids of the tasks at and below it that somebody may wait for; optional ones only alone."""
    below: list[list[str]] = [[] for _ in this.nodes]
    for at in children_first(this.nodes):
        node = this.nodes[at]
        if this.is_task(node):
            below[at] = [node.id]
        else:
            below[at] = [each for child in node.children if this.counts(this.nodes[child]) for each in below[child]]
    return below


def children_first(nodes: Sequence[Node]) -> list[int]:
    order: list[int] = []
    waiting = [at for at, node in enumerate(nodes) if node.parent < 0]
    while waiting:
        at = waiting.pop()
        order.append(at)
        waiting.extend(nodes[at].children)
    return order[::-1]


def make_names(this: List) -> Names:
    below = leaves(this)
    groups: list[tuple[str, Sequence[str]]] = [
        (node.id, below[at]) for at, node in enumerate(this.nodes) if not node.is_check
    ]
    sections: dict[str, list[str]] = {}
    phases: dict[str, list[str]] = {}
    for node in this.nodes:
        if not this.is_task(node) or not this.counts(node) or node.item.heading < 0:
            continue
        heading = this.found.headings[node.item.heading]
        if heading.number:
            sections.setdefault(heading.number, []).append(node.id)
        if (at := this.phase_of[node.item.heading]) >= 0:
            phase = this.phases[at]
            phases.setdefault(phase.number or str(phase.ordinal), []).append(node.id)
    return names([*groups, *sections.items()], phases, this.found.retired)


def make_steps(this: List, known: Names) -> tuple[list[Step], list[int]]:
    """The order's steps, one for each node; the optional parts of a task that is one itself come behind it."""
    below = leaves(this)
    steps: list[Step] = []
    for at, (node, block) in enumerate(zip(this.nodes, this.blocks, strict=True)):
        written = None
        if block.waits is not None and not node.is_check:
            of_group = not this.is_task(node)
            written = read_references(
                node.id, block.waits, below[at] or [node.id], known, this.findings, of_group=of_group
            )
            if not written and all(each.kind == "unresolved" for each in block.waits) and block.waits:
                written = None  # nothing that the list knows: the order stands
        steps.append(Step(node.id, block.parallel, written, bool(below[at]) and this.counts(node)))
    roots: list[int] = []
    for at, node in enumerate(this.nodes):
        if node.is_check:
            continue
        owner = node.parent
        while owner >= 0 and this.is_task(this.nodes[owner]):
            owner = this.nodes[owner].parent
        (steps[owner].children if owner >= 0 else roots).append(at)
    return steps, roots


def finished(this: List) -> list[bool]:
    """Whether each node is done: a task by its mark, a parent when everything below it that counts is."""
    done = [this.options.meaning(node.item.line.mark) == "done" for node in this.nodes]
    for at in children_first(this.nodes):
        node = this.nodes[at]
        decide = [child for child in node.children if this.counts(this.nodes[child])]
        if decide and not this.is_task(node):
            done[at] = all(done[child] for child in decide)
    return done
