"""What is written below an item in any dialect: limits and criteria that count, and near-misses that lint names."""

from __future__ import annotations

import time

import pytest

from devteam_action.domain.task import Task
from devteam_action.domain.tasklist import Dialect, ListOptions, TaskList, read
from devteam_action.domain.tasklist.limits import read_limit

LISTS: dict[Dialect, str] = {
    "checklist": "- [ ] 1. Before\n- [ ] 2. Hide the menu{title}\n{below}\n- [ ] 3. Behind\n",
    "speckit": "- [ ] T001 Before\n- [ ] T002 [P] Hide the menu{title}\n{below}\n- [ ] T003 Behind\n",
    "wbs": "1.1 Core\n1.1.1 Before\n1.1.2 Hide the menu{title}\n{below}\n1.1.3 Behind\n",
}
NESTED = "- [ ] 1. Core\n  - [ ] 1.1 Before\n  - [ ] 1.2 Hide the menu{title}\n{below}\n  - [ ] 1.3 Behind\n"
FIRST: dict[Dialect, str] = {"checklist": "1", "speckit": "T001", "wbs": "1.1.1"}
EVERY = pytest.mark.parametrize("dialect", list(LISTS))


def reading(dialect: Dialect, below: str = "", title: str = "") -> TaskList:
    return read(LISTS[dialect].format(title=title, below=below).encode(), ListOptions(path="plan.md", dialect=dialect))


def the_task(found: TaskList) -> Task:
    assert len(found.tasks) == 3
    return found.tasks[1]


def notes(found: TaskList) -> list[tuple[str, str, int]]:
    return [(problem.severity, problem.kind, problem.line) for problem in found.problems]


@EVERY
@pytest.mark.parametrize("before", ["", "  ", "    ", "\t", "  - ", "  * ", "\n  "])
def test_limits_below_an_item_count_however_they_are_indented(dialect: Dialect, before: str) -> None:
    found = reading(
        dialect,
        f"{before}touches: src/menu/**, docs/menu.md\n{before}criteria: diff.size <= 200 lines; lint.clean",
    )

    task = the_task(found)
    assert task.touches == ("src/menu/**", "docs/menu.md")
    assert task.criteria == {"diff.size": "<= 200 lines", "lint.clean": ""}
    assert (task.title, task.description, task.files) == ("Hide the menu", "", ())
    assert not found.problems


@pytest.mark.parametrize("indent", ["  ", "    ", "      ", "\t"])
def test_limits_below_a_nested_box_are_its_own(indent: str) -> None:
    text = NESTED.format(title="", below=f"{indent}touches: src/**\n{indent}criteria: lint.clean")

    found = read(text.encode(), ListOptions(dialect="checklist"))

    assert [task.touches for task in found.tasks] == [(), ("src/**",), ()]
    assert found.tasks[1].criteria == {"lint.clean": ""}
    assert found.tasks[1].title == "Hide the menu"
    assert not found.problems


@EVERY
def test_a_title_over_two_lines_ends_where_the_limits_begin(dialect: Dialect) -> None:
    found = reading(dialect, "    of the page\n    **Touches:** `src/**`\n    test.coverage: ≥ 90%")

    task = the_task(found)
    assert (task.title, task.touches) == ("Hide the menu of the page", ("src/**",))
    assert task.criteria == {"test.coverage": "≥ 90%"}
    assert not found.problems


@EVERY
@pytest.mark.parametrize(
    ("below", "says"),
    [
        ("  touch: src/**", "`touch:` is not read"),
        ("  - touched: src/**", "`touched:` is not read"),
        ("  criterion: lint.clean", "`criterion:` is not read"),
        ("  touches:", "`touches:` has no path behind it"),
        ("  touches:\n    - src/**", "`touches:` has no path behind it"),
        ("  touches src/**, docs/a.md", "`touches` without a colon"),
        ("  _Touches: src/**_", "in emphasis"),
        ("  touches: src/**,", "ends in a comma"),
        ("  criteria:", "`criteria:` has no criterion behind it"),
        ("  criteria: ≥ 80%", "`≥ 80%`, which begins with no criterion's name"),
        ("  criteria: lint.clean; 80%", "`80%`, which begins with no criterion's name"),
    ],
)
def test_a_near_miss_is_no_part_of_the_title_and_is_told(dialect: Dialect, below: str, says: str) -> None:
    found = reading(dialect, below)

    line = 4 if dialect == "wbs" else 3
    assert notes(found) == [("warning", "unread-note", line)]
    assert says in found.problems[0].message
    assert found.problems[0].fix
    assert the_task(found).title == "Hide the menu"
    assert not found.blocked


def test_what_is_missed_stays_in_the_description_for_people() -> None:
    found = reading("checklist", "  touch: src/**\n  more")

    assert the_task(found).description == "touch: src/**\nmore"
    assert the_task(found).touches == ()


@EVERY
@pytest.mark.parametrize(
    ("title", "key"),
    [(" (touches: src/**)", "touches"), (" _Touches: src/**_", "touches"), (" [criteria: lint.clean]", "criteria")],
)
def test_a_limit_in_the_title_is_told(dialect: Dialect, title: str, key: str) -> None:
    found = reading(dialect, title=title)

    assert notes(found) == [("warning", "unread-note", 3 if dialect == "wbs" else 2)]
    assert f"`{key}:` is not read in a title".lower() in found.problems[0].message.lower()


@EVERY
@pytest.mark.parametrize(
    "below",
    [
        "  It touches src/a.py and no more",
        "  Touches every page",
        "  Acceptance criteria: it is quick",
        "  (criteria: it is quick)",
        "  Content: all of it",
        "  raises the\n  test.coverage",
        "```\ntouch: src\n```",
        "<!--\ntouch: src\n-->",
    ],
)
def test_prose_is_no_near_miss(dialect: Dialect, below: str) -> None:
    found = reading(dialect, below)

    assert not found.problems
    assert (the_task(found).touches, the_task(found).criteria) == ((), {})


@pytest.mark.parametrize(
    ("dialect", "text", "lines"),
    [
        ("checklist", "- [ ] 1. Group\n  touches: src/**\n  - [ ] 1.1 A\n", [2]),
        ("checklist", "- [ ] 1. Group\n  criteria: lint.clean\n  - [ ] 1.1 A\n", [2]),
        ("checklist", "## Core\ntouches: src/**\n\n- [ ] 1. A\n", [2]),
        ("speckit", "## Phase 1: Core\n\ntouches: src/**\n\n- [ ] T001 A\n", [3]),
        ("wbs", "Phase 1: Core\ntouches: src/**\n1.1 A\n", [2]),
        ("wbs", "1.1 A\n   touches: src/**\n1.1.1 B\n   touches: src/b/**\n", [2]),
        ("wbs", "1.1 A\n   criteria: lint.clean\n1.1.1 B\n", []),  # a treed list hands criteria down
        ("checklist", "- [ ] 1. A\n\n## Notes\n\nCriteria: all is well\n", []),
    ],
)
def test_a_limit_that_holds_for_no_task_is_told(dialect: Dialect, text: str, lines: list[int]) -> None:
    found = read(text.encode(), ListOptions(dialect=dialect))

    assert notes(found) == [("warning", "unread-note", line) for line in lines]


@EVERY
@pytest.mark.parametrize(
    ("written", "title"),
    [
        (", Dependencies: {}", "Hide the menu"),
        (". Depends on: {}", "Hide the menu."),
        (" — **Dependencies:** {}", "Hide the menu"),
        ("; blocked by: {}.", "Hide the menu"),
        (" (both), dependencies: {}", "Hide the menu (both)"),
    ],
)
def test_dependencies_at_the_end_of_a_title_need_no_brackets(dialect: Dialect, written: str, title: str) -> None:
    first = FIRST[dialect]

    text = LISTS[dialect].format(title="", below="").replace("Behind", "Hide the menu" + written.format(first))
    found = read(text.encode(), ListOptions(dialect=dialect))

    assert first in found.tasks[2].dependencies
    assert found.tasks[2].title == title
    assert not found.problems


def test_an_ending_takes_the_place_of_a_checklists_order() -> None:
    found = read(b"- [ ] 1. A\n- [ ] 2. B\n- [ ] 3. C, depends on: 1\n- [ ] 4. D, depends on: none\n", ListOptions())

    assert [task.dependencies for task in found.tasks] == [(), ("1",), ("1",), ()]


@EVERY
@pytest.mark.parametrize(
    "line",
    [
        "  Dependencies: {}",
        "  Depends on: {}",
        "  depends on {}",
        "  Blocked by {}",
        "\tDependencies: {}",
        "  - **Depends on**: {}",
    ],
)
def test_dependencies_on_a_line_of_their_own_are_no_part_of_the_title(dialect: Dialect, line: str) -> None:
    below = line.format(FIRST[dialect])

    found = reading(dialect, f"{below}\n  touches: src/**")

    task = the_task(found)
    assert (task.title, task.dependencies, task.touches) == ("Hide the menu", (FIRST[dialect],), ("src/**",))
    assert "epend" not in task.description
    assert not found.problems


@EVERY
@pytest.mark.parametrize(
    ("title", "misses"),
    [
        (" Dependencies: {}", 1),
        (", Dependencies: {}. Then rest.", 1),
        (" (or not, dependencies: {})", 1),
        (", install the dependencies: redis, flask", 0),
        (" and its dependencies", 0),
        ("\n  that depends on dependencies", 0),
        (", co-dependencies: {}", 0),
    ],
)
def test_an_ending_that_is_no_clear_dependency_stays_in_the_title(dialect: Dialect, title: str, misses: int) -> None:
    found = reading(dialect, title=title.format("T001" if dialect == "speckit" else "1.1"))

    assert len(found.problems) == misses
    assert {problem.kind for problem in found.problems} <= {"unread-note"}
    assert "ependencies" in the_task(found).title


@pytest.mark.parametrize("done", [" ✅", " (done)", " [x]"])
def test_a_done_mark_behind_the_dependencies_still_counts(done: str) -> None:
    found = read(f"1.1 A\n1.2 B, Dependencies: 1.1{done}\n1.3 ~~C, Dependencies: 1.2~~\n".encode(), ListOptions())

    assert [(task.title, task.status) for task in found.tasks] == [
        ("A", "pending"),
        ("B", "completed"),
        ("C", "completed"),
    ]
    assert found.tasks[1].dependencies == ("1.1",)


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        ("duplicate-id", "the id {0} is given 2 times, in lines 1, 2"),
        ("unknown-dependency", "{0}: there is no task {1} in this list"),
        ("self-dependency", "{0}: it depends on itself"),
        ("unresolved-reference", "{0}: `luck` is no task of this list"),
    ],
)
@pytest.mark.parametrize(
    ("dialect", "item", "ids"),
    [
        ("wbs", "{} A", ("1.1", "9.9")),
        ("checklist", "- [ ] {} A", ("1.1", "9.9")),
        ("speckit", "- [ ] {} A", ("T001", "T099")),
    ],
)
def test_one_problem_is_said_in_one_way(
    dialect: Dialect, item: str, ids: tuple[str, str], problem: str, expected: str
) -> None:
    line = item.format(ids[0])
    text = {
        "duplicate-id": f"{line}\n{line}\n",
        "unknown-dependency": f"{line} (depends on {ids[1]})\n",
        "self-dependency": f"{line} (depends on {ids[0]})\n",
        "unresolved-reference": f"{line} (depends on luck)\n",
    }[problem]

    found = read(text.encode(), ListOptions(dialect=dialect))

    assert [(each.kind, each.message) for each in found.problems] == [(problem, expected.format(*ids))]


def test_a_file_of_prose_is_called_that() -> None:
    found = read(b"One day we will build it.\n", ListOptions(path="plan.md"))

    assert found.fatal is not None
    assert found.fatal.message.startswith("no task found in plan.md: it has only prose; accepted shapes are")


@pytest.mark.parametrize(
    "nasty",
    [
        "touches:" * 10_000,
        "*" * 50_000,
        "(_" * 30_000,
        ", depends on: 1.1" * 5_000,
        "dependencies: " + "`" * 50_000,
        "criteria: " + "; " * 30_000,
        "touches" + " " * 50_000,
    ],
)
@EVERY
def test_hostile_notes_are_read_at_once(dialect: Dialect, nasty: str) -> None:
    started = time.process_time()
    reading(dialect, f"  {nasty}", title=f" {nasty}")
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("text", "touches", "criteria"),
    [
        ("touches: src/**", ("src/**",), ()),
        ("Touches : a b,c", ("a", "b", "c"), ()),
        ("`touches: src/**`", ("src/**",), ()),
        ("**criteria**: build; `lint.clean`: pass", (), (("build", ""), ("lint.clean", "pass"))),
        ("criteria: test.coverage ≥ 80%;", (), (("test.coverage", "≥ 80%"),)),
    ],
)
def test_a_limit_is_read_in_each_documented_form(
    text: str, touches: tuple[str, ...], criteria: tuple[tuple[str, str], ...]
) -> None:
    limit = read_limit(text)

    assert limit is not None
    assert (limit.touches, limit.criteria, limit.message) == (touches, criteria, "")
