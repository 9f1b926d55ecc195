"""Who may speak to a server that works for us: one run at a time, as the state branch has it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Generator

import msgspec

from devteam_action.domain.execution import Execution
from devteam_action.domain.standing import holder
from devteam_action.errors import ConversationTaken, DevteamError
from devteam_action.pipeline.exchange import Conversation
from devteam_action.pipeline.ports import Clock, Progress, Snapshot, StateStore
from devteam_action.pipeline.state.codec import aside, encode, project_changes, read, sound
from devteam_action.pipeline.state.leases import is_free
from devteam_action.pipeline.state.paths import CONVERSATIONS, conversation_file, task_file
from devteam_action.support.owner import is_gone, this_owner


class StateConversations:
    """Satisfies `pipeline.exchange.Conversations`, for the run `run_id` of `task_id`.

    A hold has no lease of its own: it is good for as long as its run has the claim on its task, which that run renews.
    """

    def __init__(
        self, store: StateStore, clock: Clock, customer_id: str, *, run_id: str, task_id: str, progress: Progress
    ) -> None:
        self._store = store
        self._clock = clock
        self._customer_id = customer_id
        self._run_id = run_id
        self._task_id = task_id
        self._progress = progress

    @contextlib.contextmanager
    def hold(self, conversation: str) -> Generator[Conversation]:
        """Ours inside; what the last run left there is in the answer. Raises ConversationTaken."""

        def take(held: Conversation, snapshot: Snapshot) -> Conversation:
            self._refuse_if_taken(held, snapshot)
            is_same_task = held.task_id == self._task_id
            return msgspec.structs.replace(
                held,
                run_id=self._run_id,
                task_id=self._task_id,
                owner=this_owner(),
                since=self._clock.now(),
                left=held.left if is_same_task else "",
                branches=held.branches if is_same_task else (),
            )

        held = self._change(conversation, f"Run {self._run_id} holds a conversation", take)
        try:
            yield held
        finally:
            # Of a hold that could not be given back nobody takes notice once this run has ended.
            self._try(conversation, "Give a conversation back", lambda held: _given_back(held, self._run_id))

    def mark_busy(self, conversation: str) -> None:
        """Raises what the store raises: unless it is on the record, nothing may be started."""
        since = self._clock.now()
        self._change(
            conversation,
            "Something is begun in a conversation",
            lambda held, _: msgspec.structs.replace(held, busy=held.busy or since),
        )

    def mark_idle(self, conversation: str) -> None:
        """A mark that could not be taken away stays, and whoever comes next asks the server."""
        self._try(conversation, "A conversation is quiet", lambda held: msgspec.structs.replace(held, busy=""))

    def remember(self, conversation: str, *, left: str, branches: Collection[str]) -> None:
        """For the next attempt at the same task; losing it costs that attempt a question to a person."""
        self._try(
            conversation,
            "What came from a conversation",
            lambda held: msgspec.structs.replace(held, left=left, branches=tuple(sorted({*held.branches, *branches}))),
        )

    # --- inside

    def _refuse_if_taken(self, held: Conversation, snapshot: Snapshot) -> None:
        if not held.run_id or held.run_id == self._run_id or is_gone(held.owner):
            return
        execution = sound(snapshot, task_file(held.task_id), Execution)
        claim = execution.claim if execution is not None else None
        if claim is None or claim.run_id != held.run_id or is_free(claim, self._clock.now()) or is_gone(claim.owner):
            return
        raise ConversationTaken(
            f"the conversation {held.conversation} is held by run {held.run_id} of task {held.task_id} "
            f"({holder(held.owner)}), since {held.since}",
            remedy="wait for that run to end (`devteam status`), then run again: one task of a project at a time",
        )

    def _try(self, conversation: str, message: str, change: Callable[[Conversation], Conversation]) -> None:
        try:
            self._change(conversation, message, lambda held, _: change(held))
        except DevteamError as error:
            self._progress(f"the state could not be told of the conversation {conversation}: {error.message}")

    def _change(
        self, conversation: str, message: str, change: Callable[[Conversation, Snapshot], Conversation]
    ) -> Conversation:
        path = conversation_file(conversation)
        result: list[Conversation] = []

        def changes(snapshot: Snapshot) -> dict[str, bytes | None]:
            first = project_changes(snapshot, self._customer_id, self._clock.now())
            stored = read(snapshot, path, Conversation)
            held = stored if isinstance(stored, Conversation) else Conversation(conversation=conversation)
            wanted = change(held, snapshot)
            result[:] = [wanted]
            return {} if wanted == stored else {**first, **aside(snapshot, stored), path: encode(wanted)}

        self._store.update(message, changes)
        return result[0]


def left_of(snapshot: Snapshot, task_id: str) -> str:
    """The commit that came from a conversation onto the task's branch and was not taken in; empty without one."""
    for path in snapshot.paths(CONVERSATIONS):
        held = sound(snapshot, path, Conversation)
        if held is not None and held.task_id == task_id and held.left:
            return held.left
    return ""


def _given_back(held: Conversation, run_id: str) -> Conversation:
    """Free for the next run; the task stays named, because what is left of it is its."""
    return msgspec.structs.replace(held, run_id="", owner="", since="") if held.run_id == run_id else held
