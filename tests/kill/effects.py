"""What counts as an effect of a process: found by Python's own audit events, so that a new one cannot be forgotten.

An effect is a child process, a file that is opened for writing, renamed, removed or made, and an event in the journal.
Between two of them nothing outside the process changes: to die before each is to die between any two.
"""

from __future__ import annotations

import functools
import inspect
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from devteam_action.git_io.workspace import GitWorkspace
from devteam_action.pipeline.journal import Journal

# These read, or only write objects that nothing refers to yet.
HARMLESS_GIT = frozenset(
    {"cat-file", "check-ignore", "commit-tree", "config", "diff-tree", "for-each-ref", "hash-object", "log", "ls-files"}
    | {"ls-remote", "ls-tree", "merge-base", "merge-tree", "rev-list", "rev-parse", "status", "var", "write-tree"}
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def deeds_of_the_workspace() -> list[str]:
    """The methods that change something; what only asks is in the class above it."""
    return [name for name, member in vars(GitWorkspace).items() if inspect.isfunction(member) and name[0] != "_"]


class Effects:
    """Counts the effects of this process; dies by SIGKILL just before number `kill_at` (0: the first; -1: never).

    `kinds` are the first words of those that count, all where it is empty. What happens below `throw_away` is nothing
    that anybody could find later.
    """

    def __init__(self, kill_at: int, throw_away: Sequence[str], kinds: Sequence[str]) -> None:
        self.seen: list[str] = []
        self.deeds: set[str] = set()
        self._kill_at = kill_at
        self._throw_away = tuple(throw_away)
        self._kinds = tuple(kinds)

    def install(self) -> None:
        sys.addaudithook(self._heard)
        append = Journal.append

        def counted(journal: Journal, line: bytes) -> None:
            append(journal, line)
            self._count("event", f"{len(journal) - 1} is appended")

        Journal.append = counted  # type: ignore[method-assign]
        for name in deeds_of_the_workspace():
            self._note(name)

    def _note(self, name: str) -> None:
        method = getattr(GitWorkspace, name)

        @functools.wraps(method)
        def noted(*args: object, **more: object) -> object:
            self.deeds.add(name)
            return method(*args, **more)

        setattr(GitWorkspace, name, noted)

    def _count(self, kind: str, what: str) -> None:
        if self._kinds and kind not in self._kinds:
            return
        if len(self.seen) == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.seen.append(f"{kind} {what}")

    def _heard(self, event: str, args: tuple[object, ...]) -> None:
        # The heartbeat comes by the clock, not in the order of the work.
        if threading.current_thread().name == "heartbeat":
            return
        match event, args:
            case "subprocess.Popen", (_, argv, cwd, env):
                self._child([str(part) for part in argv], str(cwd or ""), env or {})  # type: ignore[attr-defined,arg-type]
            case "open", (path, _, int() as flags) if flags & _WRITING:
                self._file("open", path, -1, flags)
            case "os.rename", (_, path, *_):
                self._file("rename", path, -1)
            case (("os.mkdir" | "os.remove" | "os.rmdir" | "os.truncate" | "os.link" | "os.symlink"), (path, *more)):
                self._file(event.removeprefix("os."), path, more[-1] if more else -1)
            case _:
                return

    def _child(self, argv: Sequence[str], cwd: str, env: Mapping[str, str]) -> None:
        words = list(argv[1:])
        while words[:1] == ["-c"] and Path(argv[0]).name == "git":
            words = words[2:]
        if Path(argv[0]).name == "git" and (
            words[0] in HARMLESS_GIT or words == ["remote"] or words[:2] == ["worktree", "list"]
        ):
            return
        places = (cwd, env.get("GIT_WORK_TREE", ""), env.get("GIT_INDEX_FILE", ""))
        if not any(place.startswith(self._throw_away) or "/plain.git/index-" in place for place in places):
            self._count("child", " ".join(argv[:4])[:80].replace("\n", " "))

    def _file(self, what: str, path: object, folder: object, flags: int = 0) -> None:
        if not isinstance(path, (str, bytes, os.PathLike)):
            return
        place = Path(os.fsdecode(path))
        if isinstance(folder, int) and folder >= 0 and not place.is_absolute():
            place = Path(f"/proc/self/fd/{folder}").resolve() / place
        is_throw_away = str(place).startswith(self._throw_away) or "/plain.git/index-" in str(place)
        if not is_throw_away and _changes_something(what, place, flags):
            self._count("file", f"{what} {place}")


def _changes_something(what: str, place: Path, flags: int) -> bool:
    """False for what fails, and for a file that is there and only opened (to lock it, or to append what is counted)."""
    match what:
        case "mkdir":
            return place.parent.is_dir() and not place.exists()
        case "remove" | "rmdir":
            return place.exists()
        case "open":
            return not place.exists() or bool(flags & os.O_TRUNC and place.is_file())
        case _:
            return True
