"""type.strict by mypy."""

from __future__ import annotations

import re

import msgspec
from msgspec import Struct

from devteam_action.checks.detect import detect, mypy_names_its_files, mypy_targets
from devteam_action.checks.place import Job, Place, finding, not_ended, tail
from devteam_action.domain.findings import Finding
from devteam_action.domain.judging import Measured

_TEXT = re.compile(
    r"(?P<path>[^:\n]+):(?P<line>\d+):(?:\d+:)? (?P<kind>error|note): (?P<said>.*?)(?:  \[(?P<code>[\w-]+)\])?"
)


class _Line(Struct):
    """One line of `--output json` (mypy's documentation, 1.11 and later)."""

    file: str
    line: int
    message: str
    column: int = 0
    code: str | None = None
    severity: str = "error"


_decoder = msgspec.json.Decoder(_Line)


class MypyTypes:
    """Runs mypy with the tree's own configuration; strict where the tree has none."""

    name = "mypy"
    criteria = ("type.strict",)
    has_baseline = True

    def measure(self, place: Place, job: Job) -> tuple[Measured, ...]:
        program = place.program("mypy")
        if program is None:
            looked = f"looked in {place.python.path}, our own Python and PATH"
            reason = f"mypy is not installed ({looked}); `setup:` can install it"
            return (Measured(criterion="type.strict", check=self.name, reason=reason, lacking=True),)
        flags = [
            "--no-error-summary",
            "--cache-dir",
            str(place.cache / "mypy"),
            "--python-executable",
            place.python.path,
        ]
        if _speaks_json(program.version):
            flags += ["--output", "json"]
        if not detect(place.root).mypy:
            flags.append("--strict")
        targets = () if mypy_names_its_files(place.root) else mypy_targets(place.root)
        done = place.run(
            *program.argv, *flags, *targets, env={"MYPYPATH": "src"} if (place.root / "src").is_dir() else None
        )
        findings = parse(done.stdout, place)
        reason = not_ended(done)
        # 0 clean, 1 findings, 2 a fatal error; that one may still be a finding (bad syntax).
        if not reason and done.code != 0 and not any(one.severity == "error" for one in findings):
            reason = (
                f"mypy ended with exit code {done.code}: {(tail(done).splitlines() or ['it said nothing'])[-1][:300]}"
            )
        measured = Measured(
            criterion="type.strict",
            check=self.name,
            reason=reason,
            findings=findings,
            output=tail(done)
            if reason
            else "\n".join(f"{one.path}:{one.line}: {one.message}" for one in findings[:200]),
            duration=done.duration_s,
        )
        return (measured,)


def _speaks_json(version: str) -> bool:
    found = re.match(r"(\d+)\.(\d+)", version)
    return found is None or (int(found[1]), int(found[2])) >= (1, 11)


def parse(stdout: bytes, place: Place) -> tuple[Finding, ...]:
    """The errors of mypy's answer, as JSON lines or as text; notes belong to an error and are left out."""
    findings: list[Finding] = []
    for raw in stdout.splitlines():
        said = _json(raw) or _text(raw)
        if said is not None and said.severity == "error":
            findings.append(
                finding(
                    place,
                    "mypy",
                    said.code or "misc",
                    said.message,
                    path=said.file,
                    line=said.line,
                    column=said.column + 1,
                )
            )
    return tuple(findings)


def _json(raw: bytes) -> _Line | None:
    try:
        return _decoder.decode(raw) if raw.startswith(b"{") else None
    except msgspec.MsgspecError:
        return None


def _text(raw: bytes) -> _Line | None:
    found = _TEXT.fullmatch(raw.decode(errors="replace"))
    if found is None:
        return None
    return _Line(
        file=found["path"], line=int(found["line"]), message=found["said"], code=found["code"], severity=found["kind"]
    )
