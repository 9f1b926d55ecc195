"""The commands that the server answers itself, without a model, in its measured words."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes.scar.prompts import tokens

NO_CODEBASE = (
    "No codebase configured. Use /clone for a new repo or /repos to list your current repos you can switch to."
)
HELP = (
    "Available Commands:\n\n  /command-invoke <name> [args] - Execute\n"
    "  /repo <#|name> [pull] - Switch repo\n  /status - Show state"
)


@dataclass
class Codebase:
    """A repository that the server has: its commands by name, and its folder where it is a real one."""

    name: str
    commands: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None
    url: str = ""

    def loaded(self) -> str:
        return f"✓ Loaded {len(self.commands)} commands" if self.commands else ""


@dataclass
class Conversation:
    """What PostgreSQL keeps: it survives DELETE and a restart."""

    codebase: str = ""
    cwd: str = ""
    session: str = ""


class SlashCommands:
    """Answers for all conversations; `codebases` is shared with the fake."""

    def __init__(self, workspace: Path | None) -> None:
        self.workspace = workspace
        self.codebases: dict[str, Codebase] = {}
        self._known: dict[str, Callable[[Conversation, list[str]], str]] = {
            "status": self._status,
            "help": lambda _, __: HELP,
            "getcwd": lambda where, _: f"Current working directory: {where.cwd or 'Not set'}",
            "setcwd": self._setcwd,
            "repos": self._repos,
            "repo": self._repo,
            "clone": self._clone,
            "commands": self._commands,
            "reset": self._reset,
            "reset-context": self._reset,
        }

    def answer(self, where: Conversation, text: str) -> str:
        """The reply to a text that starts with `/`."""
        name, _, rest = text[1:].partition(" ")
        known = self._known.get(name)
        if known is None:
            name = text[1:].split(None, 1)[0] if text[1:].split() and not text[1:2].isspace() else ""
            return f"Unknown command: /{name}\n\nType /help for available commands or /templates for command templates."
        return known(where, tokens(rest))

    def load(self, codebase: Codebase) -> None:
        """Reads the command files of a real folder: `.claude/commands`, or else `.agents/commands`."""
        if codebase.folder is None:
            return
        for place in (".claude/commands", ".agents/commands"):
            files = sorted((codebase.folder / place).rglob("*.md"))
            if files:
                codebase.commands = {file.stem: file.read_text() for file in files}
                return
        codebase.commands = {}

    def _status(self, where: Conversation, _: list[str]) -> str:
        shown = "Platform: test\nAI Assistant: claude\n\n"
        if not where.codebase:
            shown += "No codebase configured. Use /clone <repo-url> to get started.\n\n"
            return f"{shown}Current Working Directory: {where.cwd or 'Not set'}"
        url = self.codebases[where.codebase].url
        shown += f"Codebase: {where.codebase}\n" + (f"Repository: {url}\n" if url else "")
        shown += f"\nCurrent Working Directory: {where.cwd}"
        return f"{shown}\nActive Session: {where.session}..." if where.session else shown

    def _repos(self, _: Conversation, __: list[str]) -> str:
        names = self._names()
        if not names:
            return "No repositories found. Use /clone <repo-url> to add one."
        listed = "\n".join(f"{number}. {name}" for number, name in enumerate(names, 1))
        return f"Repositories:\n\n{listed}\n\nUse /repo <number|name> to switch"

    def _repo(self, where: Conversation, arguments: list[str]) -> str:
        if not arguments:
            return "Usage: /repo <number|name> [pull]"
        names = self._names()
        if not names:
            return "No repositories found. Use /clone <repo-url> to add one."
        wanted = arguments[0]
        name = _chosen(names, wanted)
        if not name:
            return f"Repository not found: {wanted}\n\nUse /repos to see available repositories."
        codebase = self.codebases[name]
        if "pull" in arguments[1:] and codebase.folder is not None:
            done = subprocess.run(
                ("git", "pull", "-q", "--ff-only"), cwd=codebase.folder, capture_output=True, text=True, check=False
            )
            if done.returncode:
                return f"Failed to pull: {done.stderr.strip()}"
        self.load(codebase)
        where.codebase, where.session = name, ""
        where.cwd = str(codebase.folder) if codebase.folder else f"/workspace/{name}"
        return "\n".join(part for part in (f"Switched to: {name}", codebase.loaded()) if part) + "\n\nReady to work!"

    def _clone(self, where: Conversation, arguments: list[str]) -> str:
        if not arguments:
            return "Usage: /clone <repo-url>"
        url = arguments[0]
        name = url.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
        if name in self.codebases:
            where.codebase, where.session = name, ""
            return f"Repository already cloned.\n\nCodebase: {name}\n\nReady to work!"
        if self.workspace is None:
            return "Failed to clone repository: this fake has no workspace"
        folder = self.workspace / name
        if folder.exists():
            return f"Directory already exists: {folder}\n\nNo matching codebase found in database."
        done = subprocess.run(("git", "clone", "-q", url, str(folder)), capture_output=True, text=True, check=False)
        if done.returncode:
            return f"Failed to clone repository: {done.stderr.strip()}"
        codebase = self.codebases[name] = Codebase(name, folder=folder, url=url)
        self.load(codebase)
        where.codebase, where.session, where.cwd = name, "", str(folder)
        loaded = f"\n{codebase.loaded()}" if codebase.loaded() else ""
        return f"Repository cloned successfully!\n\nCodebase: {name}{loaded}\n\nReady to work!"

    def _commands(self, where: Conversation, _: list[str]) -> str:
        if not where.codebase:
            return "No codebase configured."
        names = "\n".join(f"{name} - .claude/commands/{name}.md" for name in self.codebases[where.codebase].commands)
        return f"Registered Commands:\n\n{names}"

    def _setcwd(self, where: Conversation, arguments: list[str]) -> str:
        where.cwd = arguments[0] if arguments else where.cwd
        return f"Working directory set to: {where.cwd}\n\nSession reset - starting fresh on next message."

    def _reset(self, where: Conversation, _: list[str]) -> str:
        had, where.session = where.session, ""
        return "Session cleared. Starting fresh on next message." if had else "No active session to reset."

    def _names(self) -> list[str]:
        return sorted(self.codebases)


def _chosen(names: list[str], wanted: str) -> str:
    """As the server chooses: leading digits are an index first, then the exact name, then the first with the prefix."""
    digits = wanted[: len(wanted) - len(wanted.lstrip("0123456789"))]
    if digits and 1 <= int(digits) <= len(names):
        return names[int(digits) - 1]
    if wanted in names:
        return wanted
    return next((name for name in names if name.startswith(wanted)), "")
