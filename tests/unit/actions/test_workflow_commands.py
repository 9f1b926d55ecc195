import io
import re
import time

import pytest

from devteam_action.actions.workflow_commands import (
    Muzzle,
    add_mask,
    annotation,
    annotation_lines,
    end_group,
    group,
    harmless_line,
)
from devteam_action.domain.findings import Finding

COMMAND = re.compile(r"^::([a-z-]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$")


def obeyed(text: str) -> list[str]:
    """The commands that a runner finds in a step's output, as its source tells: after white space, `##[…]` anywhere."""
    found: list[str] = []
    waiting = ""
    for line in re.split(r"\r\n|\r|\n", text):
        line = line.strip("\ufeff\u200b").strip()
        if waiting:
            waiting = "" if line == f"::{waiting}::" else waiting
        elif line.startswith("::stop-commands::"):
            waiting = line.removeprefix("::stop-commands::")
        elif (line.startswith("::") and "::" in line[2:]) or "##[" in line:
            found.append(line)
    return found


def test_an_annotation_names_file_line_and_title():
    line = annotation("error", "Undefined name", title="ruff F821", path="src/a.py", line=3, column=7)
    assert line == "::error title=ruff F821,file=src/a.py,line=3,col=7::Undefined name"


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({}, "::warning::x"),
        ({"path": "a.py"}, "::warning file=a.py::x"),
        ({"path": "a.py", "column": 4}, "::warning file=a.py::x"),
        ({"path": "C:,d\n%"}, "::warning file=C%3A%2Cd%0A%25::x"),
        ({"title": "a::b,file=x"}, "::warning title=a%3A%3Ab%2Cfile=x::x"),
    ],
)
def test_properties_are_escaped(more, wanted):
    assert annotation("warning", "x", **more) == wanted


@pytest.mark.parametrize(
    ("message", "wanted"),
    [("50% of\r\na, b: c", "50%25 of%0D%0Aa, b: c"), ("%0A", "%250A"), ("x\n::error::y", "x%0A::error::y")],
)
def test_a_message_stays_on_its_line(message, wanted):
    assert annotation("notice", message) == f"::notice::{wanted}"


def test_a_very_long_message_is_cut():
    assert len(annotation("error", "x" * 10**6)) < 5000


def finding(number: int, severity: str) -> Finding:
    return Finding(tool="t", rule="r", message=f"m{number}", path="a.py", line=number, severity=severity)


def test_findings_are_capped_by_level_errors_first_and_the_rest_is_counted():
    findings = [finding(n, level) for n in range(1, 13) for level in ("notice", "warning", "error")][:-1]
    *shown, rest = annotation_lines(findings)
    kinds = [COMMAND.match(line)[1] for line in shown]
    assert kinds == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 10
    assert rest == "1 more error, 2 more warnings, 2 more notices: see the summary"
    assert shown[0].endswith("line=1::m1")


def test_few_findings_have_no_line_that_counts():
    assert annotation_lines([finding(1, "error")]) == ("::error title=t r,file=a.py,line=1::m1",)
    assert annotation_lines([]) == ()


def test_every_line_of_a_secret_is_masked():
    assert add_mask("one\ntwo%\n\n one \n") == ("::add-mask::one", "::add-mask::two%25")
    assert add_mask("") == ()


def test_a_group_has_its_title_on_one_line():
    assert group("a\n::error::b") == "::group::a%0A::error::b"
    assert end_group() == "::endgroup::"


HOSTILE = [
    "::error::x",
    "  ::error::x",
    "\t::add-mask::a",
    "ok\n::set-output name=go::true",
    "ok\r::error::x",
    "ok\r\n \u00a0::error::x",
    "\ufeff::error::x",
    "\u2028::error::x",
    "\x85::error::x",
    "##[error]x",
    "text ##[add-mask]a",
    "##[set-output name=x]y",
    ":::error::x",
    "::::error::x",
    "::group::a\n::endgroup::",
    "::debug::\n::warning file=a::b",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_line_is_no_command(text):
    assert obeyed(text)
    assert obeyed(harmless_line(text)) == []


def test_a_hostile_line_does_not_stop_our_commands():
    assert obeyed("::stop-commands::mine\n::error::ours") == []
    assert obeyed(f"{harmless_line('::stop-commands::mine')}\n::error::ours") == ["::error::ours"]


@pytest.mark.parametrize("text", ["", "std::vector<int>", "a::b", "C:\\x", " : : ", "no\ncommand", "# [x]"])
def test_a_harmless_line_stays_as_it_is(text):
    assert harmless_line(text) == text


@pytest.mark.parametrize("text", [" " * 10**6 + "::", ("\n" + " " * 99) * 10**4, ":" * 10**6, "##[" * 10**5])
def test_long_lines_are_made_harmless_at_once(text):
    started = time.process_time()
    harmless_line(text)
    assert time.process_time() - started < 0.5


def test_nothing_printed_in_between_is_obeyed_but_our_own_commands():
    stream = io.StringIO()
    ours = annotation("error", "ours")
    with Muzzle(stream) as muzzle:
        stream.write("::error::theirs\n")
        muzzle.say([ours])
        stream.write("::add-mask::theirs\n")
        muzzle.say([group("ours"), end_group()])
        stream.write("::error::theirs\n")
    stream.write("::notice::after\n")
    assert obeyed(stream.getvalue()) == [ours, "::group::ours", "::endgroup::", "::notice::after"]


def test_a_word_seen_once_opens_nothing_later():
    stream = io.StringIO()
    with Muzzle(stream) as muzzle:
        muzzle.say([annotation("error", "ours")])
        seen = re.findall(r"::stop-commands::(\w+)", stream.getvalue())
        stream.write(f"::{seen[0]}::\n::error::theirs\n")
    assert len(seen) == 2
    assert obeyed(stream.getvalue()) == ["::error::ours"]


def test_the_muzzle_comes_off_when_something_fails():
    stream = io.StringIO()
    with pytest.raises(RuntimeError), Muzzle(stream):
        raise RuntimeError
    stream.write("::notice::after\n")
    assert obeyed(stream.getvalue()) == ["::notice::after"]


def test_outside_commands_are_said_as_they_are():
    stream = io.StringIO()
    muzzle = Muzzle(stream)
    muzzle.say([annotation("error", "x")])
    muzzle.say([])
    assert stream.getvalue() == "::error::x\n"
