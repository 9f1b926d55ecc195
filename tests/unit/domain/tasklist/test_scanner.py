"""The scanner tells what every line is, with offsets that an edit can rely on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from devteam_action.domain.tasklist.scanner import scan

BLOCKS = [
    "# Title",
    "text",
    "",
    "- item",
    "  more of the item",
    "1. [ ] numbered",
    "```",
    "````",
    "~~~",
    "```py",
    "  ```",
    "  ~~~~ x",
    "`` ` ``",
    "> ```",
    "* [x] done",
    "- - nested",
]


def kinds(text: str) -> list[str]:
    return [line.kind for line in scan(text.encode()).lines]


@pytest.mark.parametrize(
    ("line", "mark", "rest"),
    [
        ("- [ ] a", " ", "a"),
        ("* [X] a", "X", "a"),
        ("+ [✅] a", "✅", "a"),
        ("1. [/] a", "/", "a"),
        ("\t- [~] a", "~", "a"),
        ("- [ ]* a", " ", "* a"),
        ("- [?] a", None, "[?] a"),
        ("- [x](y.md) a", None, "[x](y.md) a"),
        ("- [xx] a", None, "[xx] a"),
        ("- []", None, "[]"),
    ],
)
def test_a_box_holds_one_known_mark(line: str, mark: str | None, rest: str) -> None:
    (found,) = scan(line.encode()).lines

    assert (found.kind, found.mark, found.rest) == ("item", mark, rest)


def test_a_configured_mark_makes_a_box() -> None:
    (found,) = scan(b"- [>] a", marks=">").lines

    assert found.mark == ">"


def test_offsets_point_at_the_marks_own_bytes_behind_a_byte_order_mark_and_other_line_ends() -> None:
    data = "\ufeff- [ ] eins\r\n\r- [✅] zwei\n".encode()

    lines = scan(data).lines

    assert [data[line.start : line.end].decode() for line in lines] == ["- [ ] eins", "", "- [✅] zwei"]
    assert [data[slice(*line.mark_span)].decode() for line in lines if line.mark] == [" ", "✅"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\na: b\n---\ntext", ["frontmatter"] * 3 + ["text"]),
        ("---\n\n- [ ] a\n---", ["text", "blank", "item", "text"]),
        ("---\nno yaml\n---", ["text", "text", "text"]),
        ("Title\n===", ["heading", "text"]),
        ("1.1 Not a title\n---", ["text", "text"]),
        ("- a\n  ```\n- b", ["item", "fence", "item"]),
        ("<!--\n- [ ] a\nb\n-->\nc", ["comment", "item", "comment", "comment", "text"]),
        ("`<!--` a\nb", ["text", "text"]),
        ("a <!-- b\nc\nd --> e", ["text", "comment", "text"]),
        ("* * *\n- - -", ["text", "text"]),
    ],
)
def test_a_line_is_told_by_what_markdown_makes_of_it(text: str, expected: list[str]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a\n```\nb", ("unclosed-fence", 2)),
        ("- a\n  ~~~\nb", ("unclosed-fence", 2)),
        ("a\n\n<!-- b\nc", ("unclosed-comment", 3)),
    ],
)
def test_what_never_closes_is_told_with_its_line(text: str, fault: tuple[str, int]) -> None:
    assert [(each.kind, each.line) for each in scan(text.encode()).faults] == [fault]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(BLOCKS), max_size=12))
def test_what_stands_inside_a_fence_is_what_a_markdown_parser_says(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    oracle: set[int] = set()
    for token in MarkdownIt().parse(text):
        if token.type == "fence" and token.map:
            oracle.update(range(token.map[0], min(token.map[1], len(lines))))

    found = {line.number - 1 for line in scan(text.encode()).lines if line.kind == "fence"}

    quoted = {at for at, line in enumerate(lines) if line.startswith(">")}
    blank = {at for at, line in enumerate(lines) if not line}
    assert found - quoted - blank == oracle - quoted - blank


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("-*[] x#`~<!>\n\r\t1.2é✅"), max_size=80))
def test_lines_and_their_ends_are_all_bytes_of_the_file(text: str) -> None:
    data = text.encode()

    lines = scan(data).lines

    rest = data
    for line in reversed(lines):
        assert rest[line.end :] in (b"\n", b"\r", b"\r\n", b"")
        assert data[line.start : line.end].decode() == line.text
        assert len(line.shown) == len(line.text)
        rest = rest[: line.start]
    assert rest == b""
