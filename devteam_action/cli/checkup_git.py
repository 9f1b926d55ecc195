"""Git, as `doctor` tries it: who commits, whether the remote answers, and whether it takes our branches."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from devteam_action.cli.checkup import Checkup, tried
from devteam_action.errors import GitFailed, NotAllowed, RemoteUnreachable
from devteam_action.git_io.git import Git
from devteam_action.git_io.layout import require_identity
from devteam_action.project import Project

AREA = "git"
_TIMEOUT_S = 120
_US = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
       for what, value in (("NAME", "devteam doctor"), ("EMAIL", "doctor@devteam.invalid"))}  # fmt: skip


def git_checkups(project: Project) -> Iterator[Checkup]:
    """Identity, remote, and a real push to the places that a run pushes to."""
    git, remote = project.repository.git, project.remote
    yield tried(AREA, "identity", lambda: _identity(git))
    if not remote:
        yield Checkup(
            area=AREA, name="remote", state="unknown", said="none: branches and state stay in this repository",
            fix="`git remote add origin ADDRESS`, when others are to see them",
        )  # fmt: skip
        return
    if not project.where.fetch:
        yield Checkup(area=AREA, name="remote", state="unknown", said=f"{remote} was not asked (`--no-fetch`)")
        return
    reached = tried(AREA, "remote", lambda: _reached(git, remote))
    yield reached
    if reached.state == "well" and project.config.push:
        for name, folder in (("push, own branches", "devteam/"), ("push, task branches", "task/")):
            yield tried(AREA, name, lambda folder=folder: _pushed(git, remote, folder))


def _identity(git: Git) -> str:
    require_identity(git)
    return git.text("var", "GIT_COMMITTER_IDENT").rpartition(" ")[0].rpartition(" ")[0]


def _reached(git: Git, remote: str) -> str:
    try:
        heads = git.lines("ls-remote", "--heads", remote, timeout_s=_TIMEOUT_S)
    except GitFailed as error:
        said = error.completed.stderr.decode(errors="replace").strip()
        raise RemoteUnreachable(
            f"{remote} does not answer: {said}",
            remedy="check its address (`git remote -v`), the network, and the credentials (GIT_USERNAME, GIT_TOKEN)",
        ) from error
    return f"{remote} answers, with {len(heads)} branches"


def _pushed(git: Git, remote: str, folder: str) -> str:
    """Pushes an empty commit, which no workflow knows of, and takes the branch away again."""
    branch = f"refs/heads/{folder}doctor-{secrets.token_hex(4)}"
    tree = git.text("mktree")
    commit = git.run("commit-tree", tree, "-m", "A try of devteam doctor", env=_US).stdout.decode().strip()
    try:
        git.run("push", "--quiet", "--no-verify", remote, f"{commit}:{branch}", timeout_s=_TIMEOUT_S)
    except GitFailed as error:
        raise NotAllowed(
            f"{remote} refuses {folder}*: {_said(error)}",
            remedy=f"allow pushes to {folder}* for this account: a token with `contents: write`, and no branch rule "
            "or ruleset (Settings → Rules) on these names",
        ) from error
    try:
        git.run("push", "--quiet", "--no-verify", remote, f":{branch}", timeout_s=_TIMEOUT_S)
    except GitFailed as error:
        raise NotAllowed(
            f"{branch.removeprefix('refs/heads/')} was pushed and cannot be deleted: {_said(error)}",
            remedy=f"delete it by hand, and allow that {folder}* is deleted",
        ) from error
    return f"{folder}* can be pushed, and deleted"


def _said(error: GitFailed) -> str:
    lines = error.completed.stderr.decode(errors="replace").splitlines()
    told = [line.removeprefix("remote:").strip() for line in lines if line.startswith(("remote:", " !", "fatal:"))]
    return " ".join(line for line in told if line)[:500] or error.message[:500]
