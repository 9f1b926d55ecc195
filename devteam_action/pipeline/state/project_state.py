"""The state of a project as typed operations; each is one compare-and-swap on the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from devteam_action.domain.execution import Execution
from devteam_action.domain.task import Task
from devteam_action.errors import BadInput, RemoteUnreachable
from devteam_action.pipeline.ports import Clock, Progress, Snapshot, StateStore
from devteam_action.pipeline.run_output import Packed
from devteam_action.pipeline.state import history, idempotency
from devteam_action.pipeline.state.answer_comments import keep_answer_comment
from devteam_action.pipeline.state.codec import aside, check_project, encode, project_changes, read, sound
from devteam_action.pipeline.state.conversations import StateConversations, left_of
from devteam_action.pipeline.state.leases import claimed, renewed, still_held
from devteam_action.pipeline.state.past import Past
from devteam_action.pipeline.state.paths import guidance_folder, ledger_file, task_file
from devteam_action.pipeline.state.queue import Edit, queue_changes, with_free_id, without
from devteam_action.pipeline.state.records import Answer, Damaged, Guidance, Injected, LedgerEntry, ProjectView
from devteam_action.pipeline.state.view import view_of
from devteam_action.support.tokens import random_hex

Change = dict[str, bytes | None]
_SAID_BY_OTHERS = ("stop_requested", "stop_reason", "stop_by", "stop_at", "skipped")


class ProjectState(Past):
    """What is in flight, and history, of the project `customer_id`. Safe to use from several threads.

    Every writing operation may raise what the store raises (StateConflict, StateNotWritten, NotAllowed,
    RemoteUnreachable) and StateDamaged when the branch is of a newer schema or no state branch.
    """

    def __init__(self, store: StateStore, clock: Clock, customer_id: str, *, keep_runs: int = 200) -> None:
        super().__init__(store)
        self._clock = clock
        self._customer_id = customer_id
        self._keep_runs = keep_runs

    def load(self, *, refresh: bool = True) -> ProjectView:
        """Everything in flight; with the remote out of reach, what was last seen of it, marked stale."""
        snapshot, stale = self._read(refresh=refresh)
        return view_of(snapshot, stale=stale)

    def execution(self, task_id: str, *, refresh: bool = True) -> Execution | None:
        """One task's execution; None when it has none or its file is damaged."""
        return sound(self._read(refresh=refresh)[0], task_file(task_id), Execution)

    def _read(self, *, refresh: bool) -> tuple[Snapshot, bool]:
        """The newest state that can be had, and whether the remote could not be asked."""
        stale = False
        try:
            snapshot = self._store.read(refresh=refresh)
        except RemoteUnreachable:
            snapshot, stale = self._store.read(refresh=False), True
        check_project(snapshot)
        return snapshot, stale

    # --- claims

    def claim(self, task: Task, *, run_id: str, owner: str, takeover: bool = False) -> Execution:
        """Makes the task this run's for 15 minutes; raises StateConflict while another's lease of 20 minutes holds.

        `takeover` is a person's word: it takes the task at once, and the other run finds out at its next write.
        """

        def change(held: Execution | None) -> Execution:
            now = self._clock.now()
            known = held or Execution(customer_id=self._customer_id, current_task=task, start_time=now)
            lease = claimed(known.claim, task.id, run_id=run_id, owner=owner, now=now, takeover=takeover)
            return msgspec.structs.replace(known, current_task=task, run_id=run_id, claim=lease)

        return _there(self.change(task.id, f"Claim task {task.id} for run {run_id}", change))

    def renew(self, task_id: str, run_id: str) -> Execution:
        """15 more minutes; raises StateConflict when the claim is not this run's any more."""

        def change(held: Execution | None) -> Execution | None:
            lease = still_held(held, task_id, run_id)
            return msgspec.structs.replace(_there(held), claim=renewed(lease, self._clock.now()))

        return _there(self.change(task_id, f"Renew the claim on task {task_id}", change))

    def release(self, task_id: str, run_id: str) -> None:
        """Drops the claim; nothing happens when it is not this run's."""

        def change(held: Execution | None) -> Execution | None:
            if held is None or held.claim is None or held.claim.run_id != run_id:
                return held
            return msgspec.structs.replace(held, claim=None)

        self.change(task_id, f"Release task {task_id}", change)

    # --- a run's own writes

    def save(
        self,
        execution: Execution,
        *,
        message: str,
        events: Sequence[bytes] = (),
        ledger: Sequence[LedgerEntry] = (),
        taken: Sequence[Guidance] = (),
        output: Sequence[Packed] = (),
        release: bool = False,
    ) -> Execution:
        """Records where the run stands, all in one commit, and renews its claim (or drops it: `release`).

        Returns what is stored: what people asked for (a stop, a skip) is theirs to set and kept as it is. `events` are
        JSON lines; those whose sequence number is stored already are left out, so that saving twice is saving once.
        Raises StateConflict when the claim is not this run's any more; nothing is written then.
        """
        result: list[Execution] = []

        def change(snapshot: Snapshot) -> Change:
            now = self._clock.now()
            path = task_file(execution.task_id)
            stored = read(snapshot, path, Execution)
            held = stored if isinstance(stored, Execution) else None
            token = execution.claim.token if execution.claim is not None else None
            lease = still_held(held, execution.task_id, execution.run_id, token)
            merged = msgspec.structs.replace(
                execution,
                claim=None if release else renewed(lease, now),
                **{name: getattr(_there(held), name) for name in _SAID_BY_OTHERS},
                start_time=execution.start_time or now,
                last_update=now,
            )
            result[:] = [merged]
            changes = project_changes(snapshot, self._customer_id, now)
            added = history.Added(events=events, taken=taken, output=output)
            changes |= history.run_changes(
                snapshot, merged, added, since=lease.since, keep_runs=self._keep_runs, now=now
            )
            for entry in ledger:
                changes[ledger_file(entry.run_id, entry.attempt, entry.started)] = encode(entry)
            for word in taken:
                inbox = _guidance_file(word)
                if snapshot.get(inbox) is not None:
                    changes[inbox] = None
            changes[path] = encode(merged)
            return changes

        self._store.update(message, change)
        return result[0]

    # --- people's writes

    def change(
        self, task_id: str, message: str, change: Callable[[Execution | None], Execution | None]
    ) -> Execution | None:
        """Applies `change` to the task's execution, whoever holds it; None from `change` removes the execution.

        `change` must be free of effects: it is asked again when another writer was faster. An unchanged answer
        writes nothing. Bytes of a damaged file are kept below `damaged/` before it is replaced.
        """
        result: list[Execution | None] = []
        path = task_file(task_id)

        def changes(snapshot: Snapshot) -> Change:
            now = self._clock.now()
            first = project_changes(snapshot, self._customer_id, now)
            stored = read(snapshot, path, Execution)
            held = stored if isinstance(stored, Execution) else None
            wanted = change(held)
            result[:] = [wanted]
            if wanted == held and not isinstance(stored, Damaged):
                return {}
            if wanted is None:
                return {**first, path: None, **aside(snapshot, stored)}
            wanted = msgspec.structs.replace(wanted, last_update=now)
            result[:] = [wanted]
            return {**first, **aside(snapshot, stored), path: encode(wanted)}

        self._store.update(message, changes)
        return result[0]

    def add_guidance(self, task_id: str, text: str, by: str) -> Guidance:
        """Puts a word into the task's inbox; the next attempt takes it (`save(taken=…)`)."""
        if not text.strip():
            raise BadInput("the guidance is empty", remedy="say what the tool should do differently")
        now = self._clock.now()
        stamp = "".join(sign for sign in now if sign.isalnum())
        word = Guidance(id=f"{stamp}-{random_hex(4)}", task_id=task_id, text=text, by=by, at=now)

        def change(snapshot: Snapshot) -> Change:
            return {**project_changes(snapshot, self._customer_id, now), _guidance_file(word): encode(word)}

        self._store.update(f"Guidance for task {task_id}", change)
        return word

    def inject(self, item: Injected) -> Injected:
        """Adds a task to the queue; where its id is taken by another one there, under the next number that is free."""
        added: list[Injected] = []

        def add(held: tuple[Injected, ...]) -> tuple[Injected, ...]:
            added[:] = [with_free_id(item, {each.task.id for each in held})]
            return (*held, *added)

        self._queue(f"Inject a task: {item.task.id}", add)
        return added[0]

    def uninject(self, task_id: str) -> None:
        """Takes a task out of the queue; nothing happens when it is not there."""
        self._queue(f"Take task {task_id} out of the queue", partial(without, task_id=task_id))

    def _queue(self, message: str, edit: Edit) -> None:
        def change(snapshot: Snapshot) -> Change:
            changes = queue_changes(snapshot, edit)
            return {**project_changes(snapshot, self._customer_id, self._clock.now()), **changes} if changes else {}

        self._store.update(message, change)

    def conversations(self, task_id: str, run_id: str, progress: Progress) -> StateConversations:
        """The conversations with a server, as the run `run_id` may use them."""
        return StateConversations(
            self._store, self._clock, self._customer_id, run_id=run_id, task_id=task_id, progress=progress
        )

    def left_of(self, task_id: str) -> str:
        """The commit that a server put on the task's branch and that was not taken in; empty when there is none."""
        return left_of(self._store.read(refresh=False), task_id)

    def once(self, key: str, request: bytes, act: Callable[[], Answer]) -> Answer:
        """Runs `act` once for this key and request; see `idempotency.once`."""
        return idempotency.once(self._store, self._clock, self._customer_id, key, request, act)

    def keep_answer_comment(self, number: int, comment: int) -> None:
        keep_answer_comment(self._store, self._clock, self._customer_id, number, comment)


def _guidance_file(word: Guidance) -> str:
    return f"{guidance_folder(word.task_id)}{word.id}.json"


def _there(execution: Execution | None) -> Execution:
    assert execution is not None
    return execution
