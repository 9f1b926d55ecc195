"""What a tree has set up to be checked with: its tests, its linter, its type checkers."""

from __future__ import annotations

import configparser
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from msgspec import Struct

_SKIPPED = frozenset({"node_modules", "build", "dist", "site-packages", "venv", "env"})
_DEEPEST = 4  # folders below the root that are looked through for test files


class Detected(Struct, frozen=True, kw_only=True):
    """The checks of a Python project that are set up."""

    tests: bool = False
    ruff: bool = False
    mypy: bool = False
    pyright: bool = False
    basedpyright: bool = False

    @property
    def criteria(self) -> tuple[str, ...]:
        types = self.mypy or self.pyright or self.basedpyright
        found = (("test.pass", self.tests), ("lint.clean", self.ruff), ("type.strict", types))
        return tuple(name for name, here in found if here)

    @property
    def type_checkers(self) -> tuple[str, ...]:
        """Those that are set up; without any, strict mypy is the judge of a type.strict that somebody stated."""
        found = (("mypy", self.mypy), ("basedpyright", self.basedpyright), ("pyright", self.pyright))
        return tuple(name for name, here in found if here) or ("mypy",)


def detect(root: Path) -> Detected:
    """Reads configuration files and names only; a file that cannot be read sets nothing up."""
    tools = _tool_tables(root)
    ini = {name for file in ("setup.cfg", "tox.ini") for name in _sections(root / file)}
    return Detected(
        tests="pytest" in tools
        or bool(ini & {"tool:pytest", "pytest"})
        or any((root / name).is_file() for name in ("pytest.ini", ".pytest.ini"))
        or _has_test_file(root),
        ruff="ruff" in tools or any((root / name).is_file() for name in ("ruff.toml", ".ruff.toml")),
        mypy="mypy" in tools or "mypy" in ini or any((root / name).is_file() for name in ("mypy.ini", ".mypy.ini")),
        pyright="pyright" in tools or ((root / "pyrightconfig.json").is_file() and "basedpyright" not in tools),
        basedpyright="basedpyright" in tools,
    )


def mypy_names_its_files(root: Path) -> bool:
    """Whether mypy's configuration says what to check."""
    keys = {"files", "packages", "modules"}
    if keys.intersection(_tool_tables(root).get("mypy", {})):
        return True
    return any(
        keys.intersection(_sections(root / name).get("mypy", ())) for name in ("mypy.ini", ".mypy.ini", "setup.cfg")
    )


def mypy_targets(root: Path) -> tuple[str, ...]:
    """What to check where mypy's configuration does not say: `src`, else packages and modules at the top."""
    if (root / "src").is_dir():
        return ("src",)
    packages = [path.parent.name for path in sorted(root.glob("*/__init__.py"))]
    modules = [path.name for path in sorted(root.glob("*.py"))]
    return (*packages, *modules) or (".",)


def _tool_tables(root: Path) -> dict[str, dict[str, object]]:
    try:
        with (root / "pyproject.toml").open("rb") as file:
            tools = tomllib.load(file).get("tool", {})
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}
    if not isinstance(tools, dict):
        return {}
    named = cast("dict[str, object]", tools)
    return {name: cast("dict[str, object]", table) for name, table in named.items() if isinstance(table, dict)}


def _sections(path: Path) -> dict[str, tuple[str, ...]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, configparser.Error):
        return {}
    return {name: tuple(parser[name]) for name in parser.sections()}


def _has_test_file(root: Path) -> bool:
    return any(name.startswith("test_") or name.endswith("_test.py") for name in _python_files(root))


def _python_files(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        depth = len(Path(folder).relative_to(root).parts)
        folders[:] = [
            name for name in folders if depth < _DEEPEST and name not in _SKIPPED and not name.startswith(".")
        ]
        yield from (name for name in files if name.endswith(".py"))
