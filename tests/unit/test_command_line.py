"""The arguments of one command are the same, whether the others are made beside it or not."""

from __future__ import annotations

import argparse

import pytest

from devteam_action import cli
from devteam_action.cli.parser import build_parser


def commands_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (commands,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return commands.choices


EVERY = commands_of(build_parser())


@pytest.mark.parametrize("name", EVERY)
def test_a_command_made_alone_takes_what_it_takes_among_all(name):
    alone = commands_of(build_parser(only=name))
    assert alone[name].format_help() == EVERY[name].format_help()
    assert list(alone) == list(EVERY)


def test_a_command_that_resembles_none_is_bad_input(capsys):
    assert cli.main(("qqqq",)) == 2
    assert capsys.readouterr().err.splitlines() == [
        "error: there is no command `qqqq`",
        "  next: `devteam --help` lists the commands",
    ]
