"""What a reader of the state branch gets: everything in flight, damaged files named and set aside."""

from __future__ import annotations

from typing import TypeVar

from devteam_action.domain.execution import Execution
from devteam_action.pipeline.ports import Snapshot
from devteam_action.pipeline.state.codec import read
from devteam_action.pipeline.state.paths import GUIDANCE, QUEUE, TASKS, task_file
from devteam_action.pipeline.state.records import Damaged, Guidance, Injected, ProjectView

T = TypeVar("T")


def view_of(snapshot: Snapshot, *, stale: bool) -> ProjectView:
    """The view of one version of the branch; it is complete but for what `damaged` names."""
    executions, bad_executions = _all(snapshot, TASKS, Execution)
    words, bad_words = _all(snapshot, GUIDANCE, Guidance)
    queue = read(snapshot, QUEUE, tuple[Injected, ...])
    misplaced = [path for path, each in executions.items() if task_file(each.task_id) != path]
    damaged = [*bad_executions, *bad_words]
    damaged += [Damaged(path=path, reason=f"it speaks of task {executions[path].task_id}") for path in misplaced]
    damaged += [queue] if isinstance(queue, Damaged) else []
    guidance: dict[str, tuple[Guidance, ...]] = {}
    for word in sorted(words.values(), key=lambda each: (each.at, each.id)):
        if not word.receipt:
            guidance[word.task_id] = (*guidance.get(word.task_id, ()), word)
    return ProjectView(
        version=snapshot.version,
        executions={each.task_id: each for path, each in executions.items() if path not in misplaced},
        queue=queue if isinstance(queue, tuple) else (),
        guidance=guidance,
        damaged=tuple(sorted(damaged, key=lambda each: each.path)),
        stale=stale,
    )


def _all(snapshot: Snapshot, prefix: str, kind: type[T]) -> tuple[dict[str, T], list[Damaged]]:
    """Every record below a prefix by its path, and those that cannot be read."""
    records: dict[str, T] = {}
    damaged: list[Damaged] = []
    for path in snapshot.paths(prefix):
        record = read(snapshot, path, kind)
        if isinstance(record, Damaged):
            damaged.append(record)
        elif record is not None:
            records[path] = record
    return records, damaged
