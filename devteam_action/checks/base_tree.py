"""The base of a change for red checks: checked out when first asked for, its findings kept by tree id."""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import msgspec

from devteam_action.checks.place import Place, Trees
from devteam_action.domain.findings import Finding

_decoder = msgspec.json.Decoder(tuple[Finding, ...])


class BaseTree:
    """Satisfies `Base`. Used by several checks at once; closed by the verifier, which removes the checkout."""

    def __init__(
        self,
        trees: Trees,
        commit: str,
        *,
        is_off: bool,
        gate_files: Mapping[str, bytes | None],
        place_at: Callable[[Path, str], Place],
        cache: Path,
    ) -> None:
        self._trees = trees
        self._commit = commit
        self._is_off = is_off
        self._gate_files = gate_files
        self._place_at = place_at
        self._cache = cache
        self._lock = threading.Lock()
        self._open = ExitStack()
        self._root: Path | None = None
        self._tree = ""

    @property
    def is_off(self) -> bool:
        return self._is_off

    def place(self, check: str) -> Place:
        with self._lock:
            if self._root is None:
                root = self._open.enter_context(self._trees.checkout(self._commit))
                write_gate_files(root, self._gate_files)
                self._root = root
        return self._place_at(self._root, f"base-{check}")

    def kept(self, key: str, measure: Callable[[], tuple[Finding, ...]]) -> tuple[Finding, ...]:
        with self._lock:
            self._tree = self._tree or self._trees.change(self._commit, self._commit).tree
        name = hashlib.sha256(key.encode()).hexdigest()[:24]
        file = self._cache / "baseline" / self._tree / f"{name}.json"
        try:
            return _decoder.decode(file.read_bytes())
        except (OSError, msgspec.MsgspecError):
            findings = measure()
        keep(file, msgspec.json.encode(findings))
        return findings

    def close(self) -> None:
        self._open.close()


def keep(file: Path, content: bytes) -> None:
    """Writes a file of the cache whole or not at all; a cache that cannot be written is no cache, and no error."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as temporary:
            temporary.write(content)
        Path(temporary.name).replace(file)
    except OSError:
        return


def write_gate_files(root: Path, files: Mapping[str, bytes | None]) -> None:
    """Puts the gates' configuration into a throw-away checkout; never through a symbolic link out of it."""
    for path, content in files.items():
        target = root / path
        if not target.parent.resolve().is_relative_to(root.resolve()):
            continue
        target.unlink(missing_ok=True)
        if content is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
