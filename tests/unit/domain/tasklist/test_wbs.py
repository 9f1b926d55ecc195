"""The treed list: what its problems block, its own criteria syntax, and how it is told from other lists."""

from __future__ import annotations

import time

import pytest

from devteam_action.domain.task import Task
from devteam_action.domain.tasklist import ListOptions, TaskList, detect, read

OPTIONS = ListOptions(path="plan.md")


def reading(text: str, **options: object) -> TaskList:
    return read(text.encode(), ListOptions(path="plan.md", **options))  # type: ignore[arg-type]


def by_id(found: TaskList) -> dict[str, Task]:
    return {task.id: task for task in found.tasks}


@pytest.mark.parametrize(
    ("text", "kind", "blocked"),
    [
        ("1.1 A (Dependencies: 9.9)\n1.2 B\n", "unknown-dependency", {"1.1"}),
        ("1.1 A (Dependencies: 1.2)\n1.2 B (Dependencies: 1.1)\n1.3 C\n", "cycle", {"1.1", "1.2"}),
        ("1.1 A (Dependencies: 1.1)\n1.2 B\n", "self-dependency", {"1.1"}),
        ("1.1 A\n1.1.1 B\n1.1.2 C (Dependencies: 1.1)\n", "self-dependency", {"1.1.2"}),
        ("1.1 A (Dependencies: 1.1.2)\n1.1.1 B\n1.1.2 C\n1.2 D\n", "child-dependency", {"1.1.1", "1.1.2"}),
        ("1.1 A\n1.1 B\n1.2 C\n", "duplicate-id", {"1.1"}),
        ("1.1 A\n1.2 B\n```\n1.3 C\n", "unclosed-fence", {"1.2"}),
        ("1.1 A\n\n<!-- note\n1.2 B\n", "unclosed-comment", {"1.1"}),
    ],
)
def test_an_error_blocks_the_tasks_it_concerns_and_no_others(text: str, kind: str, blocked: set[str]) -> None:
    found = reading(text, dialect="wbs")

    assert [problem.kind for problem in found.errors] == [kind]
    assert {task_id: problem.kind for task_id, problem in found.blocked.items()} == dict.fromkeys(blocked, kind)
    assert found.fatal is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1.1 A ✅\n1.1 A ✅\n1.2 B\n", "duplicate-id"),
        ("1.1 A (Dependencies: good weather)\n", "unresolved-reference"),
        ("1.1 [x] A\n1.1.1 B\n", "mark-mismatch"),
        ("1.1 A\n1.1.D Review it\n1.1.1 B\n", "unread-items"),
    ],
)
def test_a_warning_blocks_nothing(text: str, kind: str) -> None:
    found = reading(text, dialect="wbs")

    assert [(problem.severity, problem.kind) for problem in found.problems] == [("warning", kind)]
    assert not found.blocked


def test_all_problems_are_told_at_once_with_line_and_fix() -> None:
    found = reading("1.1 A (Dependencies: 9.9, luck)\n1.2 B (Dependencies: 1.2)\n1.3 C\n1.3 D\n")

    assert [(problem.kind, problem.line) for problem in found.problems] == [
        ("unknown-dependency", 1),
        ("unresolved-reference", 1),
        ("self-dependency", 2),
        ("duplicate-id", 4),
    ]
    assert all(problem.message and problem.fix and problem.path == "plan.md" for problem in found.problems)


@pytest.mark.parametrize(
    ("data", "kind", "says"),
    [
        (b"| 1.1 | a |\n", "no-task", "it has a table"),
        (b"1. Boil\n2. Pour\n", "no-task", "an ordered list"),
        (b"", "no-task", "it is empty"),
        (b"1.1 A\n1.2 \xff\n", "undecodable", "line 2"),
        ("1.1 A\n".encode("utf-16"), "undecodable", "UTF-8"),
    ],
)
def test_an_unusable_list_says_what_it_is_instead(data: bytes, kind: str, says: str) -> None:
    found = read(data, OPTIONS)

    assert found.fatal is not None
    assert found.fatal.kind == kind
    assert says in found.fatal.message
    assert found.fatal.fix


def test_a_task_states_its_own_criteria_and_limits_in_its_block() -> None:
    found = reading(
        "1.1 A\n"
        "1.1.1 B\n"
        "    touches: src/**, tests/**\n"
        "    criteria: test.coverage ≥ 80%; type.strict = 0 errors\n"
        "    - lint.clean: 0 findings\n"
        "    - a detail in `src/b.py`\n"
        "1.1.B Verify correctness of Task 1.1\n"
        "    - <criterion 1: test.bites >= 50%>\n"
        "    - <criterion 2: it is\n      quick>\n"
        "1.1.C Document results of Task 1.1 in docs/out.md\n"
    )

    (task,) = found.tasks
    assert task.touches == ("src/**", "tests/**")
    assert task.criteria == {
        "test.bites": ">= 50%",
        "doc.updated": "docs/out.md",
        "test.coverage": "≥ 80%",
        "type.strict": "= 0 errors",
        "lint.clean": "0 findings",
    }
    assert task.acceptance == ("test.bites >= 50%", "it is quick")
    assert task.description == "- a detail in `src/b.py`"
    assert task.files == ("src/b.py",)


def test_a_retired_task_is_known_but_not_listed() -> None:
    found = reading("1.1 A\n<!-- 1.2 B -->\n1.3 C (Dependencies: 1.2)\n")

    assert list(by_id(found)) == ["1.1", "1.3"]
    assert found.retired == ("1.2",)
    assert not found.problems
    assert by_id(found)["1.3"].dependencies == ("1.2",)


def test_a_copy_under_a_phase_wins_over_the_one_in_an_overview_above() -> None:
    found = reading("1.1 Overview of A\n\nPhase 1: Core\n1.1 A\n")

    assert [task.title for task in found.tasks] == ["A"]
    assert not found.blocked


def test_a_configured_mark_says_skipped() -> None:
    found = reading("1.1 A\n1.1.1 [>] B\n", marks={">": "skipped"})

    assert [(task.title, task.status, task.mark) for task in found.tasks] == [("B", "skipped", ">")]


def test_a_checkpoint_is_told_by_its_title() -> None:
    assert reading("1.1 Checkpoint: all green\n").tasks[0].type == "checkpoint"


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("1.1 A\n1.1.1 B\n  - [ ] a detail\n  - [ ] another\n  - [ ] a third\n", "wbs"),
        ("### 1.1 A\n- [ ] one\n", "checklist"),
        ("- [ ] 1.1 A\n  1.1.1 text\n", "checklist"),
        ("- [ ] T001 A\n- [ ] T002 B\n", "speckit"),
        ("- [ ] T001 A\n- [ ] a\n- [ ] b\n- [ ] c\n", "checklist"),
        ("#### 1.1.1 A\n#### 1.1.2 B\n", "wbs"),
    ],
)
def test_the_dialect_is_that_of_the_outermost_items(text: str, dialect: str) -> None:
    assert detect(text.encode()) == dialect


def test_reading_stays_linear() -> None:
    def cost(sections: int) -> float:
        text = "".join(
            f"{at}.1 Section (Dependencies: {max(at - 1, 1)}.2)\n"
            + "".join(f"{at}.1.{n} Do [a](src/a{n}.py:7)\n" for n in range(1, 20))
            + f"{at}.2 Other\n"
            for at in range(1, sections)
        ).encode()
        best = 9e9
        for _ in range(3):
            start = time.process_time()
            read(text, OPTIONS)
            best = min(best, time.process_time() - start)
        return best

    assert cost(401) < 25 * cost(41)  # ten times the list; a quadratic reader takes a hundred times as long


@pytest.mark.parametrize("nasty", ["[" * 50_000, "1." * 20_000, "`" * 50_000, "<!--" * 20_000, "(depends on " * 4_000])
def test_a_hostile_line_is_read_in_no_time(nasty: str) -> None:
    start = time.process_time()

    read(f"1.1 A\n1.1.1 {nasty}\n- {nasty}\n".encode(), ListOptions(dialect="wbs"))

    assert time.process_time() - start < 3
