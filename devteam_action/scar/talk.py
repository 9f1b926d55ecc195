"""One conversation over the client: what SCAR says goes out as it comes, how a command ends comes back."""

from __future__ import annotations

from collections.abc import Callable

from devteam_action.domain.command_status import CommandState, CommandStatus
from devteam_action.domain.scar_config import ScarConfig
from devteam_action.pipeline.ports import Stop
from devteam_action.pipeline.said import Said
from devteam_action.scar.client import Ended, Sent
from devteam_action.scar.messages import ScarMessage
from devteam_action.scar.orders import Invocation
from devteam_action.scar.outcome_texts import is_tool_line
from devteam_action.scar.problems import ScarForgot, ScarShared
from devteam_action.scar.sequence import CommandEnded, EndedAs
from devteam_action.scar.sync import SyncScar

Say = Callable[[Said], None]


class ScarTalk:
    """Satisfies `sequence.Talk`, in the conversation of `project_id`."""

    def __init__(self, scar: SyncScar, project_id: str, settings: ScarConfig, *, say: Say, stop: Stop) -> None:
        self._scar = scar
        self._project_id = project_id
        self._settings = settings
        self._say = say
        self._stop = stop
        self.conversation = scar.conversation(project_id)

    def is_idle(self) -> bool:
        """By the busy list; without one, by whether an end marker is answered soon."""
        return self._scar.is_idle(self._project_id)

    def clear(self) -> None:
        """Empties the list of messages."""
        self._scar.clear_messages(self._project_id)

    def tell(self, sentence: str) -> None:
        """A word of ours to people."""
        self._say(Said(text=sentence, type="progress", verbosity=1))

    def ask(self, name: str, *arguments: str) -> CommandEnded:
        """Its replies are told as progress, and are no output of a command."""
        try:
            sent = self._scar.send_slash(self._project_id, name, arguments)
        except (ScarShared, ScarForgot) as error:
            return _unsent(error)
        ended = self._wait(sent, self._settings.timeout_seconds, lambda index, message: None, name)
        texts = tuple(message.message for message in ended.messages)
        for text in texts:
            first, *rest = [line.strip() for line in text.splitlines() if line.strip()] or [""]
            self._say(Said(text=f"/{name}: {first}", type="progress", verbosity=2))
            for line in rest:
                self._say(Said(text=line, type="progress", verbosity=3))
        return _as_seen(ended, texts, self._stop)

    def invoke(self, invocation: Invocation) -> CommandEnded:
        """Each message is told as it comes, whole; start and end of the command besides, whatever the end is."""
        self._tell(invocation.command, "RUNNING")
        calls = [0]

        def on_message(index: int, message: ScarMessage) -> None:
            calls[0] += is_tool_line(message.message)
            self._say(Said(text=message.message, details={"messageIndex": index, "sentAt": message.timestamp}))

        ended: Ended | None = None
        how: CommandState = "FAILED"
        try:
            sent = self._scar.send_command(self._project_id, invocation.command, invocation.arguments)
            how = "INTERRUPTED"
            ended = self._wait(sent, invocation.timeout_s, on_message, invocation.command)
        except (ScarShared, ScarForgot) as error:
            seen = _unsent(error)
        except BaseException as error:
            # Who follows the log would wait for an end that never comes.
            self._tell(invocation.command, how, tool_calls=calls[0], cause=getattr(error, "message", "") or repr(error))
            raise
        else:
            for warning in ended.warnings:
                self._say(Said(text=f"/{invocation.command}: {warning}", type="progress", verbosity=2))
            spoken = tuple(each.message for each in ended.messages if not is_tool_line(each.message))
            seen = _as_seen(ended, spoken, self._stop)
        self._tell(invocation.command, seen.outcome, ended, tool_calls=calls[0], cause=seen.cause)
        return seen

    def _wait(self, sent: Sent, timeout_s: float, on_message: Callable[[int, ScarMessage], None], name: str) -> Ended:
        def on_progress(sentence: str) -> None:
            self._say(Said(text=f"/{name}: {sentence}", type="progress", verbosity=2))

        return self._scar.wait_for_completion(
            self._project_id,
            sent,
            on_message=on_message,
            timeout_s=timeout_s,
            stop=self._stop,
            on_progress=on_progress,
        )

    def _tell(
        self, name: str, state: CommandState, ended: Ended | None = None, *, tool_calls: int = 0, cause: str = ""
    ) -> None:
        status = CommandStatus(
            name=name,
            state=state,
            queued_s=ended.queued_s if ended else 0.0,
            run_s=ended.run_s if ended else 0.0,
            messages=len(ended.messages) if ended else 0,
            tool_calls=tool_calls,
            cause=cause,
            conversation=self.conversation,
        )
        self._say(Said(text=status.text, details=status.details, type=status.type, verbosity=status.verbosity))


def _as_seen(ended: Ended, texts: tuple[str, ...], stop: Stop) -> CommandEnded:
    is_ours = stop.is_set() and ended.outcome == "INTERRUPTED" and ended.cause == "stopped"
    outcome: EndedAs = "STOPPED" if is_ours else ended.outcome
    return CommandEnded(
        outcome=outcome,
        reason=ended.cause,
        cause=ended.explanation,
        advice=ended.advice,
        retryable=ended.retryable,
        texts=texts,
    )


def _unsent(error: ScarShared | ScarForgot) -> CommandEnded:
    """The end of a command that was not sent: the one before it may have come to nothing, and is not repeated."""
    outcome, reason = ("INTERRUPTED", "restarted") if isinstance(error, ScarForgot) else ("UNCERTAIN", "shared")
    return CommandEnded(outcome=outcome, reason=reason, cause=error.message, advice=error.remedy, retryable=False)
