"""Tokens for a repository, and the people who may do something in it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from tests.fakes.github.models import ACTIONS_APP, ACTIONS_LOGIN, Token

if TYPE_CHECKING:
    from tests.fakes.github.fake import FakeGitHub


class Keys:
    """The part of a repository that gives out tokens; `people` are logins with their permission."""

    fake: FakeGitHub
    full_name: str
    private: bool
    people: dict[str, str]

    def job_token(
        self, *, contents: str = "write", pull_requests: str = "write", issues: str = "write", checks: str = "write",
        actions: str = "write", statuses: str = "none", **more: str,
    ) -> str:  # fmt: skip
        """A job's token, `github-actions[bot]`; a right is none, read or write. `more`: other rights by name."""
        rights = {
            "contents": contents, "pull_requests": pull_requests, "issues": issues, "checks": checks,
            "actions": actions, "statuses": statuses, **more,
        }  # fmt: skip
        return self._token(ACTIONS_LOGIN, "app", rights=rights, app=ACTIONS_APP, is_job=True, limit=1000)

    def app_token(self, slug: str = "other-app", **rights: str) -> str:
        """An installation token of another App; what it pushes starts workflows."""
        return self._token(f"{slug}[bot]", "app", rights=rights, app=slug)

    def personal_token(self, login: str, permission: str = "write") -> str:
        """A person's token; the person has this permission here from now on."""
        self.collaborator(login, permission)
        return self._token(login, "person")

    def _token(self, login: str, kind: str, **more: Any) -> str:
        value = ("ghs_" if kind == "app" else "ghp_") + secrets.token_hex(18)
        with self.fake.lock:
            self.fake.tokens[value] = Token(value, login, kind, repository=self.full_name, **more)
        return value

    def collaborator(self, login: str, permission: str) -> None:
        """admin, maintain, write, triage, read, or none (which takes it away)."""
        if permission == "none":
            self.people.pop(login, None)
        else:
            self.people[login] = permission

    def level_of(self, login: str) -> str:
        return self.people.get(login, "none" if self.private else "read")
