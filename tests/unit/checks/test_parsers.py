"""What the tools said, recorded (samples/<tool>-<version>/), and what we make of it. Their tree was /tree."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest

from devteam_action.checks import mypy_types, pyright_types, ruff_lint
from devteam_action.checks.coverage_report import read_coverage, statement_lines
from devteam_action.checks.interpreter import Interpreter
from devteam_action.checks.junit_report import read_junit
from devteam_action.checks.place import Place

SAMPLES = Path(__file__).parent / "samples"
CALC = 'import os\ndef add(a, b: int) -> int:\n    if b:\n        return a + b\n    return "x"\n'


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/calc.py").write_text(CALC)
    python = Interpreter(path="python", version="3", installed={})
    return Place(
        root=tmp_path,
        scratch=tmp_path,
        cache=tmp_path,
        env={},
        python=python,
        own=python,
        timeout_s=1,
        stop=threading.Event(),
    )


def _said(name: str, place: Place) -> bytes:
    return (SAMPLES / name).read_bytes().replace(b"/tree", str(place.root).encode())


def test_ruff_s_findings_have_their_place_and_line_text(place: Place) -> None:
    found = ruff_lint.parse(_said("ruff-0.17.5/findings.json", place), place)
    assert [(one.rule, one.path, one.line) for one in found] == [
        ("I001", "src/calc.py", 1),
        ("F401", "src/calc.py", 1),
        ("invalid-syntax", "src/syn.py", 1),
        ("invalid-syntax", "src/syn.py", 2),
        ("I001", "tests/test_bad.py", 1),
        ("F401", "tests/test_bad.py", 1),
        ("I001", "tests/test_calc.py", 1),
    ]
    assert found[1].line_text == "import os"


@pytest.mark.parametrize("name", ["findings.jsonl", "findings.txt"])
def test_mypy_says_the_same_in_both_its_forms(name: str, place: Place) -> None:
    found = mypy_types.parse(_said(f"mypy-2.4.1/{name}", place), place)
    assert len(found) == 10
    assert [(one.rule, one.line, one.line_text.strip()) for one in found if one.path == "src/calc.py"] == [
        ("no-untyped-def", 2, "def add(a, b: int) -> int:"),
        ("no-any-return", 4, "return a + b"),
        ("return-value", 5, 'return "x"'),
    ]


def test_bad_syntax_is_a_finding_of_mypy(place: Place) -> None:
    found = mypy_types.parse(_said("mypy-2.4.1/syntax.jsonl", place), place)
    assert {(one.path, one.rule) for one in found} == {("src/syn.py", "syntax")}


def test_pyright_s_lines_begin_at_one_and_warnings_stay_warnings(place: Place) -> None:
    found = pyright_types.parse(_said("basedpyright-1.40.2/findings.json", place), place, "basedpyright")
    errors = [(one.rule, one.path, one.line) for one in found if one.severity == "error"]
    assert errors == [("reportReturnType", "src/calc.py", 5), ("reportMissingImports", "tests/test_bad.py", 1)]
    assert sum(one.severity == "warning" for one in found) == 12


@pytest.mark.parametrize("garbage", [b"", b"null", b"[1]", b"Traceback (most recent call last):", b"\xff\xfe"])
def test_what_is_no_answer_is_never_taken_for_a_clean_one(garbage: bytes, place: Place) -> None:
    with pytest.raises(msgspec.MsgspecError):
        pyright_types.parse(garbage, place, "pyright")
    if garbage:
        with pytest.raises(msgspec.MsgspecError):
            ruff_lint.parse(garbage, place)


def test_a_junit_report_tells_ids_that_pytest_takes() -> None:
    found = read_junit(SAMPLES / "pytest-9.2.0/all-outcomes.xml")
    assert [(one.id, one.outcome, one.line) for one in found] == [
        ("tests/test_calc.py::TestAdd::test_param[1]", "passed", 4),
        ("tests/test_calc.py::TestAdd::test_param[2]", "failed", 6),
        ("tests/test_calc.py::test_skip", "skipped", 7),
        ("tests/test_calc.py::test_x", "skipped", 9),
        ("tests/test_calc.py::test_err", "error", 14),
    ]


def test_a_module_that_cannot_be_imported_is_red() -> None:
    (found,) = read_junit(SAMPLES / "pytest-9.2.0/collection-error.xml")
    assert (found.id, found.outcome, found.line) == ("tests/test_bad.py", "error", 1)


def test_a_test_that_is_red_twice_counts_once_and_nested_classes_keep_their_names() -> None:
    found = read_junit(SAMPLES / "pytest-9.2.0/teardown-and-nested.xml")
    assert [(one.id, one.outcome) for one in found] == [
        ("pkg/tests/test_t.py::test_twice", "failed"),
        ("pkg/tests/test_t.py::TestA::TestB::test_deep[a/b::c]", "passed"),
        ("pkg/tests/test_t.py::TestA::TestB::test_deep[\\xe9\\n]", "passed"),
    ]


@pytest.mark.parametrize("content", ["", "not xml", "<html/>"])
def test_a_broken_junit_report_is_none(content: str, tmp_path: Path) -> None:
    (tmp_path / "j.xml").write_text(content)
    with pytest.raises(ValueError, match="no JUnit report"):
        read_junit(tmp_path / "j.xml")


def test_a_coverage_report_is_read_with_its_time(place: Place) -> None:
    found = read_coverage(SAMPLES / "coverage-7.17.3/report.json", place)
    assert found.files["src/calc.py"].missing == {5}
    assert found.total == 95.0
    with pytest.raises(ValueError, match="no coverage report"):
        read_coverage(place.root / "src/calc.py", place)


def test_each_line_of_code_belongs_to_the_first_line_of_its_statement(place: Place) -> None:
    (place.root / "m.py").write_text(
        '"""Doc."""\n\n# note\n'
        '@wraps(\n    a,\n)\ndef f(\n    x,\n):\n    """Doc."""\n    return g(\n        x,\n    )\n'
    )
    assert statement_lines("m.py", place) == {4: 4, 5: 4, 6: 4, 7: 7, 8: 7, 9: 7, 11: 11, 12: 11, 13: 11}
    assert statement_lines("README.md", place) == {}


def test_a_file_outside_the_tree_is_never_read(place: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.txt"
    outside.write_text("secret\n")
    (place.root / "link.py").symlink_to(outside)
    assert place.lines("link.py") == []
    assert place.lines("../x") == []
    assert place.relative(str(outside)) == "secret.txt"
