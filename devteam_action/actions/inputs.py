"""What a job is told: the inputs of action.yml, and the facts that the runner states about itself.

Inputs come as `DEVTEAM_INPUT_<NAME>` (upper case, dashes as underscores), never as `INPUT_*`: GitHub sets those for no
step of a composite action, though act does (actions/runner#665).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, TypeVar, cast, get_args
from urllib.parse import urlsplit

from msgspec import Struct

from devteam_action.actions.grammar import Job, is_task_id
from devteam_action.errors import BadInput
from devteam_action.support.terminal import one_line

InputCommand = Literal["auto", "run", "retry", "resume", "stop", "skip", "verify", "matrix", "status", "doctor"]

_Value = TypeVar("_Value")
_WORD = re.compile(r"[^\s\x00-\x1f\x7f-\x9f-][^\x00-\x1f\x7f-\x9f]{0,254}")
_TOKEN = re.compile(r"[\x21-\x7e]+")


class ActionInputs(Struct, frozen=True, kw_only=True):
    """The inputs (CONTRACT §7). Not given: empty, 0, None or False; then the configuration decides.

    Texts are one line and begin with no dash, so that each can be an argument; `task` and `until` are well-formed ids.
    `seen` is no input: it is the head that an earlier job of the workflow has found when a command was said.
    """

    command: InputCommand = "auto"
    task: str = ""
    until: str = ""
    max_tasks: int = 0
    tool: str = ""
    model: str = ""
    base_branch: str = ""
    verbosity: int = 0
    max_attempts: int = 0
    max_cost_usd: float | None = None
    scar_url: str = ""
    config: str = ""
    github_token: str = ""
    dry_run: bool = False
    dispatch_workflow: str = ""
    seen: str = ""

    def __repr__(self) -> str:
        return f"ActionInputs(command={self.command!r}, task={self.task!r}, …)"


class JobFacts(Struct, frozen=True, kw_only=True):
    """What the runner says in `GITHUB_*` (and the workflow in `DEVTEAM_JOB`); texts are empty where it says nothing.

    Addresses have no slash at the end. `output` and `summary` are the files that steps may write to.
    """

    repository: str = ""
    api_url: str = "https://api.github.com"
    graphql_url: str = "https://api.github.com/graphql"
    server_url: str = "https://github.com"
    run_id: str = ""
    run_attempt: int = 1
    event_name: str = ""
    event_path: str = ""
    workspace: str = ""
    actor: str = ""
    sha: str = ""
    ref: str = ""
    output: Path | None = None
    summary: Path | None = None
    job: Job = ""

    @property
    def run_url(self) -> str:
        """The page of this run; empty outside of a job."""
        known = self.repository and self.run_id
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}" if known else ""


def read_inputs(variables: Mapping[str, str]) -> ActionInputs:
    """The inputs; raises BadInput that names every wrong one."""
    wrong: list[str] = []

    def take(name: str, parse: Callable[[str], _Value], default: _Value) -> _Value:
        value = variables.get(f"DEVTEAM_INPUT_{name.upper().replace('-', '_')}", "").strip()
        if not value:
            return default
        try:
            return parse(value)
        except ValueError as error:
            shown = "" if name == "github-token" else f" '{one_line(value, 60)}'"
            wrong.append(f"input `{name}`:{shown} {error}")
            return default

    inputs = ActionInputs(
        command=take("command", _command, "auto"),
        task=take("task", _task, ""),
        until=take("until", _task, ""),
        max_tasks=take("max-tasks", _count, 0),
        tool=take("tool", _word, ""),
        model=take("model", _word, ""),
        base_branch=take("base-branch", _word, ""),
        verbosity=take("verbosity", _verbosity, 0),
        max_attempts=take("max-attempts", _count, 0),
        max_cost_usd=take("max-cost-usd", _money, None),
        scar_url=take("scar-url", _url, ""),
        config=take("config", _word, ""),
        github_token=take("github-token", _token, ""),
        dry_run=take("dry-run", _truth, default=False),
        dispatch_workflow=take("dispatch-workflow", _word, ""),
        seen=_commit(variables.get("DEVTEAM_SEEN", "").strip()),
    )
    if wrong:
        raise BadInput("; ".join(wrong), remedy="mend the `with:` of the step that uses DevTeam Action")
    return inputs


def read_job(variables: Mapping[str, str]) -> JobFacts:
    """The facts of the job; raises BadInput for a DEVTEAM_JOB that is no such job."""
    job = variables.get("DEVTEAM_JOB", "").strip()
    if job not in get_args(Job):
        raise BadInput(
            f"DEVTEAM_JOB is '{one_line(job, 60)}'", remedy="set it to `control`, `work` or `accept`, or leave it out"
        )

    def address(name: str, default: str) -> str:
        return (variables.get(name) or default).rstrip("/")

    def path(name: str) -> Path | None:
        return Path(variables[name]) if variables.get(name) else None

    attempt = variables.get("GITHUB_RUN_ATTEMPT", "")
    api_url = address("GITHUB_API_URL", "https://api.github.com")
    return JobFacts(
        repository=variables.get("GITHUB_REPOSITORY", ""),
        api_url=api_url,
        graphql_url=address("GITHUB_GRAPHQL_URL", f"{api_url.removesuffix('/v3')}/graphql"),
        server_url=address("GITHUB_SERVER_URL", "https://github.com"),
        run_id=variables.get("GITHUB_RUN_ID", ""),
        run_attempt=int(attempt) if attempt.isascii() and attempt.isdecimal() else 1,
        event_name=variables.get("GITHUB_EVENT_NAME", ""),
        event_path=variables.get("GITHUB_EVENT_PATH", ""),
        workspace=variables.get("GITHUB_WORKSPACE", ""),
        actor=variables.get("GITHUB_ACTOR", ""),
        sha=variables.get("GITHUB_SHA", ""),
        ref=variables.get("GITHUB_REF", ""),
        output=path("GITHUB_OUTPUT"),
        summary=path("GITHUB_STEP_SUMMARY"),
        job=cast("Job", job),
    )


# Each takes a value that is not empty, and raises ValueError with the words that follow it in the message.


def _command(value: str) -> InputCommand:
    if value not in get_args(InputCommand):
        raise ValueError(f"is not one of {', '.join(get_args(InputCommand))}")
    return cast("InputCommand", value)


def _task(value: str) -> str:
    if not is_task_id(value):
        raise ValueError("is no id of a task (letters, digits, dots and dashes, such as 1.2 or T010)")
    return value


def _count(value: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,5}", value):
        raise ValueError("is not a whole number from 1 to 999999")
    return int(value)


def _verbosity(value: str) -> int:
    if value not in ("1", "2", "3"):
        raise ValueError("is not 1, 2 or 3")
    return int(value)


def _money(value: str) -> float | None:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value) or not math.isfinite(float(value)):
        raise ValueError("is no amount of dollars, such as 2.50")
    return float(value)


def _truth(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return value.lower() == "true"


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or not _TOKEN.fullmatch(value):
        raise ValueError("is no address that begins with https:// or http://")
    return value


def _commit(value: str) -> str:
    if value and not re.fullmatch(r"[0-9a-f]{40}", value):
        raise BadInput(
            "DEVTEAM_SEEN is no full commit id", remedy="hand on what the job `accept` has given, or nothing"
        )
    return value


def _word(value: str) -> str:
    if not _WORD.fullmatch(value):
        raise ValueError("is not one line of at most 255 characters that begins with no dash")
    return value


def _token(value: str) -> str:
    if not _TOKEN.fullmatch(value):
        raise ValueError("has white space or characters in it that no token has")
    return value
