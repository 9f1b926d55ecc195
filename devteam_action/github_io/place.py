"""Which GitHub, and which repository on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct

_SCP = re.compile(r"(?:[\w.-]+@)?(?P<host>[\w.-]+):(?P<path>[^/].*)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/(?!\.{1,2}$)[A-Za-z0-9._-]+")


class GitHubPlace(Struct, frozen=True, kw_only=True):
    """Addresses without a slash at their end, and the repository as `owner/name`."""

    api_url: str
    graphql_url: str
    server_url: str
    repository: str

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
    (docs.github.com/en/actions/reference/workflows-and-actions/variables). An address alone is read as github.com,
    or as a GitHub Enterprise Server with its API at `https://HOST/api/v3`.
    """
    host, repository = _address(remote_url)
    repository = variables.get("GITHUB_REPOSITORY") or repository
    server = variables.get("GITHUB_SERVER_URL") or (f"https://{host}" if host else "")
    if not server or not _NAME.fullmatch(repository):
        return None
    server = server.rstrip("/")
    api = (variables.get("GITHUB_API_URL") or _api_of(server)).rstrip("/")
    graphql = (variables.get("GITHUB_GRAPHQL_URL") or f"{api.removesuffix('/v3')}/graphql").rstrip("/")
    return GitHubPlace(api_url=api, graphql_url=graphql, server_url=server, repository=repository)


def _api_of(server: str) -> str:
    host = urlsplit(server).netloc
    if host == "github.com" or host.endswith(".ghe.com"):
        return f"https://api.{host}"
    return f"{server}/api/v3"


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
    # GitHub's ssh over the port of HTTPS has a host name of its own.
    host = "github.com" if host == "ssh.github.com" else host
    return host, path.strip("/").removesuffix(".git")
