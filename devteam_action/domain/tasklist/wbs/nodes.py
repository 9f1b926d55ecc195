"""The nodes of a treed list, and what a task takes over from those that hold it."""

from __future__ import annotations

from msgspec import Struct, field

from devteam_action.domain.task import TaskStatus
from devteam_action.domain.tasklist.limits import Miss
from devteam_action.domain.tasklist.model import Spot
from devteam_action.domain.tasklist.tree import Item
from devteam_action.domain.tasklist.wbs.checks import Check


class Node(Struct, kw_only=True, gc=False):
    """An item of the tree with what is read around it. `is_written` is False for a parent that only its parts imply."""

    item: Item
    depth: int
    phase: int = -1
    is_written: bool = True
    status: TaskStatus = "pending"
    mark: str = " "
    description: str = ""
    touches: tuple[str, ...] = ()
    criteria: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()
    needed_files: tuple[str, ...] = ()
    spot: Spot | None = None
    checks: list[Check] = field(default_factory=list[Check])


class Phase(Struct, gc=False):
    number: str
    title: str
    holds: bool = False


class Tree(Struct, gc=False):
    """All nodes in document order; `unread` are the lines that look like items and are none, `missed` the notes."""

    nodes: list[Node] = field(default_factory=list[Node])
    phases: list[Phase] = field(default_factory=list[Phase])
    unread: list[int] = field(default_factory=list[int])
    missed: list[Miss] = field(default_factory=list[Miss])
    ordinals: dict[int, int] = field(default_factory=dict[int, int])

    @property
    def items(self) -> list[Item]:
        return [node.item for node in self.nodes]

    def phase_of(self, index: int) -> tuple[int, str] | None:
        """The ordinal and title of the phase that a node stands in."""
        phase = self.nodes[index].phase
        return (self.ordinals[phase], self.phases[phase].title) if phase >= 0 else None

    def chain(self, index: int) -> list[Node]:
        """A node and those that hold it, nearest first."""
        found: list[Node] = []
        while index >= 0 and len(found) < 64:
            found.append(self.nodes[index])
            index = self.nodes[index].item.parent
        return found

    def checks_of(self, index: int) -> tuple[dict[str, str], tuple[str, ...]]:
        """Criteria (the nearest word wins) and acceptance criteria of a task: its own and those of all above it."""
        criteria: dict[str, str] = {}
        acceptance: list[str] = []
        for node in reversed(self.chain(index)):
            criteria.update(node.criteria)
            for check in node.checks:
                criteria.update(check.criteria)
                acceptance.extend(check.acceptance)
        criteria.update(self.nodes[index].criteria)
        return criteria, tuple(dict.fromkeys(acceptance))

    def files_of(self, index: int) -> tuple[str, ...]:
        """The files a task names, then those that the items above it need."""
        own, *above = self.chain(index)
        return tuple(dict.fromkeys((*own.files, *(file for node in above for file in node.needed_files))))

    def mismatched(self) -> list[int]:
        """The parents whose own mark says otherwise than their tasks; without a mark nothing is said."""
        has_open: set[int] = set()
        holds: set[int] = set()
        for node in self.nodes:
            if not node.item.is_task:
                continue
            above = node.item.parent
            while above >= 0 and (above not in holds or (node.status == "pending" and above not in has_open)):
                holds.add(above)
                if node.status == "pending":
                    has_open.add(above)
                above = self.nodes[above].item.parent
        return [index for index in sorted(holds) if (self.nodes[index].status == "completed") and index in has_open]
