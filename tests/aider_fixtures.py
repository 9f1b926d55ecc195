"""The real aider, installed once for all tests, and a model that answers as it is told."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from devteam_action.errors import ToolMissing
from devteam_action.tools.aider.tool import AiderTool

_SERVER = Path(__file__).resolve().parents[2] / "shared" / "tools" / "scripted_llm.py"


@pytest.fixture(scope="session")
def scripted() -> Any:
    if not _SERVER.is_file():
        pytest.skip(f"the scripted model server is not there ({_SERVER.name})")
    spec = importlib.util.spec_from_file_location("scripted_llm", _SERVER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ScriptedLLM


@pytest.fixture(scope="session")
def tools_home() -> Path:
    """Where the tests' aider is: one installation for all tests, all workers and all runs of this machine's user."""
    return Path(tempfile.gettempdir()) / f"devteam-test-tools-{os.getuid()}"


@pytest.fixture(scope="session")
def aider(tools_home: Path) -> AiderTool:
    tool = AiderTool({**os.environ, "XDG_DATA_HOME": str(tools_home), "AIDER_PATH": ""})
    try:
        tool.install(print)
    except ToolMissing as missing:
        pytest.skip(f"aider cannot be installed here: {missing.message}")
    return tool
