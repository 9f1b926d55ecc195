"""Keeps the tree's own aider settings out of aider's sight, and out of the diff."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def hidden_settings(tree: Path, aside: Path) -> Generator[None]:
    """Inside, `.env` and `.aider*` are not at the tree's root; afterwards they are as they were.

    What aider, or a model, left under a name of aider's own is removed: it is never part of the work.
    """
    aside.mkdir(parents=True, exist_ok=True)
    moved = _settings(tree)
    for path in moved:
        shutil.move(path, aside / path.name)
    try:
        yield
    finally:
        taken = {path.name for path in moved}
        for path in _settings(tree):
            if path.name != ".env" or path.name in taken:
                _remove(path)
        for path in moved:
            shutil.move(aside / path.name, path)


def _settings(tree: Path) -> list[Path]:
    return [path for path in tree.iterdir() if path.name == ".env" or path.name.startswith(".aider")]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
