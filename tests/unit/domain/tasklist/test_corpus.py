"""Every list of the corpus is read as its table says; the tables were written from the contract by somebody else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from devteam_action.domain.tasklist import ListOptions, TaskList, read

CORPUS = Path(__file__).parents[3] / "corpus"
LISTS = sorted(CORPUS.glob("*/*.expected.json"))
pytestmark = pytest.mark.skipif(not LISTS, reason="tests/corpus is not there")


def the_list(expected: Path) -> tuple[TaskList, dict[str, Any]]:
    wanted = json.loads(expected.read_text(encoding="utf-8"))
    said = wanted.get("options", {})
    options = ListOptions(
        path="tasks_list.md",
        marks=said.get("marks", {}),
        optional=said.get("optional", False),
        phase_order=said.get("phaseOrder", "strict"),
        dialect=said.get("dialect"),
    )
    return read(expected.with_name(expected.name.replace(".expected.json", ".md")).read_bytes(), options), wanted


def names(path: Path) -> str:
    return f"{path.parent.name}/{path.name.removesuffix('.expected.json')}"


@pytest.mark.parametrize("expected", LISTS, ids=names)
def test_a_list_of_the_corpus_gives_the_tasks_of_its_table(expected: Path) -> None:
    found, wanted = the_list(expected)

    tasks = [json.loads(msgspec.json.encode(task)) | {"line": task.source.line} for task in found.tasks]
    assert found.dialect == wanted.get("dialect", found.dialect)
    assert [task["id"] for task in tasks] == [task["id"] for task in wanted.get("tasks", [])]
    for task, row in zip(tasks, wanted.get("tasks", []), strict=True):
        assert {key: task[key] for key in row} == row


@pytest.mark.parametrize("expected", LISTS, ids=names)
def test_a_list_of_the_corpus_has_the_problems_of_its_table(expected: Path) -> None:
    found, wanted = the_list(expected)

    if "retired" in wanted:
        assert sorted(found.retired) == sorted(wanted["retired"])
    if "problems" in wanted:
        # Counted, not located: several kinds may point at the first or at the second of two places.
        rows = [(row["severity"], row["kind"]) for row in wanted["problems"]]
        problems = [(each.severity, each.kind) for each in found.problems if each.kind != "unread-items"]
        assert sorted(problems) == sorted(row for row in rows if row[1] != "unread-items")
        places = {(each.kind, each.line) for each in found.problems}
        assert {(row["kind"], row["line"]) for row in wanted["problems"] if "line" in row} <= places
