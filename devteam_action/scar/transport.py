"""One connection to the server: conditional GETs, bounded answers, and errors that say what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlsplit, urlunsplit

from devteam_action.errors import ConfigError
from devteam_action.scar.problems import NO_ANSWER, ScarRefused, ScarStrange, ScarUnavailable

if TYPE_CHECKING:
    import httpx

_T = TypeVar("_T")
_CONNECT_S = 5.0
_READ_S = 10.0
_IDLE_S = 4.0  # the server closes idle connections after 5 s; ours are closed before that
_LIMIT = 64 * 1024 * 1024


class Line:
    """Requests to one server, from one event loop.

    Answers of GET are kept decoded with their ETag, so that an unchanged one costs no body. Raises ScarUnavailable,
    ScarStrange or ScarRefused. Proxies and `.netrc` of the environment are not used: the server has no login and is to
    be on a private network.
    """

    def __init__(
        self,
        base_url: str,
        *,
        connect_s: float = _CONNECT_S,
        read_s: float = _READ_S,
        limit: int = _LIMIT,
    ) -> None:
        self.base_url = shown_url(base_url)
        self._url = base_url.rstrip("/")
        self._connect_s, self._read_s, self._limit = connect_s, read_s, limit
        self._client: httpx.AsyncClient | None = None
        self._kept: dict[str, tuple[str, object]] = {}
        self.received = 0  # bytes of bodies
        self.requests = 0

    async def get(self, path: str, decode: Callable[[bytes], _T]) -> _T:
        """The decoded answer; the request is repeated once where the connection was dropped."""
        try:
            return await self._get(path, decode)
        except ScarUnavailable as problem:
            if not problem.was_sent or problem.is_slow:
                raise
            return await self._get(path, decode)

    async def post(self, path: str, body: bytes) -> bytes:
        """Sends once, whatever happens."""
        _, answered, _ = await self._exchange("POST", path, body, {"Content-Type": "application/json"})
        return answered

    async def delete(self, path: str) -> None:
        """Repeated once where the connection was dropped; what was kept of the path is forgotten."""
        self._kept.pop(path, None)
        try:
            await self._exchange("DELETE", path, None, {})
        except ScarUnavailable as problem:
            if not problem.was_sent:
                raise
            await self._exchange("DELETE", path, None, {})

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _get(self, path: str, decode: Callable[[bytes], _T]) -> _T:
        kept = self._kept.get(path)
        status, body, etag = await self._exchange("GET", path, None, {"If-None-Match": kept[0]} if kept else {})
        if status == 304 and kept is not None:
            return cast("_T", kept[1])
        try:
            value = decode(body)
        except ValueError:
            raise ScarStrange(self.base_url, f"GET {path.split('/')[1]} gave something else than expected") from None
        if etag:
            self._kept[path] = (etag, value)
        else:
            self._kept.pop(path, None)
        return value

    async def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes, str]:
        import httpx

        self.requests += 1
        try:
            async with self._opened().stream(method, f"{self._url}{path}", content=body, headers=headers) as response:
                answered = await self._read(response)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise ScarUnavailable(self.base_url, was_sent=False) from None
        except httpx.TimeoutException:
            raise ScarUnavailable(self.base_url, was_sent=True, why=NO_ANSWER) from None
        except httpx.TransportError:
            raise ScarUnavailable(self.base_url, was_sent=True, why="the connection was dropped") from None
        except (httpx.InvalidURL, httpx.DecodingError):
            raise ScarStrange(self.base_url, "the address or the answer cannot be read") from None
        return response.status_code, self._judged(method, response, answered), response.headers.get("etag", "")

    async def _read(self, response: httpx.Response) -> bytes:
        pieces: list[bytes] = []
        size = 0
        async for piece in response.aiter_bytes():
            size += len(piece)
            if size > self._limit:
                raise ScarStrange(self.base_url, f"an answer of more than {self._limit:,} bytes")
            pieces.append(piece)
        self.received += size
        return b"".join(pieces)

    def _judged(self, method: str, response: httpx.Response, body: bytes) -> bytes:
        """The body of a good answer. The status is looked at first; JSON is read only where it is said to be JSON."""
        status = response.status_code
        is_json = response.headers.get("content-type", "").startswith("application/json")
        if status == 304 or (status == 200 and is_json):
            return body
        if status == 413:
            raise ScarRefused(
                "SCAR takes no message of that size", status=status, remedy="hand long texts over in a file"
            )
        if status == 400 and is_json:
            raise ScarRefused(f"SCAR refuses the request: {_said(body)}", status=status)
        if status == 400 and method == "POST":
            raise ScarRefused("SCAR could not read the request", status=status)
        kind = "" if is_json else ", with a page instead of JSON"
        raise ScarStrange(self.base_url, f"{method} was answered with status {status}{kind}", status=status)

    def _opened(self) -> httpx.AsyncClient:
        import ssl

        import httpx

        if self._client is None:
            # Reading the machine's certificates takes a tenth of a second, for nothing without TLS.
            bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(self._read_s, connect=self._connect_s),
                limits=httpx.Limits(keepalive_expiry=_IDLE_S),
                headers={"Accept-Encoding": "identity", "User-Agent": "devteam-action"},
                verify=True if self._url.startswith("https:") else bare,
                trust_env=False,
                follow_redirects=False,
            )
        return self._client


def shown_url(base_url: str) -> str:
    """The address as it may be shown: without a login in it. Raises ConfigError for what is no address."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"scar.base-url: {base_url[:200]!r} is no address", remedy="such as `http://localhost:3000`")
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))


def _said(body: bytes) -> str:
    """The sentence of an error in JSON, on one line and short."""
    try:
        value = cast("object", json.loads(body))
    except ValueError:
        return "no reason given"
    text = str(cast("dict[str, object]", value).get("error", "")) if isinstance(value, dict) else ""
    return " ".join(text.split())[:200] or "no reason given"
