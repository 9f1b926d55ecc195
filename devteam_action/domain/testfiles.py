"""Which files of a Python project are tests, documents, or the configuration of its gates; told by path alone."""

from __future__ import annotations

from pathlib import PurePosixPath

_TEST_FOLDERS = frozenset({"tests", "test", "testing", "__tests__"})
_DOCUMENT_ENDINGS = frozenset({".md", ".rst", ".txt", ".adoc"})

# Each file, and the tools whose bar it holds. pyproject.toml, setup.cfg and tox.ini hold several.
GATE_FILES: dict[str, tuple[str, ...]] = {
    "pyproject.toml": ("pytest", "coverage", "ruff", "mypy", "pyright"),
    "setup.cfg": ("pytest", "coverage", "mypy"),
    "tox.ini": ("pytest", "coverage", "mypy"),
    "pytest.ini": ("pytest",),
    ".pytest.ini": ("pytest",),
    ".coveragerc": ("coverage",),
    "ruff.toml": ("ruff",),
    ".ruff.toml": ("ruff",),
    "mypy.ini": ("mypy",),
    ".mypy.ini": ("mypy",),
    "pyrightconfig.json": ("pyright",),
}


def is_test_file(path: str) -> bool:
    """Whether pytest, or a common habit, would call it a test or a part of one."""
    parts = PurePosixPath(path)
    return (
        parts.name == "conftest.py"
        or (parts.suffix == ".py" and (parts.stem.startswith("test_") or parts.stem.endswith("_test")))
        or any(part in _TEST_FOLDERS for part in parts.parts[:-1])
    )


def is_document(path: str) -> bool:
    """Whether it is prose."""
    return PurePosixPath(path).suffix.lower() in _DOCUMENT_ENDINGS


def is_gate_file(path: str) -> bool:
    """Whether it may hold the configuration of a gate, in whatever folder."""
    return PurePosixPath(path).name in GATE_FILES
