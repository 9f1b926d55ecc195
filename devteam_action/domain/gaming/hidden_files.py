"""Files that a change takes out of a tool's sight: ignored ones, and sources behind a new stub."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from pathlib import PurePosixPath

from devteam_action.domain.change import Change
from devteam_action.domain.findings import Finding
from devteam_action.domain.gaming.silencers import READ_BY_TOOLS
from devteam_action.domain.gate_config import is_named
from devteam_action.domain.task import Task

Read = Callable[[str], str | None]

_IGNORE_FILES = frozenset({".gitignore", ".ignore", ".ruffignore"})  # ruff's documentation: file discovery
_STARS = 6


def ignored(change: Change, base: Read, head: Read) -> list[Finding]:
    """Sources of the change that a new line of an ignore file hides from the linter."""
    sources = [file.path for file in change.files if file.kind != "deleted" and file.path.endswith(READ_BY_TOOLS)]
    found: list[Finding] = []
    for file in change.files:
        if PurePosixPath(file.path).name not in _IGNORE_FILES or file.kind == "deleted":
            continue
        known = set((base(change.base_path(file.path)) or "").split("\n"))
        folder = str(PurePosixPath(file.path).parent)
        for number, line in enumerate((head(file.path) or "").split("\n"), 1):
            if line in known or not (hidden := [path for path in sources if ignores(line, folder, path)]):
                continue
            message = f"the linter would no longer see {', '.join(hidden[:3])}, which the change touches"
            text = line.strip()[:200]
            found.append(
                Finding(tool="gaming", rule="hidden-file", message=message, path=file.path, line=number, line_text=text)
            )
    return found


def ignores(line: str, folder: str, path: str) -> bool:
    """Whether one line of an ignore file in `folder` matches a file (gitignore(5)); a line that takes back does not."""
    pattern = line.rstrip("\r\n").rstrip(" ")
    if not pattern or pattern.startswith(("#", "!")):
        return False
    inside = path if folder == "." else path.removeprefix(f"{folder}/")
    if folder != "." and inside == path:
        return False
    only_folders = pattern.endswith("/")
    pattern = pattern.rstrip("/")
    anchored = "/" in pattern
    try:
        matcher = re.compile(_expression(pattern.removeprefix("/")), re.DOTALL)
    except re.error:
        return False
    parts = inside.split("/")
    ends = range(1, len(parts) + (not only_folders))
    if anchored:
        return any(matcher.fullmatch("/".join(parts[:end])) for end in ends)
    return any(matcher.fullmatch(parts[end - 1]) for end in ends)


def _expression(pattern: str) -> str:
    if pattern.count("*") > _STARS:  # so many could take a regular expression for ever; fnmatch's cannot
        return fnmatch.translate(re.sub(r"\*+/?", "*", pattern))
    pieces = re.split(r"(\*\*/|/\*\*$|\*+|\?|\[[!^]?\]?[^\]]*\]|\\.)", pattern)
    meaning = {"**/": "(?:[^/]+/)*", "/**": "/.*", "?": "[^/]"}
    said: list[str] = []
    for piece in pieces:
        if piece in meaning:
            said.append(meaning[piece])
        elif piece.startswith("*"):
            said.append("[^/]*")
        elif piece.startswith("["):
            inner = piece[1:-1].replace("\\", "\\\\")
            said.append(f"[^{inner[1:]}]" if inner.startswith(("!", "^")) else f"[{inner}]")
        else:
            said.append(re.escape(piece[1:] if piece.startswith("\\") else piece))
    return "".join(said)


def behind_stubs(task: Task, change: Change, head: Read) -> list[Finding]:
    """New stubs beside a source of the same name: mypy then reads the stub in its stead."""
    return [
        Finding(
            tool="gaming",
            rule="stub-over-source",
            message=f"mypy would read this stub in place of {file.path[:-1]}: put the types there, "
            "or name the stub in the task",
            path=file.path,
            severity="warning" if is_named(task, file.path) else "error",
        )
        for file in change.files
        if file.kind in ("added", "renamed") and file.path.endswith(".pyi") and head(file.path[:-1]) is not None
    ]
