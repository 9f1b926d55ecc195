"""The dialect `checklist`, through the front door: reading, lint and ticking."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devteam_action.domain.tasklist import ListOptions, TaskList, read, tick
from devteam_action.domain.tasklist.model import MarkMeaning


def checklist(text: str, *, optional: bool = False, marks: dict[str, MarkMeaning] | None = None) -> TaskList:
    return read(text.encode(), options(optional=optional, marks=marks))


def options(*, optional: bool = False, marks: dict[str, MarkMeaning] | None = None) -> ListOptions:
    return ListOptions(path="tasks.md", dialect="checklist", optional=optional, marks=marks or {})


def needs(found: TaskList) -> dict[str, tuple[str, ...]]:
    return {task.id: task.dependencies for task in found.tasks}


def kinds(found: TaskList) -> list[tuple[str, int]]:
    return [(problem.kind, problem.line) for problem in found.problems]


@pytest.mark.parametrize(
    ("line", "task_id", "title", "optional"),
    [
        ("- [ ] 1. Title", "1", "Title", False),
        ("- [ ] 1.1 Title", "1.1", "Title", False),
        ("- [ ] 1.2a Title", "1.2a", "Title", False),
        ("- [ ]* 7.2 Title", "7.2", "Title", True),
        ("- [ ] 12.7* Title", "12.7", "Title", True),
        ("- [ ]* Title", "1", "Title", True),
        ("- [ ] **1.1** Title", "1.1", "Title", False),
        ("- [ ] **1.1 Title**", "1.1", "Title", False),
        ("* [ ] `2.` Title", "2", "Title", False),
        ("- [ ] Task 2.1: Title", "2.1", "Title", False),
        ("1. [ ] Title", "1", "Title", False),
        ("- [ ] 3 retries for uploads", "3", "retries for uploads", False),
        ("- [ ] (P) Title", "1", "Title", False),
        ("- [ ] 1.1 Title (P)", "1.1", "Title", False),
        ("- [ ] 1.1 Title _Boundary: settings_ (P)", "1.1", "Title", False),
    ],
)
def test_a_box_is_read_with_its_id_its_title_and_its_star(line: str, task_id: str, title: str, optional: bool):
    (task,) = checklist(line).tasks
    assert (task.id, task.title, task.optional) == (task_id, title, optional)


def test_a_number_in_front_of_few_titles_is_no_id():
    found = checklist("- [ ] Upload\n- [ ] 3 retries for uploads\n- [ ] Download\n")
    assert [(task.id, task.title, task.id_from) for task in found.tasks] == [
        ("1", "Upload", "position"),
        ("2", "3 retries for uploads", "position"),
        ("3", "Download", "position"),
    ]


def test_a_parent_is_found_by_number_before_indentation():
    found = checklist("- [ ] 1. A\n- [ ] 1.1 B\n  - [ ] 2. C\n  - [ ] 2.1 D\n")
    assert [task.id for task in found.tasks] == ["1.1", "2.1"]


def test_children_may_stand_above_their_parent():
    assert needs(checklist("- [ ] 1.1 A\n- [ ] 1. All of A\n- [ ] 2. B\n")) == {"1.1": (), "2": ("1.1",)}


def test_a_parent_with_optional_parts_alone_keeps_its_own_work():
    text = "- [ ] 1. Build\n  - [ ]* 1.1 Test it\n- [ ] 2. Ship\n"
    assert needs(checklist(text)) == {"1": (), "1.1": ("1",), "2": ("1",)}
    assert [task.id for task in checklist(text, optional=True).tasks] == ["1.1", "2"]
    assert tick(text.encode(), options(), "1.1").decode() == text.replace("[ ]* 1.1", "[x]* 1.1")


@pytest.mark.parametrize(
    "written",
    ["_Depends: 1_", "(depends on 1)", "\n  - Blocked by: 1", "\n  _Depends: 1_", "\n  - **Depends on**: Task 1"],
)
def test_what_is_written_takes_the_place_of_the_order(written: str):
    found = checklist(f"- [ ] 1. A\n- [ ] 2. B\n- [ ] 3. C {written}\n- [ ] 4. D\n")
    assert needs(found) == {"1": (), "2": ("1",), "3": ("1",), "4": ("3",)}
    assert found.tasks[2].title == "C"


def test_a_task_that_says_none_waits_for_nobody():
    assert needs(checklist("- [ ] 1. A\n- [ ] 2. B _Depends: none_\n"))["2"] == ()


@pytest.mark.parametrize("trace", ["_Requirements: 1_", "**Validates: Requirements 1**", "_Validates: 1_"])
def test_links_to_requirements_are_never_dependencies(trace: str):
    assert needs(checklist(f"- [ ] 1. A\n- [ ] 2. B\n- [ ] 3. C\n  - {trace}\n"))["3"] == ("2",)


def test_what_a_group_waits_for_holds_for_its_beginning():
    text = "- [ ] 1. A\n- [ ] 2. B\n- [ ] 3. C (depends on 1)\n  - [ ] 3.1 D\n  - [ ] 3.2 E\n"
    assert needs(checklist(text)) == {"1": (), "2": ("1",), "3.1": ("1",), "3.2": ("3.1",)}


def test_a_dependency_on_a_group_means_every_task_below_it_that_is_not_optional():
    text = "- [ ] 1. A\n  - [ ] 1.1 B\n  - [ ] 1.2 C\n  - [ ]* 1.3 D\n- [ ] 2. E (depends on 1)\n"
    assert needs(checklist(text))["2"] == ("1.1", "1.2")


def test_a_run_of_parallel_tasks_waits_for_what_is_before_it_and_is_waited_for_whole():
    text = "- [ ] 1. A\n- [ ] 2. B (P)\n- [ ] 3. C [P]\n- [ ] 4. D\n"
    assert needs(checklist(text)) == {"1": (), "2": ("1",), "3": ("1",), "4": ("2", "3")}


def test_the_order_yields_to_what_is_written_against_it():
    found = checklist("- [ ] 1. A (depends on 2)\n- [ ] 2. B\n")
    assert (needs(found), found.problems) == ({"1": ("2",), "2": ()}, ())


def test_a_skipped_task_holds_nobody_up():
    found = checklist("- [x] 1. A\n- [-] 2. B\n- [ ] 3. C\n", marks={"-": "skipped"})
    assert needs(found)["3"] == ("1",)
    assert found.tasks[1].status == "skipped"


def test_waves_with_numbers_and_groups_are_followed():
    graph = '```json\n{"waves": [{"wave": 1, "tasks": [2]}, {"wave": 2, "tasks": [1]}]}\n```\n'
    assert needs(checklist("- [ ] 1. A\n  - [ ] 1.1 B\n- [ ] 2. C\n\n" + graph)) == {"1.1": ("2",), "2": ()}


def test_waves_with_an_unknown_id_are_reported_and_not_used():
    graph = '```json\n{"waves": [{"tasks": ["2"]}, {"tasks": ["1", "9"]}]}\n```\n'
    found = checklist("- [ ] 1. A\n- [ ] 2. B\n\n" + graph)
    assert needs(found) == {"1": (), "2": ("1",)}
    assert kinds(found) == [("unresolved-reference", 4)]


def test_checks_of_a_phase_are_demands_on_its_tasks_and_no_tasks():
    found = checklist("## Phase 1: Core\n- [ ] 1.1 A\n### Done when\n- [ ] it runs\n## Phase 2: Rest\n- [ ] 2.1 B\n")
    assert [(task.id, task.acceptance) for task in found.tasks] == [("1.1", ("it runs",)), ("2.1", ())]


def test_the_bullets_of_a_parent_go_into_the_description_of_each_child():
    found = checklist("- [ ] 1. Fields\n  - use metres\n  - [ ] 1.1 Plough\n    - twice\n")
    assert found.tasks[0].description == "- twice\n\nPart of 1 Fields:\n- use metres"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("- [x] 1. A\n  - [ ] 1.1 B\n", [("mark-mismatch", 1)]),
        ("- [ ] 1. A\n  - [x] 1.1 B\n", [("mark-mismatch", 1)]),
        ("- [x] 1. A\n  - [x] 1.1 B\n  - [ ]* 1.2 C\n", []),
        ("- [ ] 1. A (depends on 9)\n", [("unknown-dependency", 1)]),
        ("- [ ] 1. A (depends on 1)\n", [("self-dependency", 1)]),
        ("- [ ] 1. A (depends on 1.1)\n  - [ ] 1.1 B\n", [("child-dependency", 1)]),
        ("- [ ] 1. A (depends on the lawyers)\n", [("unresolved-reference", 1)]),
        ("- [ ] 1. A (depends on 2)\n- [ ] 2. B (depends on 1)\n", [("cycle", 1)]),
        ("- [ ] 1. A\n- [ ] 1. B\n", [("duplicate-id", 2)]),
        ("- [ ] 1. A\n- [?] 2. B\n", [("unread-items", 2)]),
        ("- [ ] 1. A\n```\n- [ ] 2. B\n", [("unclosed-fence", 2)]),
    ],
)
def test_each_problem_is_reported_at_its_line(text: str, problems: list[tuple[str, int]]):
    assert kinds(checklist(text)) == problems


def test_an_unknown_dependency_blocks_its_task_alone():
    found = checklist("- [ ] 1. A (depends on 9)\n- [ ] 2. B _Depends: none_\n")
    assert list(found.blocked) == ["1"]


def test_the_last_child_ticks_its_parents_too_and_nothing_else_changes():
    text = "\ufeff# Plan \r\n- [ ] 1. A\r\n  - [x] 1.1 B\r\n  - [-] 1.2 C \r\n  - [ ]* 1.3 D\r\n- [ ] 2. E"
    ticked = tick(text.encode(), options(), "1.2").decode()
    assert ticked == text.replace("[ ] 1.", "[x] 1.", 1).replace("[-]", "[x]")


def test_a_mark_that_the_config_gives_another_meaning_is_not_written():
    marks: dict[str, MarkMeaning] = {"x": "open", "~": "done"}
    assert tick(b"- [ ] 1. A\n", options(marks=marks), "1") == b"- [~] 1. A\n"


LINES = st.lists(
    st.builds(
        lambda indent, mark, number, title: f"{'  ' * indent}- [{mark}] {number}{title}",
        st.integers(0, 3),
        st.sampled_from(list(" xX-~/✓")),
        st.sampled_from(["", "1. ", "1.1 ", "2. ", "1.1.1 ", "2.1* ", "3.0 "]),
        st.sampled_from(["Plan", "Do (depends on 1)", "Rest (P)", "設計する", "Say _Depends: 1.1_"]),
    )
    | st.sampled_from(["", "## Phase 1: X", "# Y", "text", "  - note", "```", "<!--", "-->"]),
    max_size=12,
)


@given(LINES, st.sampled_from(["\n", "\r\n"]))
def test_ticking_marks_exactly_that_task_and_leaves_every_other_byte(lines: list[str], end: str):
    data = end.join(lines).encode()
    found = read(data, options())
    for task in found.tasks:
        if [each.id for each in found.tasks].count(task.id) > 1:
            continue
        ticked = tick(data, options(), task.id)
        after = {each.id: each.status for each in read(ticked, options()).tasks}
        before = {each.id: each.status for each in found.tasks}
        assert after == before | {task.id: "completed"}
        rows = zip(data.decode().split("\n"), ticked.decode().split("\n"), strict=True)
        for old, new in rows:
            assert old == new or (new.count("[x]") == old.count("[x]") + 1 and len(old) == len(new))


@pytest.mark.parametrize(
    "text",
    [
        "- [ ] " + "1." * 20_000 + "1 x",
        "- [ ] " + "_Depends: " * 3_000,
        "- [ ] " + "(depends on " * 3_000,
        "- [ ] " + "*" * 30_000,
        "".join(" " * n + "- [ ] x\n" for n in range(500)),
        "".join(f"- [ ] {n}. x (depends on {n % 1000 + 1})\n" for n in range(1, 1001)),
    ],
    ids=["long id", "notes", "brackets", "stars", "deep", "ring"],
)
def test_hostile_text_is_read_at_once(text: str):
    started = time.process_time()
    checklist(text)
    assert time.process_time() - started < 5
