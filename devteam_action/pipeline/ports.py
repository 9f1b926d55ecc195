"""What the pipeline needs from the outside, as protocols; adapters satisfy them, `app.py` chooses them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct

from devteam_action.domain.change import Change
from devteam_action.domain.config import ToolConfig
from devteam_action.domain.events import AnyEvent
from devteam_action.domain.findings import Verification
from devteam_action.domain.results import Prepared, Usage
from devteam_action.domain.task import Task
from devteam_action.pipeline.branches import Branches
from devteam_action.pipeline.exchange import Conversations, Exchange
from devteam_action.pipeline.said import Said
from devteam_action.pipeline.state_store import Changes as Changes
from devteam_action.pipeline.state_store import Snapshot as Snapshot
from devteam_action.pipeline.state_store import StateStore as StateStore

Stream = Literal["stdout", "stderr"]
EmitLine = Callable[[Stream, bytes], None]  # one line of a child's output, without its line end
Progress = Callable[[str], None]  # a sentence for people about what is taking time
Stop = threading.Event  # set: end your children, keep what is done, return


class Clock(Protocol):
    def now(self) -> str:
        """The time as ISO 8601 in UTC with milliseconds and `Z`."""
        ...

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


# --- repository ----------------------------------------------------------------------------------------------


class TakenBack(Struct, frozen=True, kw_only=True):
    """What a tool's throw-away copy gave back: the tree it makes, and what was refused and why."""

    tree: str
    files: tuple[str, ...]
    lines_changed: int
    refused: tuple[str, ...]
    diff: bytes


class Moved(Struct, frozen=True, kw_only=True):
    """A newer base was merged into the task branch: the base's commit, and the branch's new head."""

    base: str
    head: str


class Conflict(Struct, frozen=True, kw_only=True):
    """A newer base cannot be merged without a person; nothing was changed."""

    files: tuple[str, ...]


class Delivered(Struct, frozen=True, kw_only=True):
    """Where `head` is now besides the task branch."""

    head: str
    merged: bool
    pushed: bool


class Workspace(Branches, Protocol):
    """The repository that the task is done in. Everything may be called again after a kill, and then does no harm."""

    def prepare(
        self,
        branch: str,
        base_branch: str,
        *,
        expected_head: str | None,
        pinned_base: str | None = None,
        progress: Progress,
        stop: Stop | None = None,
        left: str = "",
    ) -> Prepared:
        """The branch exists and is checked out, with the setup commands done; a second call is a no-op.

        `stop` ends a setup command, which raises SetupFailed as any that does not succeed.

        Commits of ours beyond `expected_head` (the last one recorded) are kept; anybody else's raise StateConflict, but
        for `left` on the remote, which a tool of ours pushed and nobody took in.
        """
        ...

    def start(self, prepared: Prepared, message: str) -> str:
        """An empty commit on a branch that has none of its own yet; its new head."""
        ...

    def copy(self, prepared: Prepared) -> AbstractContextManager[Path]:
        """A throw-away copy of the branch's head for a tool: its `.git` is nobody else's; removed afterwards."""
        ...

    def take_back(self, copy: Path, prepared: Prepared) -> TakenBack:
        """Reads the copy without running git inside it: regular files outside protected paths only."""
        ...

    def commit(self, prepared: Prepared, tree: str, message: str, *, onto: str = "") -> str:
        """Commits `tree` on the task branch and updates the working directory; the new head.

        `onto` is what somebody who works for us pushed there: the commit takes that in, so that it can be pushed.
        """
        ...

    def exchange(self, prepared: Prepared) -> Exchange | None:
        """The remote's branches, for a tool that pushes its work; None where there is no remote."""
        ...

    def replace_file(self, prepared: Prepared, path: str, content: bytes, message: str) -> str:
        """Commits one file's content; the new head, or the old one when the file is like that already."""
        ...

    def merge_in_base(
        self, prepared: Prepared, base_branch: str, *, keep: str, message: str = ""
    ) -> Moved | Conflict | None:
        """Merges a newer base into the task branch; None when there is none. The base's version of `keep` wins."""
        ...

    def deliver(
        self, prepared: Prepared, base_branch: str, head: str, *, merge: bool, push: bool, expected_remote: str | None
    ) -> Delivered:
        """Fast-forwards the base branch, pushes the task branch; raises when somebody else's work would be lost."""
        ...

    def discard(self, branch: str, *, here_only: bool = False) -> str | None:
        """Removes branch and worktree; the ref that keeps the commits, None when there was no branch.

        What the remote has may be replaced from then on, unless it is `here_only`.
        """
        ...

    def change(self, base: str, head: str) -> Change: ...

    def find_commit(self, base: str, head: str, trailers: Mapping[str, str]) -> str | None:
        """The newest commit of `base..head` that has all the trailers."""
        ...

    def tree_of(self, revision: str) -> str: ...

    def read(self, revision: str, path: str) -> bytes | None: ...

    def paths(self, revision: str) -> Sequence[str]: ...

    def head_of(self, branch: str) -> str | None: ...

    def merge_base(self, one: str, other: str) -> str | None: ...

    def checkout(self, commit: str) -> AbstractContextManager[Path]:
        """A throw-away folder with the files of a commit, without a repository."""
        ...


# --- tools ---------------------------------------------------------------------------------------------------


class ToolJob(Struct, frozen=True, kw_only=True):
    """One call of a tool. `tree` is a throw-away copy that the tool may edit, `scratch` a private folder outside it.

    `env` is the complete environment of the child: already allow-listed, with the model keys in it. The rest is for a
    tool that works elsewhere: what the work is compared with (`base`), where the task branch stands, the way to the
    remote's branches (None where nothing may be pushed) and to what other runs have begun in the same place.
    """

    task: Task
    attempt: int
    brief: str
    tree: Path
    scratch: Path
    files: tuple[str, ...]
    env: Mapping[str, str]
    config: ToolConfig
    root: Path  # the user's repository, for paths in `config`
    project: str = ""
    run_id: str = ""
    base: str = ""
    head: str = ""
    branch: str = ""
    base_branch: str = ""
    exchange: Exchange | None = None
    conversations: Conversations | None = None
    say: Callable[[Said], None] = lambda said: None  # for tools that speak in whole messages, in place of `emit`


class ToolOutcome(Struct, frozen=True, kw_only=True):
    """How the tool ended; whether it did the work is decided from our own diff, never from here.

    `failed` carries a stable `reason` word (authentication, rate-limit, partial-edit, malformed-edit, token-limit,
    empty-reply, no-edit, crashed, …) and a `message` for people; `timed-out` and `stopped` discard the tree.
    `onto` is the commit that the tool itself has put on the remote's task branch.
    """

    status: Literal["finished", "failed", "timed-out", "stopped"]
    reason: str = ""
    message: str = ""
    usage: Usage = Usage()
    retryable: bool = True
    onto: str = ""


class Tool(Protocol):
    @property
    def name(self) -> str: ...

    def check(self, config: ToolConfig, env: Mapping[str, str]) -> None:
        """Raises ToolMissing (with the command to type, or the name of the missing key) before any work is done."""
        ...

    def install(self, progress: Progress) -> None:
        """Makes the tool ready where it needs an installation of its own; quick when it is there already."""
        ...

    def implement(self, job: ToolJob, emit: EmitLine, stop: Stop) -> ToolOutcome: ...


# --- verification --------------------------------------------------------------------------------------------


class Verifier(Protocol):
    def verify(self, task: Task, prepared: Prepared, head: str, progress: Progress, stop: Stop) -> Verification: ...


# --- reporters -----------------------------------------------------------------------------------------------


class Reporter(Protocol):
    """Shows events somewhere; what it raises is caught, logged once and never fails a run."""

    def handle(self, event: AnyEvent) -> None: ...

    def close(self) -> None: ...
