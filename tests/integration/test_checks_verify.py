"""VERIFY on small real repositories, with the real pytest, coverage, ruff, mypy and basedpyright."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from devteam_action.checks import pytest_run, python_tests
from devteam_action.checks.verifier import GateVerifier
from devteam_action.domain.config import Config, VerifyConfig
from devteam_action.domain.findings import CriterionResult, Verification
from devteam_action.domain.results import Prepared
from devteam_action.domain.task import Task
from tests.fakes.trees import GitTrees

CALC = "def add(a: int, b: int) -> int:\n    return a + b\n"
TEST = "from calc import add\n\n\ndef test_add() -> None:\n    assert add(1, 2) == 3\n"
MORE = CALC + "\n\ndef half(a: int) -> float:\n    return a / 2\n"
MORE_TEST = TEST.replace("add\n", "add, half\n", 1) + "\n\ndef test_half() -> None:\n    assert half(4) == 2\n"


class Project:
    """A repository with a base commit; `verify` commits a change and judges it."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self.trees = GitTrees(folder / "repository")
        self.base = self.trees.commit(files)
        self.head = self.base
        self.cache = folder / "cache"
        self.said: list[str] = []

    def verify(
        self,
        files: Mapping[str, str | None],
        *,
        config: Config | None = None,
        task: Task | None = None,
        stop: threading.Event | None = None,
        **criteria: str,
    ) -> Verification:
        self.head = self.trees.commit(files)
        named = {name.replace("_", "."): value for name, value in criteria.items()}
        return self.again(config=config, task=task or Task(id="1.1.1", title="Halve", criteria=named), stop=stop)

    def again(self, *, task: Task, config: Config | None = None, stop: threading.Event | None = None) -> Verification:
        verifier = GateVerifier(
            config or Config(), self.trees, root=self.trees.root, cache_dir=self.cache, env=os.environ
        )
        root = str(self.trees.root)
        prepared = Prepared(base=self.base, head=self.head, branch="task/1", repo_path=root)
        return verifier.verify(task, prepared, self.head, self.said.append, stop or threading.Event())


def row(found: Verification, criterion: str) -> CriterionResult:
    return next(result for result in found.results if result.criterion == criterion)


def story(found: Verification) -> str:
    return "\n".join(
        f"{one.criterion}: {one.passed} {one.actual} ({one.required}) {one.reason} {one.notes}\n"
        + "\n".join(f"  {finding.path}:{finding.line} {finding.rule} {finding.message}" for finding in one.findings)
        + f"\n{one.output[-1500:]}"
        for one in found.results
    )


def test_a_good_change_passes_all_that_the_repository_has_set_up_and_leaves_nothing_behind(tmp_path: Path) -> None:
    setup = "[tool.ruff]\n[tool.mypy]\nstrict = true\n[tool.pytest.ini_options]\ntestpaths = ['tests']\n"
    project = Project(tmp_path, {"pyproject.toml": setup, "src/calc.py": CALC, "tests/test_calc.py": TEST})
    found = project.verify({"src/calc.py": MORE, "tests/test_calc.py": MORE_TEST})
    assert found.verdict == "passed", story(found)
    names = [one.criterion for one in found.results]
    assert names == ["test.pass", "lint.clean", "type.strict", "diff.size"]
    assert row(found, "test.pass").actual == "2 passed, 0 failed"
    assert {"python", "pytest", "ruff", "mypy"} <= found.versions.keys()
    assert list(found.config) == ["pyproject.toml"]
    assert project.trees.status() == ""
    assert project.trees.checkouts == 0, "a green check never asks the base"

    project.said.clear()
    again = project.again(task=Task(id="1.1.1", title="Halve"))
    assert again == found
    assert "passed before" in project.said[0]


def test_a_red_change_fails_with_places_and_what_the_base_already_had_does_not_block(tmp_path: Path) -> None:
    old = "import os\n" + CALC
    broken_test = TEST + "\n\ndef test_old() -> None:\n    assert add(1, 1) == 3\n"
    project = Project(
        tmp_path,
        {
            "ruff.toml": "lint.select = ['F']\n",
            "src/calc.py": old,
            "tests/test_calc.py": broken_test,
            "mypy.ini": "[mypy]\n",
        },
    )
    new = "import sys\n\n" + old + "\n\ndef half(a: int) -> str:\n    return a / 2\n"
    found = project.verify({"src/calc.py": new, "tests/test_calc.py": broken_test.replace("== 3\n", "== 4\n", 1)})
    assert found.verdict == "failed", story(found)
    tests, lint, types = row(found, "test.pass"), row(found, "lint.clean"), row(found, "type.strict")
    assert [one.line_text for one in tests.findings] == ["tests/test_calc.py::test_add"], story(found)
    assert (tests.known, tests.actual) == (1, "0 passed, 1 failed, 1 red before")
    assert [(one.path, one.line, one.rule, one.line_text) for one in lint.findings] == [
        ("src/calc.py", 1, "F401", "import sys")
    ], story(found)
    assert lint.known == 1
    assert [(one.path, one.rule) for one in types.findings] == [("src/calc.py", "return-value")], story(found)
    assert project.trees.checkouts == 1, "one checkout of the base for all red checks"
    assert project.trees.status() == ""

    strict = project.again(task=Task(id="1", title="t"), config=Config(verify=VerifyConfig(baseline="off")))
    assert len(row(strict, "lint.clean").findings) == 2
    assert len(row(strict, "test.pass").findings) == 2


def test_touched_lines_are_measured_and_not_the_file(tmp_path: Path) -> None:
    untested = "".join(f"def f{n}() -> int:\n    return {n}\n" for n in range(20))
    project = Project(tmp_path, {"src/calc.py": CALC + untested, "tests/test_calc.py": TEST})
    good = project.verify({"src/calc.py": MORE + untested, "tests/test_calc.py": MORE_TEST}, test_coverage="≥80%")
    assert good.verdict == "passed", story(good)
    assert row(good, "test.coverage").actual == "100.0% (2 of 2 touched lines)"
    bad = project.verify(
        {"src/calc.py": CALC + untested, "src/more.py": MORE, "tests/test_calc.py": TEST}, test_coverage="≥80%"
    )
    coverage = row(bad, "test.coverage")
    assert coverage.actual == "0.0% (0 of 4 touched lines)", story(bad)
    assert (coverage.findings[0].path, coverage.findings[0].line) == ("src/more.py", 1)
    assert "lacks the file" in coverage.findings[0].message


def test_a_flaky_test_is_told_from_a_broken_one(tmp_path: Path) -> None:
    flaky = (
        "import pathlib\n\n\ndef test_flaky() -> None:\n"
        f"    mark = pathlib.Path({str(tmp_path / 'mark')!r})\n"
        "    first = not mark.exists()\n    mark.write_text('x')\n    assert not first\n"
    )
    project = Project(tmp_path, {"tests/test_flaky.py": flaky, "calc.py": CALC})
    found = project.verify({"calc.py": MORE}, test_pass="pass")
    result = row(found, "test.pass")
    assert result.passed, story(found)
    assert result.notes == ("flaky: tests/test_flaky.py::test_flaky passed 2 of 3 at head, 1 of 1 at base",)


def test_the_bar_is_the_base_s(tmp_path: Path) -> None:
    project = Project(
        tmp_path,
        {"pyproject.toml": "[project]\nname = 'x'\n[tool.ruff]\nlint.select = ['F']\n", "calc.py": CALC},
    )
    lowered = "[project]\nname = 'y'\n[tool.ruff]\nlint.select = ['W605']\n"
    found = project.verify({"pyproject.toml": lowered, "calc.py": "import os\n" + MORE}, lint_clean="pass")
    rules = [one.rule for one in row(found, "lint.clean").findings]
    assert rules == ["gate-config", "F401"], story(found)

    task = Task(id="1", title="Let pyproject.toml select less", criteria={"lint.clean": "pass"})
    allowed = project.again(task=task)
    assert allowed.verdict == "passed", story(allowed)
    assert [one.severity for one in row(allowed, "lint.clean").findings] == ["notice"]


@pytest.mark.parametrize("configured", ["[tool.basedpyright]\n", "[tool.pyright]\n"])
def test_pyright_finds_the_new_error(tmp_path: Path, configured: str) -> None:
    project = Project(tmp_path, {"pyproject.toml": configured, "calc.py": CALC})
    found = project.verify({"calc.py": MORE.replace("-> float", "-> str")}, type_strict="0 errors")
    (error,) = [one for one in row(found, "type.strict").findings if one.severity == "error"]
    assert (error.path, error.line, error.rule) == ("calc.py", 6, "reportReturnType"), story(found)


def test_nothing_that_can_be_measured_is_unverified(tmp_path: Path) -> None:
    project = Project(tmp_path, {"README.md": "x\n"})
    found = project.verify({"README.md": "y\n"})
    assert found.verdict == "unverified"
    assert [one.criterion for one in found.results] == ["diff.size"]


def test_an_empty_diff_fails_a_task_and_not_a_checkpoint(tmp_path: Path) -> None:
    project = Project(tmp_path, {"calc.py": CALC, "test_calc.py": TEST})
    assert project.verify({}).verdict == "failed"
    checkpoint = project.again(task=Task(id="2", title="Checkpoint", type="checkpoint"))
    assert checkpoint.verdict == "passed", story(checkpoint)


@pytest.mark.parametrize(
    ("files", "criteria", "why"),
    [
        ({"calc.py": MORE}, {"test_pass": "pass"}, "pytest found no test"),
        ({"calc.py": MORE}, {"test_bites": "≥80%"}, "not available yet"),
        ({"calc.py": MORE}, {"build": "pass"}, "no command is bound to it"),
        (
            {"test_calc.py": "import os\n\ndef test_it():\n    os._exit(0)\n"},
            {"test_pass": "pass"},
            "pytest wrote no report",
        ),
        (
            {"test_calc.py": "import pytest\n\n@pytest.mark.skip\ndef test_it(): ...\n"},
            {"test_pass": "pass"},
            "every test was skipped",
        ),
    ],
)
def test_a_stated_criterion_that_cannot_be_measured_fails_with_the_reason(
    tmp_path: Path, files: dict[str, str | None], criteria: dict[str, str], why: str
) -> None:
    found = Project(tmp_path, {"calc.py": CALC}).verify(files, **criteria)
    (result,) = found.results
    assert found.verdict == "failed"
    assert not result.measured
    assert why in result.reason


def test_named_commands_scope_size_documents_and_secrets_are_judged_by_the_change(tmp_path: Path) -> None:
    project = Project(tmp_path, {"calc.py": CALC, ".github/workflows/ci.yml": "a\n"})
    config = Config(
        criteria={
            "build": "pass",
            "e2e": "pass",
            "diff.scope": "pass",
            "diff.size": "≤ 3 lines",
            "doc.updated": "outcomes.md",
            "secrets.clean": "pass",
        },
        commands={"build": "echo built && test -f calc.py", "e2e": ("sh", "-c", "echo $OPENAI_API_KEY; exit 3")},
    )
    key = "gh" + "p_" + "a1B2" * 9
    found = project.verify(
        {"calc.py": MORE, ".github/workflows/ci.yml": "b\n", "docs/outcomes.md": f"{key}\n"}, config=config
    )
    assert {one.criterion: one.passed for one in found.results} == {
        "build": True,
        "e2e": False,
        "diff.scope": False,
        "diff.size": False,
        "doc.updated": True,
        "secrets.clean": False,
    }, story(found)
    assert row(found, "e2e").actual == "exit code 3"
    assert key not in story(found)
    assert (row(found, "secrets.clean").findings[0].path, row(found, "secrets.clean").findings[0].line) == (
        "docs/outcomes.md",
        1,
    )


def test_a_check_that_hangs_ends_at_its_limit(tmp_path: Path) -> None:
    project = Project(tmp_path, {"calc.py": CALC})
    config = Config(
        criteria={"slow": "pass"}, commands={"slow": "sleep 60"}, verify=VerifyConfig(timeout_minutes=0.5 / 60)
    )
    found = project.verify({"calc.py": MORE}, config=config)
    assert "no answer within" in row(found, "slow").reason


def test_children_see_no_secret_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "GITHUB_TOKEN", "GITHUB_ENV", "ACTIONS_RUNTIME_TOKEN"):
        monkeypatch.setenv(name, "secret-value")
    project = Project(tmp_path, {"calc.py": CALC})
    config = Config(criteria={"env": "pass"}, commands={"env": "env"})
    found = project.verify({"calc.py": MORE}, config=config)
    assert "PYTHONDONTWRITEBYTECODE=1" in row(found, "env").output
    assert "secret-value" not in row(found, "env").output


def test_a_type_checker_that_nobody_set_up_is_strict(tmp_path: Path) -> None:
    project = Project(tmp_path, {"calc.py": CALC})
    found = project.verify({"calc.py": CALC + "\n\ndef half(a):\n    return a / 2\n"}, type_strict="0 errors")
    assert [one.rule for one in row(found, "type.strict").findings] == ["no-untyped-def"], story(found)


def test_many_red_tests_share_a_process_and_a_renamed_file_keeps_its_past(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(python_tests, "_ALONE", 2)  # each that is alone costs four starts of pytest
    red = "".join(f"def test_{n}() -> None:\n    assert add({n}, 1) == {n}\n\n\n" for n in range(4))
    project = Project(tmp_path, {"calc.py": CALC, "test_old.py": "from calc import add\n\n\n" + red})
    new = "from calc import add\n\n\n" + red + "def test_new() -> None:\n    assert add(1, 1) == 3\n"
    found = project.verify({"calc.py": MORE, "test_old.py": None, "test_renamed.py": new}, test_pass="pass")
    result = row(found, "test.pass")
    assert [one.line_text for one in result.findings] == ["test_renamed.py::test_new"], story(found)
    assert (result.known, result.actual) == (4, "0 passed, 1 failed, 4 red before")


def test_coverage_is_measured_without_pytest_cov_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytest_run, "_interpreter_has", lambda _place, _program, name: name == "coverage")
    setup = "[tool.coverage.run]\nparallel = true\n"
    project = Project(tmp_path, {"pyproject.toml": setup, "calc.py": CALC, "test_calc.py": TEST})
    found = project.verify({"calc.py": MORE}, test_coverage="≥80%", test_coverage_total="≥ 50%")
    assert row(found, "test.coverage").actual == "50.0% (1 of 2 touched lines)", story(found)
    assert row(found, "test.coverage.total").passed
    assert project.trees.status() == ""


def test_a_new_skip_blocks_and_stop_leaves_the_answer_open(tmp_path: Path) -> None:
    project = Project(tmp_path, {"calc.py": CALC, "test_calc.py": TEST})
    skipped = TEST.replace("def test_add", "import pytest\n\n\n@pytest.mark.skip\ndef test_add") + "\n\n"
    found = project.verify({"test_calc.py": skipped + "def test_x() -> None: ...\n"}, test_pass="pass")
    assert [one.rule for one in row(found, "test.pass").findings] == ["new-skip"], story(found)
    assert found.verdict == "failed"

    stop = threading.Event()
    stop.set()
    task = Task(id="1", title="t", criteria={"test.pass": "pass"})
    stopped = project.again(task=task, stop=stop)
    assert stopped.verdict == "unverified"
    assert row(stopped, "test.pass").reason == "stopped"


@pytest.mark.parametrize("folder", ["", "src/"], ids=["flat", "src"])
def test_a_red_test_cannot_be_talked_green(tmp_path: Path, folder: str) -> None:
    setup = "[tool.ruff.lint]\nselect = ['F']\n[tool.pytest.ini_options]\ntestpaths = ['tests']\n"
    code = f"{folder}calc.py"
    project = Project(tmp_path, {"pyproject.toml": setup, code: CALC, "tests/test_calc.py": TEST})
    found = project.verify(
        {
            code: CALC.replace("a + b", "0"),
            "conftest.py": "def pytest_collection_modifyitems(items):\n    items[:] = items[-1:]\n",
            "pytest.toml": "[pytest]\naddopts = ['--deselect=tests/test_calc.py::test_add']\n",
            "tests/test_ok.py": "def test_ok() -> None: ...\n",
            f"{folder}x-1.dist-info/METADATA": "Name: x\nVersion: 1\n",
            f"{folder}this.py": "",
        }
    )
    passing = row(found, "test.pass")
    assert not passing.passed, story(found)
    assert {one.rule for one in passing.findings} == {"new-hook", "gate-config", "brought-plugin", "shadowed-tool"}
