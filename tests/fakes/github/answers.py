"""What a handler is given, and what it may answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fakes.github.models import Token

if TYPE_CHECKING:
    from tests.fakes.github.fake import FakeGitHub
    from tests.fakes.github.repository import FakeRepository

DOCS = "https://docs.github.com/rest"
NEEDS_PULL = "Repository rule violations found\n\nChanges must be made through a pull request.\n\n"


class Refusal(Exception):
    """GitHub says no: the status, its words, and its list of errors where it has one."""

    def __init__(
        self, status: int, message: str, errors: list[Any] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.message, "documentation_url": DOCS, "status": str(self.status)}
        return {**body, "errors": self.errors} if self.errors is not None else body


def not_found() -> Refusal:
    return Refusal(404, "Not Found")


def invalid(resource: str, message: str = "", *, field: str = "", code: str = "custom") -> Refusal:
    """A 422 of the kind `Validation Failed` with one error."""
    error = {"resource": resource, "code": code}
    if field:
        error["field"] = field
    if message:
        error["message"] = message
    return Refusal(422, "Validation Failed", [error])


@dataclass
class Answer:
    """`items`: a list to be cut into pages, put into `body` under `key` (the whole body where `key` is empty)."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    items: list[Any] | None = None
    key: str = ""


@dataclass
class Call:
    """One request that got past the door. `repo` is there for every path below `/repos`."""

    fake: FakeGitHub
    method: str
    path: str
    params: dict[str, str]
    query: dict[str, str]
    body: Any
    token: Token | None
    found: FakeRepository | None = None

    @property
    def repo(self) -> FakeRepository:
        assert self.found is not None
        return self.found

    @property
    def login(self) -> str:
        if self.token is None:
            raise Refusal(401, "Requires authentication")
        return self.token.login

    def number(self, name: str) -> int:
        """A numeric part of the path; GitHub knows nothing under any other."""
        if not self.params[name].isascii() or not self.params[name].isdigit():
            raise not_found()
        return int(self.params[name])

    def text(self, name: str, default: str = "") -> str:
        value = self.body.get(name) if isinstance(self.body, dict) else None
        return default if value is None else str(value)
