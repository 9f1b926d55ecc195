"""The connection under PyGithub: one session, safe for threads, which counts, and follows a renamed repository.

PyGithub's own follows a redirection without its query, so that a filtered list comes back unfiltered, and does not
follow those of writes (307) at all. It is given ours by `Requester.injectConnectionClasses`, its public way in.
"""

from __future__ import annotations

import threading
from collections.abc import ItemsView
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from devteam_action.errors import Missing

if TYPE_CHECKING:
    import requests
    from github.Requester import Requester

# GitHub: 301 says for ever, 302 and 307 for now; all want the same method at the new address.
# docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
_REDIRECTIONS = (301, 302, 307, 308)
_HOPS = 3


class Answer:
    """What PyGithub wants to see of an answer."""

    def __init__(self, answer: requests.Response) -> None:
        self._answer = answer
        self.status = answer.status_code

    def getheaders(self) -> ItemsView[str, str]:
        return self._answer.headers.items()

    def read(self) -> str:
        return self._answer.text or ""


class Line:
    """The shared session of one client; `requests` is how many requests went out."""

    def __init__(self, timeout_s: float) -> None:
        import requests

        self._lock = threading.Lock()
        self._timeout_s = timeout_s
        self._session = requests.Session()
        # With anything but None the session does not take credentials from a .netrc file.
        self._session.auth = _as_it_is
        self.requests = 0
        # PyGithub asks and fetches in two calls on a connection that it shares between threads.
        self.asked = threading.local()

    def send(self, method: str, url: str, body: str | None, headers: dict[str, str]) -> Answer:
        """One answer; redirections are followed on the same host, with method, query and body."""
        for _ in range(_HOPS):
            with self._lock:
                self.requests += 1
            answer = self._session.request(
                method, url, data=body, headers=headers, timeout=self._timeout_s, allow_redirects=False
            )
            target = answer.headers.get("location", "")
            if answer.status_code not in _REDIRECTIONS or not target:
                return Answer(answer)
            target = urljoin(url, target)
            if urlsplit(target)[:2] != urlsplit(url)[:2]:
                raise Missing(
                    f"GitHub at {urlsplit(url).netloc} sends us on to {urlsplit(target).netloc}, which gets no token",
                    remedy="correct GITHUB_API_URL, or the address of the remote",
                )
            query = urlsplit(url).query
            url = target if urlsplit(target).query or not query else f"{target}?{query}"
        raise Missing(f"GitHub at {urlsplit(url).netloc} sends us round in circles")

    def close(self) -> None:
        self._session.close()


def requester_class(line: Line) -> type[Requester]:
    """PyGithub's Requester, with `line` under it and under no other requester."""
    from github.Requester import Requester

    class Connection:
        def __init__(self, host: str, port: int | None = None, **_: object) -> None:
            self.host = host
            self._port = port

        def request(self, verb: str, url: str, body: Any, headers: dict[str, str], *_: object) -> None:
            line.asked.request = (verb, url, body, headers)

        def getresponse(self) -> Answer:
            verb, path, body, headers = line.asked.request
            port = f":{self._port}" if self._port else ""
            return line.send(verb, f"{self.scheme}://{self.host}{port}{path}", body, headers)

        def close(self) -> None:
            """The session stays: it belongs to the client."""

        scheme = ""

    class PlainConnection(Connection):
        scheme = "http"

    class SecureConnection(Connection):
        scheme = "https"

    class OurRequester(Requester):
        pass

    OurRequester.injectConnectionClasses(PlainConnection, SecureConnection)  # pyright: ignore[reportArgumentType]
    return OurRequester


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
