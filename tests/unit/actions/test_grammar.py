import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devteam_action.actions.grammar import (
    CONTROL,
    SHAPES,
    Command,
    Hint,
    addressed,
    is_for,
    is_task_id,
    kind_of,
    read_command,
    visible,
)

ZERO_WIDTH, BIDI, BOM, TAG = "\u200b", "\u202e", "\ufeff", "\U000e0041"


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("/devteam", Command("help")),
        ("/devteam help", Command("help")),
        ("/devteam help me please", Command("help")),
        ("/devteam run", Command("run")),
        ("/devteam run 1.2.1", Command("run", task="1.2.1")),
        ("/devteam run until 3.1", Command("run", until="3.1")),
        ("/devteam run 1.2 until T010a", Command("run", task="1.2", until="T010a")),
        ("/devteam run added-1", Command("run", task="added-1")),
        ("/devteam retry", Command("retry")),
        ("/devteam retry 1.2", Command("retry", task="1.2")),
        ("/devteam retry `1.2`.", Command("retry", task="1.2")),
        ("/devteam resume **1.2**", Command("resume", task="1.2")),
        ("/devteam verify", Command("verify")),
        ("/devteam status 1.1.A", Command("status", task="1.1.A")),
        ("/devteam adopt", Command("adopt")),
        ("/devteam stop", Command("stop")),
        ("/devteam stop please!", Command("stop", reason="please!")),
        ("/devteam stop 1.2 it is wrong", Command("stop", task="1.2", reason="it is wrong")),
        ("/devteam skip 1.2", Command("skip", task="1.2")),
        ("/devteam skip 1.2   not   needed", Command("skip", task="1.2", reason="not needed")),
        ("/devteam skip not needed", Command("skip", reason="not needed")),
        ("/devteam inject Add a flag", Command("inject", text="Add a flag")),
        ("/devteam inject Add a flag\n\nIt is off.", Command("inject", text="Add a flag\n\nIt is off.")),
        ("/devteam approve ABCDEF1", Command("approve", sha="abcdef1")),
        (f"/devteam approve `{'0' * 40}`", Command("approve", sha="0" * 40)),
        ("/devteam guide Use the cache", Command("guide", text="Use the cache")),
        ("/devteam guide  a  b\r\n\r\n  c\r\n", Command("guide", text="a  b\n\n  c")),
        ("/devteam guide\nUse the cache", Command("guide", text="Use the cache")),
        ("/devteam guide 2 tests are missing", Command("guide", text="2 tests are missing")),
        ("/devteam guide /run rm -rf /", Command("guide", text="/run rm -rf /")),
        ("/devteam guide $(id) ${{ secrets.X }}", Command("guide", text="$(id) ${{ secrets.X }}")),
        ("/DevTeam RUN 1.2 UNTIL 1.3", Command("run", task="1.2", until="1.3")),
        ("\n \n   /devteam run\nand some words", Command("run")),
        ("/devteam\trun\t1.2", Command("run", task="1.2")),
        ("/devteam\u00a0run", Command("run")),
        (f"{BOM}/devteam run{ZERO_WIDTH}", Command("run")),
        (f"{ZERO_WIDTH}\n/devteam run", Command("run")),
    ],
)
def test_a_command_is_read(body, command):
    assert read_command(body) == command


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n\n",
        ZERO_WIDTH * 3,
        "LGTM",
        "please /devteam run",
        "LGTM\n/devteam run",
        "> /devteam run",
        "> /devteam run\n\nno, rather not",
        "```\n/devteam run\n```",
        "~~~\n/devteam run",
        "`/devteam run`",
        "    /devteam run",
        "\t/devteam run",
        "  \t/devteam run",
        "<!--\n/devteam run\n-->",
        "<!-- x --> /devteam run",
        "- /devteam run",
        "/devteamrun",
        "/devteam-run",
        "/devteam: run",
        "devteam run",
        "//devteam run",
        "/run",
        "<!-- devteam:task=1.2 -->\n/devteam run",
        "::set-output name=go::true",
    ],
)
def test_a_comment_that_does_not_begin_with_us_is_none(body):
    assert read_command(body) is None


@pytest.mark.parametrize(
    ("body", "nearest", "says"),
    [
        ("/devteam rnu 1.2", "run", "`rnu`.*`/devteam run "),
        ("/devteam staus", "status", "`staus`"),
        ("/devteam gudie Use x", "guide", "`/devteam guide TEXT`"),
        ("/devteam deploy", None, "`deploy`"),
        ("/devteam @everyone", None, "of that name"),
        ("/devteam #1", None, "of that name"),
        ("/devteam <!--", None, "of that name"),
        ("/devteam run ../../etc", "run", "no id"),
        ("/devteam run 1..2", "run", "no id"),
        ("/devteam run -1", "run", "no id"),
        ("/devteam run 1/2", "run", "no id"),
        (f"/devteam run {'1' * 65}", "run", "no id"),
        ("/devteam run ³", "run", "no id"),
        ("/devteam run 1.2 1.3", "run", "until"),
        ("/devteam run until", "run", "until"),
        ("/devteam run 1 until 2 until 3", "run", "until"),
        ("/devteam run until ../x1", "run", "no id"),
        ("/devteam retry now please", "retry", "nothing more"),
        ("/devteam stop 1.2/../3", "stop", "no id"),
        ("/devteam skip $(id1)", "skip", "no id"),
        ("/devteam guide", "guide", "text"),
        ("/devteam guide <!-- hidden -->", "guide", "text"),
        (f"/devteam inject {ZERO_WIDTH}", "inject", "text"),
        ("/devteam approve", "approve", "hexadecimal"),
        ("/devteam approve abc", "approve", "hexadecimal"),
        (f"/devteam approve {'a' * 41}", "approve", "hexadecimal"),
        ("/devteam approve abcdef1 abcdef2", "approve", "hexadecimal"),
        (f"/dev{ZERO_WIDTH}team run", None, "cannot be seen"),
        (f"/devteam r{ZERO_WIDTH}un", None, "cannot be seen"),
        (f"/devteam {BIDI}run", None, "cannot be seen"),
        (f"/devteam run 1.2{BIDI}3", "run", "no id"),
        (f"/devteam run 1{TAG}.2", "run", "no id"),
        ("/devteam \x1b[31mrun", None, "cannot be seen"),
    ],
)
def test_whoever_meant_us_gets_a_hint(body, nearest, says):
    hint = read_command(body)
    assert isinstance(hint, Hint), hint
    assert hint.nearest == nearest
    assert re.search(says, hint.text), hint.text


@pytest.mark.parametrize(
    "word", ["@everyone", "#1", "[x](http://evil)", "<img>", "`", "::error::x", BIDI, "a" * 60_000, "\n```"]
)
def test_a_hint_repeats_nothing_that_markdown_obeys(word):
    hint = read_command(f"/devteam {word}")
    assert isinstance(hint, Hint | Command)
    if isinstance(hint, Hint):
        assert len(hint.text) < 400
        assert "\n" not in hint.text
        assert not set("@#[]<>") & set(hint.text.replace("[ID]", "").replace("[until ID]", "").replace("[reason]", ""))


def test_a_text_keeps_nothing_that_a_reader_does_not_see():
    body = f"/devteam guide a{ZERO_WIDTH}b {BIDI}c{TAG} \x1b[0m<!-- do evil\n -->d <!-- never closed\nmore"
    assert read_command(body) == Command("guide", text="ab c [0md")


def test_a_comment_in_a_comment_hides_nothing():
    assert read_command("/devteam guide a <!<!-- x -->-- evil --> b") == Command("guide", text="a < !-- evil --> b")


def test_lone_surrogates_are_left_out():
    assert visible("a\ud800b") == "ab"
    assert read_command("/devteam guide \udfffx") == Command("guide", text="x")


@pytest.mark.parametrize(
    "body",
    [
        "/devteam " + "a" * 65_527,
        " " * 65_536,
        "\n" * 65_536,
        "<!--" * 16_384,
        "/devteam guide " + "<!--" * 16_380,
        "/devteam guide " + "<!---->" * 9_000,
        ZERO_WIDTH * 65_536,
        f"{ZERO_WIDTH}\n" * 32_768,
        "/devteam skip " + ZERO_WIDTH * 65_000 + "x",
        "/devteam run " + "1." * 32_000,
        "/devteam run " + "1" * 65_000 + "!",
        "/devteam run " + "until " * 10_000,
        "/devteam " + "run " * 16_000,
        " " * 60_000 + "/devteam",
        "/devteam run" + " " * 65_000 + "1",
    ],
    ids=range(15),
)
def test_the_longest_comment_is_read_at_once(body):
    started = time.process_time()
    read_command(body)
    assert time.process_time() - started < 0.25


@pytest.mark.parametrize(
    ("text", "task", "rest"),
    [
        ("1.2 Use the cache\nplease", "1.2", "Use the cache\nplease"),
        ("1.2: Use it", "1.2", "Use it"),
        ("1.2\nUse it here", "1.2", "Use it here"),
        ("1.2\n\nUse it", "1.2", "Use it"),
        ("T010a\tUse it", "T010a", "Use it"),
        ("1.2", "1.2", ""),
        ("Use 1.2", "", "Use 1.2"),
        ("../1 x", "", "../1 x"),
    ],
)
def test_a_guidance_may_begin_with_the_task_that_it_is_for(text, task, rest):
    assert addressed(text) == (task, rest)


@pytest.mark.parametrize("task", ["1", "1.2.3", "T010a", "RM11b", "added-1", "1.1.A", "a" * 64])
def test_ids_of_tasks_are_ids(task):
    assert is_task_id(task)


@pytest.mark.parametrize(
    "task", ["", ".", "..", "1.", ".1", "1..2", "-1", "1-", "a" * 65, "a_b", "1\n", "é", "a/b", "1.-2"]
)
def test_other_words_are_none(task):
    assert not is_task_id(task)


def test_every_command_is_of_one_kind_and_goes_to_a_job():
    controls = {name for name in SHAPES if kind_of(Command(name)) == "control"}
    assert controls == CONTROL == {"stop", "guide", "status", "skip", "resume", "help"}
    assert {name for name in SHAPES if is_for(Command(name), "control")} == controls
    assert {name for name in SHAPES if is_for(Command(name), "work")} == (set(SHAPES) - controls) | {"guide", "resume"}
    assert all(is_for(Command(name), "") for name in SHAPES)


_PIECES = st.sampled_from(
    [
        "/devteam",
        *SHAPES,
        "until",
        "1.2",
        "T010",
        "../x",
        "abcdef1",
        " ",
        "\n",
        "\t",
        "`",
        "<!--",
        "-->",
        "<!",
        "--",
        "```",
        "> ",
    ]
)
_ANYTHING = st.one_of(
    _PIECES, st.text(max_size=5), st.sampled_from([ZERO_WIDTH, BIDI, TAG, BOM, "\r", "\x85", "\ud800"])
)


@given(st.lists(_ANYTHING, max_size=12).map("".join), st.sampled_from(["", "/devteam ", "/devteam run "]))
@settings(max_examples=300, deadline=None)
def test_whatever_is_written_only_well_formed_commands_come_out(text, before):
    found = read_command(before + text)
    if isinstance(found, Command):
        assert found.name in SHAPES
        assert all(is_task_id(task) for task in (found.task, found.until) if task)
        assert re.fullmatch(r"([0-9a-f]{7,40})?", found.sha)
        assert "\n" not in found.reason
        assert visible(found.text) == found.text
        assert visible(found.reason) == found.reason
        assert (found.name in ("guide", "inject")) == bool(found.text)
    elif isinstance(found, Hint):
        assert "\n" not in found.text
        assert found.nearest is None or found.nearest in SHAPES


@given(st.lists(_ANYTHING, max_size=12).map("".join))
@settings(max_examples=300, deadline=None)
def test_only_what_a_reader_sees_begin_with_us_is_a_command(text):
    if read_command(text) is not None:
        assert visible(text).lstrip().lower().startswith("/devteam") or "<!--" in text
