"""A child process as values: what to run, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

Ended = Literal["exited", "timed-out", "stopped"]


class Command(Struct, frozen=True, kw_only=True):
    """What to run. `env` is the child's whole environment; `stdin` is given to it, or it reads end-of-file at once.

    `timeout_s` is wall-clock time; at its end (or at a stop) the whole process group gets SIGINT, SIGTERM and SIGKILL,
    each `grace_s` after the one before.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path | None = None
    stdin: bytes = b""
    timeout_s: float | None = None
    grace_s: float = 1.2


class Completed(Struct, frozen=True, kw_only=True):
    """How a child ended. `code` is negative for a signal; `truncated` says that output was dropped from the middle."""

    argv: tuple[str, ...]
    code: int
    stdout: bytes
    stderr: bytes
    duration_s: float
    ended: Ended = "exited"
    truncated: bool = False

    @property
    def ok(self) -> bool:
        return self.ended == "exited" and self.code == 0

    @property
    def command_text(self) -> str:
        """The command for people, cut to a line."""
        text = " ".join(self.argv)
        return text if len(text) <= 200 else f"{text[:197]}..."
