"""The configuration of a project: what `.devteam.yml` may say, with its defaults.

These structs are the schema; `settings.py` reads files, environment and command line into them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from devteam_action.domain.events import Deliver

Positive = Annotated[int, Meta(ge=1)]
Minutes = Annotated[float, Meta(gt=0)]


class _Section(Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    pass


class TasksConfig(_Section, frozen=True, kw_only=True):
    """Where the task lists are and how they are read; empty `path` means the two default places."""

    path: str | tuple[str, ...] = ()
    dialect: Literal["wbs", "checklist", "speckit"] | None = None
    marks: dict[str, Literal["done", "skipped", "open"]] = {}
    optional: bool = False
    phase_order: Literal["strict", "stories", "none"] = "strict"


class ToolConfig(_Section, frozen=True, kw_only=True):
    """How one tool is driven. `env` names the variables that its process may see beside the usual keys.

    `argv` is the command of the `command` tool ({brief}, {tree}, {task}, {attempt} and {files} are replaced in each
    argument), `patches` the folder of the `replay` tool's recorded patches.
    """

    model: str = ""
    weak_model: str = ""
    argv: tuple[str, ...] = ()
    brief: Literal["stdin", "file"] = "stdin"
    patches: str = ""
    env: tuple[str, ...] = ()
    edit_format: str = ""
    timeout_minutes: Minutes = 30
    request_timeout_seconds: Positive = 120


class VerifyConfig(_Section, frozen=True, kw_only=True):
    """`baseline: off` lets old findings block too; `python` is the interpreter of the project's own checks."""

    baseline: Literal["on", "off"] = "on"
    timeout_minutes: Minutes = 20
    python: str = ""


class StateConfig(_Section, frozen=True, kw_only=True):
    """`keep-runs` is how many finished runs stay in full; the ledger stays."""

    keep_runs: Positive = 200


class Config(_Section, frozen=True, kw_only=True):
    """A whole `.devteam.yml`; every key is optional."""

    tasks: TasksConfig = TasksConfig()
    tool: str = "aider"
    tools: dict[str, ToolConfig] = {}
    criteria: dict[str, str | int | float | bool] = {}
    commands: dict[str, str | tuple[str, ...]] = {}
    setup: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    base_branch: str = ""
    remote: str = ""
    push: bool = True
    deliver: Deliver | None = None
    stop_on_error: Literal["project", "task"] = "project"
    max_attempts: Positive = 3
    max_cost_usd: Annotated[float, Meta(ge=0)] | None = None
    verify: VerifyConfig = VerifyConfig()
    state: StateConfig = StateConfig()

    def tool_config(self, name: str) -> ToolConfig:
        return self.tools.get(name, ToolConfig())
