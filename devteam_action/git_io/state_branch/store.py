"""The state store on the branch `devteam/state`: compare-and-swap on a local ref, or on a remote by push with a lease.

An update is tried on what is known already, so that an undisturbed one costs one push and no fetch. A writer that
loses fetches once; when the others changed nothing that it read or writes, the same changes go on top of theirs,
else it is asked again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from devteam_action.errors import RemoteUnreachable, StateConflict
from devteam_action.git_io.git import Git
from devteam_action.git_io.state_branch.fast_import import Commit
from devteam_action.git_io.state_branch.local import LocalBranch
from devteam_action.git_io.state_branch.reads import TrackedReads
from devteam_action.git_io.state_branch.snapshot import BranchSnapshot
from devteam_action.pipeline.ports import Changes, Clock, Snapshot
from devteam_action.support.tokens import random_hex

if TYPE_CHECKING:
    from devteam_action.git_io.state_branch.remote import RemoteBranch

_PATIENCE_S = 60.0  # how long one update keeps trying against other writers
_PAUSE_S = (0.02, 0.3)  # the first and the longest mean pause between two tries


class _Plan(Struct, frozen=True):
    reads: TrackedReads
    changes: Changes


class BranchStore:
    """Satisfies ports.StateStore; may be used from several threads, and by any number of processes.

    `remote` names a remote of the repository, or None to keep the state in the repository's own branch.
    Errors: StateConflict (no turn within a minute), StateNotWritten (no space, no right on this machine),
    NotAllowed (the remote refuses), RemoteUnreachable.
    """

    def __init__(self, git: Git, *, branch: str = "devteam/state", remote: str | None = None, clock: Clock) -> None:
        self._git = git
        self._branch = branch
        self._remote = remote
        self._clock = clock
        self._lock = threading.RLock()
        self._made: LocalBranch | RemoteBranch | None = None
        self._latest: BranchSnapshot | None = None
        self._is_crowded = False

    def read(self, *, refresh: bool = True) -> Snapshot:
        with self._lock:
            return self._refreshed() if refresh else self._known()

    def update(self, message: str, change: Callable[[Snapshot], Changes]) -> Snapshot:
        with self._lock:
            return self._update(message, change)

    # --- the update

    def _update(self, message: str, change: Callable[[Snapshot], Changes]) -> BranchSnapshot:
        deadline = self._clock.monotonic() + _PATIENCE_S
        base, is_fresh = self._known(), self._home.is_truth
        unsure: list[str] = []  # commits whose push got no answer
        plan: _Plan | None = None
        losses = 0
        while True:
            with self._home.turn() as has_waited:
                if losses or has_waited or self._is_crowded:
                    before = base.version
                    base, is_fresh = self._refreshed(), True
                    if any(self._home.contains(base.version, commit) for commit in unsure):
                        return base
                    if (
                        plan is not None
                        and base.version != before
                        and not self._is_disjoint(plan, before, base.version)
                    ):
                        plan = None
                if plan is None:
                    plan, base, is_fresh = self._plan(change, base, is_fresh)
                if not plan.changes:
                    return base
                answer, made = self._home.publish(self._commit(base.version, message, plan.changes))
                if answer == "applied":
                    self._is_crowded = has_waited or losses > 0
                    return self._keep(base.advanced(made, plan.changes))
            if answer == "unknown":
                unsure.append(made)
            losses += 1
            self._wait(losses, deadline, is_unknown=answer == "unknown")

    def _is_disjoint(self, plan: _Plan, before: str, now: str) -> bool:
        """Whether the others touched nothing that the plan is made of; a branch that came or went always does."""
        if not before or not now:
            return False
        changed = self._home.changed(before, now)
        return changed is not None and not plan.reads.concerned_by(changed, plan.changes)

    def _plan(
        self, change: Callable[[Snapshot], Changes], base: BranchSnapshot, is_fresh: bool
    ) -> tuple[_Plan, BranchSnapshot, bool]:
        """Asks for the changes; an objection, or no change, counts only when it was made looking at the newest."""
        while True:
            reads = TrackedReads(base)
            try:
                plan = _Plan(reads, change(reads))
            except Exception:
                if is_fresh:
                    raise
            else:
                if plan.changes or is_fresh:
                    return plan, base, is_fresh
            base, is_fresh = self._refreshed(), True

    def _commit(self, parent: str, message: str, changes: Changes) -> Commit:
        # The token makes the commit ours alone: two writers that make the same change in the same second would else
        # make the same commit, and the loser would believe that it had won.
        text = f"{message}\n\nDevTeam-Write: {random_hex(16)}\n"
        return Commit(
            ref=self._home.ref,
            parent=parent,
            message=text,
            when=self._clock.now(),
            changes=changes,
            temporary=self._home.is_temporary,
        )

    def _wait(self, losses: int, deadline: float, *, is_unknown: bool) -> None:
        if self._clock.monotonic() > deadline or (is_unknown and losses > 3):
            if is_unknown:
                raise RemoteUnreachable(
                    f"the state could not be written {self._home.place}: it did not answer {losses} times",
                    remedy="check the network and the remote, then run the same command again; nothing was lost",
                )
            raise StateConflict(
                f"the state could not be written {self._home.place}: other writers were faster {losses} times",
                remedy="run the same command again",
            )
        import random

        first, longest = _PAUSE_S
        self._clock.sleep(random.uniform(0, 2 * min(longest, first * 2 ** min(losses, 10))))  # noqa: S311 - no secret

    # --- snapshots

    @property
    def _home(self) -> LocalBranch | RemoteBranch:
        if self._made is None:
            if self._remote is None:
                self._made = LocalBranch(self._git, self._branch)
            else:
                from devteam_action.git_io.state_branch.remote import RemoteBranch

                self._made = RemoteBranch(self._git, self._branch, self._remote)
        return self._made

    def _known(self) -> BranchSnapshot:
        return self._at(self._home.known())

    def _refreshed(self) -> BranchSnapshot:
        return self._at(self._home.refresh())

    def _at(self, version: str) -> BranchSnapshot:
        latest = self._latest
        if latest is not None and latest.version == version:
            return latest
        if latest is not None and latest.version and version:
            changed = self._home.changed(latest.version, version)
            if changed is not None:
                return self._keep(latest.moved(version, changed))
        return self._keep(BranchSnapshot(self._home.run, version, before_batch=self._home.before_batch))

    def _keep(self, snapshot: BranchSnapshot) -> BranchSnapshot:
        self._latest = snapshot
        return snapshot
