"""Which Python judges, and which tools it brings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from devteam_action.checks.interpreter import Interpreter, find_program, probe, project_interpreter
from devteam_action.errors import Missing

ENV = {"PATH": os.environ["PATH"]}


def _fake(folder: Path, version: str) -> Path:
    path = folder / "bin" / "python"
    path.parent.mkdir(parents=True)
    path.write_text(f'#!/bin/sh\necho \'{{"version": "{version}", "installed": {{"pytest": "1"}}}}\'\n')
    path.chmod(0o755)
    return path


def test_a_real_python_tells_what_is_installed(tmp_path: Path) -> None:
    found = probe(sys.executable, ENV, tmp_path)
    assert found is not None
    assert found.version == sys.version.split()[0]
    assert found.has("pytest")
    assert found.has("pytest-cov"), "names are normalised"


def test_the_first_that_answers_is_taken(tmp_path: Path) -> None:
    tree, root, active = tmp_path / "tree", tmp_path / "root", tmp_path / "active"
    env = {**ENV, "VIRTUAL_ENV": str(active)}

    def chosen(*, trust_tree: bool = True) -> str:
        return project_interpreter("", tree, root, env, tmp_path, trust_tree=trust_tree).version

    assert chosen() == sys.version.split()[0]
    _fake(active, "3.active")
    assert chosen() == "3.active"
    _fake(root / ".venv", "3.root")
    assert chosen() == "3.root"
    broken = _fake(tree / ".venv", "3.tree")
    assert chosen() == "3.tree"
    assert chosen(trust_tree=False) == "3.root", "a .venv that the change brought is not believed"
    broken.write_text("#!/bin/sh\nexit 1\n")
    assert chosen() == "3.root"


def test_a_configured_interpreter_must_answer(tmp_path: Path) -> None:
    _fake(tmp_path / "env", "3.env")
    assert project_interpreter("env/bin/python", tmp_path, tmp_path, ENV, tmp_path).version == "3.env"
    with pytest.raises(Missing, match=r"verify\.python: `no-such-python`"):
        project_interpreter("no-such-python", tmp_path, tmp_path, ENV, tmp_path)


@pytest.mark.parametrize("said", ["nothing", "[]", '{"version": 3, "installed": {}}', '{"version": "3"}'])
def test_what_does_not_answer_as_a_python_is_none(said: str, tmp_path: Path) -> None:
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\necho '{said}'\n")
    path.chmod(0o755)
    assert probe(str(path), ENV, tmp_path) is None


def test_a_tool_comes_from_the_project_then_from_us_then_from_the_path(tmp_path: Path) -> None:
    both = Interpreter(path="project", version="3", installed={"ruff": "1"})
    own = Interpreter(path="own", version="3", installed={"ruff": "2", "mypy": "2"})
    (tmp_path / "pyright").write_text("#!/bin/sh\n")
    (tmp_path / "pyright").chmod(0o755)
    env = {"PATH": str(tmp_path)}

    def argv(name: str) -> tuple[str, ...] | None:
        program = find_program(name, both, own, env)
        return program.argv if program else None

    assert argv("ruff") == ("project", "-I", "-m", "ruff")
    assert argv("mypy") == ("own", "-I", "-m", "mypy")
    assert argv("pyright") == (str(tmp_path / "pyright"),)
    assert argv("nothing") is None


def test_in_a_job_the_python_that_people_installed_into_is_asked_before_ours(tmp_path):
    python = tmp_path / "bin" / "python3"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    env = {**ENV, "PATH": f"{python.parent}:{ENV.get('PATH', '')}"}
    tree = tmp_path / "tree"
    tree.mkdir()
    assert project_interpreter("", tree, tree, env, tmp_path, in_job=True).path == str(python)
    assert project_interpreter("", tree, tree, env, tmp_path).path == sys.executable
