"""The tools that can implement a task: one module and one line each."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from devteam_action.errors import BadInput
from devteam_action.pipeline.ports import Tool
from devteam_action.tools.aider.tool import AiderTool
from devteam_action.tools.command import CommandTool
from devteam_action.tools.replay import ReplayTool

Make = Callable[[Mapping[str, str]], Tool]

# Each is called with the environment of our own process: where programs, homes and proxies are.
TOOLS: dict[str, Make] = {
    "aider": AiderTool,
    "command": CommandTool,
    "replay": ReplayTool,
}


def tool_named(name: str, environ: Mapping[str, str] | None = None, more: Mapping[str, Make] | None = None) -> Tool:
    """The tool of that name, also out of `more`; raises BadInput with the known names for any other."""
    known = {**TOOLS, **(more or {})}
    if name not in known:
        raise BadInput(f"there is no tool named `{name}`", remedy=f"the tools are: {', '.join(sorted(known))}")
    return known[name](os.environ if environ is None else environ)
