"""`stop.json`: a stop of everything, heard by the runs that began before it; it keeps none from beginning later."""

from __future__ import annotations

from msgspec import Struct

from devteam_action.pipeline.ports import Clock, Snapshot, StateStore
from devteam_action.pipeline.state.codec import encode, project_changes
from devteam_action.pipeline.state.paths import STOP


class StopAll(Struct, frozen=True, kw_only=True):
    """Who asked every run to end, when, and why."""

    at: str
    by: str
    reason: str = ""


def stop_all(store: StateStore, clock: Clock, customer_id: str, by: str, reason: str) -> None:
    """Puts it on the record. Runs that hold a claim are asked one by one besides: each has a flag of its own."""
    now = clock.now()

    def change(snapshot: Snapshot) -> dict[str, bytes | None]:
        return {**project_changes(snapshot, customer_id, now), STOP: encode(StopAll(at=now, by=by, reason=reason))}

    store.update("Stop everything", change)
