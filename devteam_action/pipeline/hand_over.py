"""A run that goes from a job that may only read to one that may write: what is handed over, and what is believed of it.

The job with the model ends with a proved branch that is not pushed. The job with the write token takes the branch in
(`git_io/bundle.py`), then the events here, and delivers. It runs nothing of what it gets, so it cannot prove the work
again: the verdict is that of the first job, and the check of the pull request, with a read token, proves it once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from devteam_action.domain.config import Config
from devteam_action.domain.events import AnyEvent, Completed, Deliver, Intervened, Started, decode
from devteam_action.domain.run import Run, evolve, fold
from devteam_action.domain.task import Task
from devteam_action.domain.tasklist import read, tick
from devteam_action.errors import StateConflict
from devteam_action.pipeline.begin import Surroundings, open_run
from devteam_action.pipeline.journal import Journal
from devteam_action.pipeline.session import Session
from devteam_action.pipeline.task_lists import list_options, local_id
from devteam_action.support.owner import this_owner

MOST_EVENTS = 50_000

Commit = Annotated[str, Meta(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][\w.:/-]{0,199}\Z")]
RunId = Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z-]{0,63}\Z")]


class HandedFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Size in bytes and digest of a file beside the manifest."""

    size: Annotated[int, Meta(ge=0)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Manifest(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a hand-over says of itself: `head` of the task branch, `base` below it on the base branch."""

    schema_version: Literal[1] = 1
    task_id: Name
    run_id: RunId
    branch: Annotated[str, Meta(pattern=r"^task/[A-Za-z0-9][\w.-]{0,199}\Z")]
    base_branch: Name
    base: Commit
    head: Commit
    files: dict[str, HandedFile]


class Refused(Struct, frozen=True, kw_only=True):
    """Why a hand-over is not taken in: nothing of it was."""

    code: Literal["files", "manifest", "digest", "bundle", "base", "branch", "commits", "paths", "size", "events"]
    reason: str


def past_of(data: bytes, manifest: Manifest, task: Task, stored: Sequence[bytes]) -> tuple[bytes, ...] | Refused:
    """The lines of the handed events, when they are a past that this run can have had; else why not.

    `task` is the task as our own list has it, `stored` what the state branch has of the run: the handed lines must
    begin with it, and must lead to the commits that the manifest names.
    """
    lines = tuple(line for line in data.split(b"\n") if line)
    if len(lines) > MOST_EVENTS:
        return _refused(f"there are {len(lines)} events, more than {MOST_EVENTS}")
    if lines[: len(stored)] != tuple(stored):
        return _refused("the state branch has gone on with this run meanwhile")
    events: list[AnyEvent] = []
    for number, line in enumerate(lines, 1):
        try:
            event = decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return _refused(f"line {number} is no event: {str(error)[:200]}")
        if event.run_id != manifest.run_id or event.task_id != manifest.task_id:
            return _refused(f"line {number} is of another run or task")
        if event.sequence_number != number - 1:
            return _refused(f"line {number} has the sequence number {event.sequence_number}")
        events.append(event)
    return _wrong_past(events, manifest, task, len(stored)) or lines


def _wrong_past(events: Sequence[AnyEvent], manifest: Manifest, task: Task, known: int) -> Refused | None:
    if not events or not isinstance(events[0], Started):
        return _refused("the run has no beginning")
    if any(isinstance(event, Started) for event in events[1:]):
        return _refused("the run begins twice")
    run = fold(events)
    if run.task is None or _asked(run.task) != _asked(task):
        return _refused(f"task {task.id} of the list is another one than the run worked on")
    if run.options is None or run.options.base_branch != manifest.base_branch:
        return _refused("the run had another base branch")
    if run.options.deliver != "branch":
        return _refused("a job that may only read hands over a branch, and delivers nothing")
    if run.ended is None:
        # Whatever comes next would be done here, beside a token that writes.
        return _refused("the run has not ended")
    if (run.branch, run.base, run.head) != (manifest.branch, manifest.base, manifest.head):
        return _refused("the events lead to other commits than the manifest names")
    if run.pull_request != fold(events[:known]).pull_request:
        return _refused("a job that may only read cannot have opened a pull request")
    if isinstance(run.ended, Completed) and run.ended.status == "COMPLETED":
        return _refused("a job that may only read cannot have completed a task")
    return None


def _asked(task: Task) -> tuple[object, ...]:
    return task.id, task.title, task.description, dict(task.criteria), task.acceptance


def _refused(reason: str) -> Refused:
    return Refused(code="events", reason=reason)


def is_tick(path: str, before: bytes | None, after: bytes | None, task: Task, config: Config) -> bool:
    """Whether a list changed in nothing but the mark of this one task."""
    if before is None or after is None or path != task.source.path:
        return False
    options = list_options(config.tasks, path)
    listed = read(before, options)
    own = local_id(task)
    return any(each.id == own and each.title == task.title for each in listed.tasks) and (
        tick(before, options, own) == after
    )


def take_up(
    task: Task, manifest: Manifest, lines: Sequence[bytes], around: Surroundings, *, deliver: Deliver
) -> tuple[Run, Session]:
    """The handed run, claimed here and on the state branch, ready to be driven on; proved work is to be delivered.

    Twice is harmless: what the state branch has already is not written again. Raises StateConflict when another run
    has the task by now.
    """
    state = around.ports.state
    known = state.execution(task.id)
    if known is not None and known.run_id not in ("", manifest.run_id) and known.status not in ("ERROR", "STOPPED"):
        raise StateConflict(
            f"task {task.id} has gone on in run {known.run_id} since the work was handed over",
            remedy="see `devteam status`; the handed bundle is not needed any more, or `devteam retry` begins again",
        )
    journal = Journal.open(around.devteam_dir / "journal" / f"{manifest.run_id}.jsonl")
    try:
        journal.follow(lines)
    finally:
        journal.close()
    execution = state.claim(task, run_id=manifest.run_id, owner=this_owner())
    run, session = open_run(execution, around)
    is_proved = isinstance(run.ended, Completed) and run.ended.status == "WAITING"
    if is_proved and run.options is not None and run.options.deliver != deliver:
        options = msgspec.structs.replace(run.options, deliver=deliver)
        run = evolve(run, session.bus.emit(Intervened(kind="resume", options=options)))
    # What an attempt has heard where nothing can be written has its receipt here.
    said = [each for each in map(decode, lines) if isinstance(each, Intervened) and each.receipt == "taken"]
    heard = {(each.text, each.by) for each in said if each.kind == "guide"}
    session.take_guidance(lambda word: (word.text, word.by) in heard)
    session.keep(run)
    return run, session
