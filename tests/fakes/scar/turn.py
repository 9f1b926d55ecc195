"""What a scripted agent holds while it "runs": it talks, calls tools, waits, edits the repository, fails."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CRASHED = "⚠️ Error: Claude Code process exited with code 1. Try /reset if issue persists."


class Died(Exception):
    """The server's process is gone, and this agent with it."""


class Failed(Exception):
    """The run ends with this line of SCAR's own."""


@dataclass
class Turn:
    """One run of the agent. What it says appears at once in stream mode, and joined at the end in batch mode."""

    conversation: str
    command: str  # "" for plain text
    arguments: Sequence[str]
    prompt: str  # the command file with its placeholders filled in, or the text
    folder: Path | None  # of the repository, where there is a real one
    speed: float
    mode: str
    append: Callable[[str], None]
    gone: threading.Event
    said: list[str] = field(default_factory=list)
    started: float = 0.0
    calls: int = 0
    waited: float = 0.0

    def say(self, text: str) -> None:
        """A block of the assistant's text."""
        self.said.append(text)
        if self.mode == "stream":
            self._append(text)

    def tool(self, name: str, brief: str = "") -> None:
        """A tool call's line, cut as SCAR cuts it; its result is never shown."""
        self.calls += 1
        shown = _brief(name, brief)
        if self.mode == "stream":
            self._append(f"🔧 {name.upper()}\n{shown}" if shown else f"🔧 {name.upper()}")

    def wait(self, seconds: float) -> None:
        """So much of the server's time passes; in batch mode it says every minute that it is still working."""
        while seconds > 0:
            step = min(seconds, 60 - self.waited % 60)
            if self.gone.wait(step / self.speed):
                raise Died
            seconds -= step
            self.waited += step
            if self.mode == "batch" and self.waited % 60 == 0:
                self._append(f"⏱️ Still working... ({int(self.waited // 60)}m 0s, {self.calls} tool calls)")

    def fail(self, reason: str = "", line: str = CRASHED) -> None:
        """The agent's words on why, then SCAR's line that it failed."""
        if reason:
            self.say(reason)
        raise Failed(line)

    def git(self, *arguments: str) -> str:
        """A git command of the agent's in the repository, with an identity of its own."""
        if self.folder is None:
            raise AssertionError("this repository has no folder: give it a clone, `scar.repository(name, folder=…)`")
        identity = ("-c", "user.name=scar-agent", "-c", "user.email=agent@scar.invalid")
        done = subprocess.run(
            ("git", *identity, *arguments), cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise AssertionError(f"git {' '.join(arguments)}: {done.stderr}")
        return done.stdout.strip()

    def write(self, path: str, content: str) -> None:
        """The agent's Write tool: a line, and the file."""
        if self.folder is None:
            raise AssertionError("this repository has no folder")
        target = self.folder / path
        self.tool("Write", f"Writing: {target}")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)

    def raw(self, text: str) -> None:
        """A message as it is, past the mode: recordings are played with it."""
        self._append(text)

    def _append(self, text: str) -> None:
        if self.gone.is_set():
            raise Died
        self.append(text)


def _brief(name: str, brief: str) -> str:
    limit = 100 if name.lower() == "bash" and not brief.startswith("{") else 80 if brief.startswith("{") else len(brief)
    return brief if len(brief) <= limit else f"{brief[:limit]}..."


Agent = Callable[[Turn], None]
