"""The status of a command that a tool runs for us (SCAR's `prime`): one activity at its start and one at its end.

At verbosity 1 it is `PRIME: RUNNING` and `PRIME: COMPLETED`; from verbosity 2 on, times and counts are told too.
"""

from __future__ import annotations

from typing import Literal, cast, get_args

from msgspec import Struct

from devteam_action.domain.activity_rules import Details
from devteam_action.domain.events import Activity, ActivityType

CommandState = Literal[
    "QUEUED", "RUNNING", "QUIET", "COMPLETED", "FAILED", "TIMED_OUT", "INTERRUPTED", "UNCERTAIN", "STOPPED"
]

_ON_THE_WAY = ("QUEUED", "RUNNING", "QUIET")
_LONGEST_CAUSE = 300


class CommandStatus(Struct, frozen=True, kw_only=True):
    """How a command stands: seconds, and counts of what it has said; `cause` is why it did not complete,
    `conversation` where it ran.
    """

    name: str
    state: CommandState
    queued_s: float = 0.0
    run_s: float = 0.0
    messages: int = 0
    tool_calls: int = 0
    cause: str = ""
    conversation: str = ""

    @property
    def type(self) -> ActivityType:
        """A command that did not complete is an error among the activities."""
        return "progress" if self.state in (*_ON_THE_WAY, "COMPLETED") else "error"

    @property
    def verbosity(self) -> int:
        """Start and end are told to everybody."""
        return 2 if self.state in ("QUEUED", "QUIET") else 1

    @property
    def is_going_on(self) -> bool:
        """Whether its end is still to come."""
        return self.state in _ON_THE_WAY

    @property
    def text(self) -> str:
        """`PRIME: COMPLETED`."""
        return f"{self.name.upper()}: {self.state}"

    @property
    def details(self) -> Details:
        """What the activity has beside its text."""
        known: Details = {
            "name": self.name,
            "status": self.state,
            "queuedSeconds": round(self.queued_s, 1),
            "runSeconds": round(self.run_s, 1),
            "messages": self.messages,
            "toolCalls": self.tool_calls,
            "cause": self.cause[:_LONGEST_CAUSE],
            "conversation": self.conversation,
        }
        return {key: value for key, value in known.items() if value not in ("", 0, 0.0) or key == "status"}


def is_status(activity: Activity) -> bool:
    """Whether the activity tells the status of a command; a tool's own words never do."""
    return activity.verbosity < 3 and "status" in activity.details and "name" in activity.details


def status_of(activity: Activity) -> CommandStatus | None:
    """The status that the activity tells; None for any other activity, and for a status of a later version."""
    details = activity.details
    if not is_status(activity) or details["status"] not in get_args(CommandState):
        return None
    return CommandStatus(
        name=str(details["name"]),
        state=cast("CommandState", details["status"]),
        queued_s=_number(details.get("queuedSeconds")),
        run_s=_number(details.get("runSeconds")),
        messages=int(_number(details.get("messages"))),
        tool_calls=int(_number(details.get("toolCalls"))),
        cause=str(details.get("cause") or ""),
        conversation=str(details.get("conversation") or ""),
    )


def facts_of(status: CommandStatus) -> list[str]:
    """Times, counts and the cause of a command's status, in words: `12 s`, `3 s queued`, `13 messages`."""
    ran, queued, calls = status.run_s, status.queued_s, status.tool_calls
    return [
        *([f"{ran:.1f} s" if ran < 10 else f"{ran:.0f} s"] if ran >= 0.05 else []),
        *([f"{queued:.0f} s queued"] if queued >= 0.5 else []),
        *([f"{status.messages} message{'' if status.messages == 1 else 's'}"] if status.messages else []),
        *([f"{calls} tool call{'' if calls == 1 else 's'}"] if calls else []),
        *([status.cause] if status.cause else []),
    ]


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
