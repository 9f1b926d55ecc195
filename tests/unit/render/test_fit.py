from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devteam_action.render.fit import COMMENT_LIMIT, fit, left_out_note, section, size_in_bytes


def part(name: str, priority: int, text: str) -> str:
    return str(section(name, priority, caller=lambda: text))


def test_what_fits_is_left_as_it_is() -> None:
    assert fit(f"head\n\n{part('a', 1, 'one')}\n\n{part('b', 2, 'two')}\n", 100) == "head\n\none\n\ntwo\n"


def test_the_least_important_goes_first_and_it_is_said() -> None:
    text = f"head\n\n{part('log', 50, 'l' * 40)}\n\n{part('why', 10, 'w' * 40)}\n\n{left_out_note()}\n\nfoot"
    shown = fit(text, 90)
    assert "l" * 40 in shown
    assert "w" * 40 not in shown
    assert "_Left out for length: why._\n\nfoot" in shown


def test_a_template_without_a_place_for_the_note_has_it_at_the_end() -> None:
    assert fit(f"head\n\n{part('log', 1, 'x' * 100)}", 60) == "head\n\n_Left out for length: log._\n"


def test_of_a_section_in_a_section_the_inner_one_can_go_alone() -> None:
    inner = part("more findings", 10, "m" * 50)
    shown = fit(f"{part('findings', 40, f'first {inner}')}", 50)
    assert "first" in shown
    assert "m" * 50 not in shown


def test_a_section_that_goes_takes_what_is_in_it_along() -> None:
    inner = part("inner", 90, "i" * 50)
    shown = fit(f"head {part('outer', 10, f'o {inner}')}", 50)
    assert shown.startswith("head")
    assert "i" * 50 not in shown


@pytest.mark.parametrize(("length", "is_shed"), [(COMMENT_LIMIT - 1, False), (COMMENT_LIMIT, True)])
@pytest.mark.parametrize("character", ["x", "é", "😀", "𠀀"])
def test_the_limit_counts_characters_whatever_they_weigh(character: str, length: int, is_shed: bool) -> None:
    shown = fit(part("body", 1, character * length), COMMENT_LIMIT)  # and the line end
    assert len(shown) <= COMMENT_LIMIT
    assert ("Left out" in shown) is is_shed


def test_the_summary_is_measured_in_bytes() -> None:
    text = part("body", 1, "😀" * 100)
    assert "😀" in fit(text, 401, measure=size_in_bytes)
    assert "😀" not in fit(text, 400, measure=size_in_bytes)


_PIECES = st.lists(
    st.tuples(
        st.integers(0, 99),
        st.sampled_from(
            ["| a |\n|---|\n| 1 |", "```text\nx\n\n\n\ny\n```", "<details><summary>s</summary>\n\nt\n\n</details>"]
        ),
    ),
    max_size=8,
)


@given(_PIECES, st.integers(0, 400))
def test_no_fence_table_or_details_is_ever_broken(pieces, limit: int) -> None:
    text = "<!-- m -->\n" + "\n\n".join(part(f"s{at}", priority, body) for at, (priority, body) in enumerate(pieces))
    shown = fit(text, limit)
    assert shown.startswith("<!-- m -->")
    assert shown.count("```") % 2 == 0
    assert shown.count("<details>") == shown.count("</details>")
    assert not any(mark in shown for mark in "\x01\x02\x03\x04")
    assert len(shown) <= limit or shown.count("\n| ") + shown.count("```") + shown.count("<details>") == 0


def test_blank_lines_in_a_fence_are_kept_and_others_are_not() -> None:
    assert fit("a\n\n\n\n```text\nx\n\n\n\ny\n```\n\n\n\nb", 100) == "a\n\n```text\nx\n\n\n\ny\n```\n\nb\n"
