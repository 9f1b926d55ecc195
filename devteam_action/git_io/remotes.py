"""Repositories by address: cloned or brought up to date, with credentials that no file and no command line sees."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from devteam_action.errors import BadInput, GitFailed, RemoteUnreachable, RepositoryError
from devteam_action.git_io.copies import remove_tree
from devteam_action.git_io.git import Credentials, Git

Progress = Callable[[str], None]

_TIMEOUT_S = 3600
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SCP = re.compile(r"[A-Za-z0-9_][\w.-]*@[\w][\w.-]*:(?!//)[^\s\x00-\x1f]+")
# Git starts `git-remote-<name>` for any `<name>::address`, and `ext::` is a command line (git: gitremote-helpers).
_ALLOWED = {"GIT_ALLOW_PROTOCOL": "file:http:https:ssh", "GIT_PROTOCOL_FROM_USER": "0"}


def checked_url(url: str) -> str:
    """The address as git may have it; raises BadInput for other transports, passwords in it, and what is no address."""
    if _SCP.fullmatch(url):
        return url
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise _no_address(url) from None
    if parts.scheme == "file" and parts.path.startswith("/") and not host:
        return url
    if (
        parts.scheme not in ("https", "ssh", "http")
        or not host
        or host.startswith("-")
        or re.search(r"[\s\x00-\x1f]", url)
    ):
        raise _no_address(url)
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise BadInput(f"http://{host}/… would be read unencrypted", remedy="use https:// or ssh://")
    if parts.password is not None or (parts.scheme != "ssh" and parts.username is not None):
        raise BadInput(
            f"the address of the repository on {host} has credentials in it, which would be stored in .git/config",
            remedy="take them out, and set GIT_USERNAME and GIT_TOKEN in the environment",
        )
    return url


def _no_address(url: str) -> BadInput:
    shown = re.sub(r"//[^/@]*@", "//***@", url)[:200]
    return BadInput(
        f"`{shown}` is no address of a repository that we clone",
        remedy="give https://…, ssh://…, user@host:path or file:///…",
    )


def credentials_for(url: str, env: Mapping[str, str]) -> Credentials | None:
    """GIT_USERNAME and GIT_TOKEN, for the host of an HTTPS address and no other."""
    parts = urlsplit(url) if not _SCP.fullmatch(url) else None
    token = env.get("GIT_TOKEN", "")
    if parts is None or parts.scheme not in ("https", "http") or not token:
        return None
    return Credentials(
        url=f"{parts.scheme}://{parts.netloc}/", username=env.get("GIT_USERNAME") or "x-access-token", token=token
    )


def clone_or_update(url: str, directory: Path, *, env: Mapping[str, str], progress: Progress) -> bool:
    """Afterwards `directory` is a clone of `url`, its branch fast-forwarded; True when it was cloned just now.

    A folder with something else in it, with a clone of another address, or with changes that a fast-forward would
    touch is left alone and raises RepositoryError; RemoteUnreachable when the remote does not answer.
    """
    url = checked_url(url)
    credentials = credentials_for(url, env)
    if not directory.exists() or (directory.is_dir() and not any(directory.iterdir())):
        return _clone(url, directory, env, credentials, progress) or _update(url, directory, env, credentials, progress)
    return _update(url, directory, env, credentials, progress)


def _clone(
    url: str, directory: Path, env: Mapping[str, str], credentials: Credentials | None, progress: Progress
) -> bool:
    """False when somebody else put a clone there in the meantime."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place first: a clone that is cut off must not be taken for a repository.
    beside = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        progress(f"cloning {url} to {directory}")
        _talk(Git(beside, env=env, credentials=credentials), progress, "clone", "--", url, str(beside / "clone"))
        try:
            (beside / "clone").rename(directory)
        except OSError:
            if (directory / ".git").exists():
                return False
            raise
    finally:
        remove_tree(beside)
    return True


def _update(
    url: str, directory: Path, env: Mapping[str, str], credentials: Credentials | None, progress: Progress
) -> bool:
    known = _origin_of(directory)
    if known != url:
        raise RepositoryError(
            f"{directory} is a clone of {known}, not of {url}"
            if known
            else f"{directory} is in the way: it is no clone of {url}",
            remedy="give another folder, or move this one away",
        )
    progress(f"fetching {url}")
    git = Git(directory, env=env, credentials=credentials)
    _talk(git, progress, "fetch", "--prune", "origin")
    upstream = (
        git.run("rev-parse", "--verify", "--quiet", "@{upstream}^{commit}", ok=(0, 1, 128)).stdout.decode().strip()
    )
    if upstream:
        done = git.run("merge", "--ff-only", "--quiet", upstream, ok=(0, 1, 128), timeout_s=_TIMEOUT_S)
        if done.code:
            said = done.stderr.decode(errors="replace").strip()
            raise RepositoryError(
                f"the clone in {directory} cannot be brought up to date: {said}",
                remedy="put its changes away (`git stash`) or push its commits, then run again",
            )
    return False


def _origin_of(directory: Path) -> str | None:
    """The address that a clone was made from, read without starting git in a folder that we do not know yet."""
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    from git import InvalidGitRepositoryError, NoSuchPathError, Repo

    try:
        with Repo(directory) as repository, repository.config_reader("repository") as config:
            value = config.get_value('remote "origin"', "url", default="")
    except (InvalidGitRepositoryError, NoSuchPathError, OSError):
        return None
    return str(value) or None


def _talk(git: Git, progress: Progress, *args: str) -> None:
    def on_line(_stream: str, line: bytes) -> None:
        # A progress display overwrites itself with carriage returns; what stands last is what is true.
        text = line.rstrip(b"\r").rpartition(b"\r")[2].decode(errors="replace").strip()
        if text:
            progress(text)

    try:
        git.run(args[0], "--progress", *args[1:], env=_ALLOWED, on_line=on_line, timeout_s=_TIMEOUT_S)
    except GitFailed as error:
        raise RemoteUnreachable(
            error.message,
            remedy="check the address, the network, and GIT_USERNAME and GIT_TOKEN (for ssh: the agent's keys)",
        ) from error
