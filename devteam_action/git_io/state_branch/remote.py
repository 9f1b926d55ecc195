"""The state branch of a remote, through a small bare repository of its own.

The repository is `<git folder>/devteam/state/<remote>.git`. It is apart from the user's because it is shallow and
without blobs where the remote serves that: `shallow` and `extensions.partialClone` are settings of a whole repository,
and would make the user's own clone shallow and partial too. It is a cache: deleting it loses nothing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from devteam_action.errors import DevteamError, RemoteUnreachable, StateNotWritten
from devteam_action.git_io.git import Git
from devteam_action.git_io.state_branch.answers import (
    Answer,
    in_the_way,
    is_absent,
    is_race,
    is_refused,
    push_answer,
    reason,
    refusal,
)
from devteam_action.git_io.state_branch.fast_import import Commit
from devteam_action.git_io.state_branch.repository import StateRepository, git_folder, name_taken, not_written
from devteam_action.git_io.state_branch.turn import machine_wide, turn
from devteam_action.support.process import Completed

_NAME = "state"  # the remote's name inside our repository
_TRACKING = "refs/devteam/state"
_NETWORK_S = 60.0
_LOOSE = 40  # files in one of the 256 folders of loose objects (git gc --auto: 27)
# What lets the user's git into the remote, set in the repository's own config (as actions/checkout does).
_ACCESS = r"^(http\..*|credential\..*|credential\.helper|core\.sshcommand|core\.gitproxy|ssh\.variant|url\..*)$"


class RemoteBranch(StateRepository):
    """Reads and moves `refs/heads/<branch>` of a remote; the push with a lease is the compare-and-swap."""

    is_truth = False

    def __init__(self, git: Git, branch: str, remote: str) -> None:
        self._users = git
        self._remote = remote
        self._branch = branch
        folder = git_folder(git) / "devteam" / "state" / f"{quote(remote, safe='')}.git"
        super().__init__(git.at(folder, git_dir=folder))
        self._folder = folder
        self.place = f"on the remote `{remote}`"
        self.ref = f"refs/devteam/writing-{os.getpid()}"
        self.is_temporary = True
        self._ready = False
        self._seed = ""
        self._lock = folder / "turn.lock"

    # --- reading

    def known(self) -> str:
        """The tip as it was last seen. Read from the ref's own file: a process less for each update."""
        self._prepare()
        with contextlib.suppress(OSError):
            return (self._folder / _TRACKING).read_text(encoding="ascii").strip()
        return self.commit_at(_TRACKING) or self._seed

    def refresh(self) -> str:
        """Asks the remote. The first time one commit without blobs, later what is new."""
        before = self.known()
        first = () if before else ("--depth=1", "--filter=blob:none")
        completed = self._fetch(*first)
        for _ in range(4):
            if not is_race(completed):
                break
            completed = self._fetch(*first)
        if completed.ok:
            return self.known()
        if is_absent(completed):
            return self._absent(before)
        raise self._unreachable(completed)

    def _fetch(self, *options: str) -> Completed:
        fixed = ("--quiet", "--no-tags", "--no-write-fetch-head")
        return self.attempt("fetch", *fixed, *options, _NAME, timeout_s=_NETWORK_S)

    def before_batch(self, version: str, prefix: str, blobs: Sequence[str]) -> None:
        """Fetches the missing ones of `blobs` in one request; git itself would ask for them one by one."""
        if not self._is_partial():
            return
        tree = f"{version}:{prefix.rstrip('/')}" if prefix.endswith("/") else version
        listed = self.run("rev-list", "--objects", "--no-object-names", "--missing=print", tree, ok=(0, 128)).stdout
        absent = {line[1:].decode() for line in listed.splitlines() if line.startswith(b"?")}
        missing = "".join(f"{blob}\n" for blob in blobs if blob in absent).encode()
        if missing:
            # The options are those of git's own lazy fetch (promisor-remote.c).
            self.run(
                "-c", "fetch.negotiationAlgorithm=noop", "fetch", _NAME, "--no-tags", "--no-write-fetch-head",
                "--recurse-submodules=no", "--filter=blob:none", "--stdin", stdin=missing, timeout_s=_NETWORK_S,
            )  # fmt: skip

    # --- writing

    def turn(self) -> AbstractContextManager[bool]:
        """True where another process of this machine had its turn first."""
        return turn(self._lock)

    def publish(self, commit: Commit) -> tuple[Answer, str]:
        written = self.write(commit)
        if not written.ok:
            raise not_written(written, f"in {self._folder}")
        made = written.stdout.decode().strip()
        target = f"refs/heads/{self._branch}"
        expected = "" if commit.parent == self._seed else commit.parent  # empty: it must not exist yet
        # --no-thin: a thin pack would want the old blobs to make deltas from, which a partial clone has to fetch.
        pushed = self.attempt(
            "push", "--porcelain", "--quiet", "--no-verify", "--no-thin",
            f"--force-with-lease={target}:{expected}", _NAME, f"{made}:{target}", timeout_s=_NETWORK_S,
        )  # fmt: skip
        answer = push_answer(pushed)
        if answer != "applied" and (other := in_the_way(pushed)):
            raise name_taken(other, self.place)
        if answer == "refused":
            raise refusal(self._remote, self._branch, pushed)
        if answer == "no-space":
            raise not_written(pushed, self.place)
        return answer, made

    # --- the repository

    def _prepare(self) -> None:
        if self._ready:
            return
        if not (self._folder / "HEAD").is_file():
            self._create()
        url = self._url()
        self.extra = self._settings(url)
        with contextlib.suppress(OSError):
            self._lock = machine_wide(url)
        self._ready = True
        self._tidy()

    def _tidy(self) -> None:
        """Packs the cache when it has some ten thousand loose objects (git's own estimate, from one folder of 256).

        Only what is reachable is packed and only what is packed is removed: other processes may be writing.
        """
        with contextlib.suppress(OSError):
            if len(list((self._folder / "objects" / "17").iterdir())) > _LOOSE:
                self.attempt("repack", "-d", "-l", "-q")

    def _create(self) -> None:
        """Made beside and renamed: two processes may start at once, and a kill leaves no half repository."""
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            made = Path(tempfile.mkdtemp(prefix="new-", dir=self._folder.parent))
            try:
                self.git.at(made).run("init", "--bare", "--quiet", "--template=", str(made))
                # Another process was faster (the system says so in several ways): what counts is what is there.
                with contextlib.suppress(OSError):
                    made.rename(self._folder)
            finally:
                shutil.rmtree(made, ignore_errors=True)
            if not (self._folder / "HEAD").is_file():
                raise OSError(f"{self._folder} is there, and is no git repository")
        except (OSError, DevteamError) as error:
            raise StateNotWritten(
                f"the cache of the state branch could not be made in {self._folder}: {error}",
                remedy="free some disk space or make the folder writable, then run the same command again",
            ) from error

    def _settings(self, url: str) -> dict[str, str]:
        """The remote and the way in, as git configuration in the environment: no secret is in a file or an argv."""
        pairs = [
            (f"remote.{_NAME}.url", url),
            (f"remote.{_NAME}.fetch", f"+refs/heads/{self._branch}:{_TRACKING}"),
            ("fetch.showForcedUpdates", "false"),
            *self._access(),
        ]
        environment = self.git.environment()
        first = int(environment.get("GIT_CONFIG_COUNT", "0"))
        extra = {"GIT_CONFIG_COUNT": str(first + len(pairs))}
        for number, (key, value) in enumerate(pairs, start=first):
            extra[f"GIT_CONFIG_KEY_{number}"] = key
            extra[f"GIT_CONFIG_VALUE_{number}"] = value
        return extra

    def _url(self) -> str:
        out = self._users.run("config", "--get", f"remote.{self._remote}.url", ok=(0, 1))
        url = out.stdout.decode(errors="surrogateescape").strip()
        if not url:
            raise RemoteUnreachable(
                f"the repository has no remote `{self._remote}`",
                remedy=f"add it with `git remote add {self._remote} URL`, or work without a remote",
            )
        # A relative path means: from the top of the user's repository.
        local = self._users.directory / url
        return str(local.resolve()) if "://" not in url and local.exists() else url

    def _access(self) -> list[tuple[str, str]]:
        out = self._users.run("config", "--show-scope", "-z", "--get-regexp", _ACCESS, ok=(0, 1)).stdout
        fields = out.decode(errors="surrogateescape").split("\0")
        pairs: list[tuple[str, str]] = []
        for scope, entry in zip(fields[::2], fields[1::2], strict=False):
            if scope in ("local", "worktree"):  # the user's and the system's config are read by git anyway
                key, _, value = entry.partition("\n")
                pairs.append((key, value))
        return pairs

    def _is_partial(self) -> bool:
        with contextlib.suppress(OSError):
            return "promisor" in (self._folder / "config").read_text(errors="replace")
        return False

    def _absent(self, before: str) -> str:
        """The remote has no state branch. A local one, from before there was a remote, is what it will start with."""
        if before and before != self._seed:
            self.run("update-ref", "-d", _TRACKING)
        ours = self._users.run("rev-parse", "--verify", "--quiet", f"refs/heads/{self._branch}", ok=(0, 1)).stdout
        self._seed = ours.decode().strip()
        if self._seed:
            folder = str(git_folder(self._users))
            self.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", folder, f"refs/heads/{self._branch}")
        return self._seed

    # --- errors

    def _unreachable(self, completed: Completed) -> DevteamError:
        if is_refused(completed):
            return refusal(self._remote, self._branch, completed)
        return RemoteUnreachable(
            f"the remote `{self._remote}` ({_shown(self._url())}) does not answer about the state: {reason(completed)}",
            remedy="check the network and the remote's address, then run the same command again",
        )


def _shown(url: str) -> str:
    """The address without a password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.hostname or "")) if "@" in parts.netloc else url
