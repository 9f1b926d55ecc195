"""What a check found, and what a criterion makes of it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Severity = Literal["error", "warning", "notice"]


class Finding(Struct, frozen=True, kw_only=True, rename="camel"):
    """One complaint of one tool about one place.

    `path` is relative to the repository, `line` 1-based or None for a whole file or project. `line_text` is the
    source line as it stood when the finding was made: the baseline is matched by it, never by line numbers.
    """

    tool: str
    rule: str
    message: str
    path: str = ""
    line: int | None = None
    column: int | None = None
    severity: Severity = "error"
    line_text: str = ""


class CriterionResult(Struct, frozen=True, kw_only=True, rename="camel"):
    """One row of the results table: `measured` False means that it could not be measured, and `reason` says why.

    `lacking` says that what would measure it is not there (a program, a command of the config), which no commit of the
    tool's brings. `passed` is the verdict. `actual` and `required` are texts for people, with units. `new` findings
    block, `known` is the number of findings the base already had. `unlisted` were found and are not among
    `findings`.
    """

    criterion: str
    passed: bool
    actual: str
    required: str
    measured: bool = True
    lacking: bool = False
    stated: bool = True
    reason: str = ""
    check: str = ""
    duration: float = 0.0
    findings: tuple[Finding, ...] = ()
    known: int = 0
    unlisted: int = 0
    notes: tuple[str, ...] = ()
    output: str = ""


Verdict = Literal["passed", "failed", "unverified"]


class Verification(Struct, frozen=True, kw_only=True, rename="camel"):
    """The outcome of VERIFY on one tree; `unverified` means that nothing at all could be measured."""

    verdict: Verdict
    results: tuple[CriterionResult, ...] = ()
    tree: str = ""
    versions: dict[str, str] = {}
    config: dict[str, str] = {}
    duration: float = 0.0

    @property
    def failures(self) -> tuple[CriterionResult, ...]:
        return tuple(result for result in self.results if not result.passed)
