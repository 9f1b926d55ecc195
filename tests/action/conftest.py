"""A fake GitHub for every test, and one place of all tests for the action's environment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.action.harness import Act

if TYPE_CHECKING:
    from tests.fakes.github import FakeGitHub


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    from tests.fakes.github import FakeGitHub

    with FakeGitHub.serve(tmp_path / "github") as served:
        yield served


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Environments of the action that every worker of this session finds; the installer is safe against races."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if base.name.startswith("popen-") else base) / "warm"
    place.mkdir(exist_ok=True)
    return place


@pytest.fixture
def act(github: FakeGitHub, tmp_path: Path, warm: Path) -> Act:
    return Act(github, tmp_path, warm)
