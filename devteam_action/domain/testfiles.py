"""Which files of a Python project are tests, documents, or the configuration of its gates; told by path alone."""

from __future__ import annotations

from pathlib import PurePosixPath

TEST_FOLDERS = frozenset({"tests", "test", "testing", "__tests__"})
_NOT_SEARCHED = frozenset({"_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}"})
_DOCUMENT_ENDINGS = frozenset({".md", ".rst", ".txt", ".adoc"})

# Each file, and the tools whose bar it holds. pyproject.toml, setup.cfg and tox.ini hold several.
GATE_FILES: dict[str, tuple[str, ...]] = {
    "pyproject.toml": ("pytest", "coverage", "ruff", "mypy", "pyright"),
    "setup.cfg": ("pytest", "coverage", "mypy"),
    "tox.ini": ("pytest", "coverage", "mypy"),
    "pytest.ini": ("pytest",),
    ".pytest.ini": ("pytest",),
    "pytest.toml": ("pytest",),
    ".pytest.toml": ("pytest",),
    ".coveragerc": ("coverage",),
    ".coveragerc.toml": ("coverage",),
    "ruff.toml": ("ruff",),
    ".ruff.toml": ("ruff",),
    "mypy.ini": ("mypy",),
    ".mypy.ini": ("mypy",),
    "pyrightconfig.json": ("pyright",),
    ".basedpyright/baseline.json": ("pyright",),  # the errors that basedpyright passes over
}


def is_test_file(path: str) -> bool:
    """Whether pytest, or a common habit, would call it a test or a part of one."""
    parts = PurePosixPath(path)
    return (
        parts.name == "conftest.py"
        or (parts.suffix == ".py" and (parts.stem.startswith("test_") or parts.stem.endswith("_test")))
        or any(part in TEST_FOLDERS for part in parts.parts[:-1])
    )


def is_document(path: str) -> bool:
    """Whether it is prose."""
    return PurePosixPath(path).suffix.lower() in _DOCUMENT_ENDINGS


def is_gate_file(path: str) -> bool:
    """Whether it may hold the configuration of a gate, in whatever folder."""
    return bool(gate_tools(path))


def gate_tools(path: str) -> tuple[str, ...]:
    """The tools whose bar a file holds; none for any other file."""
    parts = PurePosixPath(path).parts
    return GATE_FILES.get(parts[-1] if parts else "", ()) or GATE_FILES.get("/".join(parts[-2:]), ())


def is_collected_file(path: str) -> bool:
    """Whether pytest looks for tests in it, by its default names and folders (its reference: norecursedirs)."""
    parts = PurePosixPath(path)
    passed_over = any(part in _NOT_SEARCHED or part.startswith(".") for part in parts.parts[:-1])
    named = parts.suffix == ".py" and (parts.stem.startswith("test_") or parts.stem.endswith("_test"))
    return named and not passed_over
