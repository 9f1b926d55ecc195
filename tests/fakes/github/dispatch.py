"""One API request, from the door to the answer: fault, body, token, contract, rights, handler, pages, headers."""

from __future__ import annotations

import json
import threading
import traceback
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tests.fakes.github import rest
from tests.fakes.github.answers import Answer, Call, Refusal, not_found
from tests.fakes.github.contract import answer_problems, request_problems
from tests.fakes.github.faults import Cut, strike_after, strike_before, taken
from tests.fakes.github.models import Request, Token
from tests.fakes.github.pages import cut_into_pages
from tests.fakes.github.rights import admit, may_see
from tests.fakes.github.router import Route, match

if TYPE_CHECKING:
    from tests.fakes.github.fake import FakeGitHub

assert rest.MODULES, "the handlers are registered by importing them"
Raw = tuple[int, dict[str, str], bytes]
_NOBODY = (
    b"Request forbidden by administrative rules. Please make sure your request has a User-Agent header "
    b"(https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). "
    b"Check https://developer.github.com for other possible causes.\n"
)


@dataclass
class _Asked:
    """A request before anybody has looked whether it may."""

    fake: FakeGitHub
    method: str
    path: str
    query: dict[str, str]
    token: Token | None
    is_signed: bool
    hit: tuple[Route, dict[str, str]] | None
    body: Any = None

    def complain(self, problems: list[str], about: str = "") -> None:
        self.fake.violations.extend(f"{about}{self.method} {self.path}: {text}" for text in problems)


def answer_api(
    fake: FakeGitHub, method: str, path: str, query_text: str, headers: Mapping[str, str], content: bytes
) -> Raw:
    """Status, headers and body; raises `Cut` where the connection is to end without an answer."""
    if not headers.get("User-Agent"):
        return 403, {"Content-Type": "text/plain; charset=utf-8"}, _NOBODY
    plain = "GET" if method == "HEAD" else method
    with fake.lock:
        fault = taken(fake.faults, plain, path)
        query, token = dict(parse_qsl(query_text, keep_blank_values=True)), _token(fake, headers)
        asked = _Asked(fake, plain, path, query, token, "Authorization" in headers, _routed(fake, plain, path))
    try:
        strike_before(fault, fake)
        asked.body = _parsed(content)
        answer = _judged(asked, _answer(asked, is_stale=bool(fault and fault.kind == "stale-list")))
        answer = strike_after(fault, answer)
    except Refusal as refusal:
        answer = Answer(refusal.status, refusal.body(), refusal.headers)
    except Cut:
        _note(asked, 0)
        raise
    except Exception:  # noqa: BLE001 - a bug of the fake fails the test that met it, in its own words
        asked.complain([traceback.format_exc()], "a bug of the fake in ")
        answer = Answer(500, Refusal(500, "Server Error").body())
    if fault is not None and fault.kind == "slow":
        threading.Event().wait(fault.seconds)
    _note(asked, answer.status, answer.body)
    text = b"" if answer.status == 204 else json.dumps(answer.body, ensure_ascii=False).encode()
    return answer.status, {**_standing(asked), **answer.headers}, text


def _judged(asked: _Asked, answer: Answer) -> Answer:
    if asked.hit and answer.status != 204:
        problems = answer_problems(asked.method, asked.hit[0].template, answer.status, answer.body)
        asked.complain(problems, "the answer of ")
    return answer


def _answer(asked: _Asked, *, is_stale: bool) -> Answer:
    fake, token = asked.fake, asked.token
    if asked.is_signed and (token is None or token.is_dead):
        raise Refusal(401, "Bad credentials")
    if token and asked.path != "/rate_limit" and token.standing(fake.seconds())[0] >= token.limit:
        raise Refusal(403, f"API rate limit exceeded for {token.login}.", headers={"X-RateLimit-Remaining": "0"})
    if asked.hit is None:
        asked.complain(["nothing that this GitHub has"])
        raise not_found()
    route, params = asked.hit
    named = f"{params['owner']}/{params['repo']}" if "owner" in params else ""
    found = fake.find(named) if named else None
    if named and found is None:
        raise not_found()
    if found is not None and found.full_name.lower() != named.lower() and may_see(found, token):
        return _moved(asked, named, found.id)
    problems = request_problems(asked.method, route.template, asked.query, asked.body)
    asked.complain(problems)
    with fake.lock:
        call = Call(fake, asked.method, asked.path, params, asked.query, asked.body, token, found)
        admit(call, route.needs)
        if problems and asked.method != "GET":
            raise Refusal(422, f"Invalid request.\n\n{problems[0]}.")
        before = fake.next_id()
        answer = route.handler(call)
        if asked.method != "GET":
            fake.last_write_id = before
        if answer.items is not None:
            return cut_into_pages(fake, asked.path, asked.query, answer, is_stale=is_stale)
        return answer


def _routed(fake: FakeGitHub, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Also by number, `/repositories/ID/…`, where a redirect after renaming leads."""
    if path.startswith("/repositories/"):
        number, _, rest_of = path.removeprefix("/repositories/").partition("/")
        repo = next((entry for entry in fake.repositories.values() if str(entry.id) == number), None)
        path = f"/repos/{repo.full_name}/{rest_of}".rstrip("/") if repo else path
    return match(method, path)


def _moved(asked: _Asked, old: str, repo_id: int) -> Answer:
    where = f"{asked.fake.url}/repositories/{repo_id}{asked.path.removeprefix(f'/repos/{old}')}"
    status = 301 if asked.method == "GET" else 307
    words = "Moved Permanently" if status == 301 else "Temporary Redirect"
    body = {"message": words, "url": where, "documentation_url": "https://docs.github.com/rest"}
    return Answer(status, body, {"Location": where})


def _token(fake: FakeGitHub, headers: Mapping[str, str]) -> Token | None:
    kind, _, value = headers.get("Authorization", "").partition(" ")
    return fake.tokens.get(value.strip()) if kind.lower() in ("token", "bearer") else None


def _parsed(content: bytes) -> Any:
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError:
        raise Refusal(400, "Problems parsing JSON") from None


def _note(asked: _Asked, status: int, answer: Any = None) -> None:
    is_query = (
        asked.path == "/graphql" and isinstance(asked.body, dict) and "mutation" not in str(asked.body.get("query"))
    )
    login = asked.token.login if asked.token else None
    is_write = asked.method != "GET" and not is_query
    with asked.fake.lock:
        request = Request(asked.method, asked.path, asked.query, status, is_write, asked.body, login)
        asked.fake.requests.append(request)
        if asked.token and asked.path != "/rate_limit":
            asked.token.standing(asked.fake.seconds())
            asked.token.used += 1
        for look in asked.fake.watchers:
            look(request, answer)


def _standing(asked: _Asked) -> dict[str, str]:
    token, is_graphql = asked.token, asked.path == "/graphql"
    now = asked.fake.seconds()
    used, reset = token.standing(now) if token else (0, now + 3600)
    limit = token.limit if token else 60
    fields = {
        "Content-Type": "application/json; charset=utf-8", "X-GitHub-Request-Id": uuid.uuid4().hex[:16].upper(),
        "X-GitHub-Media-Type": "github.v3; format=json", "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(max(0, limit - used)), "X-RateLimit-Used": str(used),
        "X-RateLimit-Reset": str(reset),
        "X-RateLimit-Resource": "graphql" if is_graphql else "core",
    }  # fmt: skip
    if asked.hit and token and token.kind == "app" and not is_graphql:
        fields["X-Accepted-GitHub-Permissions"] = asked.hit[0].needs
    return fields
