"""The words for problems that every dialect can have: one problem is said in one way, whatever the list looks like.

Each function gives the message and the fix. What concerns one task begins with its id, `1.2: …`.
"""

from __future__ import annotations

from collections.abc import Sequence

_MOST_LINES = 8


def duplicate(task_id: str, lines: Sequence[int]) -> tuple[str, str]:
    return (
        f"the id {task_id} is given {len(lines)} times, in lines {_listed(lines)}",
        "give each task an id of its own",
    )


def overview(task_id: str, line: int) -> tuple[str, str]:
    return f"task {task_id} stands above the first phase and again in line {line}, which counts", "remove the copy"


def unknown(name: str, wanted: str, written: str) -> tuple[str, str]:
    return (
        f"{name}: there is no task {wanted} in this list",
        f"correct `{written}`, or take it out of the dependencies",
    )


def unresolved(name: str, written: str) -> tuple[str, str]:
    return (
        f"{name}: `{written}` is no task of this list",
        "write the id of a task, a link to a file, or leave it out; it blocks nothing",
    )


def on_itself(name: str, written: str, holder: str = "") -> tuple[str, str]:
    """`holder` is the group that the task depends on and is a part of, or empty when it depends on itself."""
    message = f"{name}: it depends on {holder}, which holds it" if holder else f"{name}: it depends on itself"
    return message, f"take `{written}` out of the dependencies"


def on_part(name: str, part: str, written: str) -> tuple[str, str]:
    return f"{name}: it depends on its own part {part}", f"take `{written}` out of the dependencies"


def mismatch(name: str, *, says_done: bool) -> tuple[str, str]:
    if says_done:
        return f"{name} is marked done, but not all of its tasks are; its tasks decide", "take its mark out"
    return f"{name} is marked open, but all of its tasks are done; its tasks decide", "mark it done"


def unread(lines: Sequence[int]) -> tuple[str, str]:
    what = "one line looks like a task and is" if len(lines) == 1 else f"{len(lines)} lines look like tasks and are"
    return (
        f"{what} not read as such: {_listed(lines)}",
        "write them like the tasks around them, with box and number, or leave them as notes",
    )


def _listed(lines: Sequence[int]) -> str:
    return ", ".join(map(str, lines[:_MOST_LINES])) + (", …" if len(lines) > _MOST_LINES else "")
