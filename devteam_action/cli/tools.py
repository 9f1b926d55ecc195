"""`tools install NAME`: a tool in an environment of its own, tested."""

from __future__ import annotations

from argparse import Namespace

from devteam_action.cli.context import Context
from devteam_action.cli.output import Result
from devteam_action.toolbox import find_tool


def tools(args: Namespace, context: Context) -> Result:
    """Installs and tests the tool; quick when it is there already."""
    find_tool(args.name, context.variables).install(context.say)
    return Result(document={"success": True, "tool": args.name, "installed": True}, text=f"{args.name} is ready")
