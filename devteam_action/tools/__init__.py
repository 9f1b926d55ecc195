"""The tools that can implement a task: one module and one line each."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from devteam_action.errors import BadInput
from devteam_action.pipeline.ports import Tool
from devteam_action.tools.aider.tool import AiderTool
from devteam_action.tools.command import CommandTool
from devteam_action.tools.replay import ReplayTool

# Each is called with the environment of our own process: where programs, homes and proxies are.
TOOLS: dict[str, Callable[[Mapping[str, str]], Tool]] = {
    "aider": AiderTool,
    "command": CommandTool,
    "replay": ReplayTool,
}


def tool_named(name: str, environ: Mapping[str, str] | None = None) -> Tool:
    """The tool of that name; raises BadInput with the known names for any other."""
    if name not in TOOLS:
        raise BadInput(f"there is no tool named `{name}`", remedy=f"the tools are: {', '.join(sorted(TOOLS))}")
    return TOOLS[name](os.environ if environ is None else environ)
