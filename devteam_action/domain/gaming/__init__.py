"""Changes that turn a check green without making the code better: each is a finding of the criterion it weakens.

The source is read and never run, so a determined author of tests can still lie: tests are for people to review.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from devteam_action.domain.change import Change, ChangedFile
from devteam_action.domain.findings import Finding
from devteam_action.domain.gaming.conftest_hooks import new_hooks
from devteam_action.domain.gaming.hidden_files import behind_stubs, ignored
from devteam_action.domain.gaming.judges import brings_plugins, hides_tests, patches, stands_in
from devteam_action.domain.gaming.lost_tests import lost_tests
from devteam_action.domain.gaming.silencers import READ_BY_TOOLS, imports_testing, silencers
from devteam_action.domain.gate_config import CRITERIA_OF
from devteam_action.domain.task import Task
from devteam_action.domain.testfiles import is_test_file

Read = Callable[[str], str | None]

_TESTED = ("test.pass", "test.coverage")


def gaming(task: Task, change: Change, base: Read, head: Read) -> Mapping[str, tuple[Finding, ...]]:
    """The findings by criterion; `base` and `head` give a file's text there, None when it is not there.

    A silencer that was moved, or that replaces another in the same file, is none: only more of them than before are.
    Nothing in the sources can make it fail.
    """
    found: dict[str, list[Finding]] = {}

    def note(criteria: Iterable[str], findings: Iterable[Finding | None]) -> None:
        kept = [finding for finding in findings if finding is not None]
        for criterion in criteria:
            found.setdefault(criterion, []).extend(kept)

    for criterion, finding in _silenced(change, base, head):
        note((criterion,), (finding,))
    for file in change.files:
        note((*_TESTED, "type.strict"), (stands_in(task, file, base),))
        note(_TESTED, (brings_plugins(file), *_patched(change, file, base, head)))
        note(("test.pass",), (hides_tests(file),))
    note(_TESTED, new_hooks(task, change, base, head))
    note(("test.pass",), lost_tests(task, change, base, head))
    note(("lint.clean",), ignored(change, base, head))
    note(("type.strict",), behind_stubs(task, change, head))
    note(("test.coverage.total",), found.get("test.coverage", []))
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


def _silenced(change: Change, base: Read, head: Read) -> list[tuple[str, Finding]]:
    found: list[tuple[str, Finding]] = []
    taken_out: Counter[tuple[str, str]] = Counter()  # what is gone from one file may have moved to another
    for file in change.files:
        if not file.path.endswith(READ_BY_TOOLS) or file.is_binary:
            continue
        is_test = is_test_file(file.path)
        old, new = base(change.base_path(file.path)) or "", head(file.path) or ""
        lines = new.split("\n")
        before, after = silencers(old, is_test=is_test), silencers(new, is_test=is_test)
        taken_out += _texts(before, old) - _texts(after, new)
        added = set(file.added)
        for (criterion, rule), places in after.items():
            if rule == "new-skip" and not is_test and imports_testing(old):
                continue
            more = len(places) - len(before.get((criterion, rule), ()))
            # Of a statement of many lines another may have changed than the one that it is told by.
            places.sort(key=lambda line, added=added: (line not in added, line))
            for line in sorted(line for line in places[: max(more, 0)] if line <= len(lines)):
                said = lines[line - 1].strip()[:200]
                message = f"the change silences a check instead of meeting it: `{said}`"
                finding = Finding(tool="gaming", rule=rule, message=message, path=file.path, line=line, line_text=said)
                found.append((criterion, finding))
    new_ones: list[tuple[str, Finding]] = []
    for criterion, finding in found:
        if taken_out[finding.rule, finding.line_text] > 0:
            taken_out[finding.rule, finding.line_text] -= 1
        else:
            new_ones.append((criterion, finding))
    return new_ones


def _texts(places: Mapping[tuple[str, str], list[int]], text: str) -> Counter[tuple[str, str]]:
    lines = text.split("\n")
    return Counter(
        (rule, lines[line - 1].strip()[:200])
        for (_, rule), many in places.items()
        for line in many
        if line <= len(lines)
    )


def _patched(change: Change, file: ChangedFile, base: Read, head: Read) -> list[Finding]:
    if not file.path.endswith(".py") or not file.added:
        return []
    before = base(change.base_path(file.path))
    return patches(file, before, head(file.path), is_test=is_test_file(file.path))
