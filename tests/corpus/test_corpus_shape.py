"""The corpus is material for the parser's tests; these tests keep the material itself honest."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest

CORPUS = Path(__file__).parent
DIALECTS = ("wbs", "checklist", "speckit")
LISTS = sorted(path for folder in (*DIALECTS, "hostile") for path in (CORPUS / folder).glob("*.md"))
KEYS = {
    "id", "title", "type", "dependencies", "files", "acceptance", "criteria", "phase", "phaseTitle", "optional",
    "status", "line",
}  # fmt: skip
KINDS = {
    "unclosed-fence", "unclosed-comment", "duplicate-id", "unknown-dependency", "unresolved-reference", "cycle",
    "self-dependency", "child-dependency", "undecodable", "no-task", "unread-items", "mark-mismatch",
}  # fmt: skip


def name(path: Path) -> str:
    return path.relative_to(CORPUS).as_posix()


def expected(path: Path) -> dict[str, object]:
    return json.loads(path.with_suffix("").with_suffix(".expected.json").read_text(encoding="utf-8"))


def lines_of(path: Path) -> list[str]:
    """The lines as an editor numbers them: a line ends at LF, CRLF or a lone CR, and nowhere else."""
    text = path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace")
    return re.split(r"\r\n|\n|\r", text)


@pytest.mark.parametrize("path", LISTS, ids=name)
def test_every_list_has_an_expectation_that_decodes_and_uses_only_known_words(path: Path) -> None:
    answer = expected(path)
    assert answer.get("dialect", "wbs") in DIALECTS
    assert set(answer) <= {"dialect", "options", "tasks", "retired", "problems"}
    assert path.parent.name == "hostile" or {"dialect", "tasks"} <= set(answer)
    for task in answer.get("tasks", []):
        assert set(task) <= KEYS
        assert {"id", "title", "status", "line"} <= set(task)
        assert task["status"] in {"pending", "completed", "skipped"}
    for problem in answer.get("problems", []):
        assert set(problem) <= {"severity", "kind", "line"}
        assert problem["kind"] in KINDS
        assert problem["severity"] in {"error", "warning"}


@pytest.mark.parametrize("path", LISTS, ids=name)
def test_every_expected_line_holds_its_id_and_the_first_word_of_its_title(path: Path) -> None:
    lines = lines_of(path)
    answer = expected(path)
    for task in answer.get("tasks", []):
        line = lines[task["line"] - 1]
        assert task["title"].split()[0] in line, (task["id"], task["line"])
        # Only boxes of a checklist may go without a written id.
        without = answer["dialect"] == "checklist" and re.search(r"\] (?!\S*\d)", line)
        assert without or re.search(rf"(?<![\w.]){re.escape(task['id'])}(?![\w])(?!\.\w)", line), (task["id"], line)


@pytest.mark.parametrize("path", LISTS, ids=name)
def test_tasks_stand_in_document_order_and_depend_on_ids_of_the_list_or_a_problem_says_so(path: Path) -> None:
    answer = expected(path)
    tasks = answer.get("tasks", [])
    numbers = [task["line"] for task in tasks]
    assert numbers == sorted(numbers)
    assert all(problem.get("line", 1) <= len(lines_of(path)) for problem in answer.get("problems", []))
    kinds = {problem["kind"] for problem in answer.get("problems", [])}
    known = {task["id"] for task in tasks} | set(answer.get("retired", []))
    if "unknown-dependency" not in kinds:
        assert {id_ for task in tasks for id_ in task.get("dependencies", [])} <= known
    if "duplicate-id" not in kinds:
        assert len(known) == len(tasks) + len(answer.get("retired", []))


@pytest.mark.parametrize("path", LISTS, ids=name)
def test_dependencies_are_written_in_document_order_and_never_name_the_task_itself(path: Path) -> None:
    tasks = expected(path).get("tasks", [])
    order = {task["id"]: number for number, task in enumerate(tasks)}
    for task in tasks:
        known = [order[id_] for id_ in task.get("dependencies", []) if id_ in order]
        assert known == sorted(set(known)), task["id"]
        assert task["id"] not in task.get("dependencies", [])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_dialect_has_fifteen_lists_or_more(dialect: str) -> None:
    assert len(list((CORPUS / dialect).glob("*.md"))) >= 15


def test_no_expectation_stands_alone() -> None:
    answers = {path.with_suffix("").with_suffix(".md") for path in CORPUS.glob("*/*.expected.json")}
    assert answers == set(LISTS)


@pytest.mark.parametrize("path", LISTS, ids=name)
def test_the_readme_names_every_list(path: Path) -> None:
    assert f"`{name(path)}`" in (CORPUS / "README.md").read_text(encoding="utf-8")


def test_the_hostile_lists_are_byte_for_byte_what_the_script_makes() -> None:
    cases = runpy.run_path(str(CORPUS / "make_hostile.py"))["CASES"]
    stored = {path.stem: path.read_bytes() for path in (CORPUS / "hostile").glob("*.md")}
    assert stored == cases
