"""What a JUnit file of pytest says, test by test."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, Protocol, cast

from msgspec import Struct

Outcome = Literal["passed", "failed", "error", "skipped"]

_PLACE = re.compile(r"^(?P<path>\S+\.py):(?P<line>\d+): ", re.MULTILINE)  # the last line of each part of a traceback


class TestRun(Struct, frozen=True, kw_only=True):
    """One test of one pytest run; `id` is what pytest takes on its command line, `line` where it failed or begins."""

    __test__ = False  # pytest would take the name for a test

    id: str
    path: str
    line: int | None
    outcome: Outcome
    message: str = ""
    detail: str = ""

    @property
    def is_red(self) -> bool:
        return self.outcome in ("failed", "error")


class _Result(Protocol):
    message: str | None
    text: str | None


class _Case(Protocol):
    """The part of junitparser's TestCase that we read, with the two attributes that pytest adds."""

    classname: str | None
    name: str | None
    file: str | None
    line: str | None
    result: list[_Result]


def read_junit(path: Path) -> tuple[TestRun, ...]:
    """The tests of a report in pytest's `xunit1` family (it alone has file and line), each once.

    A test that failed and whose teardown failed too has two entries; the first red one stands. Raises ValueError
    when the file is no such report.
    """
    from junitparser import Attr, JUnitXml, TestCase, TestSuite
    from junitparser.junitparser import JUnitXmlError

    class PytestCase(TestCase):
        file = Attr()
        line = Attr()

    try:
        report = JUnitXml.fromfile(str(path))  # pyright: ignore[reportUnknownMemberType]
    except (JUnitXmlError, SyntaxError, OSError, UnicodeError) as error:
        raise ValueError(f"no JUnit report: {error}") from error
    found: dict[str, TestRun] = {}
    suites = [report] if isinstance(report, TestSuite) else list(report)
    for suite in suites:
        for case in suite:
            known = PytestCase.fromelem(case)  # pyright: ignore[reportUnknownMemberType]
            test = _test(cast("_Case", known))
            if test.id not in found or not found[test.id].is_red:
                found[test.id] = test
    return tuple(found.values())


def _test(case: _Case) -> TestRun:
    path = case.file or ""
    name, owner = case.name or "", case.classname or ""
    outcome, message, detail = _result(case)
    place = [found for found in _PLACE.finditer(detail) if found["path"] == path]
    begins = case.line or ""
    line = int(place[-1]["line"]) if place else int(begins) + 1 if begins.isdigit() else None  # pytest counts from 0
    return TestRun(id=node_id(path, owner, name), path=path, line=line, outcome=outcome, message=message, detail=detail)


def node_id(path: str, owner: str, name: str) -> str:
    """What pytest calls a test: a module that could not be collected has no class name, and is named by its file."""
    if not owner:
        return path or name
    module = path.removesuffix(".py").replace("/", ".")
    classes = owner.removeprefix(module).strip(".") if owner.startswith(module) else ""
    return "::".join((path, *(classes.split(".") if classes else ()), name))


def _result(case: _Case) -> tuple[Outcome, str, str]:
    words: dict[str, Outcome] = {"Failure": "failed", "Error": "error", "Skipped": "skipped"}
    for result in case.result:
        outcome = words.get(type(result).__name__)
        if outcome is not None:
            return outcome, result.message or "", result.text or ""
    return "passed", "", ""
