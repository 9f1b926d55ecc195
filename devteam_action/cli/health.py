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
from devteam_action.tools.aider.location import environment_dir, existing_aider, is_ready


def health(args: Namespace, context: Context) -> Result:
    """Exit code 4 when something that every run needs is missing; a tool that is not installed is no illness."""
    del args
    folder, repository = _repository(context)
    git = _git(context)
    filesystem = _filesystem(folder)
    is_well = git == "available" and filesystem == "writable"
    dependencies = {
        "git": git,
        "aider": _aider(context.variables),
        "scar": _scar(context),
        "filesystem": filesystem,
    }
    checked = {"repository": repository, "folder": str(folder)}
    status = "healthy" if is_well else "unhealthy"
    document = {
        "status": status,
        "timestamp": SystemClock().now(),
        "version": __version__,
        "dependencies": dependencies,
        "checked": checked,
    }
    rows = "\n".join(f"  {name:<12} {value}" for name, value in {**dependencies, **checked}.items())
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


def _aider(variables: Mapping[str, str]) -> str:
    try:
        if existing_aider(variables) is not None:
            return "available (AIDER_PATH)"
    except DevteamError as error:
        return error.message
    return "available" if is_ready(environment_dir(variables)) else "not installed (`devteam tools install aider`)"


def _scar(context: Context) -> str:
    """Asked only where somebody set it up: a server that nobody uses is nothing to wait for."""
    try:
        config = context.project.config
    except DevteamError:
        config = Config()
    try:
        config = with_environment(config, context.environment)
    except DevteamError as error:
        return error.message
    is_wanted = "scar" in (config.writer, config.plan_with) or config.scar != ScarConfig()
    if not is_wanted:
        return "not configured"
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
