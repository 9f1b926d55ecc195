from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devteam_action.render.templates import render, templates_dir
from devteam_action.render.text import clean, cut, fenced, one_line


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("a\x00b\x07c\td", "abc\td"),
        ("safe\u202eevil", "safeevil"),
        ("می‌خواهم 👨‍👩‍👧", "می‌خواهم 👨‍👩‍👧"),
        ("\ufeffstart", "start"),
        ("\udc80", "?"),
    ],
)
def test_what_cannot_be_seen_is_taken_out(given_text: str, expected: str) -> None:
    assert clean(given_text) == expected


@given(st.text())
def test_no_text_leaves_its_fence(text: str) -> None:
    first, *inside, last = fenced(text).split("\n")
    fence = first.removesuffix("text")
    assert fence == last
    assert len(fence) >= 3
    assert not any(fence in line for line in inside)


@given(st.text(), st.integers(min_value=3, max_value=50))
def test_a_cut_keeps_both_ends_and_says_how_much_it_left_out(text: str, limit: int) -> None:
    short = cut(text, limit)
    if len(text) <= limit:
        assert short == text
    else:
        assert short.startswith(text[: limit // 3])
        assert short.endswith(text[-(limit - limit // 3) :])
        assert f"{len(text) - limit} characters left out" in short


@given(st.text(), st.integers(min_value=1, max_value=30))
def test_one_line_is_one_line_of_that_length(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1


def test_a_terminal_code_that_nothing_ends_takes_no_text_with_it() -> None:
    assert clean("said\x1b]0;title\nand more\x1b]8;;x\x07.") == "said0;title\nand more."


@pytest.mark.parametrize("text", ["\x1b[" * 200_000, "\x1b]" * 200_000, "\x1b]" + "x" * 400_000, "`" * 400_000])
def test_cleaning_takes_linear_time(text: str) -> None:
    started = time.process_time()
    fenced(clean(text))
    assert time.process_time() - started < 2


def test_every_template_is_where_it_is_looked_for() -> None:
    assert (templates_dir() / "brief.md.j2").is_file()


def test_a_value_that_a_template_needs_is_never_silently_empty() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        render("brief.md.j2")
