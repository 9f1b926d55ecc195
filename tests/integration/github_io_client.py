"""A client of ours on a repository of the fake GitHub, whose waiting takes no time."""

from __future__ import annotations

from collections.abc import Callable

from devteam_action.github_io.client import GitHubClient
from devteam_action.github_io.place import GitHubPlace
from tests.fakes.clock import FakeClock
from tests.fakes.github.repository import FakeRepository

# Before the effect, after it, and refused for now: each once.
FAULTS = (
    "500", "502-after-effect", "reset", "reset-after-effect", "403-retry-after", "secondary", "429", "exhausted"
)  # fmt: skip


def client_for(
    repo: FakeRepository,
    token: str | None = None,
    *,
    progress: Callable[[str], None] = lambda _: None,
    clock: FakeClock | None = None,
    **options: object,
) -> GitHubClient:
    place = GitHubPlace(
        api_url=repo.fake.url,
        graphql_url=repo.fake.graphql_url,
        server_url=repo.fake.server_url,
        repository=repo.full_name,
    )
    key = repo.job_token() if token is None else token
    return GitHubClient(place, key, progress=progress, clock=clock or FakeClock(), **options)


def a_branch(repo: FakeRepository, name: str) -> str:
    """A branch with one commit, pushed as a job pushes it: no workflow starts; its head."""
    repo.runs_for_pushes = False
    head = repo.commit(name, {f"{name.replace('/', '-')}.txt": "text\n"}, as_login="github-actions[bot]")
    repo.runs_for_pushes = True
    return head
