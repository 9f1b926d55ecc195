"""The gates' part of a file is the base's; all else is the head's."""

from __future__ import annotations

import tomllib

import pytest

from devteam_action.domain.gate_config import effective, extends, is_named
from devteam_action.domain.task import Task

BASE = b"""[project]
name = "a"
[tool.ruff]
line-length = 100
[tool.ruff.lint]
select = [
  "E",
]
[[tool.mypy.overrides]]
module = "x"
[tool.other]
a = 1
"""


def test_the_head_s_metadata_stays_and_the_base_s_gates_come_back() -> None:
    head = BASE.replace(b'"a"', b'"b"').replace(b'"E"', b'"W"').replace(b"a = 1", b"a = 2")
    seen = effective("pyproject.toml", BASE, head)
    assert seen.changed == ("ruff",)
    assert tomllib.loads((seen.content or b"").decode()) == {
        "project": {"name": "b"},
        "tool": {
            "ruff": {"line-length": 100, "lint": {"select": ["E"]}},
            "mypy": {"overrides": [{"module": "x"}]},
            "other": {"a": 2},
        },
    }


@pytest.mark.parametrize(
    ("path", "base", "head", "content", "changed"),
    [
        pytest.param("pyproject.toml", BASE, BASE + b"[tool.z]\nb = 1\n", None, (), id="no gate touched"),
        pytest.param("pyproject.toml", BASE, b"# hello\n" + BASE, None, (), id="a comment"),
        pytest.param("pyproject.toml", BASE, BASE.replace(b"[tool.ruff]", b"# bar\n[tool.ruff]"), None, (), id="note"),
        pytest.param("ruff.toml", b"a = 1\n", b"a = 2\n", b"a = 1\n", ("ruff",), id="a gate's own file"),
        pytest.param("sub/ruff.toml", None, b"a = 2\n", b"", ("ruff",), id="a new one"),
        pytest.param("ruff.toml", b"a = 1\n", None, b"a = 1\n", ("ruff",), id="a removed one"),
        pytest.param(
            "setup.cfg",
            b"[metadata]\nname = a\n[tool:pytest]\nx = 1\n",
            b"[metadata]\nname = b\n[tool:pytest]\nx = 2\n",
            b"[metadata]\nname = b\n[tool:pytest]\nx = 1\n",
            ("pytest",),
            id="ini",
        ),
        pytest.param(
            "pyproject.toml",
            b"[tool.ruff]\na = 1\n",
            b"[tool.ruff]\na = 2\n[broken\n",
            b"[tool.ruff]\na = 1\n",
            ("ruff",),
            id="a head that does not parse",
        ),
        pytest.param("src/app.py", b"a", b"b", None, (), id="no gate file"),
        pytest.param("pytest.toml", None, b"[pytest]\n", b"", ("pytest",), id="the newer pytest's own file"),
        pytest.param(".pytest.toml", None, b"[pytest]\n", b"", ("pytest",), id="and its hidden form"),
        pytest.param(".coveragerc.toml", None, b"[run]\n", b"", ("coverage",), id="coverage's own"),
        pytest.param(".basedpyright/baseline.json", None, b"{}", b"", ("pyright",), id="basedpyright's baseline"),
        pytest.param("data/baseline.json", None, b"{}", None, (), id="another baseline"),
        pytest.param(
            "pyproject.toml",
            b"[tool.ruff]\na = 1\n",
            b"[tool.ruff]\na = 1\n[tool]\ncoverage.report.exclude_also = ['x']\n",
            b"[tool.ruff]\na = 1\n",
            ("coverage",),
            id="dotted keys",
        ),
        pytest.param(
            "pyproject.toml",
            b"[tool.ruff]\na = 1\n",
            b'["to\\u006fl".ruff]\na = 2\n',
            b"[tool.ruff]\na = 1\n",
            ("ruff",),
            id="another spelling of tool",
        ),
        pytest.param("pyproject.toml", b"[tool.ruff]\na = 1\n", b"tool.ruff.a = 1\n", None, (), id="said differently"),
        pytest.param("pyproject.toml", b"a = 1\n", b"tool = 1\n", None, (), id="no table at all"),
        pytest.param(
            "setup.cfg",
            b"[metadata]\nname = a\n",
            b"[metadata]\nname = a\n[coverage:report] here\nomit = *\n",
            b"[metadata]\nname = a\n",
            ("coverage",),
            id="words behind a header",
        ),
        pytest.param(
            "setup.cfg",
            b"[mypy]\na = 1\n",
            b"[DEFAULT]\nb = 1\n[mypy]\na = 1\n",
            b"[mypy]\na = 1\n",
            ("mypy",),
            id="by default",
        ),
    ],
)
def test_only_a_gate_s_part_is_put_back(
    path: str, base: bytes | None, head: bytes | None, content: bytes | None, changed: tuple[str, ...]
) -> None:
    seen = effective(path, base, head)
    assert seen.changed == changed
    assert (seen.content or b"") == (head or b"" if content is None else content)


@pytest.mark.parametrize(
    ("task", "named"),
    [
        (Task(id="1", title="Raise the floor in pyproject.toml"), True),
        (Task(id="1", title="t", files=("pyproject.toml",)), True),
        (Task(id="1", title="t", touches=("pyproject.toml",)), True),
        (Task(id="1", title="t", touches=("**",)), False),
        (Task(id="1", title="t"), False),
    ],
)
def test_a_task_may_name_the_file_itself(task: Task, named: bool) -> None:
    assert is_named(task, "pyproject.toml") is named


@pytest.mark.parametrize(
    ("path", "content", "found"),
    [
        ("ruff.toml", b'extend = "conf/strict.toml"\n', (("conf/strict.toml", "ruff"),)),
        ("pyproject.toml", b'[tool.ruff]\nextend = "./a.toml"\n', (("a.toml", "ruff"),)),
        ("pyproject.toml", b'[tool]\nruff.extend = "a.toml"\n', (("a.toml", "ruff"),)),
        ("pyrightconfig.json", b'{"extends": "b.json"}', (("b.json", "pyright"),)),
        ("pytest.ini", b"[pytest]\naddopts = --cov-config=c.rc -q\n", (("c.rc", "coverage"),)),
        ("setup.cfg", b"[tool:pytest]\naddopts = --cov-config=c.rc -q\n", (("c.rc", "coverage"),)),
        ("ruff.toml", b'extend = "../outside.toml"\nextend-select = ["E"]\n', ()),
        ("ruff.toml", None, ()),
    ],
)
def test_a_gate_file_may_take_its_settings_from_another(
    path: str, content: bytes | None, found: tuple[tuple[str, str], ...]
) -> None:
    assert extends(path, content) == found


def test_a_file_that_a_gate_extends_is_the_base_s_as_a_whole() -> None:
    seen = effective("conf/strict.toml", b"a = 1\n", b"a = 2\n", ("ruff",))
    assert (seen.content, seen.changed) == (b"a = 1\n", ("ruff",))
