"""Agents for a SCAR of ours that really edit a git repository and push, and a project's settings for it."""

from __future__ import annotations

from collections.abc import Callable

from tests.fakes.scar import Turn
from tests.fakes.scar.agents import branch_in
from tests.fakes.scar.commands import COMMAND_FILES

CONFIG = """\
tool: scar
criteria: {words: pass}
commands: {words: "grep -rqs . hello.txt world.txt"}
scar: {poll-interval: 0.1, timeout-seconds: 10, command-timeout: 20}
"""
SEED = {f".claude/commands/{name}.md": text for name, text in COMMAND_FILES.items() if name not in ("commit",)}


def commits(turn: Turn, files: dict[str, str], *, branch: str = "", push: tuple[str, ...] = ("push", "-q")) -> None:
    """The agent works on a branch as its clone has it (a new one with another name), commits and pushes."""
    on = branch or branch_in(turn)
    turn.git("fetch", "-q", "origin")
    known = turn.git("branch", "-r", "--list", f"origin/{on}")
    turn.git("checkout", "-q", "-B", on, f"origin/{on}" if known else "origin/main")
    for path, text in files.items():
        turn.write(path, text)
    turn.git("add", "-A")
    if turn.git("status", "--porcelain"):
        turn.git("commit", "-q", "-m", "the agent's work")
    turn.git(*push, "origin", on)
    turn.say("Done.")


def writing(files: dict[str, str], **more: object) -> Callable[[Turn], None]:
    return lambda turn: commits(turn, files, **more)  # type: ignore[arg-type]
