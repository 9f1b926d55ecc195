"""`health`: whether what devteam needs is there."""

from __future__ import annotations

import tempfile
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from devteam_action import __version__
from devteam_action.cli.context import Context
from devteam_action.cli.output import Result
from devteam_action.domain.config import Config
from devteam_action.domain.scar_config import ScarConfig
from devteam_action.errors import DevteamError
from devteam_action.git_io.git import Git
from devteam_action.settings import with_environment
from devteam_action.support.clock import SystemClock
from devteam_action.toolbox import find_tool
from devteam_action.tools.aider.location import environment_dir, existing_aider, is_ready

_UNUSED = "not configured"


def health(args: Namespace, context: Context) -> Result:
    """Exit code 4 when something that runs here need is missing; aider is installed by the first run that needs it."""
    del args
    folder, repository = _repository(context)
    git = _git(context)
    filesystem = _filesystem(folder)
    config = _config(context)
    tools = {"aider": _aider(context.variables, config), "scar": _scar(context, config)}
    tools |= {"command": _command(context, config)} if config.writer == "command" else {}
    said = tools.get(config.writer, "available")
    is_well = git == "available" and filesystem == "writable" and said.startswith(("available", "not installed"))
    dependencies = {"git": git, **tools, "filesystem": filesystem}
    checked = {"repository": repository, "folder": str(folder)}
    status = "healthy" if is_well else "unhealthy"
    document = {
        "status": status,
        "timestamp": SystemClock().now(),
        "version": __version__,
        "dependencies": dependencies,
        "checked": checked,
    }
    shown = {name: value for name, value in {**dependencies, **checked}.items() if value != _UNUSED}
    rows = "\n".join(f"  {name:<12} {value}" for name, value in shown.items())
    return Result(document=document, text=f"devteam {__version__} is {status}\n{rows}", exit_code=0 if is_well else 4)


def _repository(context: Context) -> tuple[Path, str]:
    try:
        return context.project.repository.common_dir, "usable"
    except DevteamError as error:
        return context.directory, error.message


def _git(context: Context) -> str:
    try:
        return "available" if Git(context.directory, env=context.variables).run("--version").ok else "broken"
    except DevteamError as error:
        return error.message


def _config(context: Context) -> Config:
    """The project's, or where it has none that can be read, what runs without one do."""
    try:
        return context.project.config
    except DevteamError:
        return Config()


def _command(context: Context, config: Config) -> str:
    try:
        find_tool("command", context.variables).check(config.tool_config("command"), context.variables)
    except DevteamError as error:
        return error.message
    return "available"


def _aider(variables: Mapping[str, str], config: Config) -> str:
    try:
        if existing_aider(variables) is not None:
            return "available (AIDER_PATH)"
    except DevteamError as error:
        return error.message
    if is_ready(environment_dir(variables)):
        return "available"
    is_wanted = "aider" in (config.writer, config.plan_with)
    return "not installed yet: the first run does it (or `devteam tools install aider`)" if is_wanted else _UNUSED


def _scar(context: Context, config: Config) -> str:
    """Asked only where somebody set it up: a server that nobody uses is nothing to wait for."""
    try:
        config = with_environment(config, context.environment)
    except DevteamError as error:
        return error.message
    is_wanted = "scar" in (config.writer, config.plan_with) or config.scar != ScarConfig()
    if not is_wanted:
        return _UNUSED
    from devteam_action.scar.reachable import reachable

    return reachable(config.scar)


def _filesystem(folder: Path) -> str:
    try:
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(b"x" * 4096)
            file.flush()
    except OSError as error:
        return f"not writable: {error.strerror}"
    return "writable"
