"""How the work of a tool on another machine comes back: over the remote's branches, and one conversation at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from msgspec import Struct


class Conversation(Struct, frozen=True, kw_only=True, rename="camel"):
    """What we know of a conversation with a server that works for us: `conversations/<id>.json` on the state branch.

    `run_id`, `task_id` and `owner` name the run that holds it, empty when none does. `busy` is since when something
    that we began there may still be going on, empty when it has ended. `left` is the commit on the task branch of
    `task_id` that came from there and was not taken in; `branches` are the others that hold work from there.
    """

    conversation: str
    task_id: str = ""
    run_id: str = ""
    owner: str = ""
    since: str = ""
    busy: str = ""
    left: str = ""
    branches: tuple[str, ...] = ()


class Conversations(Protocol):
    """The conversations of a project; each write is one compare-and-swap on the state."""

    def hold(self, conversation: str) -> AbstractContextManager[Conversation]:
        """The conversation is this run's inside; raises ConversationTaken while another living run holds it."""
        ...

    def mark_busy(self, conversation: str) -> None:
        """Something is about to be started there; it stays marked, whatever becomes of us."""
        ...

    def mark_idle(self, conversation: str) -> None:
        """The server has said that nothing is going on there any more."""
        ...

    def remember(self, conversation: str, *, left: str, branches: Collection[str]) -> None:
        """What came from there for this task: the commit that was not taken in, and further branches."""
        ...


class Exchange(Protocol):
    """The remote's branches, around the task branch of a run. All may raise RemoteUnreachable."""

    @property
    def address(self) -> str:
        """Where the remote is, for others to clone from; never with credentials in it."""
        ...

    def push_branch(self, *, known: Collection[str] = ()) -> str:
        """The remote has the task branch as it is here; the commit that it stands at there.

        A commit in `known` that stands there on top of ours may stay. Raises StateConflict for any other.
        """
        ...

    def remote_heads(self) -> Mapping[str, str]:
        """Every branch of the remote and its commit, asked now."""
        ...

    def fetch(self, branches: Mapping[str, str]) -> bool:
        """Has these commits of the remote's branches here; False when one of them has moved on meanwhile."""
        ...

    def descends(self, commit: str, base: str) -> bool:
        """Whether a commit that was fetched contains `base`."""
        ...

    def meeting(self, one: str, other: str) -> str:
        """The commit from which two that were fetched go apart; empty when there is none."""
        ...

    def bring(self, commit: str, into: Path, *, without: str = "", since: str = "") -> bool:
        """The files of a fetched commit replace those of a throw-away copy; raises GitFailed for what git refuses.

        The path `without` is left out, unless the task branch has it. With `since` only what the commit changed since
        that one is brought, on top of the task branch; False when that conflicts, and then nothing is brought.
        """
        ...
