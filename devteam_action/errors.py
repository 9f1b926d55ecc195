"""Every error a user can meet, its exit code and its remedy, on one page.

An error here means "cannot go on"; expected outcomes (a red check, nothing to do) are values.
The exit codes are the contract's: 2 bad input, 3 not allowed, 4 missing or unreachable, 5 lost a race, 70 our bug.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from devteam_action.support.command import Completed


class DevteamError(Exception):
    """Says what is wrong and where (`message`), and what to do next (`remedy`).

    `code` is the stable word that programs match on, `exit_code` the process's answer,
    `retryable` whether the same command may succeed later with nothing changed.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 70
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class BadInput(DevteamError):
    """Arguments, a payload or a file that cannot be understood."""

    code = "bad-input"
    exit_code = 2


class UsageError(BadInput):
    """The command line is wrong."""

    code = "usage"


class ConfigError(BadInput):
    """The configuration file is wrong; the message starts with `file:line`."""

    code = "config"


class TaskListError(BadInput):
    """The whole task list is unusable (undecodable, or no task in it)."""

    code = "task-list"


class UnknownTask(BadInput):
    """No task of that id in the list."""

    code = "unknown-task"


class DependencyOpen(BadInput):
    """A task was asked for whose dependencies are not done."""

    code = "dependency-open"


class CriterionError(BadInput):
    """An unknown criterion, or a required value that is no operator and number."""

    code = "criterion"


class RepositoryError(BadInput):
    """The repository is not in a state to work on (no commit, detached HEAD, dirty tree, no identity, …)."""

    code = "repository"


class GitFailed(RepositoryError):
    """A git command answered with an exit code that nobody expected. `completed` has its output."""

    code = "git"

    def __init__(self, completed: Completed, *, remedy: str = "") -> None:
        said = completed.stderr.decode(errors="replace").strip() or f"exit code {completed.code}, nothing on stderr"
        if completed.ended == "timed-out":
            said = f"no answer within {completed.duration_s:.0f} s. {said}"
        super().__init__(f"`{completed.command_text}` failed: {said[:2000]}", remedy=remedy)
        self.completed = completed


class PipelineStopped(DevteamError):
    """STOP-ON-ERROR, or a task that a person stopped: nothing is started until somebody says so."""

    code = "stopped"
    exit_code = 1


class StageError(DevteamError):
    """A single stage was asked for, and it ended in ERROR."""

    code = "stage-failed"
    exit_code = 1


class NotAllowed(DevteamError):
    """A rule forbids it: a protected path, a missing right."""

    code = "not-allowed"
    exit_code = 3


class Missing(DevteamError):
    """A program, key, server or remote that is needed is not there."""

    code = "missing"
    exit_code = 4
    retryable = True


class SystemRefused(Missing):
    """The operating system refused: no space, no right, too many open files."""

    code = "system"


class ToolMissing(Missing):
    """The implementing tool is not installed or has no key."""

    code = "tool-missing"


class RemoteUnreachable(Missing):
    """The remote of the repository did not answer or refused."""

    code = "remote-unreachable"


class StateConflict(DevteamError):
    """Another run holds what this one needs, or won the race for it."""

    code = "state-conflict"
    exit_code = 5
    retryable = True


class ConversationTaken(DevteamError):
    """Something still goes on in the conversation with SCAR; nothing was queued behind it."""

    code = "conversation-taken"
    exit_code = 5
    retryable = True


class SetupFailed(DevteamError):
    """A `setup:` command of the configuration failed; the task is in ERROR with it."""

    code = "setup-failed"
    exit_code = 1


class StateDamaged(BadInput):
    """The state branch is of a newer schema, or not a state branch at all."""

    code = "state-damaged"


class StateNotWritten(Missing):
    """The state could not be written (disk full, no permission); work in the tree is kept."""

    code = "state-not-written"
