"""One task for SCAR, as a list of steps; the same list tells people what will be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

from devteam_action.scar.orders import Invocation

EndedAs = Literal["COMPLETED", "FAILED", "TIMED_OUT", "INTERRUPTED", "UNCERTAIN", "STOPPED"]


class CommandEnded(Struct, frozen=True, kw_only=True):
    """How one command ended: `reason` is a stable word, `cause` and `advice` are for people.

    `texts` are its messages in order; of an agent's, tool calls are left out.
    """

    outcome: EndedAs
    reason: str = ""
    cause: str = ""
    advice: str = ""
    retryable: bool = True
    texts: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether it ended as commands end, well or not, so that its messages are all of its own."""
        return self.outcome in ("COMPLETED", "FAILED")


class Talk(Protocol):
    """One conversation with SCAR; everything raises ScarUnavailable when SCAR cannot be reached."""

    @property
    def conversation(self) -> str: ...

    def is_idle(self) -> bool:
        """Whether nothing runs or waits there."""
        ...

    def tell(self, sentence: str) -> None:
        """A word of ours to people, among SCAR's."""
        ...

    def clear(self) -> None:
        """The messages so far are forgotten; only while nothing goes on."""
        ...

    def ask(self, name: str, *arguments: str) -> CommandEnded:
        """A command that SCAR handles itself (`repo`, `clone`), and all that it answers."""
        ...

    def invoke(self, invocation: Invocation) -> CommandEnded:
        """One of the repository's commands, to its end."""
        ...


class RequireIdle(Struct, frozen=True):
    """Nothing is going on in the conversation: nothing of ours from before, and nobody else's."""


class Clear(Struct, frozen=True):
    """Old messages are forgotten, while the conversation is idle."""


class PushBranch(Struct, frozen=True):
    """The task branch is on the remote, and where every branch stands there is written down."""


class NoteBranches(Struct, frozen=True):
    """Where every branch stands on the remote is written down; nothing is pushed."""


class Begin(Struct, frozen=True):
    """From here on SCAR may be working: the conversation is marked busy in our state."""


class Switch(Struct, frozen=True, kw_only=True):
    """SCAR works on exactly this repository, cloned from the address where it lacks it."""

    repository: str
    clone_url: str


class Invoke(Struct, frozen=True):
    """One command, to its end."""

    invocation: Invocation


class TakeIn(Struct, frozen=True):
    """What the remote has now, and had not before, goes into the throw-away copy."""


class NothingPushed(Struct, frozen=True):
    """The task branch on the remote stands where it stood."""


Step = RequireIdle | Clear | PushBranch | NoteBranches | Begin | Switch | Invoke | TakeIn | NothingPushed


def implementing(switch: Switch, invocations: Sequence[Invocation]) -> tuple[Step, ...]:
    """The whole of a task: what is done, in this order."""
    commands = tuple(Invoke(invocation) for invocation in invocations)
    return (RequireIdle(), Clear(), PushBranch(), Begin(), switch, *commands, TakeIn())


def planning(switch: Switch, invocations: Sequence[Invocation]) -> tuple[Step, ...]:
    """Only words are wanted: nothing is pushed, and nothing that SCAR pushes is taken in."""
    commands = tuple(Invoke(invocation) for invocation in invocations)
    return (RequireIdle(), Clear(), NoteBranches(), Begin(), switch, *commands, NothingPushed())
