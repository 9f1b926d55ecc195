"""The dialect `speckit`, through the front door: ids, runs, phases, lint and ticking."""

from __future__ import annotations

from typing import Literal

import pytest

from devteam_action.domain.tasklist import ListOptions, TaskList, read, tick


def options(phase_order: Literal["strict", "stories", "none"] = "strict") -> ListOptions:
    return ListOptions(path="tasks.md", dialect="speckit", phase_order=phase_order)


def speckit(text: str, phase_order: Literal["strict", "stories", "none"] = "strict") -> TaskList:
    return read(text.encode(), options(phase_order))


def needs(found: TaskList) -> dict[str, tuple[str, ...]]:
    return {task.id: task.dependencies for task in found.tasks}


@pytest.mark.parametrize(
    ("line", "task_id"),
    [
        ("- [ ] T001 Title", "T001"),
        ("- [ ] T010a Title", "T010a"),
        ("- [ ] T037A Title", "T037A"),
        ("- [ ] **T001** Title", "T001"),
        ("- [ ] **T001**: Title", "T001"),
        ("- [ ] **T001 Title**", "T001"),
        ("- [ ] `T001` Title", "T001"),
        ("- [ ] [T001] Title", "T001"),
        ("- [ ] RM11b Title", "RM11b"),
        ("- [ ] T001 [P] [US1] Title", "T001"),
        ("- [ ] [P] T001 [US1] Title", "T001"),
        ("- [ ] T001 [US1] Title (depends on nothing)", "T001"),
        ("- [ ] T001: Title", "T001"),
        ("- [ ] T001：Title", "T001"),
    ],
)
def test_a_box_with_an_id_is_a_task(line: str, task_id: str):
    assert [(task.id, task.title) for task in speckit(line).tasks] == [(task_id, "Title")]


def test_a_box_without_an_id_belongs_to_the_task_around_it():
    found = speckit("- [ ] T001 A\n  - [ ] and the docs\n- [ ] S3 bucket\n- [ ] T002 B\n")
    assert needs(found) == {"T001": (), "T002": ("T001",)}
    assert "and the docs" in found.tasks[0].description
    assert [problem.kind for problem in found.problems] == ["unread-items"]


def test_runs_wait_for_the_last_task_before_them_and_are_waited_for_whole():
    found = speckit("- [ ] T001 A\n- [ ] T002 [P] B\n- [ ] T003 [P] C\n- [ ] T004 D\n- [ ] T005 E\n")
    assert needs(found) == {
        "T001": (),
        "T002": ("T001",),
        "T003": ("T001",),
        "T004": ("T002", "T003"),
        "T005": ("T004",),
    }


FIVE_PHASES = """\
## Phase 1: Setup
- [ ] T001 A
## Phase 2: Foundational
- [ ] T002 B
## Phase 3: User Story 1 - C{first}
- [ ] T003 [US1] C
## Phase 4: User Story 2 - D{second}
- [ ] T004 [US2] D
## Phase 5: Polish
- [ ] T005 E
"""


@pytest.mark.parametrize(
    ("first", "second", "order", "expected"),
    [
        ("", "", "strict", [(), ("T001",), ("T002",), ("T003",), ("T004",)]),
        ("", "", "stories", [(), ("T001",), ("T002",), ("T002",), ("T003", "T004")]),
        ("", "", "none", [(), (), (), (), ()]),
        (" [P]", " [PARALLEL]", "strict", [(), ("T001",), ("T002",), ("T002",), ("T003", "T004")]),
        ("", " (Depends on: Phase 1)", "strict", [(), ("T001",), ("T002",), ("T001",), ("T004",)]),
        ("", " - Depends on: T002", "strict", [(), ("T001",), ("T002",), ("T002",), ("T004",)]),
        ("", "\n**Depends on**: Phase 1", "strict", [(), ("T001",), ("T002",), ("T001",), ("T004",)]),
        ("", " (Depends on: US1)", "none", [(), (), (), ("T003",), ()]),
    ],
)
def test_a_phase_waits_as_its_heading_and_the_config_say(
    first: str, second: str, order: Literal["strict", "stories", "none"], expected: list[tuple[str, ...]]
):
    found = speckit(FIVE_PHASES.format(first=first, second=second), order)
    assert [task.dependencies for task in found.tasks] == expected
    assert [task.phase for task in found.tasks] == [1, 2, 3, 4, 5]
    assert found.tasks[3].phase_title == "User Story 2 - D"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("(depends on T001, T002–T003)", ("T001", "T002", "T003", "T004")),
        ("(after T001)", ("T001", "T004")),
        ("(depends on T002; data-model.md)", ("T002", "T004")),
        ("(depends on T002 models)", ("T002", "T004")),
        ("(after a while)", ("T004",)),
    ],
)
def test_what_a_task_says_adds_to_its_place(said: str, expected: tuple[str, ...]):
    text = f"- [ ] T001 A\n- [ ] T002 B\n- [ ] T003 C\n- [ ] T004 D\n- [ ] T005 E {said}\n"
    assert speckit(text).tasks[4].dependencies == expected


def test_prose_at_the_end_is_never_read():
    prose = "## Dependencies\n- **Phase 1**: T001 (depends on T099)\n\nT001 (after T077)\n```\n- [ ] T003 C\n```\n"
    found = speckit("## Phase 1: A\n- [ ] T001 A\n- [ ] T002 B\n\n---\n\n" + prose)
    assert (needs(found), found.problems) == ({"T001": (), "T002": ("T001",)}, ())


@pytest.mark.parametrize(
    ("text", "problems", "blocked"),
    [
        ("- [ ] T001 A (depends on T042)\n", [("unknown-dependency", 1)], ["T001"]),
        ("- [ ] T001 A (depends on T001)\n", [("self-dependency", 1)], ["T001"]),
        ("- [ ] T001 A (depends on T002)\n- [ ] T002 B\n", [("cycle", 1)], ["T001", "T002"]),
        ("- [x] T001 A\n- [x] T001 B\n", [("duplicate-id", 2)], []),
        ("- [x] T001 A\n- [ ] T001 B\n", [("duplicate-id", 2)], ["T001"]),
        ("- [ ] T001 A (depends on same file)\n", [("unresolved-reference", 1)], []),
        ("<!-- - [ ] T002 B -->\n- [ ] T001 A (depends on T002)\n", [], []),
        ("- [ ] T001 A\n<!-- never closed\n", [("unclosed-comment", 2)], ["T001"]),
    ],
)
def test_each_problem_is_reported_and_blocks_its_own_tasks(
    text: str, problems: list[tuple[str, int]], blocked: list[str]
):
    found = speckit(text)
    assert [(problem.kind, problem.line) for problem in found.problems] == problems
    assert list(found.blocked) == blocked


def test_a_tick_changes_one_mark_and_nothing_else():
    text = "\ufeff- [✓] T001 A\t\r\n- [ ] **T002** [P] B  \r- [ ] T003 C"
    assert tick(text.encode(), options(), "T002").decode() == text.replace("[ ] **T002", "[x] **T002")
    assert tick(text.encode(), options(), "T001").decode() == text
