"""secrets.clean: no token or private key on the lines that a change adds."""

from __future__ import annotations

import re

from devteam_action.checks.place import Job, Place
from devteam_action.domain.findings import Finding
from devteam_action.domain.judging import Measured

# Shapes that their issuers document; each begins with a fixed word, so that the search is linear. Closer than those
# that redaction hides by: hiding too much can be undone, a false alarm here blocks a task.
SHAPES: dict[str, re.Pattern[str]] = {
    "github-token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b"),
    "github-fine-grained-token": re.compile(r"\bgithub_pat_[A-Za-z0-9_]{22,255}\b"),
    "gitlab-token": re.compile(r"\bglpat-[A-Za-z0-9_-]{20,64}\b"),
    "aws-access-key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "google-api-key": re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b"),
    "slack-token": re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,250}\b"),
    "stripe-key": re.compile(r"\b[sr]k_live_[A-Za-z0-9]{20,250}\b"),
    "model-api-key": re.compile(r"\bsk-(?:ant-|or-|proj-|svcacct-)?[A-Za-z0-9_-]{32,250}\b"),
    "package-index-token": re.compile(r"\bpypi-[A-Za-z0-9_-]{50,300}\b"),
    "npm-token": re.compile(r"\bnpm_[A-Za-z0-9]{36}\b"),
    "json-web-token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,1000}\b"),
    "private-key": re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
    "password-in-address": re.compile(r"\bhttps?://[^\s/:@'\"{}$<]{1,100}:[^\s/:@'\"{}$<]{6,200}@[A-Za-z0-9.-]{3,200}"),
}
_PLACEHOLDER = re.compile(r"(?i)x{6,}|example|placeholder|your[-_]|dummy|\*{3,}|0{8,}|1234567890")
_LONGEST = 20_000  # characters of one line that are looked at


class SecretsScan:
    """Looks at added lines only; the value itself is never shown, nor kept as line text."""

    name = "secrets"
    criteria = ("secrets.clean",)
    has_baseline = False

    def measure(self, place: Place, job: Job) -> tuple[Measured, ...]:
        findings: list[Finding] = []
        for file in job.change.files:
            if file.added and not file.is_binary:
                lines = place.lines(file.path)
                for number in file.added:
                    rules = secrets_in(lines[number - 1]) if number <= len(lines) else ()
                    findings += [_finding(rule, file.path, number) for rule in rules]
        output = "\n".join(f"{one.path}:{one.line}: {one.message}" for one in findings)
        return (Measured(criterion="secrets.clean", check=self.name, findings=tuple(findings), output=output),)


def secrets_in(line: str) -> tuple[str, ...]:
    """The names of the shapes that a line has; a value that says it is a placeholder is none."""
    text = line[:_LONGEST]
    return tuple(
        rule
        for rule, shape in SHAPES.items()
        if any(rule == "private-key" or not _PLACEHOLDER.search(found[0]) for found in shape.finditer(text))
    )


def _finding(rule: str, path: str, line: int) -> Finding:
    message = f"looks like a {rule.replace('-', ' ')}: take it out, and revoke it if it is real"
    return Finding(tool="secrets", rule=rule, message=message, path=path, line=line)
