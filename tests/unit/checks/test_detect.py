"""What counts as set up."""

from __future__ import annotations

from pathlib import Path

import pytest

from devteam_action.checks.detect import detect, mypy_names_its_files, mypy_targets


@pytest.mark.parametrize(
    ("files", "criteria", "types"),
    [
        ({"README.md": ""}, (), ("mypy",)),
        ({"tests/test_a.py": ""}, ("test.pass",), ("mypy",)),
        ({"pkg/sub/a_test.py": ""}, ("test.pass",), ("mypy",)),
        ({"node_modules/x/test_a.py": "", ".hidden/test_b.py": ""}, (), ("mypy",)),
        ({"pytest.ini": ""}, ("test.pass",), ("mypy",)),
        ({"setup.cfg": "[tool:pytest]\n"}, ("test.pass",), ("mypy",)),
        ({"tox.ini": "[pytest]\n"}, ("test.pass",), ("mypy",)),
        ({"pyproject.toml": "[tool.pytest.ini_options]\n[tool.ruff]\n"}, ("test.pass", "lint.clean"), ("mypy",)),
        ({".ruff.toml": ""}, ("lint.clean",), ("mypy",)),
        ({"mypy.ini": "[mypy]\n"}, ("type.strict",), ("mypy",)),
        ({"setup.cfg": "[mypy]\n"}, ("type.strict",), ("mypy",)),
        ({"pyrightconfig.json": "{}"}, ("type.strict",), ("pyright",)),
        ({"pyproject.toml": "[tool.basedpyright]\n", "pyrightconfig.json": ""}, ("type.strict",), ("basedpyright",)),
        ({"pyproject.toml": "[tool.mypy]\n[tool.pyright]\n"}, ("type.strict",), ("mypy", "pyright")),
        ({"pyproject.toml": "[tool.ruff\n", "setup.cfg": "no section"}, (), ("mypy",)),
        ({"pyproject.toml": "tool = 3\n"}, (), ("mypy",)),
    ],
)
def test_a_check_is_set_up_by_its_configuration_or_its_files(
    files: dict[str, str], criteria: tuple[str, ...], types: tuple[str, ...], tmp_path: Path
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    found = detect(tmp_path)
    assert (found.criteria, found.type_checkers) == (criteria, types)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("pyproject.toml", "[tool.mypy]\nfiles = ['x']\n", True),
        ("pyproject.toml", "[tool.mypy]\nstrict = true\n", False),
        ("mypy.ini", "[mypy]\npackages = x\n", True),
        ("setup.cfg", "[mypy]\nfiles = x\n", True),
    ],
)
def test_mypy_s_own_list_of_files_is_known(name: str, content: str, expected: bool, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    assert mypy_names_its_files(tmp_path) is expected


def test_mypy_gets_sources_else_what_is_at_the_top(tmp_path: Path) -> None:
    assert mypy_targets(tmp_path) == (".",)
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/__init__.py").touch()
    (tmp_path / "app.py").touch()
    assert mypy_targets(tmp_path) == ("pkg", "app.py")
    (tmp_path / "src").mkdir()
    assert mypy_targets(tmp_path) == ("src",)
