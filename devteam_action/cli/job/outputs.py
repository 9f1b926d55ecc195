"""What a job hands to the steps after it: the outputs of action.yml (CONTRACT §7), from what a command answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec

from devteam_action.cli.output import Result

NAMES = (
    "status",
    "task-id",
    "branch",
    "pull-request",
    "check-run",
    "has-more",
    "matrix",
    "result",
    "cost-usd",
    "logs",
)


def outputs_of(result: Result, *, command: str, logs: str = "", check_run: int | None = None) -> dict[str, str]:
    """Every output by its name; empty where this command has none of the kind.

    `status` is that of the last task (CONTRACT §1), else `nothing` when there was nothing to do, `passed` or `failed`.
    """
    document = _document(result)
    last = document if document.get("status") else _last_task(document)
    usage = cast("Mapping[str, object]", last.get("usage") or {})
    return {
        "status": _status(document, last, result.exit_code),
        "task-id": _text(last.get("taskId") or document.get("taskId")),
        "branch": _text(last.get("branch") or document.get("branch")),
        "pull-request": _text(last.get("pullRequest") or document.get("pullRequest")),
        "check-run": _text(check_run),
        "has-more": "true" if document.get("hasMore") or document.get("include") else "false",
        "matrix": _json(document) if command == "matrix" else "",
        "result": _json(document),
        "cost-usd": _text(usage.get("costUsd")),
        "logs": logs,
    }


def _document(result: Result) -> Mapping[str, object]:
    plain = msgspec.to_builtins(result.document)
    return cast("Mapping[str, object]", plain) if isinstance(plain, dict) else {"result": plain}


def _last_task(document: Mapping[str, object]) -> Mapping[str, object]:
    tasks = document.get("tasks")
    if isinstance(tasks, list) and tasks:
        last = cast("list[object]", tasks)[-1]
        return cast("Mapping[str, object]", last) if isinstance(last, dict) else {}
    return {}


def _status(document: Mapping[str, object], last: Mapping[str, object], exit_code: int) -> str:
    if last:
        return _text(last.get("status"))
    if "tasks" in document and not exit_code:
        return "nothing"
    return "passed" if exit_code == 0 else "failed"


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _json(document: Mapping[str, object]) -> str:
    return msgspec.json.encode(document).decode()
