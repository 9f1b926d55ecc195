"""Two other programs that answer "what is next", installed from npm and given as many tasks in their own formats."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

PACKAGES = ("task-master-ai@0.43.1", "backlog.md@1.52.0")
INSTALL_S = 120.0


class Rival(Struct, frozen=True):
    """A program: `project` makes a folder with that many tasks, `argv` asks in it."""

    name: str
    argv: tuple[str, ...]
    project: Callable[[Path, int], Path]


def installed_rivals() -> tuple[tuple[Rival, ...], str]:
    """The programs, kept in the user's cache from one bench to the next; or none and the reason."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "devteam" / "bench" / "-".join(PACKAGES)
    programs = cache / "node_modules" / ".bin"
    if not all((programs / name).exists() for name in ("task-master", "backlog")):
        why_not = _install(cache)
        if why_not:
            return (), why_not
    return (
        Rival("task-master", (str(programs / "task-master"), "next"), _task_master),
        Rival("backlog", (str(programs / "backlog"), "task", "list", "--ready", "--plain"), _backlog),
    ), ""


def _install(folder: Path) -> str:
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not here"
    folder.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), *PACKAGES]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=INSTALL_S)
    except subprocess.TimeoutExpired:
        return f"npm did not install {' and '.join(PACKAGES)} in {INSTALL_S:.0f} s"
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        return f"npm could not install {' and '.join(PACKAGES)}: {said[-1] if said else 'no reason given'}"
    return ""


def _task_master(folder: Path, count: int) -> Path:
    tasks = [
        {
            "id": number,
            "title": f"Build piece {number}",
            "description": f"Build piece {number} with its tests.",
            "status": "done" if number <= count // 2 else "pending",
            "dependencies": [number - 1] if number > 1 else [],
            "priority": "medium",
            "details": "",
            "testStrategy": "",
            "subtasks": [],
        }
        for number in range(1, count + 1)
    ]
    store = folder / ".taskmaster" / "tasks" / "tasks.json"
    store.parent.mkdir(parents=True)
    when = "2026-01-01T00:00:00.000Z"
    about = {"created": when, "updated": when, "description": "bench"}
    store.write_text(json.dumps({"master": {"tasks": tasks, "metadata": about}}))
    return folder


def _backlog(folder: Path, count: int) -> Path:
    tasks = folder / "backlog" / "tasks"
    tasks.mkdir(parents=True)
    settings = ('project_name: "bench"', 'default_status: "To Do"', 'statuses: ["To Do", "In Progress", "Done"]',
                "labels: []", "filesystem_only: true", "check_active_branches: false", "remote_operations: false",
                'task_prefix: "task"')  # fmt: skip
    (folder / "backlog" / "config.yml").write_text("\n".join(settings) + "\n")
    for number in range(1, count + 1):
        waits = f"\n  - TASK-{number - 1}" if number > 1 else " []"
        head = (
            f"id: TASK-{number}",
            f"title: Build piece {number}",
            f"status: {'Done' if number <= count // 2 else 'To Do'}",
            "assignee: []",
            "created_date: '2026-01-01 00:00'",
            "labels: []",
            f"dependencies:{waits}",
            f"ordinal: {number}000",
        )
        text = "\n".join(("---", *head, "---", "", f"Build piece {number} with its tests.", ""))
        (tasks / f"task-{number} - Build-piece-{number}.md").write_text(text)
    return folder
