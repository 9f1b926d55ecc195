"""Ways to turn a check green without better code, and the honest changes that look like them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from devteam_action.domain.gaming import loosened
from devteam_action.domain.gaming.hidden_files import ignores
from tests.unit.domain.changes import Files, findings

TESTS = "def test_a():\n    pass\ndef test_b():\n    pass\n"


def _found(
    base: Files, head: Files, renames: Mapping[str, str] | None = None, title: str = "Add halves"
) -> list[tuple[str, str, int | None, str]]:
    found = findings(base, head, renames, title)
    return [(name, one.rule, one.line, one.severity) for name, many in sorted(found.items()) for one in many]


@pytest.mark.parametrize(
    ("line", "criterion", "rule"),
    [
        ("import os  # noqa", "lint.clean", "new-noqa"),
        ("import os  # NOQA: F401", "lint.clean", "new-noqa"),
        ("# ruff: noqa", "lint.clean", "new-noqa"),
        ("x = y  # type: ignore[misc]", "type.strict", "new-type-ignore"),
        ("x = y  # pyright: ignore", "type.strict", "new-type-ignore"),
        ("# mypy: ignore-errors", "type.strict", "new-type-ignore"),
        ('# mypy: disable-error-code="misc"', "type.strict", "new-type-ignore"),
        ("# mypy: disallow-untyped-defs=False", "type.strict", "new-type-ignore"),
        ("x = y  # why # type:ignore", "type.strict", "new-type-ignore"),
        ("# pyright: reportReturnType=false", "type.strict", "new-type-ignore"),
        ("# pyright: strict, reportReturnType=none", "type.strict", "new-type-ignore"),
        ("# pyright: standard", "type.strict", "new-type-ignore"),
        ("# basedpyright: ignore", "type.strict", "new-type-ignore"),
        ("@typing.no_type_check\ndef f(): ...", "type.strict", "new-unchecked"),
        ("if not TYPE_CHECKING:\n    def f(): ...", "type.strict", "new-unchecked"),
        ("# ruff: disable[F401]", "lint.clean", "new-noqa"),
        ("# ruff: ignore[F401]", "lint.clean", "new-noqa"),
        ("# ruff: file-ignore[F401]", "lint.clean", "new-noqa"),
        ("# ruff:noqa: F401", "lint.clean", "new-noqa"),
        ("# isort: skip_file", "lint.clean", "new-noqa"),
        ("if x:  # pragma no cover", "test.coverage", "new-no-cover"),
        ("x = '# pragma: no cover'", "test.coverage", "new-no-cover"),
        ("TYPE_CHECKING = True", "test.coverage", "new-no-cover"),
        ("from a import yes as TYPE_CHECKING", "test.coverage", "new-no-cover"),
        ("if x:  # pragma: no cover", "test.coverage", "new-no-cover"),
    ],
)
def test_a_new_silencer_is_a_finding_of_what_it_silences(line: str, criterion: str, rule: str) -> None:
    found = _found({"a.py": "a = 1\n"}, {"a.py": f"a = 1\n{line}\n"})
    assert {(name, what, how) for name, what, _, how in found} >= {(criterion, rule, "error")}
    assert all(place in (2, 3) for _, _, place, _ in found)


@pytest.mark.parametrize("path", ["a.pyi", "a.pyw", "a.ipynb"])
def test_stubs_and_notebooks_are_linted_too(path: str) -> None:
    assert _found({path: "a\n"}, {path: "a\nimport os # noqa\n"}) == [("lint.clean", "new-noqa", 2, "error")]


@pytest.mark.parametrize(
    "line",
    [
        "@pytest.mark.skip",
        "@pytest.mark.skipif(True, reason='x')",
        "@pytest.mark.xfail",
        "    pytest.skip('later')",
        "@unittest.skip('x')",
        "@skipIf(True, 'x')",
        "        self.skipTest('x')",
        "yaml = pytest.importorskip('yaml')",
    ],
)
def test_a_new_skip_in_a_test_is_a_finding(line: str) -> None:
    assert _found({"test_a.py": TESTS}, {"test_a.py": f"{line}\n{TESTS}"}) == [("test.pass", "new-skip", 1, "error")]


@pytest.mark.parametrize(
    ("base", "head"),
    [
        pytest.param({"a.py": "x = 1  # noqa\n"}, {"a.py": "y = 2\nx = 3  # noqa: F841\n"}, id="replaced silencer"),
        pytest.param({"a.py": "x = 1\n"}, {"a.py": "x = 2  # not a noqa\n"}, id="a word"),
        pytest.param({"a.py": "x\n"}, {"a.py": "pytest.skip('x')\n"}, id="no test file"),
        pytest.param({"a.py": "x = 1\n"}, {"a.py": 'x = 1\ny = "# noqa # type: ignore"\n'}, id="in a string"),
        pytest.param({"a.py": "x = 1\n"}, {"a.py": "# ruff: enable[F401]\n# pyright: strict\nx = 1\n"}, id="stricter"),
        pytest.param({"a.py": ""}, {"a.py": "# pyright: strict, reportPrivateUsage=true\n"}, id="stricter still"),
        pytest.param({"a.py": ""}, {"a.py": "# mypy: disallow-untyped-defs\n# fmt: off\n"}, id="stricter mypy"),
        pytest.param(
            {"a.py": ""},
            {"a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import b\nelse:\n    b = None\n"},
            id="imports for types",
        ),
        pytest.param(
            {"a.py": ""}, {"a.py": "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    import b\n"}, id="no typing"
        ),
        pytest.param({"a.py": ""}, {"a.py": "'", ".gitignore": "*.log\nbuild/\n"}, id="ignores something else"),
        pytest.param(
            {".gitignore": "a.py\n", "a.py": "1"}, {".gitignore": "a.py\nb\n", "a.py": "2"}, id="ignored before"
        ),
        pytest.param({}, {"a.pyi": "x: int\n"}, id="a stub of a compiled module"),
        pytest.param({"test_a.py": "x = 1\n"}, {"test_a.py": "x = '# pragma: no cover'\n"}, id="no cover in a test"),
        pytest.param({"a.md": "x\n"}, {"a.md": "use `# noqa`\n"}, id="prose"),
        pytest.param({"a.py": "x = 1  # noqa\n"}, {"a.py": "x = 1\n"}, id="silencer taken out"),
        pytest.param({"test_a.py": TESTS}, {"test_a.py": TESTS + "def test_c(): ...\n"}, id="test added"),
        pytest.param(
            {"test_a.py": TESTS},
            {"test_a.py": "def test_a(): ...\n", "test_b.py": "def test_b(): ...\n"},
            id="test moved",
        ),
    ],
)
def test_an_honest_change_is_none(base: Files, head: Files) -> None:
    assert _found(base, head) == []


def test_a_renamed_file_keeps_its_silencers_and_tests() -> None:
    base, head = {"test_a.py": f"{TESTS}x  # noqa\n"}, {"test_new.py": f"{TESTS}y  # noqa\n"}
    assert _found(base, head, {"test_new.py": "test_a.py"}) == []


def test_a_silencer_may_move_to_another_file_with_its_line() -> None:
    base = {"a.py": "import b  # noqa: F401\nx = 1\n", "test_a.py": f"@pytest.mark.skip\n{TESTS}"}
    head = {"a.py": "x = 1\n", "c.py": "import b  # noqa: F401\n", "test_c.py": f"@pytest.mark.skip\n{TESTS}"}
    assert _found(base, head) == []
    assert len(_found(base, {**head, "d.py": "import b  # noqa: F401\n"})) == 1


def test_a_mark_on_what_was_there_is_told_by_its_own_line() -> None:
    base = {"a.py": "def f(): ...\n"}
    assert _found(base, {"a.py": "@no_type_check\ndef f(): ...\n"}) == [("type.strict", "new-unchecked", 1, "error")]


def test_a_dropped_test_is_a_finding_unless_the_task_speaks_of_removing() -> None:
    base, head = {"test_a.py": TESTS}, {"test_a.py": "def test_a(): ...\n"}
    assert _found(base, head) == [("test.pass", "dropped-test", None, "error")]
    assert _found(base, head, title="Remove halves") == [("test.pass", "dropped-test", None, "warning")]
    assert len(_found(base, {})) == 2


def test_a_module_that_would_stand_in_for_the_judge_is_a_finding() -> None:
    found = _found({}, {"pytest.py": "", "src/coverage/__init__.py": ""})
    assert {rule for _, rule, _, _ in found} == {"shadowed-tool"}
    assert {name for name, *_ in found} == {"test.pass", "test.coverage", "test.coverage.total", "type.strict"}


def test_a_changed_gate_weakens_its_criteria_unless_the_task_names_the_file() -> None:
    found = loosened("pyproject.toml", ("coverage",), is_named=False)
    assert {name: [one.severity for one in many] for name, many in found.items()} == {
        "test.coverage": ["error"],
        "test.coverage.total": ["error"],
    }
    named = loosened("ruff.toml", ("ruff",), is_named=True)
    assert [one.severity for one in named["lint.clean"]] == ["notice"]


@pytest.mark.parametrize("path", [".gitignore", ".ignore"])
def test_a_new_line_that_hides_what_the_change_touches_is_a_finding(path: str) -> None:
    found = _found({"src/a.py": "1"}, {"src/a.py": "2", path: "*.log\nsrc/\n"})
    assert found == [("lint.clean", "hidden-file", 2, "error")]


@pytest.mark.parametrize(
    ("line", "folder", "path", "is_hit"),
    [
        ("calc.py", ".", "calc.py", True),
        ("calc.py", ".", "src/calc.py", True),
        ("/calc.py", ".", "src/calc.py", False),
        ("*.py", ".", "src/calc.py", True),
        ("src/*.py", ".", "src/calc.py", True),
        ("src/*.py", ".", "src/a/calc.py", False),
        ("src/**", ".", "src/a/calc.py", True),
        ("**/a/", ".", "src/a/calc.py", True),
        ("a/**/c.py", ".", "a/c.py", True),
        ("calc.py/", ".", "calc.py", False),
        ("c[a-b]lc.p?", ".", "calc.py", True),
        ("c[!a]lc.py", ".", "calc.py", False),
        ("\\calc.py  ", ".", "calc.py", True),
        ("!calc.py", ".", "calc.py", False),
        ("# calc.py", ".", "calc.py", False),
        ("", ".", "calc.py", False),
        ("[", ".", "calc.py", False),
        ("*a" * 40 + "*.py", ".", "a" * 60 + ".py", True),
        ("*a" * 40 + "b", ".", "a" * 200 + ".py", False),
        ("calc.py", "src", "src/calc.py", True),
        ("calc.py", "src", "calc.py", False),
    ],
)
def test_ignore_lines_are_read_as_git_reads_them(line: str, folder: str, path: str, is_hit: bool) -> None:
    assert ignores(line, folder, path) is is_hit


def test_a_new_stub_beside_its_source_is_a_finding_unless_the_task_names_it() -> None:
    base, head = {"a.py": "1"}, {"a.py": "2", "a.pyi": "x: int\n"}
    assert _found(base, head) == [("type.strict", "stub-over-source", None, "error")]
    assert _found(base, head, title="Write stubs in a.pyi") == [("type.strict", "stub-over-source", None, "warning")]
