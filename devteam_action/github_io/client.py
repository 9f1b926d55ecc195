"""The one door to GitHub: every request goes through it, is repeated when that is safe, and fails with a remedy."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from msgspec import Struct

from devteam_action.errors import DevteamError, Missing
from devteam_action.github_io.door import Door
from devteam_action.github_io.place import GitHubPlace
from devteam_action.github_io.problems import data_of, error_for
from devteam_action.github_io.refusals import Forbidden, Reply
from devteam_action.github_io.rights import wanted_rights
from devteam_action.github_io.transport import Line, requester_class
from devteam_action.github_io.waiting import PATIENCE_S

if TYPE_CHECKING:
    from github.Repository import Repository
    from github.Requester import Requester

    from devteam_action.pipeline.ports import Clock, Progress, Stop

_T = TypeVar("_T")
_TIMEOUT_S = 30


class RateLimit(Struct, frozen=True, kw_only=True):
    """Requests that are left of how many in this hour, and when it ends (ISO 8601, UTC)."""

    remaining: int
    limit: int
    resets_at: str


class GitHubClient:
    """A repository on GitHub, with a token that opens it.

    An `action` makes one request on PyGithub's (lazy) Repository and returns what it made of the answer. Everything
    raises Missing when GitHub cannot be reached within `patience_s` or the token is not accepted, Forbidden (a
    NotAllowed with the right to add) for 403, NotFound for 404 and 410, Unprocessable for 409 and 422. `pace_s` is the
    time between writes that GitHub asks for; waiting ends early when `stop` is set. Safe for several threads.
    """

    def __init__(
        self,
        place: GitHubPlace,
        token: str,
        *,
        progress: Progress,
        clock: Clock,
        pace_s: float = 1.0,
        patience_s: float = PATIENCE_S,
        stop: Stop | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        if not token:
            raise Missing(
                f"there is no token for {place.repository} on GitHub",
                remedy="in a workflow give the input `github-token: ${{ github.token }}`; elsewhere set GITHUB_TOKEN",
            )
        self.place = place
        self._token = token
        self.login = ""  # as whom we write, once GitHub has said so: see identity.py
        self.is_app = token.startswith("ghs_")  # of a GitHub App; a job's own is that of one
        self._line = Line(_TIMEOUT_S)
        self._missing_rights: dict[str, None] = {}
        self._door = Door(
            place.api_url,
            refused=self._refused,
            clean=self._clean,
            progress=progress,
            clock=clock,
            stop=stop,
            pace_s=pace_s,
            patience_s=patience_s,
            jitter=jitter,
        )

    @property
    def requests(self) -> int:
        """How many requests went out, repeated ones too."""
        return self._line.requests

    @property
    def missing_rights(self) -> tuple[str, ...]:
        """Lines of `permissions:` that a refused request would have needed, in the order of the refusals."""
        return tuple(self._missing_rights)

    @property
    def rate(self) -> RateLimit | None:
        """The rate limit as GitHub last told it; None before it has."""
        remaining, limit = self._requester.rate_limiting
        if limit < 0:
            return None
        resets = datetime.fromtimestamp(self._requester.rate_limiting_resettime, UTC)
        return RateLimit(remaining=remaining, limit=limit, resets_at=resets.isoformat().replace("+00:00", "Z"))

    def read(self, what: str, action: Callable[[Repository], _T], *, right: str = "") -> _T:
        """Asks for something; `what` is what we are doing, for people, `right` what allows it: `KEY: LEVEL`, …."""
        return self._door.through(what, lambda: action(self._repository), right)

    def change(self, what: str, action: Callable[[Repository], _T], *, right: str = "") -> _T:
        """A write that may be repeated at will, since carrying it out twice is carrying it out once."""
        return self._door.through(what, lambda: action(self._repository), right, is_write=True)

    def create(
        self, what: str, action: Callable[[Repository], _T], *, find: Callable[[], _T | None] | None, right: str = ""
    ) -> _T:
        """A write that would make a second one: after a lost answer, `find` looks first whether it is there.

        Without `find`, what may have been carried out is never sent again.
        """
        return self._door.through(
            what, lambda: action(self._repository), right, is_write=True, find=find, is_repeatable=False
        )

    def raw(self, method: str, path: str, body: Mapping[str, object] | None = None, **query: str) -> object:
        """For use inside an action: the decoded answer of an endpoint below the repository that PyGithub lacks.

        The path of `GET /user`, which is below none, is given as it is.
        """
        url = path if path == "/user" else f"{self._repository.url}{path}"
        _, data = self._requester.requestJsonAndCheck(
            method, url, parameters=dict(query), input=dict(body) if body is not None else None
        )
        return cast("object", data)

    def mutate(self, what: str, document: str, variables: Mapping[str, str], *, right: str = "") -> object:
        """A GraphQL mutation that may be repeated; the `data` of its answer."""
        return self._door.through(what, lambda: self._graphql(document, variables), right, is_write=True)

    def query(self, what: str, document: str) -> object:
        """What GraphQL alone tells; the `data` of its answer."""
        return self._door.through(what, lambda: self._graphql(document, {}), "")

    def _graphql(self, document: str, variables: Mapping[str, str]) -> object:
        body: dict[str, object] = {"query": document, "variables": dict(variables)}
        _, answer = self._requester.requestJsonAndCheck("POST", self.place.graphql_url, input=body)
        return data_of(cast("object", answer))

    def close(self) -> None:
        """Ends the connections; the client is not usable afterwards."""
        self._line.close()

    def _refused(self, what: str, reply: Reply, right: str) -> DevteamError:
        expected = tuple(right.split(", ")) if right else ()
        lines = wanted_rights(reply.headers.get("x-accepted-github-permissions", ""), expected)
        error = error_for(what, self.place.repository, self._cleaned(reply), lines)
        if isinstance(error, Forbidden) and error.is_right:
            self._missing_rights.update(dict.fromkeys(lines))
        return error

    def _cleaned(self, reply: Reply) -> Reply:
        return Reply(
            status=reply.status,
            message=self._clean(reply.message),
            reasons=tuple(self._clean(each) for each in reply.reasons),
            headers=reply.headers,
        )

    def _clean(self, text: str) -> str:
        return text.replace(self._token, "***")

    @cached_property
    def _requester(self) -> Requester:
        from github import Auth

        # Its own retry repeats what must not be, and its own pacing cannot be stopped: both are done here.
        return requester_class(self._line)(
            auth=Auth.Token(self._token),
            base_url=self.place.api_url,
            timeout=_TIMEOUT_S,
            user_agent="devteam-action",
            per_page=100,
            verify=True,
            retry=None,
            pool_size=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
            lazy=True,
        )

    @cached_property
    def _repository(self) -> Repository:
        from github.Repository import Repository

        return Repository(self._requester, url=f"/repos/{self.place.repository}")
