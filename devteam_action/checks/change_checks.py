"""diff.scope, diff.size and doc.updated: what the change itself says, with no tool run."""

from __future__ import annotations

from devteam_action.checks.place import Job, Place
from devteam_action.domain.change import Change
from devteam_action.domain.findings import Finding
from devteam_action.domain.judging import Measured
from devteam_action.domain.scope import out_of_scope
from devteam_action.domain.testfiles import is_document


class DiffScope:
    """Protected paths, and the limits of the task's `touches:`."""

    name = "scope"
    criteria = ("diff.scope",)
    has_baseline = False

    def measure(self, place: Place, job: Job) -> tuple[Measured, ...]:
        findings = out_of_scope(job.task, job.change, job.config.protected, documents_of(job))
        output = "\n".join(f"{one.path}: {one.message}" for one in findings)
        return (Measured(criterion="diff.scope", check=self.name, findings=findings, output=output),)


class DiffSize:
    """How many lines (added and removed) and files the change has."""

    name = "size"
    criteria = ("diff.size",)
    has_baseline = False

    def measure(self, place: Place, job: Job) -> tuple[Measured, ...]:
        lines, files = job.change.lines_changed, len(job.change.files)
        actual = f"{lines} line{'' if lines == 1 else 's'} in {files} file{'' if files == 1 else 's'}"
        figures = {"lines": float(lines), "files": float(files)}
        return (Measured(criterion="diff.size", check=self.name, figures=figures, actual=actual),)


class DocUpdated:
    """The named document (or, where only `pass` is required, any document) gained or changed lines."""

    name = "docs"
    criteria = ("doc.updated",)
    has_baseline = False

    def measure(self, place: Place, job: Job) -> tuple[Measured, ...]:
        required = job.wanted["doc.updated"].required.text
        changed = updated_documents(job.change, required)
        findings = () if changed else (_not_updated(required),)
        actual = f"{', '.join(changed[:5])} updated" if changed else "not updated"
        return (Measured(criterion="doc.updated", check=self.name, findings=findings, actual=actual),)


def updated_documents(change: Change, required: str) -> tuple[str, ...]:
    """The changed files that satisfy the requirement: the path itself, or a file of that name in any folder."""
    written = [file for file in change.files if file.added]
    if required == "updated":
        return tuple(file.path for file in written if is_document(file.path))
    wanted = required.removeprefix("./")
    return tuple(file.path for file in written if file.path == wanted or file.path.endswith(f"/{wanted}"))


def documents_of(job: Job) -> tuple[str, ...]:
    """The documents that the task's criteria name, wherever in the tree they are."""
    named = job.task.criteria.get("doc.updated", "").strip()
    return (named.removeprefix("./"), *updated_documents(job.change, named)) if named else ()


def _not_updated(required: str) -> Finding:
    what = "no document" if required == "updated" else required
    return Finding(tool="docs", rule="not-updated", message=f"{what} was not written to by this change")
