"""The fake GitHub as a test sees it: addresses, repositories, a clock, faults, and what was asked of it."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.fakes.github import contract
from tests.fakes.github.faults import Fault
from tests.fakes.github.git_store import GitStore
from tests.fakes.github.models import Request, Token
from tests.fakes.github.repository import FakeRepository
from tests.originals import missing


class FakeGitHub:
    """`url` is the API (GITHUB_API_URL), `graphql_url`, `server_url` (GITHUB_SERVER_URL; git is below it).

    `violations`: everything in a request or an answer that GitHub's OpenAPI text does not allow; `serve` fails at its
    end when there is any, so a test that provokes one clears the list. `watchers` are told each request with the body
    of its answer, before whoever asked has it. `unknown_logins`: people who are not there,
    404 to the question for their permission.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self.url = self.server_url = "http://127.0.0.1:0"
        self.repositories: dict[str, FakeRepository] = {}
        self.old_names: dict[str, str] = {}
        self.tokens: dict[str, Token] = {}
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.watchers: list[Callable[[Request, Any], None]] = []
        self.faults: list[Fault] = []
        self.unknown_logins: set[str] = set()
        self.last_write_id = 0
        self._ids = 1000
        self._ahead = 0.0

    @classmethod
    @contextmanager
    def serve(cls, folder: Path, *, socket: Path | None = None, port: int = 0) -> Iterator[FakeGitHub]:
        """Serves on 127.0.0.1, and on a unix socket where one is named (for `gh`); repositories are below `folder`."""
        from tests.fakes.github.server import start

        fake = cls(Path(folder))
        if not fake.is_judged:
            print(f"This fake GitHub judges no request and no answer: {missing()}.", file=sys.stderr, flush=True)
        stop = start(fake, port, socket)
        try:
            yield fake
        finally:
            stop()
        assert not fake.violations, "the OpenAPI text of GitHub does not allow:\n" + "\n".join(fake.violations)

    @property
    def graphql_url(self) -> str:
        return f"{self.url}/graphql"

    @property
    def is_judged(self) -> bool:
        """Whether GitHub's OpenAPI text is there to judge requests by; `serve` says on stderr when it is not."""
        return contract.is_there()

    def repository(
        self, full_name: str, files: Mapping[str, str | bytes] | None = None, *, default_branch: str = "main",
        private: bool = False, offers_drafts: bool = True, actions_may_open_pulls: bool = True,
        has_workflows: bool = True,
    ) -> FakeRepository:  # fmt: skip
        """A new repository with one commit of these files; the owner is an administrator of it."""
        with self.lock:
            repo = self._new(full_name, default_branch, private=private)
            repo.offers_drafts, repo.actions_may_open_pulls = offers_drafts, actions_may_open_pulls
            repo.has_workflows = has_workflows
            content = {"README.md": f"# {repo.name}\n"} if files is None else dict(files)
            repo.store.commit_files(
                default_branch, content, parent=None, message="Start", login=repo.owner, when=self.seconds()
            )
            return repo

    def fork(self, parent: FakeRepository, full_name: str) -> FakeRepository:
        """The fork under that name, made when it is not there."""
        with self.lock:
            found = self.repositories.get(full_name.lower())
            if found is None:
                found = self._new(full_name, parent.default_branch, private=parent.private)
                found.parent, found.has_workflows = parent.full_name, parent.has_workflows
                found.store.run("fetch", "--quiet", str(parent.store.path), "+refs/heads/*:refs/heads/*")
            return found

    def _new(self, full_name: str, default_branch: str, *, private: bool) -> FakeRepository:
        assert full_name.lower() not in self.repositories, f"{full_name} is there"
        store = GitStore.create(self.folder / f"{full_name}.git", default_branch)
        made = FakeRepository(self, full_name, store, default_branch, private=private)
        self.repositories[full_name.lower()] = made
        return made

    def find(self, full_name: str) -> FakeRepository | None:
        """By its name or one it had before."""
        key = full_name.lower()
        return self.repositories.get(self.old_names.get(key, key))

    def rename(self, repo: FakeRepository, full_name: str) -> None:
        with self.lock:
            old = repo.full_name
            del self.repositories[old.lower()]
            self.repositories[full_name.lower()] = repo
            self.old_names = {
                name: to if to != old.lower() else full_name.lower() for name, to in self.old_names.items()
            }
            self.old_names[old.lower()] = full_name.lower()
            repo.full_name = full_name
            for token in self.tokens.values():
                token.repository = full_name if token.repository == old else token.repository
            for other in self.repositories.values():
                for pull in other.pulls():
                    pull.head_repo = full_name if pull.head_repo == old else pull.head_repo

    def kill_token(self, token: str) -> None:
        """It is expired or revoked: 401 Bad credentials from now on."""
        self.tokens[token].is_dead = True

    # Time

    @property
    def now(self) -> datetime:
        """Its clock: real time plus what `advance` added."""
        return datetime.fromtimestamp(time.time() + self._ahead, UTC)

    def advance(self, seconds: float) -> None:
        self._ahead += seconds

    def stamp(self, later: float = 0) -> str:
        """Now in GitHub's form, `2026-01-01T00:00:00Z`."""
        return datetime.fromtimestamp(self.now.timestamp() + later, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def seconds(self) -> int:
        return int(self.now.timestamp())

    def next_id(self) -> int:
        with self.lock:
            self._ids += 1
            return self._ids

    # What is asked of it, and what goes wrong

    def fault(
        self, kind: str, method: str | None = None, path: str = "", times: int = 1, after: int = 0, *,
        seconds: float = 1, on_git: bool = False,
    ) -> Fault:  # fmt: skip
        """The next `times` requests that fit (after `after` that pass) meet it; the kinds are in faults.py.

        `method` is POST unless said (GET for stale-list; `*` is any, `write` all but reads), `path` a regular
        expression searched in the path without `/api/v3`; `seconds` is for waits and delays.
        """
        method = method or ("GET" if kind == "stale-list" else "POST")
        made = Fault(kind, method, re.compile(path), times, after, seconds, on_git)
        self.faults.append(made)
        return made

    def clear_faults(self) -> None:
        self.faults.clear()

    @property
    def writes(self) -> list[Request]:
        """Requests that change something (GraphQL mutations too), refused ones included; git is not counted."""
        return [entry for entry in self.requests if entry.is_write]

    def reset_count(self) -> None:
        self.requests.clear()
