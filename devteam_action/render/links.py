"""Addresses of what reports speak of: pure text, nobody is asked."""

from __future__ import annotations

from urllib.parse import quote

from msgspec import Struct


class Links(Struct, frozen=True, kw_only=True):
    """`server_url` such as `https://github.com`, `repository` as `owner/name`; empty: there are no links.

    `run_url` leads to the job that works on this, `base_branch` is where lists are read.
    """

    server_url: str = ""
    repository: str = ""
    run_url: str = ""
    base_branch: str = ""

    def commit(self, sha: str) -> str:
        return self._at(f"commit/{quote(sha, safe='')}") if sha else ""

    def branch(self, name: str) -> str:
        return self._at(f"tree/{quote(name)}") if name else ""

    def pull_request(self, number: int | None) -> str:
        return self._at(f"pull/{number}") if number is not None else ""

    def actions_settings(self) -> str:
        """The page on which a repository's owner lets jobs create pull requests."""
        return self._at("settings/actions")

    def file(self, path: str, line: int | None = None, revision: str = "") -> str:
        """A file at a commit or branch (the base branch by default), at its 1-based `line`."""
        revision = revision or self.base_branch
        if not (path and revision):
            return ""
        anchor = f"#L{line}" if line else ""
        # `plain=1`: a rendered document has no lines to go to.
        plain = "?plain=1" if anchor and path.lower().endswith((".md", ".markdown", ".rst")) else ""
        return self._at(f"blob/{quote(revision)}/{quote(path)}{plain}{anchor}")

    def _at(self, place: str) -> str:
        if not (self.server_url and self.repository):
            return ""
        return f"{self.server_url.rstrip('/')}/{self.repository}/{place}"
