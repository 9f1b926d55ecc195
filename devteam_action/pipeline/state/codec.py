"""Records to bytes and back: a file that cannot be read is a value (Damaged), a branch that is not ours an error."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from devteam_action.errors import StateDamaged
from devteam_action.pipeline.ports import Snapshot
from devteam_action.pipeline.state.paths import DAMAGED, PROJECT
from devteam_action.pipeline.state.records import SCHEMA_VERSION, Damaged, Project
from devteam_action.support.tokens import sha256_hex

T = TypeVar("T")


def encode(record: object) -> bytes:
    """Indented JSON, as people look at this branch with `git show`."""
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"


def read(snapshot: Snapshot, path: str, kind: type[T]) -> T | Damaged | None:
    """The record at `path`, None where there is none."""
    content = snapshot.get(path)
    if content is None:
        return None
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Damaged(path=path, reason=str(error)[:300])


def sound(snapshot: Snapshot, path: str, kind: type[T]) -> T | None:
    """The record at `path`, None where there is none or it cannot be read."""
    record = read(snapshot, path, kind)
    return None if isinstance(record, Damaged) else record


def set_aside(snapshot: Snapshot, path: str) -> dict[str, bytes | None]:
    """The change that keeps the bytes of a damaged file before somebody writes to its path."""
    content = snapshot.get(path)
    if content is None:
        return {}
    return {f"{DAMAGED}{path}-{sha256_hex(content)[:12]}": content}


def aside(snapshot: Snapshot, stored: object) -> dict[str, bytes | None]:
    """The same for what was read: nothing, unless that was damaged."""
    return set_aside(snapshot, stored.path) if isinstance(stored, Damaged) else {}


def check_project(snapshot: Snapshot) -> None:
    """Raises StateDamaged when the branch is of a newer schema, or no state branch."""
    if not snapshot.version:
        return
    project = read(snapshot, PROJECT, Project)
    if isinstance(project, Project) and 1 <= project.schema_version <= SCHEMA_VERSION:
        return
    if isinstance(project, Project) and project.schema_version > SCHEMA_VERSION:
        raise StateDamaged(
            f"the state branch has schema {project.schema_version}; this version of devteam reads up to "
            f"schema {SCHEMA_VERSION}",
            remedy="upgrade devteam-action here to at least the version that wrote the state",
        )
    why = (
        "it is missing"
        if project is None
        else project.reason
        if isinstance(project, Damaged)
        else "schemaVersion is below 1"
    )
    raise StateDamaged(
        f"the state branch is not usable: {PROJECT} says no schema ({why})",
        remedy=f"restore {PROJECT} from the branch's history, or rename the branch away to start afresh",
    )


def project_changes(snapshot: Snapshot, customer_id: str, now: str) -> dict[str, bytes | None]:
    """What the first write adds; on a branch that is there, only the check."""
    check_project(snapshot)
    if snapshot.version:
        return {}
    return {PROJECT: encode(Project(schema_version=SCHEMA_VERSION, customer_id=customer_id, created=now))}
