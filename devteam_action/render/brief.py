"""The brief: what a tool is told about its task, within bounds that no list, log or tree can move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from devteam_action.domain.findings import CriterionResult, Finding
from devteam_action.domain.task import Task
from devteam_action.render.templates import render
from devteam_action.render.text import clean, cut, one_line

LARGEST_BRIEF = 60_000  # bytes of UTF-8

# Characters of each part. Together they stay below the whole in plain text; what people wrote about this very task
# is never crowded out by logs or conventions.
_TITLE, _DESCRIPTION, _ACCEPTANCE, _LIST = 1_000, 8_000, 5_000, 3_000
_GUIDANCE, _TOOL_FAILURE, _FAILURE, _FAILURES = 6_000, 3_000, 6_000, 18_000
_CONVENTION, _CONVENTIONS = 6_000, 10_000
_PLAN = 8_000  # taken from the room of the conventions, which who planned has read
_FINDINGS = 30


class _Failure(Struct, frozen=True, kw_only=True):
    criterion: str
    required: str
    actual: str
    text: str


def build_brief(
    task: Task,
    *,
    conventions: Mapping[str, str] | None = None,
    failures: Sequence[CriterionResult] = (),
    tool_failure: str = "",
    guidance: Sequence[str] = (),
    attempt: int = 1,
    plan: str = "",
    only_plan: bool = False,
) -> str:
    """The text for the tool: at most 60,000 bytes, beginning with our own words, everything else fenced as data.

    With `only_plan` nothing but a `plan` is wanted, for the brief of another tool. `conventions` maps a file's name to
    its text; `failures` are the criteria that the attempt before did not meet.
    """
    plan = _cut(plan, _PLAN)
    text = render(
        "brief.md.j2",
        only_plan=only_plan,
        plan=plan,
        task=task,
        attempt=attempt,
        title=_cut(task.title, _TITLE),
        description=_cut(task.description, _DESCRIPTION),
        acceptance=_cut(_bullets(task.acceptance), _ACCEPTANCE),
        criteria=_cut(_bullets(f"{name}: {value}" for name, value in task.criteria.items()), _LIST),
        files=_cut(_bullets(task.files), _LIST),
        touches=_cut(_bullets(task.touches), _LIST),
        guidance=_cut("\n\n".join(guidance), _GUIDANCE),
        tool_failure=_cut(tool_failure, _TOOL_FAILURE),
        failures=_within(failures),
        conventions=_conventions(conventions or {}, _CONVENTIONS - len(plan)),
    )
    return _cut_bytes(text, LARGEST_BRIEF)


def failure_text(result: CriterionResult) -> str:
    """One failed criterion: the reason, each new finding as `path:line: message [rule]`, both ends of the output."""
    findings = [_finding(finding) for finding in result.findings[:_FINDINGS]]
    if len(result.findings) > _FINDINGS:
        findings.append(f"... and {len(result.findings) - _FINDINGS} more")
    parts = [one_line(result.reason, 1000), "\n".join(findings), clean(result.output).strip()]
    return cut("\n\n".join(part for part in parts if part) or "no output", _FAILURE)


def _finding(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}" if finding.line is not None else finding.path
    rule = f" [{finding.rule}]" if finding.rule else ""
    return one_line(f"{place}: {finding.message}{rule}" if place else f"{finding.message}{rule}", 500)


def _within(failures: Sequence[CriterionResult]) -> list[_Failure]:
    shown: list[_Failure] = []
    left = _FAILURES
    for result in failures:
        text = cut(failure_text(result), max(300, left))
        left -= len(text)
        shown.append(_Failure(criterion=result.criterion, required=result.required, actual=result.actual, text=text))
        if len(shown) == 12:
            break
    return shown


def _conventions(conventions: Mapping[str, str], left: int) -> list[tuple[str, str]]:
    shown: list[tuple[str, str]] = []
    for name, text in conventions.items():
        if left > 0 and text.strip():
            part = _cut(text, min(_CONVENTION, left))
            left -= len(part)
            shown.append((name, part))
    return shown


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {one_line(item, 1000)}" for item in items)


def _cut(text: str, limit: int) -> str:
    return cut(clean(text).strip(), limit)


def _cut_bytes(text: str, limit: int) -> str:
    data = text.encode()
    if len(data) <= limit:
        return text
    note = "\n[... the rest is left out ...]\n"
    return data[: limit - len(note)].decode("utf-8", "ignore") + note
