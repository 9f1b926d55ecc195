"""A check that cannot work is its own outcome: never passed, never mixed with findings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from devteam_action.checks import CHECKS, checks_for
from devteam_action.checks.interpreter import Interpreter
from devteam_action.checks.named_command import NamedCommand
from devteam_action.checks.place import Check, Job, Place
from devteam_action.checks.runner import run_checks
from devteam_action.domain.change import Change
from devteam_action.domain.config import Config
from devteam_action.domain.criteria import Wanted, parse_required
from devteam_action.domain.findings import CriterionResult, Finding
from devteam_action.domain.judging import Measured
from devteam_action.domain.task import Task
from devteam_action.errors import Missing


class FakeBase:
    """A base whose findings are whatever the check finds there."""

    is_off = False

    def __init__(self, place: Place) -> None:
        self._place = place

    def place(self, check: str) -> Place:
        return self._place

    def kept(self, key: str, measure: Callable[[], tuple[Finding, ...]]) -> tuple[Finding, ...]:
        return measure()


class FakeCheck:
    """Measures lint.clean by calling `act`."""

    name = "fake"
    criteria = ("lint.clean",)
    has_baseline = True

    def __init__(self, act: Callable[[Place], tuple[Finding, ...]]) -> None:
        self._act = act

    def measure(self, place: Place, job: Job) -> tuple[Measured, ...]:
        return (Measured(criterion="lint.clean", check="fake", findings=self._act(place)),)


def _place(root: Path, scratch: Path) -> Place:
    empty = Interpreter(path="python", version="3", installed={})
    return Place(
        root=root, scratch=scratch, cache=scratch, env={"PATH": str(scratch)}, python=empty, own=empty,
        timeout_s=5, stop=threading.Event(),
    )  # fmt: skip


def _run(
    checks: tuple[Check, ...],
    criterion: str,
    tmp_path: Path,
    *,
    stated: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> list[CriterionResult]:
    config = Config(commands={"e2e": ("no-such-program-at-all",)})
    required = parse_required(criterion, "≥ 1%" if "coverage" in criterion else "pass", commands=config.commands)
    head, base = tmp_path / "head", tmp_path / "base"
    job = Job(
        task=Task(id="1", title="t"),
        config=config,
        change=Change(base="b", head="h", tree="t"),
        wanted={criterion: Wanted(name=criterion, required=required, stated=stated)},
        base=FakeBase(_place(base, tmp_path)),
        read=lambda _commit, _path: None,
    )
    return list(run_checks(checks, job, lambda _: _place(head, tmp_path), {}, workers=2, progress=progress, key="k"))


@pytest.mark.parametrize(
    ("criterion", "said"),
    [
        ("test.pass", "pytest is not installed"),
        ("test.coverage", "pytest is not installed"),
        ("lint.clean", "ruff is not installed"),
        ("type.strict", "mypy is not installed"),
        ("e2e", "`no-such-program-at-all` cannot be started"),
        ("test.bites", "not available yet"),
    ],
)
def test_a_tool_that_is_missing_is_no_measurement(criterion: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "head").mkdir()
    (found,) = _run(checks_for([criterion], ("mypy",), ("e2e",)), criterion, tmp_path)
    assert (found.passed, found.measured) == (False, False)
    assert found.lacking == (criterion != "e2e")  # a program that a command names may be a file that the task makes
    assert said in found.reason


@pytest.mark.parametrize("error", [Missing("gone", remedy="install it"), OSError("disk full")])
def test_a_check_that_fails_to_work_is_a_row_with_its_reason(error: Exception, tmp_path: Path) -> None:
    def act(_: Place) -> tuple[Finding, ...]:
        raise error

    (found,) = _run((FakeCheck(act),), "lint.clean", tmp_path)
    assert (found.passed, found.measured) == (False, False)
    assert str(error) in found.reason


def test_a_base_that_cannot_be_measured_excuses_nothing(tmp_path: Path) -> None:
    def act(place: Place) -> tuple[Finding, ...]:
        if place.root.name == "base":
            raise OSError("no checkout")
        return (Finding(tool="fake", rule="r", message="m"),)

    (found,) = _run((FakeCheck(act),), "lint.clean", tmp_path)
    assert (found.passed, len(found.findings), found.known) == (False, 1, 0)


def test_what_is_being_checked_is_said_once_and_results_are_left_to_the_table(tmp_path: Path) -> None:
    said: list[str] = []
    _run((FakeCheck(lambda _: ()),), "lint.clean", tmp_path, progress=said.append)
    assert said == ["checking: fake"]


def test_a_criterion_that_nothing_measures_fails(tmp_path: Path) -> None:
    (found,) = _run((), "lint.clean", tmp_path)
    assert found.reason == "no check measures it"


def test_every_check_of_the_registry_measures_something() -> None:
    assert all(make().criteria for make in CHECKS.values())


def test_a_name_that_is_bound_to_a_command_is_the_command_s() -> None:
    (check,) = checks_for(["lint.clean"], ("mypy",), {"lint.clean": "make lint"})
    assert isinstance(check, NamedCommand)
