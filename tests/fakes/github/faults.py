"""What goes wrong on purpose.

Before the effect (nothing has happened on the server): `500`, `502`, `503`, `403-retry-after`, `secondary` (403 without
a header), `429` (with Retry-After), `exhausted` (403, no requests left until the reset), `404-masked`, `401`, `reset`
(the connection is cut), `422:KIND` (`422:validation`, `422:no-commits`, `422:exists`, `422:drafts`, `422:too-long`).
After it (the server has done it, the client does not learn so): `502-after-effect`, `reset-after-effect`, `slow` (the
answer is right, `seconds` late). `stale-list`: lists lack what was made by the last write; only GETs consume it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fakes.github.answers import Answer, Refusal, invalid
from tests.fakes.github.pulls import NO_DRAFTS

if TYPE_CHECKING:
    from tests.fakes.github.fake import FakeGitHub

BEFORE = {"500", "502", "503", "403-retry-after", "secondary", "429", "exhausted", "404-masked", "401", "reset"}
AFTER = {"502-after-effect", "reset-after-effect", "slow", "stale-list"}
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID."
)
_422 = {
    "validation": invalid("Fake", "made up"),
    "no-commits": invalid("PullRequest", "No commits between main and head"),
    "exists": invalid("PullRequest", "A pull request already exists for acme:head."),
    "drafts": Refusal(422, NO_DRAFTS),
    "too-long": invalid("IssueComment", "Body is too long (maximum is 65536 characters)", field="data"),
}


class Cut(Exception):
    """The connection ends without an answer."""


@dataclass
class Fault:
    """`after` requests pass first, then `times` are hit; `on_git`: it hits git's requests instead of the API's."""

    kind: str
    method: str
    path: re.Pattern[str]
    times: int
    after: int
    seconds: float
    on_git: bool = False

    def __post_init__(self) -> None:
        known = self.kind in BEFORE | AFTER or (self.kind.startswith("422:") and self.kind[4:] in _422)
        if not known:
            raise ValueError(f"no fault {self.kind!r}; there are {sorted(BEFORE | AFTER)} and 422: {sorted(_422)}")


def taken(faults: list[Fault], method: str, path: str, *, is_git: bool = False) -> Fault | None:
    """The fault that hits this request, used up by one."""
    for fault in faults:
        is_write = fault.method == "write" and method not in ("GET", "HEAD")
        fits = (is_write or fault.method in ("*", method)) and fault.on_git == is_git and fault.path.search(path)
        if not fits or fault.times <= 0:
            continue
        if fault.after > 0:
            fault.after -= 1
            continue
        fault.times -= 1
        return fault
    return None


def strike_before(fault: Fault | None, fake: FakeGitHub) -> None:
    """Raises `Cut` or the refusal of a fault that comes before the effect."""
    if fault is None or fault.kind in AFTER:
        return
    kind, wait = fault.kind, str(max(1, round(fault.seconds)))
    if kind == "reset":
        raise Cut
    if kind.startswith("422:"):
        raise _422[kind[4:]]
    if kind == "exhausted":
        reset = str(fake.seconds() + int(wait))
        gone = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        raise Refusal(403, "API rate limit exceeded for installation ID 1.", headers=gone)
    raise {
        "500": Refusal(500, "Server Error"),
        "502": Refusal(502, "Server Error"),
        "503": Refusal(503, "Service Unavailable"),
        "403-retry-after": Refusal(403, SECONDARY, headers={"Retry-After": wait}),
        "secondary": Refusal(403, SECONDARY),
        "429": Refusal(429, "Too many requests", headers={"Retry-After": wait}),
        "404-masked": Refusal(404, "Not Found"),
        "401": Refusal(401, "Bad credentials"),
    }[kind]


def strike_after(fault: Fault | None, answer: Answer) -> Answer:
    """What the client sees of an answer after which a fault comes; `slow` and stale lists are the server's to do."""
    if fault is not None and fault.kind == "reset-after-effect":
        raise Cut
    if fault is not None and fault.kind == "502-after-effect":
        refusal = Refusal(502, "Server Error")
        return Answer(502, refusal.body())
    return answer
