"""One API request, from the door to the answer: fault, body, token, contract, rights, handler, pages, headers."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Mapping
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


def answer_api(
    fake: FakeGitHub, method: str, path: str, query_text: str, headers: Mapping[str, str], content: bytes
) -> Raw:
    """Status, headers and body; raises `Cut` where the connection is to end without an answer."""
    query = dict(parse_qsl(query_text, keep_blank_values=True))
    with fake.lock:
        fault = taken(fake.faults, "GET" if method == "HEAD" else method, path)
        token = _token(fake, headers)
    body: Any = None
    hit = _routed(fake, "GET" if method == "HEAD" else method, path)
    try:
        strike_before(fault, fake)
        body = _parsed(content)
        answer = _answer(
            fake, hit, method, path, query, body, token, headers, is_stale=bool(fault and fault.kind == "stale-list")
        )
        if hit:
            problems = (
                [] if answer.status == 204 else answer_problems(method, hit[0].template, answer.status, answer.body)
            )
            fake.violations += [f"answer of {method} {path}: {text}" for text in problems]
        answer = strike_after(fault, answer)
    except Refusal as refusal:
        answer = Answer(refusal.status, refusal.body(), refusal.headers)
    except Cut:
        _note(fake, method, path, query, 0, body, token)
        raise
    if fault is not None and fault.kind == "slow":
        threading.Event().wait(fault.seconds)
    _note(fake, method, path, query, answer.status, body, token)
    text = b"" if answer.status == 204 else json.dumps(answer.body, ensure_ascii=False).encode()
    return answer.status, {**_standing(fake, token, path, hit), **answer.headers}, text


def _answer(
    fake: FakeGitHub, hit: tuple[Route, dict[str, str]] | None, method: str, path: str, query: dict[str, str], body: Any,
    token: Token | None, headers: Mapping[str, str], *, is_stale: bool,
) -> Answer:  # fmt: skip
    if headers.get("Authorization") and (token is None or token.is_dead):
        raise Refusal(401, "Bad credentials")
    if hit is None:
        fake.violations.append(f"{method} {path} is nothing that this GitHub has")
        raise not_found()
    route, params = hit
    found = fake.find(f"{params['owner']}/{params['repo']}") if "owner" in params else None
    if "owner" in params and found is None:
        raise not_found()
    if (
        found is not None
        and found.full_name.lower() != f"{params['owner']}/{params['repo']}".lower()
        and may_see(found, token)
    ):
        return _moved(fake, path, f"{params['owner']}/{params['repo']}", found.id, method)
    problems = (
        request_problems(method, route.template, query, body)
        if method != "HEAD" and route.template != "/graphql"
        else []
    )
    fake.violations += [f"{method} {path}: {text}" for text in problems]
    with fake.lock:
        call = Call(fake, method, path, params, query, body, token, found)
        admit(call, route.needs)
        if problems and method != "GET":
            raise Refusal(422, f"Invalid request.\n\n{problems[0]}.")
        before = fake.next_id()
        answer = route.handler(call)
        if method != "GET" and route.template != "/graphql":
            fake.last_write_id = before
        if answer.items is not None:
            return cut_into_pages(fake, path, query, answer, is_stale=is_stale)
        return answer


def _routed(fake: FakeGitHub, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Also by number, `/repositories/ID/…`, where a redirect after renaming leads."""
    if path.startswith("/repositories/"):
        number, _, rest_of = path.removeprefix("/repositories/").partition("/")
        repo = next((entry for entry in fake.repositories.values() if str(entry.id) == number), None)
        path = f"/repos/{repo.full_name}/{rest_of}".rstrip("/") if repo else path
    return match(method, path)


def _moved(fake: FakeGitHub, path: str, old: str, repo_id: int, method: str) -> Answer:
    where = fake.url + f"/repositories/{repo_id}" + path[len(f"/repos/{old}") :]
    status = 301 if method == "GET" else 307
    words = "Moved Permanently" if status == 301 else "Temporary Redirect"
    return Answer(
        status,
        {"message": words, "url": where, "documentation_url": "https://docs.github.com/rest"},
        {"Location": where},
    )


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


def _note(
    fake: FakeGitHub, method: str, path: str, query: dict[str, str], status: int, body: Any, token: Token | None
) -> None:
    is_query = path == "/graphql" and isinstance(body, dict) and "mutation" not in str(body.get("query"))
    is_write = method not in ("GET", "HEAD") and not is_query
    with fake.lock:
        fake.requests.append(Request(method, path, query, status, is_write, body, token.login if token else None))
        if token and path != "/rate_limit":
            token.used += 1


def _standing(
    fake: FakeGitHub, token: Token | None, path: str, hit: tuple[Route, dict[str, str]] | None
) -> dict[str, str]:
    limit, used = (token.limit, token.used) if token else (60, 0)
    fields = {
        "Content-Type": "application/json; charset=utf-8", "X-GitHub-Request-Id": uuid.uuid4().hex[:16].upper(),
        "X-GitHub-Media-Type": "github.v3; format=json", "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(max(0, limit - used)), "X-RateLimit-Used": str(used),
        "X-RateLimit-Reset": str(fake.seconds() + 3600), "X-RateLimit-Resource": "graphql" if path == "/graphql" else "core",
    }  # fmt: skip
    if hit and token and token.kind == "app" and path != "/graphql":
        fields["X-Accepted-GitHub-Permissions"] = hit[0].needs
    return fields
