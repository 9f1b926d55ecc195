"""Ways to turn a check green without better code, and the honest changes that look like them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from devteam_action.domain.change import Change, ChangedFile
from devteam_action.domain.gaming import gaming, loosened
from devteam_action.domain.task import Task

Files = Mapping[str, str]
TESTS = "def test_a():\n    pass\ndef test_b():\n    pass\n"


def _change(base: Files, head: Files, renames: Mapping[str, str]) -> Change:
    files: list[ChangedFile] = []
    for path in sorted({*base, *head} - set(renames.values())):
        old = renames.get(path)
        before, after = base.get(old or path, "").split("\n"), head.get(path, "").split("\n")
        if path not in head:
            files.append(ChangedFile(path=path, kind="deleted", removed=len(before)))
        elif old or path not in base or before != after:
            added = tuple(n for n, line in enumerate(after, 1) if line not in before)
            kind = "renamed" if old else "modified" if path in base else "added"
            files.append(ChangedFile(path=path, kind=kind, old_path=old, added=added))
    return Change(base="b", head="h", tree="t", files=tuple(files))


def _found(
    base: Files, head: Files, renames: Mapping[str, str] | None = None, title: str = "Add halves"
) -> list[tuple[str, str, int | None, str]]:
    task = Task(id="1", title=title)
    found = gaming(task, _change(base, head, renames or {}), base.get, head.get)
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
        ("if x:  # pragma: no cover", "test.coverage", "new-no-cover"),
    ],
)
def test_a_new_silencer_is_a_finding_of_what_it_silences(line: str, criterion: str, rule: str) -> None:
    found = _found({"a.py": "a = 1\n"}, {"a.py": f"a = 1\n{line}\n"})
    assert (criterion, rule, 2, "error") in found


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
