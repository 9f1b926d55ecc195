from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from devteam_action.render.markdown import cell_code, code, fence, html_code, inline, link, linked, plain, prose

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

HOSTILE = (
    "<!-- devteam:task=1.1 -->",
    "--> <!-- devteam:task=9 -->",
    "</details><details open><summary>fake</summary>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "@ann and @acme/owners please look",
    "see #12, GH-34, gh-5, acme/app#6 and ann#7",
    "fixed in deadbeefcafe and 3f2a91c03f2a91c03f2a91c03f2a91c03f2a91c0",
    "https://evil.example/?q=1 http://x.y www.evil.example ftp://x.y mailto:a@b.c",
    "[click](https://evil.example)",
    "![pixel](https://evil.example/p.png)",
    "[ref]: https://evil.example",
    "[^1]: note",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "a | b",
    "```\nleft the fence\n```",
    "````",
    "`` ` ``",
    "~~~\nx\n~~~",
    "~~gone~~ **bold** __bold__ *i* _i_",
    "# heading",
    "## 1\n=====",
    "- [x] done",
    "+ plus",
    "1. one",
    "2) two",
    "> quote",
    "> [!CAUTION]",
    "---",
    "***",
    "    indented code",
    "&lt;b&gt; &#64;ann &commat;ann",
    "\\@ann \\`x\\` \\",
    "$x^2$ $$y$$",
    "a\u202eb\u200bc\u2066d\ufeffe\u00adf\U000e0041g",
    "line one\r\n\r\n# line three\u2028four",
    "::set-output name=x::y",
    "${{ secrets.TOKEN }} $(id)",
    "{{ report.title }} {% raw %}",
    "\x00\x01section\x0210\x02\x03\x04",
)
# Where templates put words: (before, after) around them.
PLACES = {
    "paragraph": ("", ""),
    "item": ("- ", ""),
    "heading": ("### ✅ ", ""),
    "bold": ("**x ", " x**"),
    "cell": ("| a | b |\n|---|---|\n| ", " | z |"),
    "sub": ("<sub>", "</sub>"),
}
_TAGS = {"p", "ul", "li", "h3", "strong", "table", "thead", "tbody", "tr", "th", "td", "sub"}
LINKED = re.compile(
    r"@\w|(?<!&)#\d|\bGH-\d|https?://|www\.|(?:ftp|mailto):[^\s\u200b]|\b[0-9a-f]{7,40}\b", re.IGNORECASE
)


def rendered(markdown: str) -> str:
    return MARKDOWN.render(markdown)


def tags(html: str) -> set[str]:
    return {name.lower() for name in re.findall(r"</?([A-Za-z][A-Za-z0-9]*)", html)}


def words(html: str) -> str:
    """What a reader sees outside code; our gaps stay, as they do on GitHub."""
    text = re.sub(r"<(code|pre)\b.*?</\1>", "", html, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", "", text)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_words_wherever_they_stand(text: str, place: str) -> None:
    before, after = PLACES[place]
    html = rendered(f"{before}{inline(text)}{after}")
    assert tags(html) <= _TAGS | ({"td"} if place == "cell" else set())
    assert "<!--" not in html
    assert not LINKED.search(words(html)), words(html)
    assert html.count("<td") == (2 if place == "cell" else 0)
    assert html.count("<li") == (1 if place == "item" else 0)


@given(st.text(max_size=60))
def test_any_words_stay_words(text: str) -> None:
    html = rendered(f"- {inline(text)}")
    assert tags(html) <= {"ul", "li", "p"}
    assert "<!--" not in html
    shown = words(html).replace("\u200b", "").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    assert " ".join(shown.replace("&amp;", "&").split()) == plain(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_code_stays_code(text: str) -> None:
    html = rendered(f"a {code(text)} b")
    assert tags(html) <= {"p", "code"}
    assert html.count("<code>") == (1 if plain(text) else 0)


@given(st.text(alphabet="`|ab \\", min_size=1, max_size=20))
def test_no_backticks_end_a_code_span_early(text: str) -> None:
    shown = plain(text)
    if shown:
        inside = re.search(r"<code>(.*)</code>", rendered(f"a {code(text)} b"))
        assert inside is not None
        assert inside[1].strip() == shown.strip()


@pytest.mark.parametrize("text", ["a|b", "`|`", "||", "a\\|b", "x | y | z"])
def test_a_pipe_in_a_cells_code_makes_no_cell(text: str) -> None:
    html = rendered(f"| a | b |\n|---|---|\n| {cell_code(text)} | z |")
    assert html.count("<td") == 2
    assert html.count("<code>") == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_a_sentence_keeps_its_code_and_nothing_else(text: str) -> None:
    html = rendered(f"- see {prose(f'run `devteam x` now: {text} end')}")
    assert tags(html) <= {"ul", "li", "p", "code"}
    assert "<code>devteam x</code>" in html
    assert not LINKED.search(words(html))


@pytest.mark.parametrize("text", ["```a {} b`", "`` `{}`", "```{}```", "a``{}``b", "` `{}` `", "````{}", "x `a``{}` y"])
def test_backticks_of_any_number_leave_no_sentence_open(text: str) -> None:
    html = rendered(f"- see {prose(text.format('@ann <b>![x](http://x.y/z)</b>'))}")
    assert tags(html) <= {"ul", "li", "p", "code"}
    assert not LINKED.search(words(html))


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 30])
@pytest.mark.parametrize("mark", ["`", "~"])
def test_a_fence_of_any_length_ends_no_fence(mark: str, length: int) -> None:
    text = f"before\n{mark * length}\n</details> @ann <!-- devteam:task=1 -->\n{mark * length} after"
    html = rendered(f"<details>\n\n{fence(text)}\n\n</details>\n\nend")
    assert html.count("<pre>") == 1
    assert html.index("<!-- devteam") < html.index("</pre>") if "<!-- devteam" in html else True
    assert html.count("</details>") == 1
    assert html.rstrip().endswith("<p>end</p>")


def test_a_fence_stands_on_its_own_lines_wherever_it_is_put() -> None:
    assert f"- Said: {fence('a')}".startswith("- Said: \n\n```text\na\n```\n")


def test_a_link_around_words_is_around_what_they_say() -> None:
    assert '<a href="https://evil' not in MARKDOWN.render(linked("[x](https://evil.example)", "https://x.y/"))
    assert linked(code("a"), "https://x.y/") == "[`a`](https://x.y/)"


def test_html_code_is_read_as_nothing_where_markdown_is_read() -> None:
    assert html_code("[x](y) *b*") == "<code>&#91;x&#93;(y) &#42;b&#42;</code>"


def test_html_code_is_no_html() -> None:
    assert html_code("</summary><b>@ann") == "<code>&lt;/summary&gt;&lt;b&gt;@ann</code>"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://github.com/a/b", "[x](https://github.com/a/b)"),
        ("https://x.y/a b)(<c>\"'`|\\\n", "[x](https://x.y/a%20b%29%28%3Cc%3E%22%27%60%7C%5C%0A)"),
        ("javascript:alert(1)", "x"),
        ("https:///x", "x"),
        ("", "x"),
    ],
)
def test_only_a_web_address_is_linked(address: str, expected: str) -> None:
    assert link("x", address) == expected


@pytest.mark.parametrize("filter_", [inline, code, cell_code, prose, fence, html_code])
@pytest.mark.parametrize("text", ["x" * 10**6, "`" * 10**6, "@a #1 " * 10**5, "\u200b" * 10**6, "a\n" * 10**6])
def test_a_million_characters_take_no_time_and_little_room(filter_, text: str) -> None:
    started = time.process_time()
    shown = filter_(text)
    assert time.process_time() - started < 1
    assert len(shown) < 20_000
