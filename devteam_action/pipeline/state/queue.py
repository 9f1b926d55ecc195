"""`queue.json`: the tasks that people put in."""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec

from devteam_action.pipeline.ports import Snapshot
from devteam_action.pipeline.state.codec import aside, encode, read
from devteam_action.pipeline.state.paths import QUEUE
from devteam_action.pipeline.state.records import Injected

Edit = Callable[[tuple[Injected, ...]], tuple[Injected, ...]]


def queue_changes(snapshot: Snapshot, edit: Edit) -> dict[str, bytes | None]:
    """The change that `edit` makes of the queue, none when it changes nothing; a damaged file's bytes are kept."""
    stored = read(snapshot, QUEUE, tuple[Injected, ...])
    held = stored if isinstance(stored, tuple) else ()
    wanted = edit(held)
    if wanted == held:
        return {}
    return {**aside(snapshot, stored), QUEUE: encode(wanted)}


def with_free_id(item: Injected, taken: Collection[str]) -> Injected:
    """The item, with the number at the end of its id counted up until nobody has it."""
    stem, _, number = item.task.id.rpartition("-")
    task_id, count = item.task.id, int(number) if number.isdigit() else 1
    while task_id in taken:
        count += 1
        task_id = f"{stem or item.task.id}-{count}"
    return msgspec.structs.replace(item, task=msgspec.structs.replace(item.task, id=task_id))


def without(held: tuple[Injected, ...], task_id: str) -> tuple[Injected, ...]:
    """The queue without a task."""
    return tuple(each for each in held if each.task.id != task_id)
