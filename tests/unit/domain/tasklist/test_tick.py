"""A tick changes the one mark, and its parents' when it was their last open child; every other byte stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devteam_action.domain.tasklist import ListOptions, detect, read, tick
from devteam_action.domain.tasklist.model import Dialect
from devteam_action.errors import TaskListError, UnknownTask

WBS = ListOptions(dialect="wbs")


def ticked(text: str, task_id: str, options: ListOptions = WBS) -> str:
    return tick(text.encode(), options, task_id).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1.1.1 Add it\n", "1.1.1 [x] Add it\n"),
        ("- 1.1.1 Add it  \r\n", "- 1.1.1 [x] Add it  \r\n"),
        ("#### 1.1.1: Add it", "#### 1.1.1: [x] Add it"),
        ("**1.1.1** Add it", "**1.1.1** [x] Add it"),
        ("**1.1.1 Add it**", "**1.1.1 [x] Add it**"),
        ("1.1.1 - Add it", "1.1.1 [x] - Add it"),
        ("1.1.1 [ ] Add it", "1.1.1 [x] Add it"),
        ("1.1.1 [~] Add it", "1.1.1 [x] Add it"),
        ("- [ ] 1.1.1 Add it", "- [x] 1.1.1 Add it"),
        ("1.1.1 ✅ Add it", "1.1.1 ✅ Add it"),
        ("1.1.1 Add it (done)", "1.1.1 Add it (done)"),
        ("~~1.1.1 Add it~~", "~~1.1.1 Add it~~"),
    ],
)
def test_a_treed_item_is_marked_behind_its_id_or_in_its_own_box(before: str, after: str) -> None:
    text = f"1.1 [x] Section\n{before}"

    assert ticked(text, "1.1.1") == f"1.1 [x] Section\n{after}"
    assert ticked(ticked(text, "1.1.1"), "1.1.1") == ticked(text, "1.1.1")
    (task,) = read(ticked(text, "1.1.1").encode(), WBS).tasks
    assert task.is_done
    assert task.title == "Add it"


def test_the_last_child_marks_its_group_and_section_too_and_leaves_the_phase() -> None:
    text = "Phase 1: Core\n1.1 Section\n1.1.1 Group\n1.1.1.1 [x] a\n1.1.1.2 b\n1.1.2 [x] c\n"

    after = ticked(text, "1.1.1.2")

    assert after == "Phase 1: Core\n1.1 [x] Section\n1.1.1 [x] Group\n1.1.1.1 [x] a\n1.1.1.2 [x] b\n1.1.2 [x] c\n"


def test_a_parent_with_an_open_child_stays_as_it_is() -> None:
    text = "1.1 Section\n1.1.1 Group\n1.1.1.1 a\n1.1.2 b\n"

    assert ticked(text, "1.1.1.1") == "1.1 Section\n1.1.1 [x] Group\n1.1.1.1 [x] a\n1.1.2 b\n"


def test_a_retired_child_keeps_no_parent_open() -> None:
    text = "1.1 Section\n1.1.1 a\n<!-- 1.1.2 b -->\n"

    assert ticked(text, "1.1.1") == "1.1 [x] Section\n1.1.1 [x] a\n<!-- 1.1.2 b -->\n"


def test_an_unknown_id_and_an_unusable_list_are_refused() -> None:
    with pytest.raises(UnknownTask, match=r"9\.9\.9"):
        ticked("1.1.1 a\n", "9.9.9")
    with pytest.raises(TaskListError, match="no task found"):
        ticked("prose\n", "1.1.1")
    with pytest.raises(TaskListError, match="UTF-8"):
        tick(b"1.1.1 \xff\n", WBS, "1.1.1")


PIECES = {
    "wbs": [
        "1.1 Section",
        "1.1.1 a",
        "- 1.1.2 b (Dependencies: 1.1.1)",
        "  - 1.1.2.1 [ ] ü",
        "1.1.2.2 ✅ d",
        "## 1.2 Other",
        "1.2.1 **e**",
        "1.2.A Validate outputs of Task 1.2",
        "Phase 2: X",
        "<!--",
        "-->",
        "```",
        "",
        "prose",
        "1.3 [-] f  ",
    ],
    "checklist": [
        "## Phase 1",
        "- [ ] 1. a",
        "  - [ ] 1.1 b",
        "  - [✅] 1.2 ü",
        "    - [ ] c",
        "- [ ]* 2. d",
        "- [-] 3 e",
        "* [x] f",
        "<!--",
        "-->",
        "```",
        "",
        "prose",
        "- bullet",
        "  - [ ] 3.1 g  ",
    ],
    "speckit": [
        "## Phase 1: Setup",
        "- [ ] T001 a",
        "- [ ] T002 [P] b",
        "- [x] T003 c",
        "- [ ] **T004** ü",
        "- [ ] T005a [US1] d",
        "<!--",
        "-->",
        "```",
        "",
        "prose",
        "## Phase 2",
        "- [ ] no id",
    ],
}


@pytest.mark.parametrize("dialect", ["wbs", "checklist", "speckit"])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_ticking_marks_exactly_that_task_and_only_its_marks_bytes(dialect: Dialect, data: st.DataObject) -> None:
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    pieces = data.draw(st.lists(st.sampled_from(PIECES[dialect]), max_size=14))
    source = (data.draw(st.sampled_from(["", "\ufeff"])) + end.join(pieces)).encode()
    options = ListOptions(dialect=dialect)
    before = read(source, options)
    for task_id in dict.fromkeys(task.id for task in before.tasks):
        after_bytes = tick(source, options, task_id)
        after = read(after_bytes, options)

        assert [(task.id, task.title) for task in after.tasks] == [(task.id, task.title) for task in before.tasks]
        changed = [new.id for old, new in zip(before.tasks, after.tasks, strict=True) if old.is_done != new.is_done]
        was_open = any(task.id == task_id and not task.is_done for task in before.tasks)
        assert changed == ([task_id] if was_open else [])
        assert _untouched(source, after_bytes, before.spots)


def _untouched(before: bytes, after: bytes, spots: tuple[object, ...]) -> bool:
    """Whether `after` is `before` with some of the spots written over, each as it says."""
    at = shift = 0
    for start, end, text in sorted((spot.start, spot.end, spot.replacement) for spot in spots):  # type: ignore[attr-defined]
        if before[at:start] != after[at + shift : start + shift]:
            return False
        new = after[start + shift : start + shift + len(text)]
        is_written = new == text and after[start + shift + len(text) :][:1] == before[end:][:1]
        if is_written and (start != end or before[start : start + len(text)] != text):
            shift += len(text) - (end - start)
        at = end
    return before[at:] == after[at + shift :]


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_no_bytes_at_all_make_reading_fail(source: bytes) -> None:
    for options in (ListOptions(), WBS, ListOptions(dialect="checklist"), ListOptions(dialect="speckit")):
        found = read(source, options)

        assert found.tasks or found.fatal
        detect(source)
