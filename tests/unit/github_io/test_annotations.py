"""Findings within the limits of a check run's annotations."""

from __future__ import annotations

import pytest

from devteam_action.domain.findings import Finding
from devteam_action.github_io.annotations import annotations_of, batches


def finding(**fields) -> Finding:
    return Finding(**{"tool": "ruff", "rule": "E501", "message": "too long", "path": "a.py", "line": 3, **fields})


def test_errors_come_first_and_the_order_is_otherwise_kept():
    mixed = [
        finding(severity=severity, message=f"{severity} {number}")
        for number in (1, 2)
        for severity in ("notice", "warning", "error")
    ]
    assert [each["message"] for each in annotations_of(mixed)] == [
        "error 1", "error 2", "warning 1", "warning 2", "notice 1", "notice 2"
    ]  # fmt: skip
    assert [each["annotation_level"] for each in annotations_of(mixed)][::2] == ["failure", "warning", "notice"]


def test_a_place_is_one_line_with_its_column():
    (annotation,) = annotations_of([finding(column=7)])
    assert annotation == {
        "path": "a.py",
        "start_line": 3,
        "end_line": 3,
        "start_column": 7,
        "end_column": 7,
        "annotation_level": "failure",
        "message": "too long",
        "title": "ruff: E501",
    }


def test_a_finding_of_a_whole_file_is_on_its_first_line_without_a_column():
    (annotation,) = annotations_of([finding(line=None, column=7)])
    assert (annotation["start_line"], annotation["end_line"]) == (1, 1)
    assert "start_column" not in annotation


def test_a_finding_without_a_file_is_no_annotation():
    assert annotations_of([finding(path="")]) == []


@pytest.mark.parametrize("character", ["x", "é", "𝄞"])
def test_a_message_is_cut_to_64_kilobytes_of_whole_characters(character):
    (annotation,) = annotations_of([finding(message=character * 70_000, rule="r" * 300)])
    message = str(annotation["message"])
    assert 65_530 <= len(message.encode()) <= 65_536
    assert set(message) == {character, "…"}
    assert len(str(annotation["title"])) == 255


def test_an_empty_message_is_not_sent_since_github_refuses_it():
    (annotation,) = annotations_of([finding(message="")])
    assert annotation["message"] == "E501"


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (1, [1]), (50, [50]), (51, [50, 1]), (101, [50, 50, 1])])
def test_batches_have_fifty_at_most(count, sizes):
    assert [len(each) for each in batches(annotations_of([finding()] * count))] == sizes
