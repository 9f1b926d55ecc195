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
_TIMEOUT_S = 10
_LONGEST_ANSWER = 8 * 2**20


class CannotTell(Exception):
    """GitHub did not answer the question; the text is a sentence for people, with what to do."""


class Answer(NamedTuple):
    """What GitHub answered; `body` is the parsed JSON, None when it is none."""

    status: int
    body: object
    is_rate_limited: bool = False
    location: str = ""


class GitHub:
    """One repository (`owner/name`) by its REST API. Nothing is sent to another host, wherever it redirects."""

    def __init__(
        self, api_url: str, repository: str, token: str, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        if not re.fullmatch(r"[\x21-\x7e]+", token):
            raise CannotTell("there is no token to ask GitHub with: set the input `github-token`")
        if not re.fullmatch(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+", repository):
            raise CannotTell("GITHUB_REPOSITORY does not say which repository this is")
        self._base = f"{api_url.rstrip('/')}/repos/{repository}"
        self._token = token
        self._pause = pause
        self._own_login = ""

    def may_command(self, login: str) -> bool:
        """Whether that person can write to the repository; raises CannotTell whenever GitHub does not say."""
        answer = self._call("GET", f"/collaborators/{quote(login, safe='')}/permission")
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

    def _call(self, method: str, path: str, body: dict[str, str] | None = None) -> Answer:
        """Tries once more what changes nothing when it is done twice."""
        url = f"{self._base}{path}"
        is_repeatable = method == "GET" or path.endswith("/reactions")
        for tries_left in (1, 0) if is_repeatable else (0,):
            try:
                answer = self._sent(method, url, body)
                if answer.location and _is_same_host(url, answer.location):
                    answer = self._sent(method, answer.location, body)
            except OSError as error:
                if not tries_left:
                    raise CannotTell(f"GitHub could not be reached ({type(error).__name__})") from None
            else:
                if answer.status < 500 or not tries_left:
                    return answer
            self._pause(0.5)
        raise AssertionError("the last try returns or raises")

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
    return Answer(status, body, is_limited, location)


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
