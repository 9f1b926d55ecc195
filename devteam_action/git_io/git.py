"""Git as a program, hardened: nothing in a repository or a user's settings can make it run something else."""

from __future__ import annotations

import base64
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from msgspec import Struct

from devteam_action.errors import GitFailed
from devteam_action.support.environment import child_environment
from devteam_action.support.process import Command, Completed, OnLine, run

# Each of these names a program that git would start; `protocol.ext` is a command line disguised as an address.
_HARDENING = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.untrackedCache": "keep",
    "diff.external": "",
    "protocol.ext.allow": "never",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "commit.gpgSign": "false",
    "tag.gpgSign": "false",
    "core.quotePath": "false",
    "advice.detachedHead": "false",
    "submodule.recurse": "false",
}
# An ssh that stays for the next connection holds our pipes open after git has ended: these are not waited for.
_NETWORK = frozenset({"push", "fetch", "clone", "ls-remote"})
_WHOLE = 2**30
_KEEP = ("SSH_AUTH_SOCK", "SSH_AGENT_PID", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM",
         "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_AUTHOR_DATE",
         "GIT_COMMITTER_DATE", "EMAIL")  # fmt: skip


class Credentials(Struct, frozen=True, kw_only=True):
    """A user name and token for HTTPS remotes of one host; neither is ever on a command line or in a file."""

    url: str
    username: str
    token: str

    def __repr__(self) -> str:
        return f"Credentials(url={self.url!r}, username={self.username!r}, token=***)"

    @property
    def settings(self) -> dict[str, str]:
        """As git configuration for the child's environment (git: GIT_CONFIG_COUNT)."""
        basic = base64.b64encode(f"{self.username}:{self.token}".encode()).decode()
        return {f"http.{self.url}.extraHeader": f"Authorization: Basic {basic}"}


class Git:
    """Runs git in `directory`; with `git_dir` (and `work_tree`) given, in that repository and no other."""

    def __init__(
        self,
        directory: Path,
        *,
        git_dir: Path | None = None,
        work_tree: Path | None = None,
        env: Mapping[str, str] | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        self.directory = directory
        self.source = os.environ if env is None else env
        self.credentials = credentials
        self._place = {
            name: str(path) for name, path in (("GIT_DIR", git_dir), ("GIT_WORK_TREE", work_tree)) if path is not None
        }

    def at(self, directory: Path, *, git_dir: Path | None = None, work_tree: Path | None = None) -> Git:
        """The same git, somewhere else."""
        return Git(directory, git_dir=git_dir, work_tree=work_tree, env=self.source, credentials=self.credentials)

    def environment(self, add: Mapping[str, str] | None = None) -> dict[str, str]:
        """The complete environment of a git child."""
        settings = {**_HARDENING, **(self.credentials.settings if self.credentials else {})}
        config = {"GIT_CONFIG_COUNT": str(len(settings))}
        for number, (key, value) in enumerate(settings.items()):
            config[f"GIT_CONFIG_KEY_{number}"] = key
            config[f"GIT_CONFIG_VALUE_{number}"] = value
        fixed = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C.UTF-8", "GIT_PAGER": "cat"}
        return child_environment(self.source, keep=_KEEP, add={**fixed, **config, **self._place, **(add or {})})

    def run(
        self,
        *args: str,
        stdin: bytes = b"",
        ok: Collection[int] = (0,),
        timeout_s: float = 120,
        env: Mapping[str, str] | None = None,
        on_line: OnLine | None = None,
    ) -> Completed:
        """Runs one git command; raises GitFailed on an exit code that is not in `ok`, Missing without git."""
        completed = run(
            Command(
                argv=("git", *args),
                cwd=self.directory,
                env=self.environment(env),
                stdin=stdin,
                timeout_s=timeout_s,
                grace_s=2,
            ),
            on_line=on_line,
            keep_bytes=_WHOLE if _NETWORK.intersection(args) else None,
        )
        if completed.ended != "exited" or completed.code not in ok:
            raise GitFailed(completed)
        return completed

    def text(self, *args: str, stdin: bytes = b"", ok: Collection[int] = (0,), timeout_s: float = 120) -> str:
        """Standard output as text; bytes that are no UTF-8 survive as surrogates."""
        out = self.run(*args, stdin=stdin, ok=ok, timeout_s=timeout_s).stdout
        return out.decode(errors="surrogateescape").removesuffix("\n")

    def lines(self, *args: str, stdin: bytes = b"", ok: Collection[int] = (0,), timeout_s: float = 120) -> list[str]:
        """Standard output, line by line."""
        text = self.text(*args, stdin=stdin, ok=ok, timeout_s=timeout_s)
        return text.split("\n") if text else []
