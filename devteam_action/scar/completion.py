"""How a run ended, judged from what was observed; pure, and silence alone is never success."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from devteam_action.scar import outcome_texts as texts
from devteam_action.scar.messages import ScarMessage
from devteam_action.scar.outcome_texts import Cause

Outcome = Literal["COMPLETED", "FAILED", "TIMED_OUT", "INTERRUPTED", "UNCERTAIN"]

# What ended the watching: the busy list, the end marker, our patience (run or queue), our own stop, a server that lost
# its memory, one that stays away, a list that somebody emptied, or a long silence where nothing else could be had.
End = Literal["idle", "marker", "timeout", "queue-timeout", "stopped", "restarted", "unreachable", "cleared", "quiet"]


class Verdict(Struct, frozen=True, kw_only=True):
    """The outcome, with its cause as a stable word (empty for COMPLETED), and both said for people.

    COMPLETED says that the turn ended as turns end, not that the task is done right. `summary` is the agent's last
    word.
    """

    outcome: Outcome
    cause: str = ""
    explanation: str = ""
    advice: str = ""
    retryable: bool = False
    summary: str = ""
    warnings: tuple[str, ...] = ()


_NO_CANCEL = "SCAR cannot be told to stop: the run may go on, and its conversation stays busy until it is over"
_HALF = "the work may be half done: look at the branch before anything is run again"
_OTHER_ENDS: dict[End, Verdict] = {
    "timeout": Verdict(
        outcome="TIMED_OUT", cause="timed-out", explanation="the command ran longer than it may", advice=_NO_CANCEL,
        retryable=True,
    ),
    "queue-timeout": Verdict(
        outcome="TIMED_OUT", cause="queued-too-long", explanation="SCAR had no free slot for the command in time",
        advice=_NO_CANCEL, retryable=True,
    ),
    "stopped": Verdict(outcome="INTERRUPTED", cause="stopped", explanation="we were stopped", advice=_NO_CANCEL),
    "restarted": Verdict(
        outcome="INTERRUPTED", cause="restarted", explanation="SCAR restarted while the command ran", advice=_HALF
    ),
    "unreachable": Verdict(
        outcome="INTERRUPTED", cause="unreachable", explanation="SCAR went away while the command ran", advice=_HALF
    ),
    "cleared": Verdict(
        outcome="INTERRUPTED", cause="cleared",
        explanation="the conversation's messages were deleted by somebody else while the command ran", advice=_HALF,
    ),
}  # fmt: skip


def verdict(end: End, messages: Sequence[ScarMessage], *, is_shared: bool = False) -> Verdict:
    """Judges a run by what ended it and by its own messages, without replies to set-up commands and the marker.

    `is_shared`: another client's command ran in between, so that the last word may be another's.
    """
    if end in _OTHER_ENDS:
        return _OTHER_ENDS[end]
    told = _by_messages([each.message for each in messages])
    if told.outcome != "COMPLETED":
        return told
    if end == "quiet":
        return _unsure(
            told, "silent", "neither of SCAR's signs that a run is over could be had; it has only been quiet for long"
        )
    if is_shared:
        return _unsure(told, "shared", "another client used the conversation, so the last word may not be ours")
    return told


def _by_messages(messages: Sequence[str]) -> Verdict:
    output = [text for text in messages if not texts.is_progress(text) and text.strip()]
    if not output:
        return _failed(texts.EMPTY, "the command ended without any output")
    last, before = output[-1], output[-2] if len(output) > 1 else ""
    line = texts.failure_line(last)
    if line is not None:
        # The line says that it failed, the message before it why, in words that change with the agent.
        is_why = bool(before) and not texts.is_tool_line(before)
        return _failed(texts.reason(before) or line, texts.first_words(before if is_why else last))
    if last.startswith("❌ "):
        return _failed(texts.reason(last) or texts.CRASHED, texts.first_words(last))
    if len(output) == 1 and texts.is_refusal(last):
        return _failed(texts.CONFIGURATION, texts.first_words(last))
    if texts.is_agent_error(last):
        return _failed(texts.reason(last) or texts.CRASHED, texts.first_words(last))
    spoken = [text for text in output if not texts.is_tool_line(text)]
    return Verdict(outcome="COMPLETED", summary=spoken[-1] if spoken else "", warnings=_warnings(last))


def _warnings(last: str) -> tuple[str, ...]:
    if texts.is_tool_line(last):
        return ("the run ended with a tool call, without a closing word",)
    if last.startswith("⚠️"):
        return ("the last message begins with a warning sign that is not SCAR's own",)
    if last.rstrip().endswith("?"):
        return ("the run ended with a question; nobody answers it",)
    return ()


def _failed(cause: Cause, explanation: str) -> Verdict:
    return Verdict(
        outcome="FAILED", cause=cause.word, explanation=explanation, advice=cause.advice, retryable=cause.retryable
    )


def _unsure(told: Verdict, cause: str, explanation: str) -> Verdict:
    return Verdict(
        outcome="UNCERTAIN", cause=cause, explanation=explanation, advice=_HALF, summary=told.summary,
        warnings=told.warnings,
    )  # fmt: skip
