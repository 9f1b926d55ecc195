"""Pull requests on GitHub: opened as drafts, found again by their branch, made ready (satisfies pipeline.Forge)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, cast

import msgspec
from msgspec import Struct

from devteam_action.errors import Missing
from devteam_action.github_io import links
from devteam_action.github_io.ci_after_push import CiAfterPush
from devteam_action.github_io.client import GitHubClient
from devteam_action.github_io.identity import note_author
from devteam_action.github_io.refusals import Forbidden, NotFound, Unprocessable
from devteam_action.github_io.texts import LONGEST_TITLE, sendable
from devteam_action.pipeline.forge import CiState, NoPullRequest, PullRequest, TooLong

if TYPE_CHECKING:
    from github.PullRequest import PullRequest as Answer
    from github.Repository import Repository

LABEL = "devteam"
WORK_IN_PROGRESS = "devteam:wip"
NEEDS_HUMAN = "needs-human"
RIGHT = "pull-requests: write"
READY_RIGHT = f"contents: write, {RIGHT}"  # as observed: github.com/cli/cli/issues/8910
_READ = "pull-requests: read"
# REST cannot do it: docs.github.com/en/graphql/reference/mutations#markpullrequestreadyforreview
MARK_READY = (
    "mutation($id: ID!) "
    "{ markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { number isDraft } } }"
)

_SWITCHED_OFF = (
    "GitHub Actions is not permitted to create pull requests here: switch on “Allow GitHub Actions to create and "
    "approve pull requests” under Settings, Actions, General, in the organisation first"
)


class PullRequests:
    """The pull requests of the client's repository; `ci` tells what GitHub does with a commit."""

    def __init__(self, client: GitHubClient, *, ci: CiAfterPush | None = None) -> None:
        self._client = client
        self._ci = ci or CiAfterPush(client)
        self._without_draft: set[int] = set()  # opened by us just now, with the label instead

    def open(self, branch: str, base: str, *, title: str, body: str) -> PullRequest | NoPullRequest:
        """See pipeline.forge.Forge. Raises Unprocessable when the branch has no commit that `base` has not."""
        try:
            opened = self._open(branch, base, title, body, draft=True)
        except Unprocessable as refused:
            if refused.says("draft pull requests are not supported"):
                return self._open_without_draft(branch, base, title, body)
            return self._existing(branch, refused)
        except Forbidden as refused:
            if refused.is_right:
                lacking = f"{refused.message}: add `{RIGHT}` to the `permissions:` of the job"
                return self._not_permitted(branch, base, title, body, lacking)
            if "not permitted to create" not in refused.reason.lower():
                raise
            return self._not_permitted(branch, base, title, body, _SWITCHED_OFF)
        return self._labelled(opened, LABEL)

    def find(self, branch: str) -> PullRequest | None:
        """The newest pull request of our own `branch`, open or not."""
        return next(iter(self._of_branch(branch, "all")), None)

    def get(self, number: int) -> PullRequest:
        """Raises NotFound."""
        return self._client.read(
            f"reading pull request #{number}", lambda here: _pull(here.get_pull(number).complete()), right=_READ
        )

    def make_ready(self, pull_request: PullRequest) -> None:
        """It is no draft any more, and has no label `devteam:wip`; already so is done."""
        if pull_request.is_draft:
            self._mark_ready(pull_request)
        if WORK_IN_PROGRESS in pull_request.labels:
            self._set_label(pull_request.number, WORK_IN_PROGRESS, wanted=False)

    def _mark_ready(self, pull_request: PullRequest) -> None:
        number = pull_request.number
        try:
            answer = self._client.mutate(
                f"making pull request #{number} ready", MARK_READY, {"id": pull_request.node_id}, right=READY_RIGHT
            )
            is_draft = msgspec.convert(answer, _Marked).mark.pull_request.is_draft
        except Unprocessable:
            is_draft = True
        if is_draft and self.get(number).is_draft:
            raise Missing(
                f"pull request #{number} stays a draft, whatever GitHub is told", remedy="mark it ready by hand"
            )

    def ask_for_a_person(self, number: int, *, wanted: bool) -> None:
        """Puts the label `needs-human` on it, or takes it off."""
        self._set_label(number, NEEDS_HUMAN, wanted=wanted)

    def set_base(self, number: int, base: str) -> None:
        """The pull request goes into `base` from now on."""
        self._client.change(
            f"basing pull request #{number} on {base}", lambda here: here.get_pull(number).edit(base=base), right=RIGHT
        )

    def file_link(self, path: str, line: int | None, revision: str) -> str:
        """See pipeline.forge.Forge."""
        return links.file_link(self._client.place.web_url, path, line, revision)

    def ci_after_push(self, branch: str, head: str, read: Callable[[str], bytes | None]) -> CiState:
        """See pipeline.forge.Forge."""
        return self._ci.state_of(branch, head, read)

    def claim(self, number: int) -> None:
        """The pull request of a task of ours, whoever opened it, has our label."""
        self._label(number, LABEL)

    def _open(self, branch: str, base: str, title: str, body: str, *, draft: bool) -> PullRequest:
        title, body = sendable(title)[:LONGEST_TITLE], sendable(body)

        def send(here: Repository) -> PullRequest:
            opened = here.create_pull(base, branch, title=title, body=body, draft=draft)
            note_author(self._client, opened.user)
            return _pull(opened)

        return self._client.create(
            f"opening a pull request for {branch}",
            send,
            find=lambda: self._find_open(branch),
            right=RIGHT,
        )

    def _open_without_draft(self, branch: str, base: str, title: str, body: str) -> PullRequest | NoPullRequest:
        try:
            opened = self._open(branch, base, title, body, draft=False)
        except Unprocessable as refused:
            return self._existing(branch, refused)
        return self._labelled(opened, LABEL, WORK_IN_PROGRESS)

    def _existing(self, branch: str, refused: Unprocessable) -> PullRequest:
        """The open one that was in the way; raises the refusal when it was about something else."""
        if refused.is_too_long:
            raise TooLong(refused.message) from refused
        found = self._find_open(branch) if refused.says("a pull request already exists") else None
        if found is None:
            raise refused
        return self._taken_over(found)

    def _not_permitted(self, branch: str, base: str, title: str, body: str, why: str) -> PullRequest | NoPullRequest:
        """The one that a person has opened, else `why` there is none; what more the right is needed for is left."""
        try:
            opened_by_a_person = self._find_open(branch)
            if opened_by_a_person:
                return self._taken_over(opened_by_a_person)
        except Forbidden:
            pass
        link = links.compare_link(self._client.place.web_url, base, branch, title=title, body=body)
        return NoPullRequest(reason=why, link=link)

    def _taken_over(self, found: PullRequest) -> PullRequest:
        """With our labels: whoever opened it, we or a person with our link, may have come no further than that."""
        if LABEL in found.labels:
            return found
        return self._labelled(found, LABEL, *(() if found.is_draft else (WORK_IN_PROGRESS,)))

    def _labelled(self, opened: PullRequest, *labels: str) -> PullRequest:
        self._label(opened.number, *labels)
        return msgspec.structs.replace(opened, labels=tuple(dict.fromkeys((*opened.labels, *labels))))

    def _label(self, number: int, *labels: str) -> None:
        self._client.change(
            f"labelling pull request #{number}",
            lambda here: here.get_issue(number).add_to_labels(*labels),
            right=RIGHT,
        )

    def _set_label(self, number: int, label: str, *, wanted: bool) -> None:
        issue: Callable[[Repository], object]
        if wanted:
            issue = lambda here: here.get_issue(number).add_to_labels(label)  # noqa: E731
        else:
            issue = lambda here: here.get_issue(number).remove_from_labels(label)  # noqa: E731
        try:
            self._client.change(f"setting the label {label} of #{number}", issue, right=RIGHT)
        except NotFound:
            if wanted:
                raise

    def _find_open(self, branch: str) -> PullRequest | None:
        return next(iter(self._of_branch(branch, "open")), None)

    def _of_branch(self, branch: str, state: Literal["open", "all"]) -> list[PullRequest]:
        """Those of our own branch, the newest first."""
        head = f"{self._client.place.owner}:{branch}"
        found = self._client.read(
            f"looking for the pull request of {branch}",
            lambda here: [_pull(each) for each in here.get_pulls(state=state, head=head).get_page(0)],
            right=_READ,
        )
        # Asked of GitHub already; a fork's branch of the same name must never be taken for ours.
        ours = [each for each in found if each.branch == branch and not each.is_fork]
        return sorted(ours, key=lambda each: -each.number)


class _Ready(Struct, frozen=True):
    is_draft: bool = msgspec.field(name="isDraft")


class _Mark(Struct, frozen=True):
    pull_request: _Ready = msgspec.field(name="pullRequest")


class _Marked(Struct, frozen=True):
    mark: _Mark = msgspec.field(name="markPullRequestReadyForReview")


def _pull(answer: Answer) -> PullRequest:
    """Of an answer that is complete, or of one in a list, which has all that is read here."""
    home = cast("Repository | None", answer.head.repo)  # null when the fork is gone
    is_merged = cast("object", answer.merged_at) is not None  # `merged` is not in lists
    return PullRequest(
        number=answer.number,
        url=answer.html_url,
        branch=answer.head.ref,
        base=answer.base.ref,
        head=answer.head.sha,
        node_id=answer.node_id,
        state="merged" if is_merged else "closed" if answer.state == "closed" else "open",
        is_draft=bool(answer.draft),
        is_fork=home is None or home.full_name != answer.base.repo.full_name,
        labels=tuple(label.name for label in answer.labels),
    )
