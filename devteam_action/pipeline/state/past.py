"""What the state branch keeps of runs and words that are over: read only, of any project."""

from __future__ import annotations

from collections.abc import Iterator

from devteam_action.pipeline.ports import Snapshot, StateStore
from devteam_action.pipeline.state import history, idempotency
from devteam_action.pipeline.state.answer_comments import answer_comment
from devteam_action.pipeline.state.codec import check_project
from devteam_action.pipeline.state.records import LedgerEntry, RunRecord


class Past:
    """The runs and attempts in a store; raises StateDamaged when the branch is not one of ours."""

    def __init__(self, store: StateStore) -> None:
        self._store = store

    def runs(self, limit: int = 50, *, refresh: bool = False) -> tuple[RunRecord, ...]:
        """The newest runs first, of those that are kept."""
        return history.recent_runs(self._history(refresh), limit)

    def events(self, run_id: str, *, refresh: bool = False) -> tuple[bytes, ...]:
        """The stored JSON lines of a run, in order; empty when it is unknown or was pruned."""
        return history.stored_events(self._history(refresh), run_id)

    def activities(self, run_id: str, *, refresh: bool = False) -> tuple[bytes, ...]:
        """The stored activities of a run as JSON lines, in order."""
        return history.stored_activities(self._history(refresh), run_id)

    def next_activity(self, run_id: str) -> int:
        """The number after that of the last stored activity of a run: where another machine goes on counting."""
        return history.next_activity(self._history(refresh=False), run_id)

    def output(self, run_id: str, *, refresh: bool = False) -> bytes:
        """All that the tools of a run wrote; where that was very much, its beginning and its end."""
        return history.stored_output(self._history(refresh), run_id)

    def ledger(self, *, refresh: bool = False) -> Iterator[LedgerEntry]:
        """Every attempt ever made, oldest day first."""
        return history.ledger_entries(self._history(refresh))

    def has_answer(self, key: str) -> bool:
        """Whether the first request of that idempotency key has its answer, as far as was last seen."""
        return idempotency.has_answer(self._history(refresh=False), key)

    def answer_comment(self, number: int) -> int | None:
        """The id of our comment that answers commands under issue or pull request `number`; None without one."""
        return answer_comment(self._history(refresh=False), number)

    def _history(self, refresh: bool) -> Snapshot:
        snapshot = self._store.read(refresh=refresh)
        check_project(snapshot)
        return snapshot
