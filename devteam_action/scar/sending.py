"""Delivering a message once: a lost answer is looked into, what was refused is tried again, nothing is sent blindly."""

from __future__ import annotations

import asyncio
import secrets
import time
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
from devteam_action.scar.problems import ScarForgot, ScarRefused, ScarShared, ScarStrange, ScarUnavailable, ScarUnsure
from devteam_action.scar.transport import Line
from devteam_action.scar.watching import Place

_SETTLE_S = 10.0  # a conversation is listed as active for up to 5 s after its last message (measured)
_PROBE_S = 4.0  # an idle server answers an end marker at once
_LOOK_S = 0.1
_REFUSED_AGAIN_S = (0.3, 1.0)  # pauses before a POST that was refused (not delivered) is sent again


class Sent(Struct, frozen=True, kw_only=True):
    """A message that the server took. It keeps all that is needed to go on waiting after a restart of ours.

    `baseline` messages were in the list before, `anchor` the last of them. `marker` is how the answer to our end marker
    begins (empty: none was sent). `ahead` other messages of the conversation were in the queue before ours, `between`
    between ours and the marker.
    """

    project_id: str
    conversation: str
    text: str
    baseline: int = 0
    marker: str = ""
    ahead: int = 0
    between: int = 0
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
    """Posts on a line, and says what the conversation was like then.

    It remembers how our last command left a conversation: the next one is sent when that has settled, and only while
    nobody else has used the conversation.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._left: dict[str, Place] = {}

    def left(self, conversation: str, place: Place | None) -> None:
        """How the list stood when our last command there was over; None where that is not known."""
        if place is None:
            self._left.pop(conversation, None)
        else:
            self._left[conversation] = place

    async def send(self, project_id: str, conversation: str, text: str, *, marked: bool) -> Sent:
        """Raises ScarShared, with nothing sent, when somebody else was there after our last command.

        ScarForgot where the server has lost what was there then.
        """
        body = encoded(conversation, text)
        left = self._left.get(conversation)
        # Idle first, then the messages: what somebody else has begun there has its answer in the list by then.
        is_settled = await self.settled(conversation)
        before = await all_messages(self._line, conversation)
        if left is not None and len(before) < left.count:
            raise ScarForgot(conversation)
        if left is not None and not (is_settled and Place(count=len(before), last=_last(before)) == left):
            raise ScarShared(conversation)
        await self._deliver(conversation, body, len(before))
        self.left(conversation, None)
        ahead = await self._others(conversation, ours=1)
        marker = await self._mark(conversation) if marked else ""
        others = await self._others(conversation, ours=2) if marker else 0
        return Sent(
            project_id=project_id,
            conversation=conversation,
            text=text,
            baseline=len(before),
            marker=marker,
            ahead=ahead,
            between=max(0, others - ahead),
            anchor=_last(before),
        )

    async def settled(self, conversation: str) -> bool:
        """Waits until a command of ours that is over is off the busy list; False when the conversation stays on it.

        True at once where no command of ours is over, and where the busy list cannot be had.
        """
        ends = time.monotonic() + _SETTLE_S
        while conversation in self._left:
            try:
                busy = await busy_of(self._line, conversation)
            except ScarStrange:
                return True
            if busy.is_idle:
                return True
            if time.monotonic() > ends:
                return False
            await asyncio.sleep(_LOOK_S)
        return True

    async def probe(self, conversation: str) -> bool:
        """Whether an end marker is answered soon: then nothing runs or waits there. For want of a busy list."""
        self.left(conversation, None)
        marker = await self._mark(conversation)
        ends = time.monotonic() + _PROBE_S
        while marker and time.monotonic() < ends:
            if any(each.message.startswith(marker) for each in await all_messages(self._line, conversation)):
                return True
            await asyncio.sleep(_LOOK_S)
        return False

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

    async def _others(self, conversation: str, *, ours: int) -> int:
        """How many messages that wait are not among `ours` last ones, of which the first may run already."""
        try:
            busy = await busy_of(self._line, conversation)
        except (ScarUnavailable, ScarStrange):
            return 0
        return max(0, busy.queued - (ours - 1 if busy.active else ours))

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


def _last(messages: tuple[ScarMessage, ...]) -> ScarMessage | None:
    return messages[-1] if messages else None
