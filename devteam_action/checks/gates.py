"""The gates' configuration of one change: what the checks shall see of it, and which blobs that is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from msgspec import Struct

from devteam_action.checks.place import Trees
from devteam_action.domain.change import Change
from devteam_action.domain.findings import Finding
from devteam_action.domain.gaming import loosened
from devteam_action.domain.gate_config import effective, extends, is_named
from devteam_action.domain.task import Task
from devteam_action.domain.testfiles import GATE_FILES, is_gate_file


class Gates(Struct, frozen=True, kw_only=True):
    """`overlay` are the files that must be other than the head has them (None: not there); `blobs` are git blob ids
    of what was judged by; `at_base` is what a checkout of the base must get so that both are judged alike.
    """

    overlay: Mapping[str, bytes | None]
    at_base: Mapping[str, bytes | None]
    blobs: dict[str, str]
    findings: Mapping[str, tuple[Finding, ...]]


def read_gates(trees: Trees, task: Task, change: Change) -> Gates:
    """Gate files at the root, those that the change touches anywhere, and those that one at the root extends."""
    named_by = {name: (tool,) for path in GATE_FILES for name, tool in extends(path, trees.read(change.base, path))}
    changed = {path for file in change.files for path in (file.path, file.old_path) if path}
    touched = {path for path in changed if is_gate_file(path) or path in named_by}
    overlay: dict[str, bytes | None] = {}
    at_base: dict[str, bytes | None] = {}
    blobs: dict[str, str] = {}
    findings: dict[str, tuple[Finding, ...]] = {}
    for path in sorted({*GATE_FILES, *named_by, *touched}):
        content = trees.read(change.base, path)
        if path in touched:
            base, head = content, trees.read(change.head, path)
            named = is_named(task, path)
            seen = effective(path, base, head, named_by.get(path, ()))
            content = head if named else seen.content
            if content != head:
                overlay[path] = content
            if named and seen.changed:
                at_base[path] = content
            for criterion, found in loosened(path, seen.changed, is_named=named).items():
                findings[criterion] = (*findings.get(criterion, ()), *found)
        if content is not None:
            blobs[path] = blob_id(content)
    return Gates(overlay=overlay, at_base=at_base, blobs=blobs, findings=findings)


def blob_id(content: bytes) -> str:
    """What git calls a file of this content (SHA-1 repositories)."""
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()
