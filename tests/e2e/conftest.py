"""What tests of jobs share: a GitHub of our own, and a repository on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.github import FakeGitHub
from tests.job import Job


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub.serve(tmp_path / "github") as serving:
        yield serving


@pytest.fixture
def job(github: FakeGitHub, tmp_path: Path) -> Job:
    """The repository `acme/app` with two tasks, and jobs in it."""
    return Job.make(github, tmp_path)
