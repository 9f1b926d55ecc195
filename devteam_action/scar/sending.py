"""Delivering a message once: a lost answer is looked into, what was refused is tried again, nothing is sent blindly."""

from __future__ import annotations

import asyncio
import secrets
from functools import partial

from msgspec import Struct

from devteam_action.scar.arguments import encoded
from devteam_action.scar.conversation import path_of
from devteam_action.scar.messages import (
    Busy,
    Concurrency,
    ScarMessage,
    ScarMessageResponse,
    ScarMessagesResponse,
    decode,
)
from devteam_action.scar.problems import ScarRefused, ScarStrange, ScarUnavailable, ScarUnsure
from devteam_action.scar.transport import Line

_REFUSED_AGAIN_S = (0.3, 1.0)  # pauses before a POST that was refused (not delivered) is sent again


class Sent(Struct, frozen=True, kw_only=True):
    """A message that the server took. It keeps all that is needed to go on waiting after a restart of ours.

    `baseline` messages were in the list before, `anchor` the last of them. `marker` is how the answer to our end marker
    begins (empty: none was sent). `ahead` other messages of the conversation were in the queue before ours.
    """

    project_id: str
    conversation: str
    text: str
    baseline: int = 0
    marker: str = ""
    ahead: int = 0
    anchor: ScarMessage | None = None


async def all_messages(line: Line, conversation: str) -> tuple[ScarMessage, ...]:
    """All that SCAR has said in the conversation, as the server has it now."""
    return await line.get(path_of(conversation), _said)


def _said(body: bytes) -> tuple[ScarMessage, ...]:
    """Its own messages: the server keeps ours too, and would be free to show them."""
    messages = decode(body, ScarMessagesResponse).messages
    return tuple(each for each in messages if each.direction == "sent")


async def busy_of(line: Line, conversation: str) -> Busy:
    """What the busy list says of the conversation."""
    busy_list = await line.get("/health/concurrency", partial(decode, kind=Concurrency))
    return busy_list.of(conversation)


class Sender:
    """Posts on a line, and says what the conversation was like then."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def send(self, project_id: str, conversation: str, text: str, *, marked: bool) -> Sent:
        body = encoded(conversation, text)
        before = await all_messages(self._line, conversation)
        await self._deliver(conversation, body, len(before))
        ahead = await self._ahead(conversation)
        marker = await self._mark(conversation) if marked else ""
        return Sent(
            project_id=project_id,
            conversation=conversation,
            text=text,
            baseline=len(before),
            marker=marker,
            ahead=ahead,
            anchor=before[-1] if before else None,
        )

    async def _deliver(self, conversation: str, body: bytes, baseline: int) -> None:
        try:
            await self._post(body)
        except ScarUnavailable as problem:
            # A 500 is an answer and raises as such; here there was none: the message may have been taken.
            if not problem.was_sent:
                raise
            if not await self._was_taken(conversation, baseline):
                await self._post(body)

    async def _post(self, body: bytes) -> None:
        """Sends; a refused connection means that nothing was delivered, so then it is tried again."""
        for pause in (*_REFUSED_AGAIN_S, None):
            try:
                answer = await self._line.post("/test/message", body)
            except ScarUnavailable as problem:
                if problem.was_sent or pause is None:
                    raise
                await asyncio.sleep(pause)
                continue
            try:
                is_accepted = decode(answer, ScarMessageResponse).success
            except ValueError:
                is_accepted = False
            if not is_accepted:
                raise ScarStrange(self._line.base_url, "a message was answered with something else than its receipt")
            return

    async def _was_taken(self, conversation: str, baseline: int) -> bool:
        try:
            busy = await busy_of(self._line, conversation)
            messages = await all_messages(self._line, conversation)
        except (ScarUnavailable, ScarStrange):
            raise ScarUnsure(self._line.base_url, conversation) from None
        return not busy.is_idle or len(messages) > baseline

    async def _ahead(self, conversation: str) -> int:
        """How many other messages are before ours: with nothing running, ours is one of those that wait."""
        try:
            busy = await busy_of(self._line, conversation)
        except (ScarUnavailable, ScarStrange):
            return 0
        return busy.queued if busy.active else max(0, busy.queued - 1)

    async def _mark(self, conversation: str) -> str:
        """Posts the end marker; how its answer will begin. Empty when it was not taken for certain.

        It is an unknown command with a nonce: it queues behind ours and is answered when ours is over (measured).
        """
        name = f"pm-end-{secrets.token_hex(6)}"
        try:
            await self._post(encoded(conversation, f"/{name}"))
        except (ScarUnavailable, ScarStrange, ScarRefused):
            return ""
        return f"Unknown command: /{name}"
