"""Every tool that can implement a task, those on this machine and the one that works elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from devteam_action.domain.scar_config import ScarConfig
from devteam_action.pipeline.ports import Tool
from devteam_action.scar.tool import ScarTool
from devteam_action.tools import tool_named


def find_tool(name: str, environ: Mapping[str, str] | None = None, scar: ScarConfig | None = None) -> Tool:
    """The tool of that name; raises BadInput with the known names for any other."""
    return tool_named(name, environ, {"scar": partial(ScarTool, scar or ScarConfig())})
