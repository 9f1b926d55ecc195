"""type.strict by pyright or basedpyright."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from devteam_action.checks.place import Job, Place, finding, not_ended, tail
from devteam_action.domain.findings import Finding, Severity
from devteam_action.domain.judging import Measured


class _Position(Struct):
    line: int
    character: int


class _Range(Struct):
    start: _Position


class _Diagnostic(Struct):
    file: str
    message: str
    severity: Literal["error", "warning", "information"]
    rule: str = "syntax"
    range: _Range | None = None


class _Answer(Struct, rename="camel"):
    """The part of `--outputjson` that we read (pyright's documentation: command line); lines are counted from 0."""

    general_diagnostics: list[_Diagnostic]


_decoder = msgspec.json.Decoder(_Answer)
_SEVERITY: dict[str, Severity] = {"error": "error", "warning": "warning", "information": "notice"}


class PyrightTypes:
    """Runs the one that the tree is configured for, else the other: both read both configurations."""

    criteria = ("type.strict",)
    has_baseline = True

    def __init__(self, name: Literal["pyright", "basedpyright"]) -> None:
        self.name = name

    def measure(self, place: Place, job: Job) -> tuple[Measured, ...]:
        other = "pyright" if self.name == "basedpyright" else "basedpyright"
        program = place.program(self.name) or place.program(other)
        if program is None:
            reason = (
                f"neither {self.name} nor {other} is installed (looked in {place.python.path}, our own Python and PATH)"
            )
            return (Measured(criterion="type.strict", check=self.name, reason=reason, lacking=True),)
        done = place.run(*program.argv, "--outputjson", "-p", ".", "--pythonpath", place.python.path)
        reason = not_ended(done)
        findings: tuple[Finding, ...] = ()
        if not reason:
            try:
                findings = parse(done.stdout, place, self.name)
            except msgspec.MsgspecError:
                # 2 a fatal error, 3 unreadable configuration, 4 bad arguments (pyright's documentation).
                said = (tail(done).splitlines() or ["it said nothing"])[-1][:300]
                reason = f"{self.name} ended with exit code {done.code}: {said}"
        shown = "\n".join(f"{one.path}:{one.line}: {one.message}" for one in findings if one.severity == "error")
        return (
            Measured(
                criterion="type.strict",
                check=self.name,
                reason=reason,
                findings=findings,
                output=tail(done) if reason else shown[:20_000],
                duration=done.duration_s,
            ),
        )


def parse(stdout: bytes, place: Place, tool: str) -> tuple[Finding, ...]:
    """The diagnostics of an answer; raises msgspec.MsgspecError on anything else."""
    return tuple(
        finding(
            place,
            tool,
            said.rule,
            " ".join(said.message.split()),
            path=said.file,
            line=said.range.start.line + 1 if said.range else None,
            column=said.range.start.character + 1 if said.range else None,
            severity=_SEVERITY[said.severity],
        )
        for said in _decoder.decode(stdout).general_diagnostics
    )
