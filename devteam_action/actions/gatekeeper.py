"""The gate at work: decides, asks, acknowledges, and tells the steps after it. Standard library only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar, cast, get_args

from devteam_action.actions.env_files import StepFiles
from devteam_action.actions.gate_github import CannotTell, GitHub
from devteam_action.actions.gate_rules import Ask, AskAbout, Go, Stay, decide, is_of_insiders
from devteam_action.actions.grammar import Hint, Job
from devteam_action.actions.workflow_commands import annotation, harmless_line

_WORK_PATIENCE_S = 20.0
_Done = TypeVar("_Done")
REPLY_MARKER = "<!-- devteam:reply={} -->"


class Decision(NamedTuple):
    """What the gate found: whether to go on, a sentence (shown at that level), who was found to be allowed."""

    go: bool
    reason: str
    allowed: str = ""
    level: Literal["", "notice", "error"] = ""
    exit_code: int = 0


def keep(env: Mapping[str, str]) -> int:
    """Decides on this job's event and writes the outputs `go`, `reason` and `allowed`; the step's exit code.

    What is not understood, or somebody of whom nothing is known, never goes on. An event that only those cause who may
    write does when the gate itself fails: what comes after it looks again, and tells more.
    """
    try:
        decision = _decision(env)
    except Exception as error:  # noqa: BLE001 - the gate has an answer to everything
        decision = _at_a_loss(env, error)
    _tell(decision)
    output = env.get("GITHUB_OUTPUT")
    StepFiles(output=Path(output) if output else None, summary=None).set_outputs(
        {"go": "true" if decision.go else "false", "reason": decision.reason, "allowed": decision.allowed}
    )
    return decision.exit_code


def _decision(env: Mapping[str, str]) -> Decision:
    job = env.get("DEVTEAM_JOB", "").strip()
    if job not in get_args(Job):
        raise ValueError("DEVTEAM_JOB is none of `control`, `work` and `accept`")
    event = env.get("GITHUB_EVENT_NAME", "")
    command = env.get("DEVTEAM_INPUT_COMMAND", "").strip()
    found = decide(event, _payload(env), command=command, job=cast("Job", job))
    match found:
        case Go(reason):
            return Decision(True, reason)
        case Stay(reason):
            return Decision(False, reason)
        case AskAbout(author, reason):
            # An earlier job of the workflow has asked, with a token that may: a job that only reads is not told.
            if env.get("DEVTEAM_ACCEPTED") == author:
                return Decision(True, reason, author)
            return _unless_allowed(author, env) or Decision(True, reason, author)
        case Ask():
            return _asked(found, env)


def _asked(ask: Ask, env: Mapping[str, str]) -> Decision:
    """Who may not write gets a 👎, who was not understood a 😕 and a hint, all others 👀 and what they asked for."""
    refused = _unless_allowed(ask.author, env, comment=ask.comment)
    if refused is not None:
        return refused
    if _is_dry(env):
        said = "is not understood" if isinstance(ask.read, Hint) else f"commands `/devteam {ask.read.name}`"
        return Decision(not isinstance(ask.read, Hint), f"dry run: {ask.author} {said}", ask.author)
    github = _github(env)
    if isinstance(ask.read, Hint):
        hint = f"{ask.read.text}\n"
        marker = REPLY_MARKER.format(ask.comment)
        if _try(lambda: github.react(ask.comment, "confused")) != "gone":
            _try(lambda: github.reply_once(ask.number, marker, hint, since=ask.created_at))
        return Decision(False, "the command was not understood; a comment says how it is written", ask.author)
    reacted = _try(lambda: github.react(ask.comment, "eyes"))
    if reacted == "gone":
        return Decision(False, "the comment was deleted meanwhile", ask.author)
    unseen = "" if reacted == "done" else "; it could not be acknowledged: see `permissions: issues: write`"
    return Decision(True, f"{ask.author} commands `/devteam {ask.read.name}`{unseen}", ask.author)


def _is_dry(env: Mapping[str, str]) -> bool:
    return env.get("DEVTEAM_INPUT_DRY_RUN", "").strip().lower() == "true"


def _github(env: Mapping[str, str]) -> GitHub:
    token = env.get("DEVTEAM_INPUT_GITHUB_TOKEN", "").strip()
    # A command for the job that works is found again by the next one; a stop that is lost is lost.
    patience_s = _WORK_PATIENCE_S if env.get("DEVTEAM_JOB", "").strip() == "work" else None
    address, repository = env.get("GITHUB_API_URL") or "https://api.github.com", env.get("GITHUB_REPOSITORY", "")
    return GitHub(address, repository, token, patience_s=patience_s)


def _unless_allowed(author: str, env: Mapping[str, str], *, comment: int | None = None) -> Decision | None:
    """The end of it for somebody who may not write, or of whom that is not known; their `comment` gets a 👎."""
    try:
        github = _github(env)
        is_allowed = github.may_command(author)
    except CannotTell as error:
        said = f"whether {author} may command is not known: {error}"
        return Decision(False, said, level="error", exit_code=4)
    if is_allowed:
        return None
    if comment is not None and not _is_dry(env):
        _try(lambda: github.react(comment, "-1"))
    return Decision(False, f"{author} may not command here: that takes the right to write", level="notice")


def _try(act: Callable[[], _Done]) -> _Done | None:
    """What a courtesy came to; that it could not be had changes no decision."""
    try:
        return act()
    except CannotTell as error:
        sys.stdout.write(f"{harmless_line(str(error))}\n")
        return None


def _payload(env: Mapping[str, str]) -> bytes:
    """The event file; empty where there is none, which the events that need it say."""
    path = env.get("GITHUB_EVENT_PATH")
    try:
        return Path(path).read_bytes() if path else b""
    except OSError:
        return b""


def _at_a_loss(env: Mapping[str, str], error: Exception) -> Decision:
    said = str(error) if isinstance(error, ValueError) else f"the gate failed ({type(error).__name__})"
    if not is_of_insiders(env.get("GITHUB_EVENT_NAME", "")):
        return Decision(False, said, level="error", exit_code=2)
    return Decision(True, said)


def _tell(decision: Decision) -> None:
    if decision.level:
        line = annotation(decision.level, decision.reason, title="DevTeam Action")
    else:
        line = harmless_line(f"{'go on' if decision.go else 'nothing to do'}: {decision.reason}")
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
