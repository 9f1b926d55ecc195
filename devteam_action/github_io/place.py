"""Which GitHub, and which repository on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct

_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:\d+)?")
_SCP = re.compile(r"(?:[\w.-]+@)?(?P<host>[\w.-]+):(?P<path>[^/].*)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/(?!\.{1,2}$)[A-Za-z0-9._-]+")


class GitHubPlace(Struct, frozen=True, kw_only=True):
    """Addresses without a slash at their end, and the repository as `owner/name`."""

    api_url: str
    graphql_url: str
    server_url: str
    repository: str

    @property
    def is_enterprise(self) -> bool:
        """Whether this is a server of somebody's own, which has tokens of its own."""
        return not _is_githubs_own(urlsplit(self.server_url).hostname or "")

    @property
    def owner(self) -> str:
        return self.repository.partition("/")[0]

    @property
    def web_url(self) -> str:
        """Where people read the repository."""
        return f"{self.server_url}/{self.repository}"


def place_of(variables: Mapping[str, str], remote_url: str = "") -> GitHubPlace | None:
    """The place that a job's variables name, else the one that the remote's address names; None when neither does.

    Variables: GITHUB_API_URL, GITHUB_GRAPHQL_URL, GITHUB_SERVER_URL, GITHUB_REPOSITORY
    (docs.github.com/en/actions/reference/workflows-and-actions/variables). A token goes where this says: an address
    alone is enough for github.com and *.ghe.com; another host has to be named by GH_HOST or by one of the above, as
    `gh` wants it too, and is a GitHub Enterprise Server with its API at `https://HOST/api/v3`.
    """
    host, repository = _address(remote_url)
    repository = variables.get("GITHUB_REPOSITORY") or repository
    server = variables.get("GITHUB_SERVER_URL") or (f"https://{host}" if _is_vouched_for(host, variables) else "")
    if not server or not _NAME.fullmatch(repository):
        return None
    server = server.rstrip("/")
    api = (variables.get("GITHUB_API_URL") or _api_of(server)).rstrip("/")
    graphql = (variables.get("GITHUB_GRAPHQL_URL") or f"{api.removesuffix('/v3')}/graphql").rstrip("/")
    return GitHubPlace(api_url=api, graphql_url=graphql, server_url=server, repository=repository)


def why_no_place(variables: Mapping[str, str], remote_url: str) -> str:
    """For people: why `place_of` answers None, and what would change that."""
    host, repository = _address(remote_url)
    if not host or _is_vouched_for(host, variables):
        return "the remote's address names no repository on GitHub"
    if not _NAME.fullmatch(repository):
        return f"the remote is on {host}, and its address names no repository of GitHub's"
    return f"the remote is on {host}, and a token is sent to no host that nobody calls a GitHub: GH_HOST={host} does"


def _is_vouched_for(host: str, variables: Mapping[str, str]) -> bool:
    """Whether somebody has said that this host, with or without its port, is a GitHub; an alias of ssh's is none."""
    if not host:
        return False
    named = variables.get("GH_HOST", "").casefold()
    is_named = bool(named) and named in (host.casefold(), host.casefold().partition(":")[0])
    return _is_githubs_own(host) or is_named or bool(variables.get("GITHUB_API_URL"))


def _is_githubs_own(host: str) -> bool:
    return host.casefold() == "github.com" or host.casefold().endswith(".ghe.com")


def _api_of(server: str) -> str:
    host = urlsplit(server).netloc
    return f"https://api.{host}" if _is_githubs_own(host) else f"{server}/api/v3"


def _address(remote_url: str) -> tuple[str, str]:
    """Host and `owner/name` of a remote's address; both empty where it is none of a server."""
    match = _SCP.fullmatch(remote_url)
    if match and "://" not in remote_url:
        host, path = match["host"], match["path"]
    else:
        try:
            parts = urlsplit(remote_url)
            host, path, scheme = parts.hostname or "", parts.path, parts.scheme
        except ValueError:
            return "", ""
        if scheme not in ("https", "http", "ssh"):
            return "", ""
        if scheme != "ssh" and parts.port:
            host = f"{host}:{parts.port}"
    if not _HOST.fullmatch(host):  # what libraries read in different ways could be sent to different places
        return "", ""
    # GitHub's ssh over the port of HTTPS has a host name of its own.
    host = "github.com" if host == "ssh.github.com" else host
    return host, path.strip("/").removesuffix(".git")
