"""What several integration tests stand on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from devteam_action.app import App
from tests.fakes.pull_ground import CHAIN, CONFIG, Ground, build


@pytest.fixture
def ground(project, capsys, monkeypatch) -> Callable[..., Ground]:
    """Builds a project with pull requests; every App of this process has its forge."""

    def make(tasks: str = CHAIN, config: str = CONFIG) -> Ground:
        made = build(project, capsys, tasks, config)
        monkeypatch.setattr(App, "forge", made.forge)
        monkeypatch.setenv("WORKSPACE_DIR", str(made.project.folder / "work"))
        return made

    return make
