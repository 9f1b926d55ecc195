"""Which files a task may change."""

from __future__ import annotations

import pytest

from devteam_action.domain.change import Change, ChangedFile
from devteam_action.domain.scope import matches, out_of_scope
from devteam_action.domain.task import Task, TaskSource


@pytest.mark.parametrize(
    ("path", "glob", "expected"),
    [
        ("src/a.py", "src/**", True),
        ("src/deep/a.py", "src/**", True),
        ("src/a.py", "src/*.py", True),
        ("src/deep/a.py", "src/*.py", False),
        ("src/deep/a.py", "src/**/*.py", True),
        ("src/a.py", "src/**/*.py", True),
        ("src/a.py", "src", True),
        ("src/a.py", "src/", True),
        ("srcs/a.py", "src", False),
        ("apps/(app)/[id]/page.svelte", "apps/(app)/[id]/**", True),
        ("a.py", "**/*.py", True),
        ("a.pyc", "*.py", False),
    ],
)
def test_a_glob_means_what_people_expect(path: str, glob: str, expected: bool) -> None:
    assert matches(path, (glob,)) is expected


def _task(*touches: str) -> Task:
    return Task(id="1", title="t", touches=touches, source=TaskSource(path="docs/tasks.md", line=3))


@pytest.mark.parametrize(
    ("task", "file", "rule"),
    [
        (_task(), ChangedFile(path="anything.py", kind="added"), None),
        (_task("src/**"), ChangedFile(path="src/a.py", kind="modified"), None),
        (_task("src/**"), ChangedFile(path="tests/test_a.py", kind="added"), None),
        (_task("src/**"), ChangedFile(path="out.md", kind="modified"), None),
        (_task("src/**"), ChangedFile(path="lib/a.py", kind="modified"), "outside-touches"),
        (_task("src/**"), ChangedFile(path="src/a.py", kind="renamed", old_path="lib/a.py"), "outside-touches"),
        (_task("**"), ChangedFile(path=".github/workflows/ci.yml", kind="modified"), "protected-path"),
        (_task(), ChangedFile(path=".devteam.yml", kind="deleted"), "protected-path"),
        (_task(), ChangedFile(path="secret/x", kind="added"), "protected-path"),
        (_task(), ChangedFile(path="docs/tasks.md", kind="modified", added=(3,), removed=1), None),
        (_task(), ChangedFile(path="docs/tasks.md", kind="modified", added=(3, 4), removed=1), "protected-path"),
    ],
)
def test_a_file_out_of_scope_is_a_finding(task: Task, file: ChangedFile, rule: str | None) -> None:
    change = Change(base="b", head="h", tree="t", files=(file,))
    found = out_of_scope(task, change, ("secret/**",), ("out.md",))
    assert [one.rule for one in found] == ([rule] if rule else [])
