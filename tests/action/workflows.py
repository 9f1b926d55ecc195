"""What a workflow is given before act runs it: what act lacks is put in, what it refuses is left out.

act knows one token for a run, GitHub gives each job its own: here every job gets a secret with a token of exactly the
rights that its `permissions:` name, so that an example that asks for too little fails here as it would on GitHub.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

OURS = re.compile(r"devteam-action/devteam-action@[\w.-]+")
_TOKEN = re.compile(r"\b(?:github\.token|secrets\.GITHUB_TOKEN)\b")
_RIGHTS = ("contents", "pull-requests", "issues", "checks", "actions", "statuses")
_LEVELS = ("none", "read", "write")


@dataclass(frozen=True)
class Prepared:
    """A workflow as act gets it, and the rights of each job's token by the name of the secret that holds it."""

    text: str
    rights: Mapping[str, Mapping[str, str]]
    uses: tuple[str, ...]


def prepared(text: str, warm: str, told: str, *, is_from_fork: bool = False, is_called: bool = False) -> Prepared:
    """`warm` is a folder that outlives the job: its environments of the action are used again. Each job writes the
    `steps` context as it is at its end into the folder `told`. A called workflow works with its caller's token.
    """
    workflow = yaml.safe_load(text)
    workflow["on"] = workflow.pop(True, workflow.get("on"))  # YAML 1.1 reads the key `on` as a truth
    rights: dict[str, Mapping[str, str]] = {}
    for name, job in workflow["jobs"].items():
        _without_queue(job)
        if "uses" not in job:
            workflow["jobs"][name] = _job(name, job, warm, told)
        if not is_called:
            secret = f"TOKEN_{re.sub(r'[^A-Z0-9]', '_', name.upper())}"
            rights[secret] = _rights(job.get("permissions", workflow.get("permissions")), is_from_fork=is_from_fork)
            workflow["jobs"][name] = _replaced(workflow["jobs"][name], f"secrets.{secret}")
    _without_queue(workflow)
    return Prepared(yaml.safe_dump(workflow, sort_keys=False), rights, tuple(sorted(set(_uses(workflow)))))


def _without_queue(place: dict[str, Any]) -> None:
    if isinstance(place.get("concurrency"), dict):
        place["concurrency"].pop("queue", None)


def _job(name: str, job: dict[str, Any], warm: str, told: str) -> dict[str, Any]:
    """The job with a first step that finds what earlier jobs installed, and a last one that tells how it went."""
    for step in job["steps"]:
        if OURS.match(step.get("uses", "")):
            step.setdefault("id", "devteam")
            step["with"] = {"github-token": "${{ github.token }}", **step.get("with", {})}
        elif step.get("uses", "").startswith("actions/checkout@"):
            # act copies its own folder where no `ref` differs from the event's: with one it takes our stub.
            given = {"token": "${{ github.token }}", **step.get("with", {})}
            step["with"] = {**given, "ref": given.get("ref", "") or " "}
    first = {"name": "warm", "run": 'ln -s "$WARM" "$RUNNER_TEMP/devteam"', "env": {"WARM": warm}}
    env = {"STEPS": "${{ toJSON(steps) }}", "TOLD": f"{told}/{name}"}
    last = {"name": "told", "if": "always()", "run": 'printf "%s" "$STEPS" > "$TOLD"', "env": env}
    job["steps"] = [first, *job["steps"], last]
    return job


def _replaced(value: Any, token: str) -> Any:
    match value:
        case dict():
            return {key: _replaced(inner, token) for key, inner in value.items()}
        case list():
            return [_replaced(inner, token) for inner in value]
        case str():
            return _TOKEN.sub(token, value)
        case _:
            return value


def _rights(permissions: Any, *, is_from_fork: bool) -> dict[str, str]:
    """Rights by the words of the fake GitHub; without `permissions:` what GitHub gives in new repositories."""
    if isinstance(permissions, str):
        permissions = dict.fromkeys(_RIGHTS, permissions.removesuffix("-all"))
    elif permissions is None:
        permissions = {"contents": "read"}
    most = "read" if is_from_fork else "write"
    named = {name: permissions.get(name, "none") for name in _RIGHTS}
    return {name.replace("-", "_"): min(level, most, key=_LEVELS.index) for name, level in named.items()}


def _uses(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("uses"), str):
            yield value["uses"]
        for inner in value.values():
            yield from _uses(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _uses(inner)
