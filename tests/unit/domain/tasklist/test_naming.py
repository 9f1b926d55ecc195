"""Branch names are short, readable, and always refs that git accepts."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devteam_action.domain.task import Task
from devteam_action.domain.tasklist import branch_name


@pytest.mark.parametrize(
    ("task_id", "title", "name"),
    [
        (
            "1.1.1",
            "Add DEVTEAM_ENABLED flag to [src/config.js](src/config.js) with default false and JSDoc.",
            "task/1-1-1-add-devteam-enabled-flag",
        ),
        ("T010a", "Write tests", "task/T010a-write-tests"),
        ("1.2", "Éviter les accents", "task/1-2-eviter-les-accents"),
        ("1.2", "画面の一覧", "task/1-2"),
        ("1.2", "src/a.py: mend it", "task/1-2"),
        ("1.2", "Fix `a/b.py` and more", "task/1-2-fix"),
        ("1.2", "a " + "word " * 20, "task/1-2-a-word-word-word-word-word-word-word-word-word"),
        ("1.2", "x" * 80, "task/1-2-" + "x" * 50),
        ("../..", "..", "task/unnamed"),
    ],
)
def test_a_branch_is_named_after_the_words_before_the_first_file(task_id: str, title: str, name: str) -> None:
    assert branch_name(Task(id=task_id, title=title)) == name


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=70), st.text(max_size=90)), min_size=20, max_size=40))
def test_git_accepts_every_branch_name(pairs: list[tuple[str, str]]) -> None:
    names = {branch_name(Task(id=task_id, title=title)) for task_id, title in pairs}

    for name in list(names)[:3]:
        subprocess.run(["git", "check-ref-format", "--branch", name], check=True, capture_output=True)
    assert all(len(name) <= len("task/") + 60 + 1 + 50 for name in names)
