"""A clean home, a fixed identity, and no way out but the loopback: the same for every test."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.project import Project

pytest_plugins = ("tests.aider_fixtures",)

_FOREIGN = ("GIT_", "GITHUB_", "ACTIONS_", "DEVTEAM_", "XDG_", "OPENAI_", "ANTHROPIC_", "AIDER_")


@pytest.fixture(autouse=True)
def clean_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody's git settings, tokens or terminal reach a test; a test that leaks variables or moves us fails."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(_FOREIGN) and name != "DEVTEAM_REQUIRE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Test")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "test@example.invalid")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Test")
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "test@example.invalid")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TZ", "UTC")
    where = Path.cwd()
    yield
    assert Path.cwd() == where, "a test changed the working directory and left it so"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked `needs_openapi` starts when GitHub's own texts are at their places, and is skipped elsewhere."""
    if item.get_closest_marker("needs_openapi"):
        from tests.originals import missing

        if why := missing():
            pytest.skip(why)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where DEVTEAM_REQUIRE names `x` (CI does), a test marked `needs_x` must not be skipped: that is an error."""
    report = yield
    required = {f"needs_{name}" for name in os.environ.get("DEVTEAM_REQUIRE", "").replace(",", " ").split()}
    missed = sorted(required.intersection(mark.name for mark in item.iter_markers()))
    if report.skipped and missed and not hasattr(report, "wasxfail"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} is marked {missed[0]}, which must not be skipped here. {why}"
    return report


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    """Builds a repository with a task list; see tests/project.py."""

    def build(tasks: str = "", **more: object) -> Project:
        return Project.make(tmp_path, tasks, **more)  # type: ignore[arg-type]

    return build
