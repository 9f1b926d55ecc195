"""Answers that are kept: a tree that passed is not measured again while nothing that it depends on has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from devteam_action.checks.base_tree import keep
from devteam_action.checks.gates import Gates
from devteam_action.checks.setting import Setting, path_program
from devteam_action.domain.change import Change
from devteam_action.domain.config import Config
from devteam_action.domain.criteria import Wanted
from devteam_action.domain.findings import Verification
from devteam_action.domain.task import Task

_FORM = 1  # of the kept answers; another number makes the old ones unknown
_decoder = msgspec.json.Decoder(Verification)


def tools_key(setting: Setting, gates: Gates, config: Config) -> str:
    """All that a measurement depends on beside the tree: interpreters with everything installed, gates, config."""
    programs = [path_program(name, setting.env) for name in ("ruff", "mypy", "pyright", "basedpyright")]
    parts = (
        _FORM,
        setting.python,
        setting.own,
        programs,
        gates.blobs,
        config.verify,
        config.commands,
        config.protected,
    )
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()


def answer_key(task: Task, change: Change, wanted: Sequence[Wanted], tools: str) -> str:
    """The whole question: this task's criteria, this change, these tools."""
    return hashlib.sha256(msgspec.json.encode((task, change, wanted, tools), order="deterministic")).hexdigest()


def kept_answer(cache: Path, key: str) -> Verification | None:
    """A passed verification of the same question; None when there is none, or none that can be read."""
    try:
        return _decoder.decode(_file(cache, key).read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None


def keep_answer(cache: Path, key: str, found: Verification) -> None:
    """Only what passed is kept: a red or flaky answer is worth asking again."""
    if found.verdict == "passed":
        keep(_file(cache, key), msgspec.json.encode(found))


def _file(cache: Path, key: str) -> Path:
    return cache / "answers" / key[:2] / f"{key}.json"
