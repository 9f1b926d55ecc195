from __future__ import annotations

from pathlib import Path

import pytest

from devteam_action.domain.config import ToolConfig
from devteam_action.errors import ConfigError, Missing, ToolMissing
from devteam_action.support.process import Completed
from devteam_action.tools.command import CommandTool, expand
from devteam_action.tools.job import last_words
from tests.unit.tools.tool_jobs import BASE_ENV, CALC, Ran, make_job

TOOL = CommandTool({})


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("fix", ["fix"]),
        ("--task={task}", ["--task=1.1.1"]),
        ("{task}/{attempt}", ["1.1.1/2"]),
        ("{files}", ["calc.py", "./-rf", "a b.py"]),
        ("--files={files}", ["--files=calc.py ./-rf a b.py"]),
        ("{tree}", ["TREE"]),
        ("{brief}", ["BRIEF"]),
        ('{"json": {x}}', ['{"json": {x}}']),
    ],
)
def test_placeholders_are_replaced_and_other_braces_stay(tmp_path: Path, template: str, expected: list[str]) -> None:
    job = make_job(tmp_path, ToolConfig(), files=("calc.py", "-rf", "a b.py"), attempt=2)
    named = {"TREE": str(job.tree), "BRIEF": "/x/brief.md"}
    assert expand((template,), job, Path("/x/brief.md")) == tuple(named.get(word, word) for word in expected)


def test_a_file_named_like_a_placeholder_is_not_replaced_again(tmp_path: Path) -> None:
    job = make_job(tmp_path, ToolConfig(), files=("{brief}",))
    assert expand(("--files={files}",), job, Path("/x")) == ("--files={brief}",)


@pytest.mark.parametrize("argv", [(), ("",), ("  ", "x")])
def test_a_missing_argv_is_an_error_of_the_configuration(argv: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match=r"tools\.command\.argv"):
        TOOL.check(ToolConfig(argv=argv), BASE_ENV)


def test_a_program_that_is_not_on_path_is_missing_before_any_work() -> None:
    with pytest.raises(ToolMissing, match="no-such-program") as caught:
        TOOL.check(ToolConfig(argv=("no-such-program",)), BASE_ENV)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("program", ["sh", "./implement.sh", "{tree}/implement.sh"])
def test_a_program_that_is_there_or_will_be_in_the_tree_is_accepted(program: str) -> None:
    TOOL.check(ToolConfig(argv=(program,)), BASE_ENV)


def test_a_program_that_is_not_in_the_tree_either_is_missing_when_it_is_run(tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"implement\.sh"):
        Ran(TOOL, make_job(tmp_path, ToolConfig(argv=("./implement.sh",))))


def test_the_program_reads_the_brief_from_stdin_and_works_in_the_tree(tmp_path: Path) -> None:
    job = make_job(
        tmp_path, ToolConfig(argv=("sh", "-c", "cat > got; sed -i s/-/+/ calc.py; echo done")), brief="Größe\n"
    )
    ran = Ran(TOOL, job)
    assert ran.outcome.status == "finished"
    assert (job.tree / "got").read_text() == "Größe\n"
    assert (job.tree / "calc.py").read_text() == CALC.replace("-", "+")
    assert ran.lines == [("stdout", b"done")]


def test_the_program_reads_the_brief_from_a_file_and_stdin_is_at_its_end(tmp_path: Path) -> None:
    config = ToolConfig(argv=("sh", "-c", 'cat; cat "$1"', "sh", "{brief}"), brief="file")
    assert Ran(TOOL, make_job(tmp_path, config, brief="the brief")).text == "the brief"


def test_a_program_that_never_reads_a_long_brief_is_no_failure(tmp_path: Path) -> None:
    assert Ran(TOOL, make_job(tmp_path, ToolConfig(argv=("true",)), brief="x" * 1_000_000)).outcome.status == "finished"


def test_the_environment_is_exactly_that_of_the_job(tmp_path: Path) -> None:
    job = make_job(tmp_path, ToolConfig(argv=("env", "-0")), env={"OPENAI_API_KEY": "k"})
    seen = dict(pair.split("=", 1) for pair in Ran(TOOL, job).text.split("\0") if pair)
    assert seen == dict(job.env)


@pytest.mark.parametrize(("script", "said"), [("echo no >&2; exit 7", "exited with 7: no"), ("kill -9 $$", "signal 9")])
def test_any_other_end_is_a_crash_with_its_last_words(tmp_path: Path, script: str, said: str) -> None:
    outcome = Ran(TOOL, make_job(tmp_path, ToolConfig(argv=("sh", "-c", script)))).outcome
    assert (outcome.status, outcome.reason) == ("failed", "crashed")
    assert said in outcome.message


TRACEBACK = """\
working
Traceback (most recent call last):
  File "/x/tool.py", line 3, in <module>
    main(1, 2)
    ~~~~^^^^^^
  File "/x/tool.py", line 2, in main
    raise ValueError("no model")
ValueError: no model
hint: name one
"""


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (TRACEBACK, "ValueError: no model\nhint: name one"),
        ("a\n    b(c)\n      ^^^\nerror: d\n", "a\n    b(c)\nerror: d"),
        ("x" * 300 + "\n" + "y" * 150 + "\n", "y" * 150),
        ("z" * 500, "z" * 400),
        (" \n", ""),
    ],
)
def test_last_words_are_whole_lines_and_of_a_traceback_its_error(said: str, kept: str) -> None:
    completed = Completed(argv=("tool",), code=1, stdout=b"", stderr=said.encode(), duration_s=0.0, ended="exited")
    assert last_words(completed) == (f": {kept}" if kept else "")


def test_there_is_nothing_to_install() -> None:
    said: list[str] = []
    TOOL.install(said.append)
    assert said == []
