"""Carries the steps of a sequence out; nothing is queued blindly, and nothing is done because SCAR says so."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import assert_never

from devteam_action.errors import ConversationTaken, DevteamError
from devteam_action.pipeline.exchange import Conversation, Conversations
from devteam_action.pipeline.ports import Stop, ToolOutcome
from devteam_action.scar import replies
from devteam_action.scar.intake import Intake
from devteam_action.scar.sequence import (
    Begin,
    Clear,
    CommandEnded,
    Invoke,
    NoteBranches,
    NothingPushed,
    PushBranch,
    RequireIdle,
    Step,
    Switch,
    TakeIn,
    Talk,
)

_STOPPED = ToolOutcome(status="stopped", reason="stopped", message="stopped on request")
_GOES_ON = (
    "SCAR cannot be told to stop: what it has begun goes on there, and nothing else is begun in its conversation until "
    "that is over. Then `devteam resume` runs this attempt's commands again from the first; where SCAR has pushed to "
    "the task branch meanwhile, it asks for `--adopt`"
)
_LAST_WORDS = 400


class _NotOver(Exception):
    """A command that SCAR handles itself did not end as it should."""

    def __init__(self, name: str, ended: CommandEnded) -> None:
        super().__init__(name)
        self.name, self.ended = name, ended


class Errand:
    """One sequence in one conversation; `intake` looks after the remote's branches."""

    def __init__(self, talk: Talk, conversations: Conversations, intake: Intake, stop: Stop) -> None:
        self._talk = talk
        self._conversations = conversations
        self._intake = intake
        self._stop = stop
        self._has_begun = False
        self._said: tuple[str, ...] = ()

    def run(self, steps: Sequence[Step], into: Path) -> ToolOutcome:
        """The outcome of the first step that ends it, else `finished` with the last words.

        What SCAR may still be doing when we leave stays marked in our state. Raises ConversationTaken, ScarUnavailable,
        and what the remote raises.
        """
        with self._conversations.hold(self._talk.conversation) as held:
            try:
                return self._all(steps, held, into)
            finally:
                self._leave()

    def _all(self, steps: Sequence[Step], held: Conversation, into: Path) -> ToolOutcome:
        for step in steps:
            if self._stop.is_set():
                return _STOPPED
            ended = self._perform(step, held, into)
            if ended is not None:
                return ended
        return ToolOutcome(status="finished", message=last_words(self._said))

    def _perform(self, step: Step, held: Conversation, into: Path) -> ToolOutcome | None:
        match step:
            case RequireIdle():
                self._require_idle(held)
            case Clear():
                self._talk.clear()
            case PushBranch():
                self._intake.push(held)
            case NoteBranches():
                self._intake.note_branches()
            case Begin():
                self._has_begun = True
                self._conversations.mark_busy(self._talk.conversation)
            case Switch():
                try:
                    return self._switch(step)
                except _NotOver as asked:
                    return self._failed(asked.name, asked.ended)
            case Invoke(invocation=invocation):
                ended = self._talk.invoke(invocation)
                self._said = ended.texts
                if ended.outcome != "COMPLETED":
                    return self._failed(invocation.command, ended)
            case TakeIn():
                outcome = self._intake.take_in(into, last_words(self._said))
                self._remember()
                return outcome
            case NothingPushed():
                return self._intake.nothing_pushed()
            case _:
                assert_never(step)
        return None

    # --- steps

    def _require_idle(self, held: Conversation) -> None:
        if not self._talk.is_idle():
            whose = f"what a run of ours began there at {held.busy}" if held.busy else "another client's work"
            raise ConversationTaken(
                f"SCAR is still busy in the conversation {self._talk.conversation}: {whose} has not ended",
                remedy="nothing can cancel it there but a restart of SCAR; wait until it is done, then run again",
            )
        if held.busy:
            self._conversations.mark_idle(self._talk.conversation)

    def _switch(self, step: Switch) -> ToolOutcome | None:
        """On the repository of exactly that name, cloned first where SCAR has none of it."""
        found = self._on(step.repository)
        if found.answer in ("missing", "other-repository"):
            cloned = self._answers("clone", step.clone_url)
            if not replies.is_cloned(cloned):
                return self._not_there(step, replies.shown(cloned[-1]) if cloned else "nothing")
            found = self._on(step.repository)
        if found.answer == "switched":
            return None
        if found.answer == "no-commands":
            return ToolOutcome(
                status="failed",
                reason="scar-no-commands",
                message=f"SCAR has no commands in {step.repository}: .claude/commands or .agents/commands is missing",
                retryable=False,
            )
        return self._not_there(step, found.said)

    def _on(self, name: str) -> replies.Switch:
        """Asks for the repository by its name, and by its number in SCAR's list where the name begins with digits.

        The server takes leading digits for such a number (measured), so `2048-game` may mean any repository.
        """
        found = replies.switch(self._answers("repo", name), name)
        if found.answer == "other-repository" and name[0].isdigit():
            number = replies.number_of(self._answers("repos"), name)
            if number is not None:
                found = replies.switch(self._answers("repo", str(number)), name)
        return found

    def _answers(self, name: str, *arguments: str) -> tuple[str, ...]:
        """What SCAR replies; raises _NotOver where that is not known to be the whole, and to be for us."""
        asked = self._talk.ask(name, *arguments)
        if not asked.is_over:
            raise _NotOver(name, asked)
        return asked.texts

    def _not_there(self, step: Switch, said: str) -> ToolOutcome:
        return ToolOutcome(
            status="failed",
            reason="scar-repository",
            message=f"SCAR does not work on the repository {step.repository}; it said: {said}",
            retryable=False,
        )

    # --- the way out

    def _failed(self, command: str, ended: CommandEnded) -> ToolOutcome:
        """What the command came to; what it has pushed by now is remembered, and is no success."""
        if ended.outcome == "STOPPED":
            return _STOPPED
        if self._intake.has_come():
            self._remember()
        why = ": ".join(part for part in (ended.cause, ended.advice) if part) or "it does not say why"
        words = {
            "FAILED": "failed",
            "TIMED_OUT": "did not end in time, and goes on in SCAR",
            "INTERRUPTED": "was interrupted",
            "UNCERTAIN": "is uncertain",
        }
        return ToolOutcome(
            status="timed-out" if ended.outcome == "TIMED_OUT" else "failed",
            reason=_reason(ended),
            message=f"SCAR's {command} {words.get(ended.outcome, ended.outcome)}: {why}{self._intake.note}",
            # Only what has surely ended may be begun again by itself.
            retryable=ended.outcome == "FAILED" and ended.retryable,
        )

    def _remember(self) -> None:
        left, branches = self._intake.left, self._intake.branches
        if left or branches:
            self._conversations.remember(self._talk.conversation, left=left, branches=branches)

    def _leave(self) -> None:
        """Only SCAR's own word takes the mark away; without it, who stopped us is told what that means."""
        if not self._has_begun:
            return
        with contextlib.suppress(DevteamError):
            if self._talk.is_idle():
                self._conversations.mark_idle(self._talk.conversation)
                return
        if self._stop.is_set():
            self._talk.tell(_GOES_ON)


def _reason(ended: CommandEnded) -> str:
    match ended.outcome:
        case "TIMED_OUT":
            return "timed-out"
        case "FAILED" if ended.reason:
            return ended.reason
        case _:
            return f"scar-{ended.outcome.lower()}"


def last_words(texts: Sequence[str]) -> str:
    """The end of what SCAR said, for people and for the next brief."""
    text = texts[-1].strip() if texts else ""
    return text if len(text) <= _LAST_WORDS else f"{text[:_LAST_WORDS].rstrip()}…"
