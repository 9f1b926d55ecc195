"""The client of a SCAR server: sends a command once, and knows when and how it ended."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence

from msgspec import Struct

from devteam_action.scar.arguments import command_line, slash_line
from devteam_action.scar.completion import Outcome, verdict
from devteam_action.scar.conversation import PREFIX, conversation_of, path_of
from devteam_action.scar.messages import Busy, ScarMessage
from devteam_action.scar.polling import Stopped, Tell, looks
from devteam_action.scar.problems import ScarStrange
from devteam_action.scar.sending import Sender, Sent, all_messages, busy_of
from devteam_action.scar.transport import Line
from devteam_action.scar.watching import Arrived, Patience, Watch

__all__ = ["BASE_URL", "Ended", "ScarClient", "Sent"]

BASE_URL = "http://localhost:3000"


class Ended(Struct, frozen=True, kw_only=True):
    """How it ended: see completion.Verdict. `queued_s` is no part of `run_s`; `still_busy`: start nothing there yet."""

    outcome: Outcome
    cause: str
    explanation: str
    advice: str
    retryable: bool
    messages: tuple[ScarMessage, ...]
    summary: str
    warnings: tuple[str, ...]
    queued_s: float
    run_s: float
    still_busy: bool


class ScarClient:
    """Talks to one server from one event loop; `async with`, or `close()` at the end.

    Every method raises ScarUnavailable ("SCAR is not available. …") when the server cannot be reached, ScarStrange when
    something else answers, and BadInput before anything is sent that the server would not take. `timeout_s` is how long
    a run may take unless told otherwise.
    """

    def __init__(
        self,
        base_url: str = BASE_URL,
        *,
        prefix: str = PREFIX,
        timeout_s: float = 300.0,
        poll_interval_s: float = 0.5,
        line: Line | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.line = line or Line(base_url)
        self.base_url = self.line.base_url
        self.timeout_s = timeout_s
        self.poll_interval_s = poll_interval_s
        self._prefix = prefix
        self._sender = Sender(self.line)
        self._clock = clock

    async def __aenter__(self) -> ScarClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self.line.close()

    def conversation(self, project_id: str) -> str:
        """The id of the project's conversation."""
        return conversation_of(self._prefix, project_id)

    async def get_messages(self, project_id: str) -> tuple[ScarMessage, ...]:
        """All that SCAR has said in the conversation since it was cleared or restarted."""
        return await all_messages(self.line, self.conversation(project_id))

    async def clear_messages(self, project_id: str) -> None:
        """Empties the list. Only while it is idle: it stops nothing, and a running command would lose messages."""
        conversation = self.conversation(project_id)
        await self._sender.settled(conversation)
        await self.line.delete(path_of(conversation))
        self._sender.left(conversation, None)

    async def is_idle(self, project_id: str) -> bool:
        """Whether nothing runs or waits in the conversation.

        After a command of ours it is waited until the server has put it away. Where the busy list cannot be had, an
        end marker is posted: answered within seconds means idle.
        """
        conversation = self.conversation(project_id)
        if not await self._sender.settled(conversation):
            return False
        try:
            return (await self.is_busy(conversation)).is_idle
        except ScarStrange:
            return await self._sender.probe(conversation)

    async def is_busy(self, conversation: str) -> Busy:
        """What the busy list says of a conversation (its id, not the project's)."""
        return await busy_of(self.line, conversation)

    async def send_command(
        self, project_id: str, command: str, args: Sequence[str] = (), *, marked: bool = True
    ) -> Sent:
        """Invokes a command of the repository, and posts the end marker behind it.

        Sent once: a lost answer is looked into (busy list, messages), never simply repeated; ScarUnsure when looking
        does not tell. ScarShared, with nothing sent, when somebody else was there after our last command.
        """
        return await self._sender.send(
            project_id, self.conversation(project_id), command_line(command, args), marked=marked
        )

    async def send_slash(self, project_id: str, name: str, args: Sequence[str] = (), *, marked: bool = True) -> Sent:
        """One of the server's own commands, such as `repo`, `clone`, `status`; sent as `send_command` does."""
        return await self._sender.send(project_id, self.conversation(project_id), slash_line(name, args), marked=marked)

    async def wait_for_completion(
        self,
        project_id: str,
        sent: Sent,
        *,
        on_message: Callable[[int, ScarMessage], None] | None = None,
        timeout_s: float | None = None,
        stop: Stopped | None = None,
        patience: Patience | None = None,
        on_progress: Tell | None = None,
    ) -> Ended:
        """Waits until the run is over, telling each message once, in order, within the poll interval.

        `stop` (an Event) ends the waiting, not the run. `on_progress` is given a sentence when there is something to
        say beside messages: it waits for a slot, the server is away, it has been quiet.
        """
        watch = self._watch(sent, timeout_s, patience)
        async for arrived in self._arrivals(project_id, sent, watch, stop, on_progress):
            if on_message is not None:
                on_message(arrived.index, arrived.message)
        return self._ended(watch, sent)

    async def stream_messages_incremental(
        self,
        project_id: str,
        sent: Sent,
        *,
        timeout_s: float | None = None,
        stop: Stopped | None = None,
        patience: Patience | None = None,
        on_ended: Callable[[Ended], None] | None = None,
    ) -> AsyncIterator[Arrived]:
        """The run's messages as they come, with their numbers; `on_ended` learns how it ended."""
        watch = self._watch(sent, timeout_s, patience)
        async for arrived in self._arrivals(project_id, sent, watch, stop, None):
            yield arrived
        if on_ended is not None:
            on_ended(self._ended(watch, sent))

    def _watch(self, sent: Sent, timeout_s: float | None, patience: Patience | None) -> Watch:
        allowed = patience or Patience(run_s=self.timeout_s)
        if timeout_s is not None:
            allowed = Patience(run_s=timeout_s, queue_s=allowed.queue_s, away_s=allowed.away_s, quiet_s=allowed.quiet_s)
        return Watch(
            baseline=sent.baseline, marker=sent.marker, began=self._clock(), patience=allowed, anchor=sent.anchor,
            ahead=sent.ahead,
        )  # fmt: skip

    def _arrivals(
        self, project_id: str, sent: Sent, watch: Watch, stop: Stopped | None, tell: Tell | None
    ) -> AsyncIterator[Arrived]:
        conversation = self.conversation(project_id)
        if conversation != sent.conversation:
            raise ValueError(f"{sent.conversation} is not the conversation of {project_id}")
        return looks(
            watch,
            busy=lambda: self.is_busy(conversation),
            messages=lambda: all_messages(self.line, conversation),
            interval_s=self.poll_interval_s,
            clock=self._clock,
            stop=stop,
            tell=tell,
        )

    def _ended(self, watch: Watch, sent: Sent) -> Ended:
        self._sender.left(sent.conversation, watch.place)
        told = verdict(watch.end or "stopped", watch.messages, is_shared=sent.ahead + sent.between > 0)
        return Ended(
            outcome=told.outcome,
            cause=told.cause,
            explanation=told.explanation,
            advice=told.advice,
            retryable=told.retryable,
            messages=tuple(watch.messages),
            summary=told.summary,
            warnings=told.warnings,
            queued_s=round(watch.queued_s, 3),
            run_s=round(watch.run_s, 3),
            still_busy=watch.may_be_busy,
        )
