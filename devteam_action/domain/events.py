"""The closed set of events; every state, report and log is folded from these.

Types and their common fields are the contract's (CONTRACT: events and activities). The bus numbers, stamps and
redacts an event before anyone sees it; until then `timestamp` is empty and `sequence_number` is -1.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from devteam_action.domain.findings import CriterionResult
from devteam_action.domain.results import StageResult
from devteam_action.domain.task import Task

Stage = Literal["SELECT", "PREP", "IMPLEMENT", "VERIFY", "PUBLISH"]
Status = Literal[
    "PENDING",
    "INITIALIZING",
    "IMPLEMENTING",
    "VERIFYING",
    "PUBLISHING",
    "WAITING",
    "COMPLETED",
    "ERROR",
    "STOPPED",
]
WaitingFor = Literal["review", "approval", "person", "slot"]
Deliver = Literal["branch", "merge", "pr"]


class RunOptions(Struct, frozen=True, kw_only=True, rename="camel"):
    """The limits and choices of one run, fixed at its start."""

    tool: str
    base_branch: str
    deliver: Deliver = "branch"
    max_attempts: int = 3
    max_cost_usd: float | None = None


# --- events --------------------------------------------------------------------------------------------------


class Event(Struct, frozen=True, kw_only=True, rename="camel", tag_field="type"):
    """Common fields; `timestamp` is ISO 8601 UTC with `Z`, `sequence_number` counts from 0 within a run."""

    customer_id: str = ""
    task_id: str = ""
    run_id: str = ""
    timestamp: str = ""
    sequence_number: int = -1


class Started(Event, frozen=True, kw_only=True, tag="STARTED"):
    """A run began on a task; everything it was told is here, so that it can be asked again."""

    task: Task
    options: RunOptions
    why: str = ""


class StageStarted(Event, frozen=True, kw_only=True, tag="STAGE_STARTED"):
    """A stage begins; `attempt` is 0 before the first one."""

    stage: Stage
    attempt: int = 0


class StageFinished(Event, frozen=True, kw_only=True, tag="STAGE_FINISHED"):
    """A stage is over; `result` says what it found out, `duration` how many seconds it took."""

    stage: Stage
    attempt: int = 0
    result: StageResult
    duration: float = 0.0


class AttemptStarted(Event, frozen=True, kw_only=True, tag="ATTEMPT"):
    """An attempt begins; `reason` is why it is needed (first, checks-failed, tool-failed, guidance, retry).

    `limit` is the number of the last attempt that may be made; `tool` makes it, empty for a checkpoint.
    """

    number: int
    reason: str = "first"
    limit: int = 0
    tool: str = ""


class CheckFinished(Event, frozen=True, kw_only=True, tag="CHECK"):
    """VERIFY has judged one criterion: the row of the results table."""

    attempt: int
    result: CriterionResult


class Progressed(Event, frozen=True, kw_only=True, tag="PROGRESS"):
    """Whole percents, 0 to 100, never falling within a run; 100 only with COMPLETED."""

    progress: int
    message: str = ""


class Intervened(Event, frozen=True, kw_only=True, tag="INTERVENTION"):
    """A person's word and what became of it (`receipt`: taken, next-attempt, refused).

    Guidance `for the next attempt` makes one due and stays in the inbox until that attempt takes it, as a second event.

    `takeover` and `refresh` are nobody's word: a run that was left is taken over, or proved work is brought up to its
    newest base. `head`, where it is known, is the commit of the task branch that the person had seen.
    """

    kind: Literal["guide", "stop", "resume", "retry", "adopt", "skip", "takeover", "refresh"]
    text: str = ""
    receipt: str = "taken"
    by: str = ""
    options: RunOptions | None = None
    head: str = ""


class ActivityLogged(Event, frozen=True, kw_only=True, tag="ACTIVITY"):
    """One line of tool output, or several that belong together. Which do, domain/activity.py tells."""

    activity: Activity


class Completed(Event, frozen=True, kw_only=True, tag="COMPLETED"):
    """The end of a good run: COMPLETED when the base branch has it, else WAITING for `waiting_for`."""

    status: Literal["COMPLETED", "WAITING"] = "COMPLETED"
    waiting_for: WaitingFor | None = None


class Failed(Event, frozen=True, kw_only=True, tag="FAILED"):
    """The end of a run that proved nothing: ERROR with a reason, or STOPPED by a person or a signal."""

    status: Literal["ERROR", "STOPPED"] = "ERROR"
    code: str
    reason: str
    hint: str = ""


ActivityType = Literal[
    "bash_command",
    "file_read",
    "file_write",
    "file_edit",
    "grep_search",
    "glob_pattern",
    "tool_invocation",
    "agent_response",
    "error",
    "progress",
]


class Activity(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a tool was seen doing; `verbosity` 1: start and end of a command, 2: its status, 3: everything."""

    id: str
    execution_id: str
    project_id: str
    source: str
    type: ActivityType
    message: str
    details: dict[str, str | int | float | bool | list[str] | None] = {}
    output: str | None = None
    timestamp: str = ""
    sequence_number: int = 0
    verbosity: int = 3


AnyEvent = (
    Started
    | StageStarted
    | StageFinished
    | AttemptStarted
    | CheckFinished
    | Progressed
    | Intervened
    | ActivityLogged
    | Completed
    | Failed
)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(AnyEvent)


def encode(event: AnyEvent) -> bytes:
    """One JSON object, without a line end."""
    return _encoder.encode(event)


def decode(line: bytes) -> AnyEvent:
    """The event of one JSON line; raises msgspec.DecodeError on anything else."""
    return _decoder.decode(line)
