"""The three things that the gate asks of GitHub: who may command, a reaction, one reply. Standard library only."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple, cast
from urllib.parse import quote, urljoin, urlsplit

if TYPE_CHECKING:
    from email.message import Message

Reaction = Literal["eyes", "-1", "confused"]
ALLOWED = frozenset({"admin", "maintain", "write"})
PATIENCE_S = 90.0  # seconds of waiting for the answer on which it depends whether anything is done
_COURTESY_S = 3.0  # for what is only polite: a stop must not wait for its reaction
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 15.0
_LIMITED_WAIT_S = 60.0  # what GitHub asks for where it names no time
_TIMEOUT_S = 10
_LONGEST_ANSWER = 8 * 2**20


class CannotTell(Exception):
    """GitHub did not answer the question; the text is a sentence for people, with what to do."""


class Answer(NamedTuple):
    """What GitHub answered; `body` is the parsed JSON, None when it is none; `wait_s` the pause that it asks for."""

    status: int
    body: object
    is_rate_limited: bool = False
    location: str = ""
    wait_s: float | None = None


class GitHub:
    """One repository (`owner/name`) by its REST API. Nothing is sent to another host, wherever it redirects."""

    def __init__(
        self,
        api_url: str,
        repository: str,
        token: str,
        *,
        patience_s: float | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        if not re.fullmatch(r"[\x21-\x7e]+", token):
            raise CannotTell("there is no token to ask GitHub with: set the input `github-token`")
        if not re.fullmatch(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+", repository):
            raise CannotTell("GITHUB_REPOSITORY does not say which repository this is")
        self._base = f"{api_url.rstrip('/')}/repos/{repository}"
        self._token = token
        self._pause = pause
        self._patience_s = PATIENCE_S if patience_s is None else patience_s
        self._own_login = ""

    def may_command(self, login: str) -> bool:
        """Whether that person can write to the repository; raises CannotTell whenever GitHub does not say."""
        path = f"/collaborators/{quote(login, safe='')}/permission"
        answer = self._call("GET", path, patience_s=self._patience_s)
        if answer.status == 404:
            return False
        if answer.status == 200 and isinstance(answer.body, dict):
            return cast("dict[str, object]", answer.body).get("permission") in ALLOWED
        raise CannotTell(_why_not(answer))

    def react(self, comment: int, reaction: Reaction) -> Literal["done", "gone", "refused"]:
        """Leaves our reaction on a comment, once however often it is asked; `gone` when there is no such comment."""
        answer = self._call("POST", f"/issues/comments/{comment}/reactions", {"content": reaction})
        if answer.status in (200, 201):
            # The one place that tells whose token this is, without a request more.
            self._own_login = _login(answer.body)
            return "done"
        return "gone" if answer.status == 404 else "refused"

    def reply_once(self, number: int, marker: str, text: str, *, since: str) -> None:
        """A comment that begins with `marker`, unless we have written one after `since`.

        A marker in a comment of somebody else is forged, as soon as an earlier reaction told who we are.
        """
        query = f"?per_page=100&since={quote(since, safe='')}" if since else "?per_page=100"
        for _ in range(2):
            listed = self._call("GET", f"/issues/{number}/comments{query}")
            if listed.status != 200 or _has(listed.body, marker, self._own_login):
                return
            # An answer that was lost may have had its effect: only the list tells.
            try:
                if self._call("POST", f"/issues/{number}/comments", {"body": f"{marker}\n{text}"}).status < 500:
                    return
            except CannotTell:
                continue

    def _call(
        self, method: str, path: str, body: dict[str, str] | None = None, *, patience_s: float = _COURTESY_S
    ) -> Answer:
        """Tries again what changes nothing when it is done twice, and waits as GitHub asks, as far as patience goes."""
        url = f"{self._base}{path}"
        is_repeatable = method == "GET" or path.endswith("/reactions")
        left_s, usual_s = patience_s, _FIRST_WAIT_S
        while True:
            answer: Answer | str
            try:
                answer = self._sent(method, url, body)
                if answer.location and _is_same_host(url, answer.location):
                    answer = self._sent(method, answer.location, body)
            except OSError as error:
                answer = type(error).__name__
            if isinstance(answer, Answer) and answer.status < 500 and not answer.is_rate_limited:
                return answer
            asked_s = answer.wait_s if isinstance(answer, Answer) else None
            wait_s = min(usual_s, left_s) if asked_s is None else asked_s
            if not is_repeatable or left_s <= 0 or wait_s > left_s:
                if isinstance(answer, Answer):
                    return answer
                raise CannotTell(f"GitHub could not be reached ({answer})")
            self._pause(wait_s)
            left_s, usual_s = left_s - wait_s, min(_LONGEST_WAIT_S, usual_s * 2)

    def _sent(self, method: str, url: str, body: dict[str, str] | None) -> Answer:
        # Imported here: most comments are no commands, and cost no more than they must.
        import http.client
        from urllib.error import HTTPError
        from urllib.request import HTTPRedirectHandler, Request, build_opener

        class Stays(HTTPRedirectHandler):
            """Follows nowhere: a redirect would take the token along."""

            def redirect_request(self, *_: object, **__: object) -> None:
                return None

        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "devteam-action",
            **({"Content-Type": "application/json"} if body else {}),
        }
        request = Request(url, json.dumps(body).encode() if body else None, headers, method=method)  # noqa: S310
        try:
            try:
                with build_opener(Stays).open(request, timeout=_TIMEOUT_S) as reply:
                    return _answer(reply.status, reply.headers, reply.read(_LONGEST_ANSWER), url)
            except HTTPError as error:
                with error:
                    return _answer(error.code, error.headers, error.read(_LONGEST_ANSWER), url)
        except http.client.HTTPException as error:
            raise ConnectionError(type(error).__name__) from None


def _answer(status: int, headers: Message, data: bytes, url: str) -> Answer:
    try:
        body = cast("object", json.loads(data))
    except (ValueError, RecursionError):
        body = None
    is_limited = status == 429 or (
        status == 403 and ("Retry-After" in headers or headers.get("X-RateLimit-Remaining") == "0")
    )
    location = urljoin(url, headers.get("Location") or "") if status in (301, 302, 307, 308) else ""
    return Answer(status, body, is_limited, location, _wait(headers) if is_limited else None)


def _wait(headers: Message) -> float:
    """Seconds until a limited request may be sent again, by GitHub's rules."""
    said = headers.get("Retry-After", "")
    if said.isdecimal():
        return float(said)
    reset = headers.get("X-RateLimit-Reset", "")
    if headers.get("X-RateLimit-Remaining") == "0" and reset.isdecimal():
        return max(0.0, float(reset) - time.time()) + 1.0
    return _LIMITED_WAIT_S


def _why_not(answer: Answer) -> str:
    if answer.is_rate_limited:
        return f"GitHub's rate limit is reached (HTTP {answer.status})"
    match answer.status:
        case 401:
            return "GitHub does not know the token (HTTP 401): see the input `github-token`"
        case 403:
            return "the token may not ask who can write (HTTP 403): give this job `permissions: contents: write`"
        case _:
            return f"GitHub answered with HTTP {answer.status}"


def _has(body: object, marker: str, login: str) -> bool:
    """Whether a comment of the list begins with the marker, and is by `login` where that is known."""
    for comment in cast("list[object]", body) if isinstance(body, list) else []:
        text = cast("dict[str, object]", comment).get("body") if isinstance(comment, dict) else None
        if isinstance(text, str) and text.startswith(marker) and login in ("", _login(cast("object", comment))):
            return True
    return False


def _login(body: object) -> str:
    """Whose it is: `user.login` of a comment or reaction; empty when it does not say."""
    user = cast("dict[str, object]", body).get("user") if isinstance(body, dict) else None
    login = cast("dict[str, object]", user).get("login") if isinstance(user, dict) else None
    return login if isinstance(login, str) else ""


def _is_same_host(one: str, other: str) -> bool:
    return urlsplit(one)[:2] == urlsplit(other)[:2]
