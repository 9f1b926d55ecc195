"""A served GitHub with one repository, and a client for a job's token in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.github import FakeGitHub, FakeRepository
from tests.fakes.github.raw import Raw

APP = "/repos/acme/app"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub.serve(tmp_path / "github") as fake:
        yield fake


@pytest.fixture
def repo(github: FakeGitHub) -> FakeRepository:
    return github.repository("acme/app", files={"README.md": "# app\n", "src/a.py": "a = 1\n"})


@pytest.fixture
def job(github: FakeGitHub, repo: FakeRepository) -> Raw:
    """The job's token with every right a workflow can ask for."""
    return Raw(github.url, repo.job_token(statuses="write"))
