"""The treed list: numbered items of any depth, sections and phases, with checks that are no tasks (CONTRACT 2, wbs)."""

from __future__ import annotations

from collections.abc import Sequence

from devteam_action.domain.task import Task, TaskSource
from devteam_action.domain.tasklist import lint, wording
from devteam_action.domain.tasklist.model import ListOptions, Problem, Spot, TaskList
from devteam_action.domain.tasklist.scanner import Scan
from devteam_action.domain.tasklist.tree import Item, Links, link
from devteam_action.domain.tasklist.wbs.nodes import Node, Tree
from devteam_action.domain.tasklist.wbs.tree import plant


def read(scan: Scan, options: ListOptions) -> TaskList:
    """Reads every numbered item of `scan`; whatever is wrong with it is a problem of the result, never an exception."""
    tree = plant(scan, options)
    items = tree.items
    links = link(items)
    read_tasks = [
        (index, _task(tree, items, links, index, options.path)) for index, item in enumerate(items) if item.is_task
    ]
    tasks, overview = lint.without_overview([task for _, task in read_tasks], options.path)
    concerns = [
        *(_concern(tree, complaint_at, links, options.path) for complaint_at in range(len(links.complaints))),
        *overview,
        *lint.duplicates(((task.id, task.source.line, task.is_done) for task in tasks), options.path),
        *lint.cycles(tasks, options.path),
        *lint.misses(tree.missed, options.path),
        *(lint.Concern(problem) for problem in _notices(tree, options.path)),
    ]
    kept = {id(task) for task in tasks}
    spots, places = _spots(tree.nodes)
    return TaskList(
        dialect="wbs",
        path=options.path,
        tasks=tuple(tasks),
        retired=_retired(tree.nodes, tasks),
        problems=lint.in_order(concerns),
        blocked=lint.blocked(concerns),
        spots=spots,
        spot_of=_first_open([(task, places[index]) for index, task in read_tasks if id(task) in kept]),
    )


def _task(tree: Tree, items: Sequence[Item], links: Links, index: int, path: str) -> Task:
    node = tree.nodes[index]
    phase = tree.phase_of(index)
    criteria, acceptance = tree.checks_of(index)
    return Task(
        id=node.item.id,
        title=node.item.title,
        description=node.description,
        type="checkpoint" if node.item.title.lower().startswith("checkpoint") else "atomic",
        dependencies=links.ids(index, items),
        files=tree.files_of(index),
        criteria=criteria,
        acceptance=acceptance,
        touches=node.touches,
        phase=phase[0] if phase else None,
        phase_title=phase[1] if phase else None,
        status=node.status,
        mark=node.mark,
        source=TaskSource(path=path, line=node.item.line),
    )


def _concern(tree: Tree, at: int, links: Links, path: str) -> lint.Concern:
    complaint = links.complaints[at]
    problem = Problem(
        severity="warning" if complaint.kind == "unresolved-reference" else "error",
        kind=complaint.kind,
        path=path,
        line=complaint.line,
        message=complaint.message,
        fix=complaint.fix,
    )
    return lint.Concern(problem, tuple(tree.nodes[index].item.id for index in complaint.items))


def _notices(tree: Tree, path: str) -> list[Problem]:
    """Marks of parents that their children contradict, and lines that look like items but are not read."""
    found: list[Problem] = []
    for index in tree.mismatched():
        item = tree.nodes[index].item
        message, fix = wording.mismatch(item.id or item.title, says_done=True)
        found.append(
            Problem(severity="warning", kind="mark-mismatch", path=path, line=item.line, message=message, fix=fix)
        )
    if tree.unread:
        at = tree.unread[0]
        message, fix = wording.unread(tree.unread)
        found.append(Problem(severity="warning", kind="unread-items", path=path, line=at, message=message, fix=fix))
    return found


def _retired(nodes: Sequence[Node], tasks: Sequence[Task]) -> tuple[str, ...]:
    live = {node.item.id for node in nodes if not node.item.retired}
    return tuple(dict.fromkeys(node.item.id for node in nodes if node.item.retired and node.item.id not in live))


def _spots(nodes: Sequence[Node]) -> tuple[tuple[Spot, ...], dict[int, int]]:
    """The marks of all items that have an id in the file, and which node's mark stands where."""
    marked = [index for index, node in enumerate(nodes) if node.spot is not None and not node.item.retired]
    places = {index: place for place, index in enumerate(marked)}
    spots: list[Spot] = []
    for index in marked:
        above = nodes[index].item.parent
        while above >= 0 and above not in places:
            above = nodes[above].item.parent
        spot = nodes[index].spot
        assert spot is not None
        spots.append(
            Spot(
                start=spot.start,
                end=spot.end,
                replacement=spot.replacement,
                done=spot.done,
                parent=places.get(above, -1),
            )
        )
    return tuple(spots), places


def _first_open(placed: Sequence[tuple[Task, int]]) -> dict[str, int]:
    """Which mark is written for an id: that of its first copy that is not done yet."""
    found: dict[str, int] = {}
    finished: set[str] = set()
    for task, place in placed:
        if task.id not in found or (task.id in finished and not task.is_done):
            found[task.id] = place
            finished.discard(task.id)
            if task.is_done:
                finished.add(task.id)
    return found
