"""The language of criteria: what a required value means, and which criteria a task has."""

from __future__ import annotations

import pytest

from devteam_action.domain.config import Config
from devteam_action.domain.criteria import criteria_for, parse_required, verdict
from devteam_action.domain.findings import CriterionResult
from devteam_action.domain.task import Task
from devteam_action.errors import CriterionError


@pytest.mark.parametrize(
    ("criterion", "text", "operator", "number", "unit"),
    [
        ("test.coverage", "≥80%", "≥", 80, "%"),
        ("test.coverage", ">= 80 %", "≥", 80, "%"),
        ("test.coverage", "80%", "≥", 80, "%"),
        ("test.coverage", "80", "≥", 80, "%"),
        ("test.coverage.total", "> 79.5%", ">", 79.5, "%"),
        ("type.strict", "0 errors", "≤", 0, "errors"),
        ("type.strict", "= 0 errors", "=", 0, "errors"),
        ("type.strict", "<5", "<", 5, "errors"),
        ("lint.clean", "pass", "≤", 0, "errors"),
        ("lint.clean", "<= 3 warnings", "≤", 3, "warnings"),
        ("test.pass", "true", "=", 100, "%"),
        ("test.pass", "≥ 95%", "≥", 95, "%"),
        ("test.pass", "= 0 failures", "=", 0, "failures"),
        ("test.pass", "0 failed", "≤", 0, "failures"),
        ("diff.size", "≤ 400 lines", "≤", 400, "lines"),
        ("diff.size", "≤ 1 file", "≤", 1, "files"),
        ("diff.size", "300", "≤", 300, "lines"),
        ("secrets.clean", "yes", "≤", 0, "findings"),
    ],
)
def test_a_required_value_is_an_operator_and_a_number(
    criterion: str, text: str, operator: str, number: float, unit: str
) -> None:
    required = parse_required(criterion, text)
    assert (required.operator, required.number, required.unit) == (operator, number, unit)


@pytest.mark.parametrize(
    ("criterion", "text", "meaning"),
    [
        ("doc.updated", "task_outcomes.md", "task_outcomes.md"),
        ("doc.updated", "docs/über plan.md", "docs/über plan.md"),
        ("doc.updated", "= README.md", "README.md"),
        ("doc.updated", "true", "updated"),
        ("build", "pass", "exit code 0"),
        ("e2e", "pass", "exit code 0"),
    ],
)
def test_a_required_value_may_be_plain(criterion: str, text: str, meaning: str) -> None:
    required = parse_required(criterion, text, commands={"e2e"})
    assert (required.operator, required.text) == (None, meaning)


@pytest.mark.parametrize(
    ("criterion", "text"),
    [
        ("test.coverage", "≥ banana"),
        ("test.coverage", "~80%"),
        ("test.coverage", "≠ 80%"),
        ("test.coverage", "high"),
        ("test.coverage", "≥ 80 lines"),
        ("test.coverage", "≥"),
        ("test.coverage", ""),
        ("type.strict", "≥ pass"),
        ("lint.clean", "0 bananas"),
        ("diff.size", "small"),
        ("diff.size", "≤ 10%"),
        ("doc.updated", ""),
        ("doc.updated", "≥ README.md"),
        ("build", "≥ 3"),
    ],
)
def test_anything_else_is_refused_with_its_place_and_what_was_expected(criterion: str, text: str) -> None:
    with pytest.raises(CriterionError) as caught:
        parse_required(criterion, text, place="list.md:7")
    assert caught.value.message.startswith("list.md:7: ")
    assert criterion in caught.value.message
    assert "expected" in caught.value.remedy


def test_an_unknown_criterion_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(CriterionError) as caught:
        parse_required("test.banana", "pass", commands=("e2e",))
    assert "test.banana" in caught.value.message
    assert "test.coverage.total" in caught.value.remedy
    assert "e2e" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "actual", "accepted"),
    [
        ("≥ 80%", 80, True),
        ("≥ 80%", 79.99, False),
        ("> 80%", 80, False),
        ("≤ 80%", 80, True),
        ("< 80%", 80, False),
        ("= 80%", 80, True),
        ("= 80%", 81, False),
    ],
)
def test_an_operator_means_what_it_says(text: str, actual: float, accepted: bool) -> None:
    assert parse_required("test.coverage", text).accepts(actual) is accepted


def _names(task: Task, config: Config, *detected: str) -> list[tuple[str, bool]]:
    return [(wanted.name, wanted.stated) for wanted in criteria_for(task, config, detected)]


_PLAIN = Task(id="1.1.1", title="t")


@pytest.mark.parametrize(
    ("task", "config", "names"),
    [
        (_PLAIN, Config(), [("test.pass", False), ("lint.clean", False), ("diff.size", False)]),
        (_PLAIN, Config(criteria={"type.strict": "0 errors"}), [("type.strict", True)]),
        (_PLAIN, Config(criteria={"type.strict": True}), [("type.strict", True)]),
        (
            _PLAIN,
            Config(criteria={"build": False, "test.coverage": "off", "lint.clean": True}, commands={"build": "make"}),
            [("lint.clean", True)],
        ),
        (_PLAIN, Config(criteria={"lint.clean": False}), [("test.pass", False), ("diff.size", False)]),
        (
            Task(id="1", title="t", criteria={"test.coverage": "≥80%"}),
            Config(criteria={"type.strict": "0 errors"}),
            [("test.coverage", True)],
        ),
        (
            Task(id="1", title="t", criteria={"doc.updated": "x.md"}),
            Config(),
            [("doc.updated", True), ("test.pass", False), ("lint.clean", False), ("diff.size", False)],
        ),
        (
            Task(id="1", title="t", criteria={"doc.updated": "x.md"}),
            Config(criteria={"build": "pass"}),
            [("build", True), ("doc.updated", True)],
        ),
        (
            Task(id="1", title="t", touches=("src/**",)),
            Config(criteria={"build": "pass"}),
            [("build", True), ("diff.scope", True)],
        ),
        (Task(id="1", title="Checkpoint", type="checkpoint"), Config(), [("test.pass", False), ("lint.clean", False)]),
    ],
)
def test_the_first_source_that_says_something_decides(
    task: Task, config: Config, names: list[tuple[str, bool]]
) -> None:
    assert _names(task, config, "test.pass", "lint.clean") == names


def test_a_bad_value_in_the_config_is_named_by_its_key() -> None:
    with pytest.raises(CriterionError, match=r"^criteria\.test\.coverage: "):
        criteria_for(_PLAIN, Config(criteria={"test.coverage": "≥ banana"}), ())


def test_an_unknown_name_cannot_be_switched_off() -> None:
    with pytest.raises(CriterionError, match=r"lint\.claen"):
        criteria_for(_PLAIN, Config(criteria={"lint.claen": False}), ())


def _row(name: str, *, passed: bool = True, measured: bool = True, stated: bool = True) -> CriterionResult:
    return CriterionResult(criterion=name, passed=passed, actual="", required="", measured=measured, stated=stated)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "unverified"),
        ([_row("diff.size", stated=False)], "unverified"),
        ([_row("diff.size", stated=False, passed=False)], "failed"),
        ([_row("diff.size")], "passed"),
        ([_row("test.pass")], "passed"),
        ([_row("test.pass"), _row("lint.clean", passed=False)], "failed"),
        ([_row("test.bites", passed=False, measured=False)], "failed"),
    ],
)
def test_a_verdict_needs_something_that_was_measured(rows: list[CriterionResult], said: str) -> None:
    assert verdict(rows) == said
