"""The signature of a failed attempt: equal signatures mean that the attempt changed nothing about the failure."""

from __future__ import annotations

import hashlib

from devteam_action.domain.findings import CriterionResult, Finding, Verification
from devteam_action.domain.results import Implemented


def signature(outcome: Implemented | Verification) -> str:
    """A short text that two attempts share when they failed in the same way; line numbers and times do not count."""
    if isinstance(outcome, Implemented):
        return f"tool:{outcome.reason}"
    rows = sorted(_row(result) for result in outcome.failures)
    digest = hashlib.sha256("\0".join(rows).encode()).hexdigest()
    return f"checks:{digest[:16]}"


def _row(result: CriterionResult) -> str:
    findings = sorted(_place(finding) for finding in result.findings)
    # Without findings the figure itself is the failure: 61 % after 48 % is progress.
    return "\n".join([result.criterion, result.reason, *(findings or [result.actual])])


def _place(finding: Finding) -> str:
    return "|".join((finding.tool, finding.rule, finding.path, finding.line_text.strip(), finding.message))
