"""Changes that turn a check green without making the code better: each is a finding of the criterion it weakens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

from devteam_action.domain.change import Change, ChangedFile
from devteam_action.domain.findings import Finding
from devteam_action.domain.gate_config import CRITERIA_OF
from devteam_action.domain.task import Task
from devteam_action.domain.testfiles import is_test_file

Read = Callable[[str], str | None]

# What silences a tool, by the criterion that it weakens.
_SILENCERS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("lint.clean", "new-noqa", re.compile(r"#\s*(?:noqa\b|ruff:\s*noqa|flake8:\s*noqa)", re.IGNORECASE)),
    ("type.strict", "new-type-ignore", re.compile(r"#\s*(?:type:\s*ignore|pyright:\s*(?:ignore|basic)|mypy:\s*\w)")),
    ("test.coverage", "new-no-cover", re.compile(r"#\s*pragma:\s*no\s*(?:cover|branch)", re.IGNORECASE)),
    (
        "test.pass",
        "new-skip",
        re.compile(
            r"\bmark\.(?:skip|skipif|xfail)\b|\bpytest\.(?:skip|xfail|importorskip)\s*\(|@(?:unittest\.)?"
            r"(?:skip|skipIf|skipUnless|expectedFailure)\b|\bskipTest\s*\(|\bcollect_ignore(?:_glob)?\b"
        ),
    ),
)
_TEST = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(test\w*)[ \t]*\(", re.MULTILINE)
_SHADOWS = frozenset({"pytest", "_pytest", "coverage", "pytest_cov", "mypy", "ruff", "sitecustomize", "usercustomize"})
_REMOVAL = re.compile(r"\b(?:remov|delet|drop|retir|renam|replac|merg|rewrit|split)\w*", re.IGNORECASE)


def gaming(task: Task, change: Change, base: Read, head: Read) -> Mapping[str, tuple[Finding, ...]]:
    """The findings by criterion; `base` and `head` give a file's text there, None when it is not there.

    A silencer that was moved, or that replaces another in the same file, is none: only more of them than before are.
    Dropped tests are a warning where the task speaks of removing or renaming something, else an error.
    """
    found: dict[str, list[Finding]] = {}
    for file in change.files:
        if file.path.endswith(".py") and file.added and not file.is_binary:
            for criterion, finding in _silenced(change, file, base, head):
                found.setdefault(criterion, []).append(finding)
        if shadow := _shadow(file):
            for criterion in ("test.pass", "test.coverage"):
                found.setdefault(criterion, []).append(shadow)
    found.setdefault("test.pass", []).extend(_dropped(task, change, base, head))
    found.setdefault("test.coverage.total", []).extend(found.get("test.coverage", []))
    return {criterion: tuple(dict.fromkeys(findings)) for criterion, findings in found.items() if findings}


def loosened(path: str, tools: tuple[str, ...], *, is_named: bool) -> Mapping[str, tuple[Finding, ...]]:
    """The findings for a changed gate configuration: an error, or a notice where the task names the file."""
    found: dict[str, tuple[Finding, ...]] = {}
    for tool in tools:
        said = (
            f"the configuration of {tool} was changed, as the task says"
            if is_named
            else f"the configuration of {tool} was changed; it was judged by the base's. Put it back, "
            "or name the file in the task"
        )
        severity = "notice" if is_named else "error"
        finding = Finding(tool="gate", rule="gate-config", message=said, path=path, severity=severity)
        for criterion in CRITERIA_OF[tool]:
            found[criterion] = (*found.get(criterion, ()), finding)
    return found


def _silenced(change: Change, file: ChangedFile, base: Read, head: Read) -> list[tuple[str, Finding]]:
    lines = (head(file.path) or "").split("\n")
    before = base(change.base_path(file.path)) or ""
    found: list[tuple[str, Finding]] = []
    for criterion, rule, pattern in _SILENCERS:
        more = len(pattern.findall("\n".join(lines))) - len(pattern.findall(before))
        if more <= 0 or (rule == "new-skip" and not is_test_file(file.path)):
            continue
        places = [line for line in file.added if line <= len(lines) and pattern.search(lines[line - 1])]
        for line in places[:more]:
            text = lines[line - 1].strip()[:200]
            message = f"the change silences a check instead of meeting it: `{text}`"
            finding = Finding(tool="gaming", rule=rule, message=message, path=file.path, line=line, line_text=text)
            found.append((criterion, finding))
    return found


def _dropped(task: Task, change: Change, base: Read, head: Read) -> list[Finding]:
    gone: Counter[str] = Counter()
    where: dict[str, str] = {}
    for file in change.files:
        old_path = file.old_path or file.path
        if not is_test_file(old_path) or not old_path.endswith(".py") or file.kind == "added":
            continue
        now = "" if file.kind == "deleted" else head(file.path) or ""
        lost = Counter(_TEST.findall(base(old_path) or ""))
        lost.subtract(Counter(_TEST.findall(now)))
        gone.update(lost)
        where.update({name: old_path for name, count in lost.items() if count > 0})
    for file in change.files:  # a test that moved to a new file is not dropped
        if file.kind == "added" and file.path.endswith(".py"):
            gone.subtract(Counter(_TEST.findall(head(file.path) or "")))
    severity = "warning" if _REMOVAL.search(f"{task.title}\n{task.description}") else "error"
    return [
        Finding(
            tool="gaming",
            rule="dropped-test",
            message=f"the test {name} is gone",
            path=where.get(name, ""),
            severity=severity,
            line_text=name,
        )
        for name, count in gone.items()
        if count > 0
    ]


def _shadow(file: ChangedFile) -> Finding | None:
    name = file.path.removeprefix("src/").split("/")[0].removesuffix(".py")
    if file.kind not in ("added", "renamed") or name not in _SHADOWS:
        return None
    message = f"the new module `{name}` would stand in for the tool that judges"
    return Finding(tool="gaming", rule="shadowed-tool", message=message, path=file.path)
