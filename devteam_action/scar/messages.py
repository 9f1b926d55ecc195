"""What the HTTP test adapter of SCAR sends, as types; everything in it is a model's word, never an instruction."""

from __future__ import annotations

import json
import re
from typing import TypeVar, cast

import msgspec
from msgspec import Struct

_T = TypeVar("_T")
_SURROGATE = re.compile("[\ud800-\udfff]")


class ScarMessage(Struct, frozen=True, rename="camel"):
    """One message of a conversation; it has no id: it is known by its place in the list.

    `timestamp` is ISO 8601 in UTC by the server's clock, several messages may share one. `direction` is `sent` for all
    that SCAR shows.
    """

    conversation_id: str
    message: str
    timestamp: str = ""
    direction: str = "sent"


class ScarMessageResponse(Struct, frozen=True, rename="camel"):
    """The answer to a posted message: accepted, and no more than that."""

    success: bool
    conversation_id: str = ""
    message: str = ""


class ScarMessagesResponse(Struct, frozen=True, rename="camel"):
    """All messages of a conversation, in the order in which they came; unknown ones have none."""

    conversation_id: str
    messages: tuple[ScarMessage, ...]


class QueuedConversation(Struct, frozen=True, rename="camel"):
    """How many messages of a conversation wait; an entry of none is possible."""

    conversation_id: str
    queued_messages: int = 0


class Concurrency(Struct, frozen=True, rename="camel"):
    """The busy list: what runs and what waits, of every platform that the server talks to."""

    active_conversation_ids: tuple[str, ...]
    queued_by_conversation: tuple[QueuedConversation, ...] = ()
    max_concurrent: int = 0

    def of(self, conversation: str) -> Busy:
        queued = sum(
            each.queued_messages for each in self.queued_by_conversation if each.conversation_id == conversation
        )
        return Busy(active=conversation in self.active_conversation_ids, queued=max(0, queued))


class Busy(Struct, frozen=True):
    """Whether a conversation runs, and how many of its messages wait. Neither: the list of its messages is final."""

    active: bool
    queued: int

    @property
    def is_idle(self) -> bool:
        return not self.active and not self.queued

    @property
    def waits(self) -> bool:
        """Nothing of it runs yet: it waits for a free slot of the server."""
        return bool(self.queued) and not self.active


def decode(body: bytes, kind: type[_T]) -> _T:
    """The body as that type; raises ValueError when it is none.

    The server cuts lines between the halves of a character at times; such a half becomes U+FFFD.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as problem:
        raise ValueError(str(problem)) from None
    except msgspec.DecodeError:
        try:
            return msgspec.convert(_whole(cast("object", json.loads(body))), type=kind)
        except (msgspec.ValidationError, RecursionError) as problem:
            raise ValueError(str(problem)) from None


def _whole(value: object) -> object:
    match value:
        case str():
            return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
        case list():
            return [_whole(each) for each in cast("list[object]", value)]
        case dict():
            return {name: _whole(each) for name, each in cast("dict[str, object]", value).items()}
        case _:
            return value
