"""Which repository, branch and commit we are asked about; light enough for every `devteam next`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from devteam_action.errors import GitFailed, RepositoryError
from devteam_action.git_io.git import Credentials, Git

_SCP = re.compile(r"^(?:[^@/]+@)?(?P<host>[^:/]+):(?!//)(?P<path>.+)$")


class Repository(Struct, frozen=True, kw_only=True):
    """A repository as it was found: `root` is its working directory, `common_dir` the git directory of all worktrees.

    `current_branch` is empty on a detached HEAD.
    """

    git: Git
    root: Path
    common_dir: Path
    current_branch: str

    @property
    def devteam_dir(self) -> Path:
        """Where this machine keeps logs, journals and caches: no working tree and no commit has it."""
        return self.common_dir / "devteam"

    def commit_of(self, branch: str) -> str | None:
        """The full SHA of a local branch, None when there is no such branch."""
        found = self.git.run("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}", ok=(0, 1))
        return found.stdout.decode().strip() or None

    def remote_commit_of(self, remote: str, branch: str) -> str | None:
        """The same for a branch as it was last seen on a remote."""
        if not remote:
            return None
        found = self.git.run(
            "rev-parse", "--verify", "--quiet", f"refs/remotes/{remote}/{branch}^{{commit}}", ok=(0, 1)
        )
        return found.stdout.decode().strip() or None

    def branches(self) -> list[str]:
        """The local branches, the latest work first."""
        return self.git.lines("for-each-ref", "--sort=-committerdate", "--format=%(refname:lstrip=2)", "refs/heads/")

    def read_many(self, commit: str, paths: Sequence[str]) -> dict[str, bytes]:
        """The contents of those of `paths` that are regular files in `commit`; one child for all of them."""
        names = [path for path in paths if "\n" not in path]
        asked = "".join(f"{commit}:{path}\n" for path in names).encode(errors="surrogateescape")
        out = self.git.run("cat-file", "--batch", stdin=asked).stdout
        found: dict[str, bytes] = {}
        at = 0
        for path in names:
            end = out.index(b"\n", at)
            header = out[at:end].split(b" ")
            at = end + 1
            if len(header) < 3 or header[-1] in (b"missing", b"ambiguous") or not header[-1].isdigit():
                continue
            size = int(header[-1])
            if header[-2] == b"blob":
                found[path] = out[at : at + size]
            at += size + 1
        return found

    def files(self, commit: str) -> tuple[str, ...]:
        """Every path of a commit."""
        out = self.git.run("ls-tree", "-r", "-z", "--name-only", commit).stdout
        return tuple(name.decode(errors="surrogateescape") for name in out.split(b"\0") if name)

    def read_lying(self, paths: Sequence[str]) -> dict[str, bytes]:
        """The contents of those of `paths` that are regular files in the working directory."""
        files = {path: self.root / path for path in paths}
        return {
            path: file.read_bytes()
            for path, file in files.items()
            # A link may lead anywhere; a committed one is no regular file either.
            if file.is_file() and not file.is_symlink() and file.resolve().is_relative_to(self.root.resolve())
        }

    def lying(self) -> tuple[str, ...]:
        """Every path of the working directory, ignored files left out."""
        out = self.git.run("ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
        return tuple(name.decode(errors="surrogateescape") for name in out.split(b"\0") if name)

    def uncommitted(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Those of `paths` that differ between HEAD and the working directory."""
        out = self.git.run("status", "--porcelain=v1", "-z", "--untracked-files=normal", "--", *paths).stdout
        return tuple(dict.fromkeys(part[3:].decode(errors="replace") for part in out.split(b"\0") if len(part) > 3))

    def user_name(self) -> str:
        """The name that the configured git user has; empty without one."""
        return self.git.run("config", "--get", "user.name", ok=(0, 1)).stdout.decode(errors="replace").strip()

    def remotes(self) -> dict[str, str]:
        """Name and address of each remote."""
        out = self.git.run("config", "--null", "--get-regexp", r"^remote\..*\.url$", ok=(0, 1)).stdout
        pairs = (entry.split(b"\n", 1) for entry in out.split(b"\0") if b"\n" in entry)
        return {key.decode()[len("remote.") : -len(".url")]: url.decode(errors="replace") for key, url in pairs}


def open_repository(directory: Path, env: Mapping[str, str], *, credentials: Credentials | None = None) -> Repository:
    """The repository that `directory` is in; raises RepositoryError when there is none to work with."""
    if not directory.is_dir():
        raise RepositoryError(f"{directory} is no folder", remedy="give the repository's folder with -C")
    git = Git(directory, env=env, credentials=credentials)
    try:
        root, common, head = git.lines(
            "rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir", "--symbolic-full-name", "HEAD"
        )
    except (GitFailed, ValueError):
        _diagnose(directory, git)
        raise RepositoryError(
            f"git's answer about {directory} cannot be read: is there a line break in a folder's name?",
            remedy="rename the folder",
        ) from None
    if any("\udc80" <= sign <= "\udcff" for sign in root):
        raise RepositoryError(
            f"the folder {root!a} has a name that is no UTF-8, which no record can hold", remedy="rename the folder"
        )
    branch = head.removeprefix("refs/heads/") if head.startswith("refs/heads/") else ""
    return Repository(git=git.at(Path(root)), root=Path(root), common_dir=Path(common), current_branch=branch)


def _diagnose(directory: Path, git: Git) -> None:
    inside = git.run("rev-parse", "--is-inside-work-tree", ok=(0, 128))
    if inside.code != 0:
        said = inside.stderr.decode(errors="replace")
        if "dubious ownership" in said:
            raise RepositoryError(
                f"{directory} belongs to another user, so git refuses it",
                remedy=f"git config --global --add safe.directory {directory}",
            )
        raise RepositoryError(f"{directory} is in no git repository", remedy="`git init`, or give a folder with -C")
    if inside.stdout.strip() != b"true":
        raise RepositoryError(f"{directory} is a git directory without a working tree", remedy="work in a clone of it")
    if git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", ok=(0, 1, 128)).code != 0:
        raise RepositoryError(f"{directory} has no commit yet", remedy="commit the task list first")


def project_name(url: str, root: Path) -> str:
    """`owner/repo` from a remote's address, else the folder's name."""
    match = _SCP.match(url)
    path = match["path"] if match else urlsplit(url).path
    parts = [part for part in path.removesuffix(".git").split("/") if part]
    if url and not url.startswith(("/", ".", "file:")) and len(parts) >= 2:
        return "/".join(parts[-2:])
    return root.name


def usual_remote(remotes: Mapping[str, str]) -> str:
    """The remote as long as the configuration names none: `origin`, or the only one there is."""
    return "origin" if "origin" in remotes else next(iter(remotes), "") if len(remotes) == 1 else ""
