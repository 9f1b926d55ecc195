"""An argument comes out of the server's own parsing as it went in, as far as its rules allow."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devteam_action.errors import BadInput
from devteam_action.scar.arguments import LIMIT, TooLong, command_line, encoded, quoted, slash_line
from tests.fakes.scar.prompts import filled, tokens


def arrived(*arguments: str, template: str = "[$1][$2][$3]") -> str:
    """What the agent reads of these arguments on the real server, by the measured rules."""
    line = command_line("prime", arguments)
    return filled(template, tokens(line)[2:])


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        ("plain", "plain"),
        ("", '""'),
        ("one two", '"one two"'),
        ("it's", '"it\'s"'),
        ('say "hi"', "'say \"hi\"'"),
        ("both ' and \"", '"both \' and ”"'),
        ("two\nlines", '"two\nlines"'),
        ("tab\there", '"tab\there"'),
        ("\N{NO-BREAK SPACE}", '"\N{NO-BREAK SPACE}"'),
        ("\N{ZERO WIDTH NO-BREAK SPACE}x", '"\N{ZERO WIDTH NO-BREAK SPACE}x"'),
        ("--flag=x", "--flag=x"),
    ],
)
def test_an_argument_is_quoted_by_the_measured_rules(argument, written):
    assert quoted(argument) == written


@pytest.mark.parametrize(
    ("arguments", "prompt"),
    [
        (("a b", "c", "d"), "[a b][c][d]"),
        (("", "x", "y"), "[][x][y]"),
        (("costs $5", "x", "y"), "[costs $5][x][y]"),
        (("$$ and $& and $' and $`", "x", "y"), "[$$ and $& and $' and $`][x][y]"),
        (("$2", "x", "y"), "[$ 2][x][y]"),
        (("x", "$1", "y"), "[x][$1][y]"),
        (("$ARGUMENTS", "x", "y"), "[$ ARGUMENTS][x][y]"),
        ((r"a\$b", "x", "y"), r"[a\ $b][x][y]"),
        (("$$ARGUMENTS", "x", "y"), "[$$ ARGUMENTS][x][y]"),
    ],
)
def test_dollars_are_no_placeholders(arguments, prompt):
    assert arrived(*arguments) == prompt


@given(st.lists(st.text(st.characters(exclude_characters='$\\"', exclude_categories=["Cs"])), min_size=3, max_size=3))
def test_any_text_without_dollar_and_double_quote_arrives_as_it_is(arguments):
    line = command_line("prime", arguments)
    assert tokens(line)[2:] == arguments


@given(st.lists(st.text(st.sampled_from("$&'`129A\"ARGUMENTS \n\\"), max_size=12), min_size=1, max_size=4))
def test_no_argument_makes_another_out_of_itself(arguments):
    got = tokens(command_line("prime", arguments))[2:]
    assert len(got) == len(arguments)
    # But for blanks that we put in and typographic quotes, what the agent reads is what was given.
    read = filled("|".join(f"${number}" for number in range(1, len(arguments) + 1)), got)
    wanted = "|".join(arguments).replace('"', "”")
    assert read.replace(" ", "").replace('"', "”") == wanted.replace(" ", "")


def test_the_servers_own_commands_keep_a_single_dollar():
    assert slash_line("clone", ["https://git.invalid/a$b.git"]) == "/clone https://git.invalid/a$b.git"


@pytest.mark.parametrize("name", ["", " prime", "a b", "/prime", "../x", "a\nb", "x" * 101, "pri$me"])
def test_a_name_that_would_become_something_else_is_refused(name):
    with pytest.raises(BadInput):
        command_line(name, [])


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_nothing_is_not_sent(text):
    with pytest.raises(BadInput):
        encoded("c1", text)


def test_half_a_character_is_not_sent():
    with pytest.raises(BadInput, match="surrogate"):
        encoded("c1", "/command-invoke prime \ud83d")


def test_leading_blanks_go_since_they_would_make_it_plain_text():
    assert json.loads(encoded("c1", "  /status \n"))["message"] == "/status"


@pytest.mark.parametrize("sign", ["x", "ä", "🔧", '"', "\n"])
def test_the_limit_is_counted_after_encoding(sign):
    empty = len(encoded("c1", "|")) - 1
    size = len(json.dumps(sign, ensure_ascii=False).encode()) - 2
    fits = (LIMIT - empty - 2) // size
    assert len(encoded("c1", f"|{sign * fits}|")) <= LIMIT
    with pytest.raises(TooLong, match="102,400"):
        encoded("c1", f"|{sign * (fits + 1)}|")
