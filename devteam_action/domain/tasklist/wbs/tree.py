"""Plants the tree of a treed list: by number first, phases by position, checks to the items that they are about."""

from __future__ import annotations

from msgspec.structs import replace

from devteam_action.domain.tasklist.block import Block, read_block
from devteam_action.domain.tasklist.model import ListOptions, Spot
from devteam_action.domain.tasklist.references import Reference, parse
from devteam_action.domain.tasklist.scanner import DONE_MARKS, OPEN_MARKS, Scan
from devteam_action.domain.tasklist.text import find_files
from devteam_action.domain.tasklist.tree import Item
from devteam_action.domain.tasklist.wbs.checks import is_check, is_known_check, owner_of, read_check
from devteam_action.domain.tasklist.wbs.entries import Entry, find_entries
from devteam_action.domain.tasklist.wbs.lines import Numbered, PhaseLine, finish_title
from devteam_action.domain.tasklist.wbs.nodes import Node, Phase, Tree

SECTION = 2  # levels of number that a section has: what is below waits for what is before it


def plant(scan: Scan, options: ListOptions) -> Tree:
    """Reads the whole file into a tree; nothing in it can make this fail."""
    return _Planter(scan, options).plant()


class _Planter:
    def __init__(self, scan: Scan, options: ListOptions) -> None:
        self.lines = scan.lines
        self.options = options
        self.marks = frozenset(OPEN_MARKS + DONE_MARKS).union(options.marks)
        self.tree = Tree()
        self.by_id: dict[str, int] = {}
        self.last_child: dict[int, int] = {}
        self.checks: list[tuple[Numbered, Entry, int | None]] = []
        self.phase = self.phase_node = -1

    def plant(self) -> Tree:
        entries, self.tree.unread = find_entries(self.lines, self.marks)
        for entry in entries:
            match entry.what:
                case PhaseLine():
                    self.add_phase(entry, entry.what)
                case str():
                    self.tree.phases.append(Phase("", entry.what))
                    self.phase, self.phase_node = len(self.tree.phases) - 1, -1
                case Numbered():
                    self.add_numbered(entry, entry.what)
        self.add_checks()
        self.choose_tasks()
        self.count_phases()
        self.tree.unread.sort()
        return self.tree

    def add_numbered(self, entry: Entry, found: Numbered) -> None:
        if is_check(found):
            if not entry.retired and found.letter and not is_known_check(found):
                self.tree.unread.append(found.line.number)
            if not entry.retired:
                self.checks.append((found, entry, self.by_id.get(owner_of(found))))
            return
        self.add_item(entry, found)

    def add_phase(self, entry: Entry, found: PhaseLine) -> None:
        block = read_block(found.title, entry.below(self.lines), joins=found.line.kind == "text")
        title, _ = finish_title(block.title, found.opening)
        item = Item(id="", title=title or found.line.rest, line=found.line.number, retired=entry.retired)
        item.names = (f"phase {found.number}",)
        item.written = _written(block, found.line.number)
        node = Node(item=item, depth=1, needed_files=_needed_files(block))
        self.tree.nodes.append(node)
        if entry.retired:
            return
        self.tree.phases.append(Phase(found.number, title or found.line.rest))
        self.phase, self.phase_node = len(self.tree.phases) - 1, len(self.tree.nodes) - 1

    def add_item(self, entry: Entry, found: Numbered) -> None:
        block = read_block(found.title, entry.below(self.lines), joins=found.line.kind != "heading")
        title, done = finish_title(block.title, found.opening)
        meaning = "done" if done or found.ticked else self.options.meaning(found.mark)
        if not entry.retired:
            self.tree.missed += [replace(each, line=each.line or found.line.number) for each in block.missed]
        node = self.node(found.id, entry.retired)
        item = node.item
        item.title, item.line = title, found.line.number
        item.written = _written(block, found.line.number)
        node.is_written = True
        node.phase = self.phase
        node.status = "completed" if meaning == "done" else "skipped" if meaning == "skipped" else "pending"
        node.mark = found.mark or ("x" if meaning == "done" else " ")
        node.description, node.touches, node.criteria = block.details, block.touches, block.criteria
        node.files, node.needed_files = find_files(block.text), _needed_files(block)
        node.spot = _spot(found, node.status == "completed")
        if self.phase >= 0 and not entry.retired:
            self.tree.phases[self.phase].holds = True

    def node(self, number: str, retired: bool) -> Node:
        """A new node for the number; one that was only implied so far becomes it."""
        known = self.by_id.get(number)
        if known is not None and not retired and not self.tree.nodes[known].is_written:
            return self.tree.nodes[known]
        return self.tree.nodes[self.add_node(number, retired)]

    def add_node(self, number: str, retired: bool = False) -> int:
        depth = number.count(".") + 1
        parent = self.phase_node
        if depth > SECTION:
            above = number.rpartition(".")[0]
            known = self.by_id.get(above)
            parent = self.add_node(above) if known is None else known
        item = Item(id=number, title="", line=0, parent=parent, retired=retired)
        nodes = self.tree.nodes
        nodes.append(Node(item=item, depth=depth, phase=self.phase, is_written=False))
        index = len(nodes) - 1
        if retired:
            return index
        if depth > SECTION:
            before = self.last_child.get(parent)
            # The first task of a group waits for what the group waits for; the next ones wait for it.
            item.waits_for = nodes[parent].item.waits_for if before is None else (before,)
        self.last_child[parent] = self.by_id[number] = index
        return index

    def add_checks(self) -> None:
        for found, entry, known in self.checks:
            owner = self.by_id.get(owner_of(found)) if known is None else known
            if owner is None:
                owner = self.by_id.get(found.id if found.letter else found.id.rpartition(".")[0])
            if owner is None:
                self.tree.unread.append(found.line.number)
                continue
            node = self.tree.nodes[owner]
            node.item.names = (*node.item.names, f"{found.id}.{found.letter}" if found.letter else found.id)
            node.checks.append(read_check(found, entry.below(self.lines), node.item.id))

    def choose_tasks(self) -> None:
        """Atomic is what is written and has no parts; a further mention of a section that has parts is a remark."""
        parents = {node.item.parent for node in self.tree.nodes}
        with_parts = {self.tree.nodes[index].item.id for index in parents if index >= 0}
        for index, node in enumerate(self.tree.nodes):
            if node.depth < SECTION or node.item.retired or not node.is_written or index in parents:
                continue
            if node.item.id in with_parts:
                self.tree.unread.append(node.item.line)
            else:
                node.item.is_task = True

    def count_phases(self) -> None:
        """Counts the phases from 1, without those of a table of contents (the same number holds tasks elsewhere)."""
        held = {phase.number for phase in self.tree.phases if phase.holds and phase.number}
        ordinal = 0
        for index, phase in enumerate(self.tree.phases):
            if phase.holds or (phase.number and phase.number not in held):
                ordinal += 1
            self.tree.ordinals[index] = ordinal


def _written(block: Block, line: int) -> tuple[Reference, ...]:
    return tuple(reference for text in block.dependencies for reference in parse(text, line))


def _needed_files(block: Block) -> tuple[str, ...]:
    return tuple(dict.fromkeys(file for text in block.dependencies for file in find_files(text)))


def _spot(found: Numbered, done: bool) -> Spot:
    line = found.line
    if found.mark is None:
        at = line.byte_at(found.insert_at)
        return Spot(start=at, end=at, replacement=b" [x]", done=done)
    at = line.byte_at(found.mark_at)
    return Spot(start=at, end=at + len(found.mark.encode()), replacement=b"x", done=done)
