"""What can go wrong between us and the server; none of these sentences holds a word that the server sent as HTML."""

from __future__ import annotations

from devteam_action.errors import BadInput, ConversationTaken, RemoteUnreachable

NO_ANSWER = "no answer in time"


class ScarUnavailable(RemoteUnreachable):
    """The server cannot be reached or does not answer. `was_sent` says that the request may have arrived."""

    def __init__(self, base_url: str, *, was_sent: bool, why: str = "") -> None:
        super().__init__(
            f"SCAR is not available. Ensure SCAR is running at {base_url}" + (f" ({why})" if why else ""),
            remedy="start the server, or set `scar.base-url` (or SCAR_BASE_URL) to where it is; it has no login, so it "
            "belongs on a private network that this machine can reach",
        )
        self.was_sent = was_sent
        self.is_slow = why == NO_ANSWER


class ScarStrange(RemoteUnreachable):
    """Something answered that does not speak as SCAR does: a proxy's page, another program, an answer without end."""

    def __init__(self, base_url: str, what: str, *, status: int = 0) -> None:
        super().__init__(
            f"what answers at {base_url} is not SCAR, or not well: {what}",
            remedy="look whether the address is SCAR's own, with no proxy in between, and look at the server's log",
        )
        self.status = status


class ScarRefused(BadInput):
    """The server understood the request and does not take it; to send it again is no use."""

    def __init__(self, what: str, *, status: int, remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.status = status


class ScarShared(ConversationTaken):
    """Somebody else has used the conversation since our last command there; nothing was sent after that."""

    def __init__(self, conversation: str) -> None:
        super().__init__(
            f"another client used the conversation {conversation} between two commands of ours, and may have switched "
            "its repository; nothing more was sent",
            remedy="see to it that nobody else posts to that conversation, then run the task again",
        )


class ScarForgot(RemoteUnreachable):
    """The messages of our last command are gone from the conversation; nothing was sent after that."""

    def __init__(self, conversation: str) -> None:
        super().__init__(
            f"SCAR restarted between two commands of ours, or somebody emptied the conversation {conversation}; "
            "nothing more was sent",
            remedy="the work may be half done: look at the branch, then run the task again",
        )


class ScarUnsure(RemoteUnreachable):
    """A message may or may not have been delivered, and looking could not tell; it was not sent again."""

    def __init__(self, base_url: str, conversation: str) -> None:
        super().__init__(
            f"SCAR at {base_url} may or may not have taken the message for {conversation}; it was not sent twice",
            remedy="look what the conversation is doing (GET /health/concurrency), then run the task again",
        )
