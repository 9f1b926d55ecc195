"""lint.clean by ruff."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from devteam_action.checks.place import Job, Place, finding, not_ended, tail
from devteam_action.domain.findings import Finding
from devteam_action.domain.judging import Measured


class _Spot(Struct):
    row: int
    column: int


class _Diagnostic(Struct):
    """One element of `--output-format json` (ruff's documentation: output formats); `code` is null for bad syntax."""

    filename: str
    message: str
    location: _Spot | None = None
    code: str | None = None


_decoder = msgspec.json.Decoder(list[_Diagnostic])


class RuffLint:
    """Runs `ruff check` on the whole tree with the tree's own configuration."""

    name = "ruff"
    criteria = ("lint.clean",)
    has_baseline = True

    def measure(self, place: Place, job: Job) -> tuple[Measured, ...]:
        program = place.program("ruff")
        if program is None:
            looked = f"looked in {place.python.path}, our own Python and PATH"
            reason = f"ruff is not installed ({looked}); `setup:` can install it"
            return (Measured(criterion="lint.clean", check=self.name, reason=reason, lacking=True),)
        flags = ("--output-format", "json", "--no-fix", "--cache-dir", str(place.cache / "ruff"))
        done = place.run(*program.argv, "check", *flags, ".")
        reason = not_ended(done)
        # 0 clean, 1 findings, 2 ruff itself could not work (ruff's documentation: exit codes).
        if not reason and done.code not in (0, 1):
            reason = f"ruff ended with exit code {done.code}: {_last_line(done.stderr)}"
        findings: tuple[Finding, ...] = ()
        if not reason:
            try:
                findings = parse(done.stdout, place)
            except msgspec.MsgspecError as error:
                reason = f"ruff's answer is no list of diagnostics: {error}"
        return (
            Measured(
                criterion="lint.clean",
                check=self.name,
                reason=reason,
                findings=findings,
                output=tail(done) if reason else describe(findings),
                duration=done.duration_s,
            ),
        )


def parse(stdout: bytes, place: Place) -> tuple[Finding, ...]:
    """The findings of `ruff check --output-format json`; raises msgspec.MsgspecError on anything else."""
    return tuple(
        finding(
            place,
            "ruff",
            said.code or "invalid-syntax",
            said.message,
            path=said.filename,
            line=said.location.row if said.location else None,
            column=said.location.column if said.location else None,
        )
        for said in _decoder.decode(stdout or b"[]")
    )


def describe(findings: tuple[Finding, ...]) -> str:
    """The findings as lines that editors understand: `path:line:column: rule message`."""
    return "\n".join(f"{one.path}:{one.line}:{one.column}: {one.rule} {one.message}" for one in findings[:200])


def _last_line(stderr: bytes) -> str:
    return (stderr.decode(errors="replace").strip().splitlines() or ["nothing on stderr"])[-1][:300]
