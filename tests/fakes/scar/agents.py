"""Agents that do something: edit a repository, commit, and push as they are told, or as they should not."""

from __future__ import annotations

import re

from tests.fakes.scar.turn import Agent, Turn

_CHECKOUT = re.compile(r"^git checkout (\S+)", re.MULTILINE)
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9._/-]+")


def branch_in(turn: Turn) -> str:
    """What the command's text says to check out, else the first thing in it that looks like a branch (`task/x`)."""
    told = _CHECKOUT.search(turn.prompt)
    if told is not None:
        return told[1]
    found = _BRANCH.search(turn.prompt)
    return found[0].rstrip(".") if found else ""


def working_agent(turn: Turn) -> None:
    """Talks for a while; where there is a real repository and a branch is named, it commits a file there and pushes."""
    turn.say(f"Working on: {turn.prompt[:200]}")
    turn.tool("Bash", "git status --short")
    turn.wait(2)
    branch = branch_in(turn)
    if turn.folder is not None and branch and turn.command.startswith("execute"):
        pushes(branch, {"scar-was-here.txt": "A note by an agent.\n"})(turn)
    turn.say("## Summary\n\n- Done")


def pushes(
    branch: str, files: dict[str, str], *, onto: str = "", message: str = "feat: as asked", force: bool = False
) -> Agent:
    """Commits `files` on the remote's `branch` (or on a new one that starts at the remote's `onto`) and pushes it."""

    def agent(turn: Turn) -> None:
        turn.git("fetch", "-q", "origin")
        turn.git("checkout", "-q", "-B", branch, f"origin/{onto or branch}")
        for path, content in files.items():
            turn.write(path, content)
        turn.git("add", "--all")
        turn.git("commit", "-q", "--allow-empty", "-m", message)
        turn.tool("Bash", f"git push origin {branch}")
        turn.git("push", "-q", *(["--force"] if force else []), "origin", f"HEAD:refs/heads/{branch}")
        turn.say(f"Pushed {branch}.")

    return agent


def rewrites(branch: str) -> Agent:
    """Throws the branch's last commit away and forces another in its place."""

    def agent(turn: Turn) -> None:
        turn.git("fetch", "-q", "origin")
        turn.git("checkout", "-q", "-B", branch, f"origin/{branch}")
        turn.git("commit", "-q", "--amend", "--allow-empty", "-m", "rewritten")
        turn.git("push", "-q", "--force", "origin", f"HEAD:refs/heads/{branch}")
        turn.say("Cleaned the history.")

    return agent


def says(*texts: str, pause_s: float = 0.0) -> Agent:
    """Only talks, with so much of the server's time before each text."""

    def agent(turn: Turn) -> None:
        for text in texts:
            turn.wait(pause_s)
            turn.say(text)

    return agent
