from pathlib import Path

import pytest

from devteam_action.actions.env_files import SUMMARY_LIMIT, StepFiles, cut, delimiter, entry, within
from devteam_action.errors import BadInput


def read_outputs(path: Path) -> dict[str, str]:
    """As the runner reads the file; fails on what it refuses."""
    outputs = {}
    lines = iter(path.read_bytes().decode().split("\n"))
    for line in lines:
        if not line:
            continue
        name, sign, mark = line.partition("<<")
        if not sign:
            name, sign, value = line.partition("=")
            assert sign, f"expected a line with '=' or '<<': {line!r}"
            outputs[name] = value
            continue
        value = []
        for inner in lines:
            if inner == mark:
                break
            value.append(inner)
        else:
            raise AssertionError("delimiter not found before end of file")
        outputs[name] = "\n".join(value)
    return outputs


@pytest.fixture
def files(tmp_path):
    (tmp_path / "output").touch()
    return StepFiles(output=tmp_path / "output", summary=tmp_path / "summary")


HOSTILE = [
    "",
    "plain",
    "two\nlines\n",
    "\n",
    "EOF\nstatus=forged",
    "x\nstatus<<EOF\nforged\nEOF",
    "devteam_\nstatus=forged",
    "::set-output name=status::forged",
    "${{ secrets.X }} $(id) `id`",
    "a=b<<c",
    "ünï 😀",
    "\r\ncarriage\r",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_comes_back_as_it_was_and_makes_no_other_output(files, tmp_path, value):
    files.set_outputs({"result": value, "status": "COMPLETED"})
    assert read_outputs(tmp_path / "output") == {"result": value, "status": "COMPLETED"}


@pytest.mark.parametrize(
    "name", ["", "a b", "a\nb", "a=b", "a<<b", "1a", "-a", "a\r", "é", "a" * 101, "status\nforged=1", "a\x00"]
)
def test_a_name_that_is_none_is_refused_and_nothing_is_written(files, tmp_path, name):
    with pytest.raises(BadInput) as caught:
        files.set_outputs({"status": "x", name: "y"})
    assert "\n" not in caught.value.message
    assert read_outputs(tmp_path / "output") == {}


def test_a_value_with_the_mark_in_it_is_refused():
    mark = delimiter()
    with pytest.raises(BadInput, match="result"):
        entry("result", f"x\n{mark}\nstatus=forged", mark)


def test_marks_are_never_the_same():
    assert len({delimiter() for _ in range(100)}) == 100


def test_outputs_written_twice_are_read_as_the_last(files, tmp_path):
    files.set_outputs({"status": "ERROR", "branch": "task/1"})
    files.set_outputs({"status": "COMPLETED"})
    assert read_outputs(tmp_path / "output") == {"status": "COMPLETED", "branch": "task/1"}


def test_a_line_that_somebody_left_open_swallows_nothing(files, tmp_path):
    (tmp_path / "output").write_text("theirs=1")
    files.set_outputs({"status": "x"})
    assert read_outputs(tmp_path / "output") == {"theirs": "1", "status": "x"}


def test_too_long_outputs_are_left_empty_the_longest_first(files, tmp_path):
    values = {"status": "x", "result": "r" * 600_000, "logs": "l" * 300_000}
    assert files.set_outputs(values) == ("result",)
    assert read_outputs(tmp_path / "output") == {**values, "result": ""}


def test_the_limit_is_that_of_all_outputs_together(files, tmp_path):
    assert files.set_outputs({"result": "r" * 300_000}) == ()
    assert files.set_outputs({"logs": "l" * 300_000}) == ("logs",)
    assert files.set_outputs({"result": "r" * 400_000}) == ()


def test_characters_beyond_the_first_plane_count_twice():
    assert within({"a": "😀" * 10}, 42) == {"a": "😀" * 10}
    assert within({"a": "😀" * 10}, 41) == {"a": ""}


def test_secrets_are_hidden_before_anything_is_written(tmp_path):
    files = StepFiles(
        output=tmp_path / "output", summary=tmp_path / "summary", redact=lambda text: text.replace("hunter2", "***")
    )
    (tmp_path / "output").touch()
    files.set_outputs({"result": "hunter2"})
    files.set_summary("hunter2")
    assert read_outputs(tmp_path / "output") == {"result": "***"}
    assert (tmp_path / "summary").read_text() == "***"


def test_the_summary_is_replaced_not_doubled(files, tmp_path):
    files.set_summary("# first")
    files.set_summary("# second")
    assert (tmp_path / "summary").read_text() == "# second"


def test_without_files_nothing_is_written_and_nothing_fails():
    files = StepFiles(output=None, summary=None)
    assert files.set_outputs({"status": "x"}) == ()
    files.set_summary("x")


@pytest.mark.parametrize(
    "markdown",
    [
        "word " * 300_000,
        "é" * 600_000,
        "line\n" * 300_000,
        "para\n\n" * 300_000,
        "```\n" + "code\n" * 300_000 + "```\n",
        "~~~~~\n" + "code\n" * 300_000,
        "# title\n\n" + "| a | b |\n" * 200_000,
    ],
    ids=range(7),
)
def test_a_summary_that_is_too_long_is_cut_and_says_so(files, tmp_path, markdown):
    files.set_summary(markdown)
    data = (tmp_path / "summary").read_bytes()
    assert len(data) <= SUMMARY_LIMIT
    assert "left out" in data.decode()[-100:]


def test_a_fence_is_closed_where_it_is_cut():
    lines = cut("# title\n\n````text\n" + "code\n```\n" * 1000, 2000).split("\n")
    assert lines.count("````text") == 1
    assert lines.count("````") == 1
    assert lines.index("````") > lines.index("````text")


def test_a_text_is_cut_between_blocks():
    kept = cut("one\n\n" * 100 + "| table |\n" * 100, 1000)
    assert kept.startswith("one\n\none")
    assert "table" not in kept


def test_what_fits_is_not_touched():
    text = "é" * (SUMMARY_LIMIT // 2)
    assert cut(text, SUMMARY_LIMIT) == text
