"""The remote's branches around one errand: written down before it, compared after it, one of them taken in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import assert_never

from devteam_action.errors import DevteamError, GitFailed
from devteam_action.pipeline.exchange import Conversation, Exchange
from devteam_action.pipeline.ports import ToolOutcome
from devteam_action.scar.arrivals import Arrival, Arrived, Moves, Nothing, Rewritten, Several, arrival, moves

_LOOKS = 3  # a branch may move between being listed and being fetched


class Intake:
    """For the task branch `branch` that stands at `head` here, for work that begins at `base`, of `base_branch`.

    `left` is the commit that SCAR has put on the task branch, `branches` the others that it made; both are
    remembered for the next attempt. `without` is a path of our own making that is no part of the work.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        branch: str,
        task_id: str,
        head: str,
        base: str,
        base_branch: str = "",
        without: str = "",
    ) -> None:
        self._exchange = exchange
        self._branch = branch
        self._task_id = task_id
        self._head = head
        self._base = base
        self._base_branch = base_branch
        self._base_tip = ""
        self._without = without
        self._before: Mapping[str, str] = {}
        self._known: tuple[str, ...] = ()
        self.left = ""
        self.branches: tuple[str, ...] = ()
        self.note = ""

    def push(self, held: Conversation) -> None:
        """The task branch goes out first. What an earlier attempt left on it may stay there, and is judged now."""
        self._exchange.push_branch(known=(held.left,) if held.left else ())
        self._before = {**self._exchange.remote_heads(), self._branch: self._head}
        self._known = held.branches

    def note_branches(self) -> None:
        """Nothing goes out: only words are wanted."""
        self._before = self._exchange.remote_heads()

    def nothing_pushed(self) -> ToolOutcome | None:
        """How it ended where SCAR has moved the task branch although it was to push nothing."""
        before, now = self._before.get(self._branch, ""), self._exchange.remote_heads().get(self._branch, "")
        if now == before:
            return None
        back = f"--force origin {before}:refs/heads/{self._branch}" if before else f"origin --delete {self._branch}"
        return _failed(
            "planner-pushed",
            f"SCAR was told only to plan, and the task branch on the remote stands at {now[:12] or 'nothing'} now: put "
            f"it back (`git push {back}`), see why its planning command pushes, then `devteam retry {self._task_id}`",
            retryable=False,
        )

    def take_in(self, into: Path, last_words: str) -> ToolOutcome:
        """What came goes into the copy `into`; the outcome says which branch, or why none."""
        found = self._look()
        match found:
            case Arrived():
                return self._bring(found, into, last_words)
            case Nothing(unfit=unfit):
                told = f" ({'; '.join(unfit)})" if unfit else ""
                said = f"; its last words: {' '.join(last_words.split())}" if last_words else ""
                return _failed("nothing-arrived", f"SCAR ended, nothing arrived on the remote{told}{said}")
            case Several(branches=branches, own=own):
                self.left = own  # SCAR's, not a stranger's: a retry may go on from it once the others are gone
                return _failed(
                    "several-arrived",
                    f"SCAR ended with more than one branch that could be the work: {', '.join(branches)}; "
                    f"delete all but {self._branch}, or merge the one that counts into it and adopt that",
                    retryable=False,
                )
            case Rewritten(commit=commit):
                now = f"it stands at {commit[:12]} now" if commit else "it is gone"
                return _failed(
                    "branch-rewritten",
                    f"{self._branch} on the remote does not contain {self._head[:12]} any more, {now}: "
                    "somebody pushed by force, and nothing of it was taken in",
                    retryable=False,
                )
            case None:
                return _failed("still-moving", "the remote's branches keep moving although SCAR has ended")
            case _:
                assert_never(found)

    def has_come(self) -> bool:
        """Whether SCAR has pushed something by now; the remote may be silent about it."""
        try:
            found = self._look() if self._before else None
        except DevteamError:
            return False
        if not isinstance(found, Arrived):
            return False
        self._note(found)
        self.note = f" (it has pushed {found.commit[:12]} to {found.branch}, which was not taken in)"
        return True

    # --- inside

    def _look(self) -> Arrival | None:
        for _ in range(_LOOKS):
            after = self._exchange.remote_heads()
            seen = moves(self._before, after, branch=self._branch, task_id=self._task_id, known=self._known)
            wanted = _wanted(seen, self._branch)
            if wanted and self._base_branch in after:
                wanted[self._base_branch] = self._base_tip = after[self._base_branch]
            if self._exchange.fetch(wanted):
                return arrival(
                    seen, branch=self._branch, head=self._head, base=self._base, descends=self._exchange.descends
                )
        return None

    def _bring(self, found: Arrived, into: Path, last_words: str) -> ToolOutcome:
        self._note(found)
        newer = self._newer_base(found.commit)
        if newer and found.is_own:
            # Taken in on top, the branch would have the base's changes in its history and not in its files.
            return self._has_newer_base(found, newer)
        try:
            is_there = self._exchange.bring(found.commit, into, without=self._without, since=newer)
        except GitFailed as error:
            return _failed("unusable-branch", f"{found.branch} cannot be checked out: {error.message}")
        if not is_there:
            return self._has_newer_base(found, newer)
        return ToolOutcome(status="finished", message=last_words, onto=found.commit if found.is_own else "")

    def _newer_base(self, commit: str) -> str:
        """Where the work left the base branch, when that is after our own base: those commits are not SCAR's work."""
        meeting = self._exchange.meeting(commit, self._base_tip) if self._base_tip else ""
        is_newer = meeting not in ("", self._base) and self._exchange.descends(meeting, self._base)
        return meeting if is_newer and not self._exchange.descends(self._head, meeting) else ""

    def _has_newer_base(self, found: Arrived, newer: str) -> ToolOutcome:
        return _failed(
            "newer-base",
            f"{found.branch} has {self._base_branch} at {newer[:12]} in it, which is newer than the base of this task "
            f"({self._base[:12]}), so that SCAR's work and that of others cannot be told apart",
            retryable=False,
        )

    def _note(self, found: Arrived) -> None:
        if found.is_own:
            self.left = found.commit
        else:
            self.branches = (found.branch,)


def _wanted(seen: Moves, branch: str) -> dict[str, str]:
    own = {branch: seen.own} if seen.own is not None else {}
    return {**seen.named, **own}


def _failed(reason: str, message: str, *, retryable: bool = True) -> ToolOutcome:
    return ToolOutcome(status="failed", reason=reason, message=message, retryable=retryable)
