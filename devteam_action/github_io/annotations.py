"""Findings as the annotations of a check run, within GitHub's limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from devteam_action.domain.findings import Finding
from devteam_action.github_io.texts import sendable

Annotation = dict[str, str | int]
BATCH = 50  # a request; later ones append (docs.github.com/en/rest/checks/runs#update-a-check-run)
_MESSAGE_BYTES = 64 * 1024
_TITLE = 255
_LEVELS = {"error": "failure", "warning": "warning", "notice": "notice"}


def annotations_of(findings: Iterable[Finding]) -> list[Annotation]:
    """Errors first, then warnings, else in the order given, which is the same each time; none without a file."""
    order = list(_LEVELS)
    placed = [finding for finding in findings if finding.path]
    return [_annotation(finding) for finding in sorted(placed, key=lambda each: order.index(each.severity))]


def batches(annotations: Sequence[Annotation]) -> list[list[Annotation]]:
    """In pieces that one request takes; one empty piece where there are none."""
    return [list(annotations[start : start + BATCH]) for start in range(0, len(annotations), BATCH)] or [[]]


def _annotation(finding: Finding) -> Annotation:
    line = finding.line or 1
    annotation: Annotation = {
        "path": sendable(finding.path),
        "start_line": line,
        "end_line": line,
        "annotation_level": _LEVELS[finding.severity],
        "message": _cut(finding.message) or finding.rule or finding.tool,
        "title": f"{finding.tool}: {finding.rule}"[:_TITLE] if finding.rule else finding.tool[:_TITLE],
    }
    if finding.line and finding.column:
        annotation |= {"start_column": finding.column, "end_column": finding.column}
    return annotation


def _cut(text: str) -> str:
    text = sendable(text)
    data = text.encode()
    return text if len(data) <= _MESSAGE_BYTES else data[: _MESSAGE_BYTES - 3].decode(errors="ignore") + "…"
