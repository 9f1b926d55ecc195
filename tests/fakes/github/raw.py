"""A client without opinions: one request, its status, its JSON. For tests of the fake itself."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    """`body` is the parsed JSON, None where there is none; header names are in lower case."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def words(self) -> str:
        """What a refusal says, with the message of its first error."""
        errors = self.body.get("errors") or [{}]
        first = errors[0].get("message", "") if isinstance(errors[0], dict) else str(errors[0])
        return f"{self.body['message']} {first}".strip()


@dataclass(frozen=True)
class Raw:
    """Asks in the name of a token (empty: nobody's)."""

    url: str
    token: str = ""

    def ask(self, method: str, path: str, body: Any = None) -> Reply:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=20)
        try:
            content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
            headers = {"User-Agent": "tests", **({"Authorization": f"token {self.token}"} if self.token else {})}
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            text = answer.read()
            fields = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, json.loads(text) if text else None, fields)
        finally:
            connection.close()

    def get(self, path: str) -> Reply:
        return self.ask("GET", path)

    def post(self, path: str, body: Any = None) -> Reply:
        return self.ask("POST", path, body)

    def patch(self, path: str, body: Any = None) -> Reply:
        return self.ask("PATCH", path, body)
