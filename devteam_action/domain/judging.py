"""From what a check measured to a verdict on one criterion."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from devteam_action.domain.baseline import compare
from devteam_action.domain.criteria import Wanted
from devteam_action.domain.findings import CriterionResult, Finding

_SHOWN = 200  # findings kept in a result; a note says how many there were


class Measured(Struct, frozen=True, kw_only=True):
    """What a check found on one tree, for one criterion.

    `figures` maps a unit to the measured number that a required value of that unit is compared with; where there are
    figures, findings only explain them. Without figures the number of new errors among the findings is the figure.
    `reason` not empty means that nothing could be measured, and why; `lacking` that it is for want of a means to.
    `absent` says that what was detected turned out not to be there (no test at all), so that a criterion nobody stated
    falls away. `known` counts what the check itself has found to be as red at the base.
    """

    criterion: str
    check: str
    figures: Mapping[str, float] = {}
    actual: str = ""
    reason: str = ""
    lacking: bool = False
    absent: bool = False
    findings: tuple[Finding, ...] = ()
    known: int = 0
    notes: tuple[str, ...] = ()
    output: str = ""
    duration: float = 0.0

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that can block; warnings and notices are shown only."""
        return tuple(finding for finding in self.findings if finding.severity == "error")


def together(parts: tuple[Measured, ...]) -> Measured:
    """Several checks of one criterion (two type checkers) as one; what one of them could not measure, none could."""
    if len(parts) == 1:
        return parts[0]
    return Measured(
        criterion=parts[0].criterion,
        check=", ".join(part.check for part in parts),
        reason="; ".join(part.reason for part in parts if part.reason),
        lacking=all(part.lacking for part in parts if part.reason),
        absent=all(part.absent for part in parts),
        findings=tuple(finding for part in parts for finding in part.findings),
        notes=tuple(note for part in parts for note in part.notes),
        output="\n".join(part.output for part in parts if part.output),
        duration=max(part.duration for part in parts),
    )


def judge(
    wanted: Wanted,
    head: Measured,
    *,
    base: tuple[Finding, ...] = (),
    base_path: Callable[[str], str] = str,
    gaming: tuple[Finding, ...] = (),
) -> CriterionResult:
    """The row of the results table.

    Findings that `base` has too are known and do not block. `gaming` are findings about the change itself (a new
    skip, a loosened rule); its errors block whatever was measured.
    """
    bent = next((finding.message for finding in gaming if finding.severity == "error"), "")
    if head.reason:
        return _row(wanted, head, passed=False, actual="not measured", findings=(*gaming, *head.findings))
    split = compare(head.errors, base, base_path)
    if head.figures:
        passed = wanted.required.accepts(head.figures.get(wanted.required.unit, next(iter(head.figures.values()))))
        findings = (*gaming, *head.findings)
        return _row(wanted, head, passed=passed and not bent, actual=head.actual, findings=findings, bent=bent)
    others = tuple(finding for finding in head.findings if finding.severity != "error")
    return _row(
        wanted,
        head,
        passed=wanted.required.accepts(len(split.new)) and not bent,
        actual=head.actual or _count(len(split.new), wanted.required.unit),
        findings=(*gaming, *split.new, *others),
        known=len(split.known),
        bent=bent,
    )


def _row(
    wanted: Wanted,
    head: Measured,
    *,
    passed: bool,
    actual: str,
    findings: tuple[Finding, ...],
    known: int = 0,
    bent: str = "",
) -> CriterionResult:
    """`bent` is the first finding that blocks whatever was measured; a good figure must not look red for nothing."""
    kept = findings[:_SHOWN]
    unlisted = len(findings) - len(kept)
    cut = (f"{unlisted} more findings are not listed",) if unlisted else ()
    return CriterionResult(
        criterion=wanted.name,
        passed=passed,
        actual=actual,
        required=wanted.required.text,
        measured=not head.reason,
        lacking=bool(head.reason) and head.lacking,
        stated=wanted.stated,
        reason=head.reason or bent,
        check=head.check,
        duration=round(head.duration, 3),
        findings=kept,
        known=head.known or known,
        unlisted=unlisted,
        notes=(*head.notes, *cut),
        output=head.output,
    )


def _count(new: int, unit: str) -> str:
    """In the word that the required value has, so that the two can be compared; `known` ones are told beside it."""
    word = unit.removesuffix("s") or "error"
    return f"{new} {word}{'' if new == 1 else 's'}"
