"""The tree that a dialect reads a list into, and the dependencies between its atomic tasks.

A dialect says of each item who its parent is, what is written as a dependency on it, and which items it waits for by
the dialect's own rules. Here that becomes ids of atomic tasks, with a complaint for all that cannot be.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from devteam_action.domain.tasklist import wording
from devteam_action.domain.tasklist.model import ProblemKind
from devteam_action.domain.tasklist.references import Reference, sort_key


class Item(Struct, kw_only=True, gc=False):
    """One node of a list: a task, or what holds tasks (phase, section, group).

    `parent` is the index of the item that holds it, or -1. `written` are the dependencies written on it: they hold
    for all tasks below it. `waits_for` are indices of items that it alone waits for. `names` are further ids that
    a reference may use for it (`phase 2`, the check `1.1.A`). A `retired` item is known and done, and no task.
    """

    id: str
    title: str
    line: int
    parent: int = -1
    is_task: bool = False
    retired: bool = False
    is_open: bool = True
    names: tuple[str, ...] = ()
    written: tuple[Reference, ...] = ()
    waits_for: tuple[int, ...] = ()


class Complaint(Struct, frozen=True, kw_only=True, gc=False):
    """A reference that cannot be followed: `items` are the tasks that it concerns (none for a mere warning)."""

    kind: ProblemKind
    line: int
    message: str
    fix: str
    items: tuple[int, ...] = ()


class Links(Struct, gc=False):
    """What the tasks wait for: `tasks` by index, `others` ids that are retired or unknown; and what is wrong."""

    tasks: dict[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])
    others: dict[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])
    complaints: list[Complaint] = field(default_factory=list[Complaint])

    def ids(self, index: int, items: Sequence[Item]) -> tuple[str, ...]:
        """The direct dependencies of a task, in document order; what the list does not have follows at the end."""
        own = items[index].id
        # A task may wait for the hundreds of tasks of a phase: this is the longest loop of a long list.
        known = dict.fromkeys([items[each].id for each in self.tasks.get(index, ())])
        known.pop(own, None)
        return (*known, *(each for each in self.others.get(index, ()) if each != own))


def link(items: Sequence[Item]) -> Links:
    """Resolves every dependency to atomic tasks. Linear in items and resulting edges."""
    return _Linker(items).link()


class _Linker:
    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.below = _tasks_below(items)
        self.by_name = _names(items)
        ranked = sorted((item.id.count("."), sort_key(item.id), at) for at, item in enumerate(items) if item.id)
        self.ranks = [(dots, key) for dots, key, _ in ranked]
        self.ranked = [at for _, _, at in ranked]
        self.links = Links()
        self.written: list[tuple[tuple[int, ...], tuple[str, ...]]] = []

    def link(self) -> Links:
        for index in range(len(self.items)):
            self.written.append(self.resolve(index))
        inherited: dict[int, tuple[tuple[int, ...], tuple[str, ...]]] = {}
        for index, item in enumerate(self.items):
            if not item.is_task:
                continue
            tasks, others = self.written[index]
            above, above_others = self.inherit(item.parent, inherited)
            implied = [task for each in item.waits_for for task in self.below[each]]
            if above or implied:
                tasks = tuple(sorted({*above, *tasks, *implied} - {index})) if tasks or implied else above
            if tasks:
                self.links.tasks[index] = tasks
            if others or above_others:
                self.links.others[index] = tuple(dict.fromkeys((*above_others, *others)))
        return self.links

    def inherit(
        self, index: int, known: dict[int, tuple[tuple[int, ...], tuple[str, ...]]]
    ) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """What is written on an item and on everything that holds it; a parent may stand behind its child."""
        chain: list[int] = []
        while index >= 0 and index not in known and index not in chain[-1:]:
            chain.append(index)
            index = self.items[index].parent
        tasks, others = known.get(index, ((), ()))
        for each in reversed(chain):
            own, own_others = self.written[each]
            tasks = tuple(sorted({*tasks, *own})) if own else tasks
            others = tuple(dict.fromkeys((*others, *own_others))) if own_others else others
            known[each] = tasks, others
        return tasks, others

    def resolve(self, index: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """The tasks that are written as dependencies of one item, and the ids that are retired or unknown."""
        tasks: set[int] = set()
        others: list[str] = []
        for reference in self.items[index].written:
            if reference.kind == "unresolved":
                said = wording.unresolved(_name(self.items[index]), reference.text)
                self.complain("unresolved-reference", index, said)
                continue
            for name, found in self.targets(reference, index):
                if found is None:
                    said = wording.unknown(_name(self.items[index]), name, reference.text)
                    self.complain("unknown-dependency", index, said)
                    others.append(name)
                elif self.items[found].retired:
                    others.extend((self.items[found].id,) if self.items[found].id else ())
                elif self.may_wait(index, found, reference):
                    tasks.update(self.below[found])
        return tuple(sorted(tasks)), tuple(others)

    def targets(self, reference: Reference, index: int) -> Iterable[tuple[str, int | None]]:
        if reference.kind == "phase":
            yield f"Phase {reference.first}", self.by_name.get(f"phase {reference.first}")
            return
        first = self.find(reference.first)
        if reference.kind == "id":
            yield reference.first, first
            return
        last = self.find(reference.last)
        if first is None or last is None:
            for name, found in ((reference.first, first), (reference.last, last)):
                yield name, found
            return
        forbidden = {index, *self.holders(index)}
        for found in self.between(reference.first, reference.last):
            if found not in forbidden and index not in self.holders(found):
                yield self.items[found].id, found

    def find(self, name: str) -> int | None:
        found = self.by_name.get(name)
        return self.by_name.get(f"phase {name}") if found is None else found

    def between(self, first: str, last: str) -> list[int]:
        """The items of the same depth from `first` to `last` by number; whole numbers are phases too."""
        if first.isdecimal() and last.isdecimal() and not (first in self.by_name and last in self.by_name):
            named = ((int(name[6:]), at) for name, at in self.by_name.items() if name.startswith("phase "))
            low, high = sorted((int(first), int(last)))
            return [at for number, at in sorted(named) if low <= number <= high]
        low, high = sorted(((first.count("."), sort_key(first)), (last.count("."), sort_key(last))))
        return self.ranked[bisect_left(self.ranks, low) : bisect_right(self.ranks, high)]

    def holders(self, index: int) -> list[int]:
        """The items that hold an item, nearest first."""
        above: list[int] = []
        while (index := self.items[index].parent) >= 0 and index not in above:
            above.append(index)
        return above

    def may_wait(self, index: int, found: int, reference: Reference) -> bool:
        item, other = self.items[index], self.items[found]
        if found == index or (item.is_task and item.id == other.id):
            self.complain("self-dependency", index, wording.on_itself(_name(item), reference.text))
        elif found in self.holders(index):
            said = wording.on_itself(_name(item), reference.text, holder=_name(other))
            self.complain("self-dependency", index, said)
        elif index in self.holders(found):
            self.complain("child-dependency", index, wording.on_part(_name(item), _name(other), reference.text))
        else:
            return True
        return False

    def complain(self, kind: ProblemKind, index: int, said: tuple[str, str]) -> None:
        """Notes a problem of one item: `said` is its message and fix."""
        concerned = () if kind == "unresolved-reference" else self.below[index]
        line, (message, fix) = self.items[index].line, said
        self.links.complaints.append(Complaint(kind=kind, line=line, message=message, fix=fix, items=concerned))


def _name(item: Item) -> str:
    return item.id or item.title


def _names(items: Sequence[Item]) -> Mapping[str, int]:
    """The item of each id; a live one before a retired one, one with parts before one without, else the first."""
    holds = {item.parent for item in items if not item.retired}
    found: dict[str, int] = {}
    for at, item in enumerate(items):
        known = found.get(item.id)
        if known is None or (items[known].retired and not item.retired) or (at in holds and known not in holds):
            found[item.id] = at
    for at, item in enumerate(items):
        for name in item.names:
            found.setdefault(name, at)
    found.pop("", None)
    return found


def _tasks_below(items: Sequence[Item]) -> list[tuple[int, ...]]:
    """For each item, the tasks that it is or holds, in document order."""
    below: list[list[int]] = [[] for _ in items]
    for at, item in enumerate(items):
        if not item.is_task:
            continue
        below[at].append(at)
        above, seen = item.parent, 0
        while above >= 0 and seen <= len(items):
            below[above].append(at)
            above, seen = items[above].parent, seen + 1
    return [tuple(each) for each in below]
