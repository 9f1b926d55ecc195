"""GitHub, as `doctor` tries it: each right by a write that GitHub must refuse for another reason than the right.

GitHub looks at the token's rights before it looks at what the request asks for, so a refusal with 404 or 422 for
something that cannot exist says that the right is there, and 403 that it is not.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from devteam_action.cli.checkup import Checkup, ill, tried
from devteam_action.errors import DevteamError, NotAllowed, RepositoryError
from devteam_action.github_io.refusals import Forbidden, NotFound, Unprocessable
from devteam_action.on_github import GitHubSide

AREA = "GitHub"
_NOTHING = "devteam-doctor-tries-what-is-not-there"
_SWITCH = "Settings → Actions → General → Workflow permissions: switch on “Allow GitHub Actions to create and approve"


class _About(Struct, frozen=True):
    default_branch: str
    private: bool = True
    archived: bool = False


def github_checkups(side: GitHubSide, base_branch: str) -> Iterator[Checkup]:
    """The repository, the rights of the token, the switch for pull requests, and what becomes of CI."""
    try:
        about = side.client.read(
            "reading the repository", lambda _: msgspec.convert(side.client.raw("GET", ""), _About, strict=False)
        )
    except DevteamError as error:
        yield ill(AREA, "repository", error)
        return
    yield tried(AREA, "repository", lambda: _repository(side, about))
    yield _default_branch(about, base_branch)
    yield from _rights(side, base_branch)
    yield _may_open(side)
    yield _ci(side)


def _repository(side: GitHubSide, about: _About) -> str:
    if about.archived:
        raise RepositoryError(f"{side.place.repository} is archived", remedy="unarchive it: Settings → General")
    return f"{side.place.repository}, {'private' if about.private else 'public'}"


def _default_branch(about: _About, base_branch: str) -> Checkup:
    if about.default_branch == base_branch:
        return Checkup(area=AREA, name="default branch", state="well", said=base_branch)
    return Checkup(
        area=AREA, name="default branch", state="unknown",
        said=f"{about.default_branch}, while tasks start from {base_branch}: comments and schedules use the workflow "
        f"file on {about.default_branch}",
        fix=f"keep .github/workflows/devteam.yml on {about.default_branch}, too",
    )  # fmt: skip


def _rights(side: GitHubSide, base_branch: str) -> Iterator[Checkup]:
    yield _right(side, "pull-requests: write", "/pulls", {"title": _NOTHING, "head": _NOTHING, "base": base_branch})
    yield _right(side, "issues: write", "/issues/999999999/comments", {"body": _NOTHING})
    yield _right(side, "checks: write", "/check-runs", {"name": _NOTHING, "head_sha": "0" * 40})
    yield _right(side, "actions: write", f"/actions/workflows/{_NOTHING}.yml/dispatches", {"ref": _NOTHING})


def _right(side: GitHubSide, right: str, path: str, body: dict[str, object]) -> Checkup:
    try:
        side.client.create(f"trying `{right}`", lambda _: side.client.raw("POST", path, body), find=None, right=right)
    except (NotFound, Unprocessable):
        return Checkup(area=AREA, name=right, state="well", said="given")
    except Forbidden as error:
        if not error.is_right and right == "pull-requests: write":
            return Checkup(
                area=AREA, name=right, state="not-allowed", said=error.reason, fix=f"{_SWITCH} pull requests”"
            )
        if not side.is_job and right == "checks: write":
            return Checkup(
                area=AREA, name=right, state="unknown",
                said="a person's token writes no check runs; that of a job with this right does",
            )  # fmt: skip
        return ill(AREA, right, error)
    except DevteamError as error:
        return ill(AREA, right, error)
    return Checkup(area=AREA, name=right, state="unknown", said=f"GitHub accepted what it should have refused ({path})")


def _may_open(side: GitHubSide) -> Checkup:
    name = "jobs open pull requests"
    try:
        may = side.workflows.may_open_pulls()
    except DevteamError as error:
        return ill(AREA, name, error)
    if may is None:
        return Checkup(
            area=AREA, name=name, state="unknown",
            said="only an administrator's token may ask for this setting", fix=f"look: {_SWITCH} pull requests”",
        )  # fmt: skip
    if may:
        return Checkup(area=AREA, name=name, state="well", said="switched on")
    error = NotAllowed("switched off", remedy=f"{_SWITCH} pull requests” (in the organisation, too)")
    return ill(AREA, name, error)


def _ci(side: GitHubSide) -> Checkup:
    name = "your CI on our pushes"
    if not side.is_job:
        return Checkup(area=AREA, name=name, state="well", said="starts: this token is no job's token")
    return Checkup(
        area=AREA, name=name, state="unknown",
        said="a push with the job's token starts no workflow, and on a pull request of its own they wait for approval",
        fix="give `github-token:` the token of a GitHub App (its pushes start CI), or name your workflow in "
        "`dispatch-workflow:`, or approve the runs on the pull request",
    )  # fmt: skip
