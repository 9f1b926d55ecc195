"""Which files a task may touch (CONTRACT: diff.scope)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from devteam_action.domain.change import Change, ChangedFile
from devteam_action.domain.findings import Finding
from devteam_action.domain.task import Task
from devteam_action.domain.testfiles import is_test_file

# What decides how work is judged and delivered is not for the tool that is judged.
PROTECTED = (
    ".git/**",
    ".github/workflows/**",
    ".github/actions/**",
    ".devteam.yml",
    ".github/devteam.yml",
)


@lru_cache(maxsize=512)
def _pattern(glob: str) -> re.Pattern[str]:
    # `**/` is any number of folders, `**` anything, `*` and `?` stay inside one name; a folder means all below it.
    text = glob.strip().removeprefix("./")
    text = f"{text}**" if text.endswith("/") else text
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", text)
    meaning = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(meaning.get(piece) or re.escape(piece) for piece in pieces) + r"(?:/.*)?\Z", re.DOTALL)


def matches(path: str, globs: Iterable[str]) -> bool:
    """Whether one of the globs names the path or a folder above it."""
    return any(_pattern(glob).match(path) for glob in globs)


def out_of_scope(task: Task, change: Change, protected: Sequence[str], documents: Sequence[str]) -> tuple[Finding, ...]:
    """A finding for each changed file that the task had no leave to change.

    Everything but protected paths; with `touches:` on the task, those plus test files plus the documents that its
    criteria name. `files` is context and never a limit. The task list itself may only have lines exchanged (a tick).
    """
    limits = (*PROTECTED, *protected)
    findings: list[Finding] = []
    for file in change.files:
        for path in (file.path, file.old_path):
            if path is None:
                continue
            if path == task.source.path:
                if len(file.added) != file.removed:
                    findings.append(_finding("protected-path", file, path, "the task list is not the tool's to write"))
            elif matches(path, limits):
                findings.append(_finding("protected-path", file, path, "a protected path was changed"))
            elif task.touches and not _is_let_in(path, task, documents):
                said = f"outside of what the task touches ({', '.join(task.touches)})"
                findings.append(_finding("outside-touches", file, path, said))
    return tuple(findings)


def _is_let_in(path: str, task: Task, documents: Sequence[str]) -> bool:
    return matches(path, task.touches) or is_test_file(path) or path in documents


def _finding(rule: str, file: ChangedFile, path: str, message: str) -> Finding:
    return Finding(tool="diff.scope", rule=rule, path=path, message=f"{message} ({file.kind})")
