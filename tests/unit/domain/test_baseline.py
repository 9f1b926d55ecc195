"""Old findings are told from new ones by what they say and where, never by how many there are."""

from __future__ import annotations

import pytest

from devteam_action.domain.baseline import compare
from devteam_action.domain.findings import Finding


def _f(path: str, line: int | None, text: str, rule: str = "F401", message: str = "m") -> Finding:
    return Finding(tool="ruff", rule=rule, message=message, path=path, line=line, line_text=text)


@pytest.mark.parametrize(
    ("head", "base", "new"),
    [
        pytest.param([_f("a.py", 9, "import os")], [_f("a.py", 1, "import os")], [], id="moved down"),
        pytest.param([_f("a.py", 1, "  import  os ")], [_f("a.py", 1, "import os")], [], id="indented anew"),
        pytest.param([_f("a.py", 1, "import re")], [_f("a.py", 1, "import os")], [0], id="one fixed, one added"),
        pytest.param([_f("a.py", 1, "x", "E1")], [_f("a.py", 1, "x", "E2")], [0], id="another rule"),
        pytest.param([_f("b.py", 1, "x")], [_f("a.py", 1, "x")], [0], id="another file"),
        pytest.param([_f("new.py", 1, "x")], [_f("old.py", 1, "x")], [], id="renamed file"),
        pytest.param([_f("a.py", 1, "x"), _f("a.py", 50, "x")], [_f("a.py", 49, "x")], [0], id="a copy is the new one"),
        pytest.param([_f("a.py", 1, "x"), _f("a.py", 2, "x")], [_f("a.py", 1, "x")] * 2, [], id="as many as before"),
        pytest.param([_f("", None, "", message="p")], [_f("", None, "", message="q")], [0], id="told by message"),
        pytest.param([_f("a.py", 1, "x")], [], [0], id="clean base"),
        pytest.param([], [_f("a.py", 1, "x")], [], id="all fixed"),
    ],
)
def test_each_finding_of_the_base_excuses_one_at_the_head(
    head: list[Finding], base: list[Finding], new: list[int]
) -> None:
    split = compare(head, base, lambda path: "old.py" if path == "new.py" else path)
    assert list(split.new) == [head[index] for index in new]
    assert len(split.new) + len(split.known) == len(head)
