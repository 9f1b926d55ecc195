"""The configuration of a project: what `.devteam.yml` may say, with its defaults.

These structs are the schema, and the descriptions are the one source of the JSON Schema and of docs/configuration.md;
`configuration/` reads the file into them, `settings.py` puts the environment on top.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from devteam_action.domain.events import Deliver
from devteam_action.domain.scar_config import ScarConfig

Positive = Annotated[int, Meta(ge=1)]
Minutes = Annotated[float, Meta(gt=0)]
Dollars = Annotated[float, Meta(ge=0)]


class _Section(Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    pass


class TasksConfig(_Section, frozen=True, kw_only=True):
    """Where the task lists are and how they are read; empty `path` means the two default places."""

    path: Annotated[
        str | tuple[str, ...],
        Meta(description="The task list, or a list of paths and globs; without it, the two default places."),
    ] = ()
    dialect: Annotated[
        Literal["wbs", "checklist", "speckit"] | None,
        Meta(description="How the lists are written; without it, told from each file."),
    ] = None
    marks: Annotated[
        dict[str, Literal["done", "skipped", "open"]],
        Meta(description="What further characters in a box mean, such as `!: skipped`."),
    ] = {}
    optional: Annotated[
        bool, Meta(description="Whether tasks with the star of an optional one are selected and counted.")
    ] = False
    phase_order: Annotated[
        Literal["strict", "stories", "none"],
        Meta(description="Spec-kit: each phase waits for those before it, stories run side by side, or none waits."),
    ] = "strict"


class ToolConfig(_Section, frozen=True, kw_only=True):
    """How one tool is driven."""

    model: Annotated[str, Meta(description="aider: the model; without it, aider chooses by the key that is set.")] = ""
    weak_model: Annotated[str, Meta(description="aider: the model for small jobs; without it, the model itself.")] = ""
    argv: Annotated[
        tuple[str, ...],
        Meta(
            description="command: the program and its arguments; "
            "{brief}, {tree}, {task}, {attempt} and {files} are replaced."
        ),
    ] = ()
    brief: Annotated[
        Literal["stdin", "file"],
        Meta(description="command: whether the brief comes on standard input, or only as the file {brief}."),
    ] = "stdin"
    patches: Annotated[
        str, Meta(description="replay: the folder of recorded patches, `<task>.patch` or `<task>-<attempt>.patch`.")
    ] = ""
    env: Annotated[
        tuple[str, ...], Meta(description="Names of variables that the tool's process may see beside the usual ones.")
    ] = ()
    edit_format: Annotated[
        str, Meta(description="aider: the edit format; without it, the one that suits the model.")
    ] = ""
    timeout_minutes: Annotated[Minutes, Meta(description="The longest that one call of the tool may take.")] = 30
    request_timeout_seconds: Annotated[
        Positive, Meta(description="aider: the longest that one answer of the model may take.")
    ] = 120


class VerifyConfig(_Section, frozen=True, kw_only=True):
    """How the work is judged."""

    baseline: Annotated[
        Literal["on", "off"], Meta(description="`off` lets findings block that the base commit already has.")
    ] = "on"
    timeout_minutes: Annotated[Minutes, Meta(description="The longest that one check may take.")] = 20
    python: Annotated[
        str,
        Meta(description="The interpreter of the project's checks; else `.venv`, in a job its `python3`, then ours."),
    ] = ""


class StateConfig(_Section, frozen=True, kw_only=True):
    """What the state branch keeps."""

    keep_runs: Annotated[
        Positive, Meta(description="How many runs are kept with all their events; the ledger keeps every attempt.")
    ] = 200


class Config(_Section, frozen=True, kw_only=True):
    """A whole `.devteam.yml`; every key is optional."""

    tasks: Annotated[TasksConfig, Meta(description="Where the task lists are, and how they are read.")] = TasksConfig()
    tool: Annotated[str, Meta(description="The tool that writes the code: `aider`, `scar`, `command` or `replay`.")] = (
        "aider"
    )
    plan_with: Annotated[
        str, Meta(description="A tool that plans first: its words go into the brief of the one that writes the code.")
    ] = ""
    implement_with: Annotated[
        str, Meta(description="The tool that writes the code, where one plans; without it, `tool`.")
    ] = ""
    tools: Annotated[dict[str, ToolConfig], Meta(description="How each tool is driven, by its name.")] = {}
    scar: Annotated[ScarConfig, Meta(description="How the SCAR server is reached, and what it does.")] = ScarConfig()
    criteria: Annotated[
        dict[str, str | int | float | bool],
        Meta(description="What every task must meet, unless it states criteria of its own; `off` takes one away."),
    ] = {}
    commands: Annotated[
        dict[str, str | tuple[str, ...]],
        Meta(description="Criteria of your own: a line for `sh`, or a list of arguments; exit code 0 passes."),
    ] = {}
    setup: Annotated[
        tuple[str, ...],
        Meta(description="Commands that make a new working directory ready, such as an installation."),
    ] = ()
    protected: Annotated[
        tuple[str, ...], Meta(description="Globs of paths that no tool may change, beside the built-in ones.")
    ] = ()
    base_branch: Annotated[
        str, Meta(description="The branch that tasks start from; without it, the one that is checked out.")
    ] = ""
    remote: Annotated[
        str, Meta(description="The remote for state and branches; without it, `origin`, or the only one there is.")
    ] = ""
    push: Annotated[bool, Meta(description="Whether proved branches are pushed to the remote.")] = True
    deliver: Annotated[
        Deliver | None,
        Meta(
            description="What becomes of proved work: a `branch`, a `merge` into the base, or a `pr` (usual on GitHub)."
        ),
    ] = None
    stack: Annotated[
        bool,
        Meta(
            description="Whether a task whose dependencies are all in review may begin, on the branch of the last one."
        ),
    ] = False
    on_merge: Annotated[
        Literal["offer", "run"],
        Meta(description="On GitHub, after a task's pull request was merged: the next task is told, or done at once."),
    ] = "offer"
    stop_on_error: Annotated[
        Literal["project", "task"],
        Meta(description="What a task in ERROR stops: the whole project, or itself and the tasks that depend on it."),
    ] = "project"
    max_attempts: Annotated[Positive, Meta(description="How many attempts a task gets before it is in ERROR.")] = 3
    max_cost_usd: Annotated[
        Dollars | None, Meta(description="Once a task's attempts have cost this much, no further one is started.")
    ] = None
    verify: Annotated[VerifyConfig, Meta(description="How the work is judged.")] = VerifyConfig()
    state: Annotated[StateConfig, Meta(description="What the state branch keeps.")] = StateConfig()

    @property
    def writer(self) -> str:
        """The name of the tool that writes the code."""
        return self.implement_with or self.tool

    def tool_config(self, name: str) -> ToolConfig:
        return self.tools.get(name, ToolConfig())
