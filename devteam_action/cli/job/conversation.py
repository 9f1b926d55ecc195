"""The conversation under an issue or pull request: who speaks, about which task, and what we say back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from devteam_action.actions.payloads import CommandComment
from devteam_action.cli.job.branches import task_of_branch
from devteam_action.cli.job.desk import Desk
from devteam_action.cli.output import Result
from devteam_action.domain.standing import minute
from devteam_action.errors import BadInput, DevteamError, NotAllowed
from devteam_action.git_io.fetching import fetch_branch
from devteam_action.git_io.history import head_of
from devteam_action.github_io.comments import JOB_LOGIN, PAGE
from devteam_action.pipeline.forge import PullRequest
from devteam_action.render.markers import answer_marker
from devteam_action.render.own_templates import NONE, PATHS, OwnTemplates
from devteam_action.render.reply import reply
from devteam_action.support.redact import Redactor

if TYPE_CHECKING:
    from devteam_action.github_io.command_comments import CommentSeen

Reaction = Literal["eyes", "rocket", "-1", "confused"]


class Conversation:
    """What a job says and asks on GitHub besides its reports. What cannot be said is told in the log, and no more."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pulls: dict[int, PullRequest] = {}

    def react(self, comment: int, reaction: Reaction) -> None:
        """The comment has our reaction, where it is still there and we may."""
        try:
            self._desk.needed_github.reactions.react(comment, reaction)
        except DevteamError as error:
            self._desk.say(f"no reaction to comment {comment}: {error.message}")

    def answer(self, comment: CommandComment, command: str, result: Result) -> None:
        """Our one comment there says what became of the command."""
        body = self._reply(comment, command, result)
        try:
            self._put(comment, body)
        except DevteamError as error:
            self._desk.say(f"no answer under #{comment.number}: {error.message}")

    def _put(self, comment: CommandComment, body: str) -> None:
        """Where the comment is, the state knows; without that the newest page tells what another job has just said."""
        state, number = self._desk.project.state, comment.number
        known = state.answer_comment(number)
        comments = self._desk.needed_github.comments
        put = comments.put(number, answer_marker(), body, known=known, from_page=comment.comments // PAGE)
        if put == known:
            return
        try:
            state.keep_answer_comment(number, put)
        except DevteamError as error:
            self._desk.say(f"where #{number} is answered was not kept: {error.message}")

    def correct(self, comment: CommandComment, command: str, result: Result) -> None:
        """The same where that comment is there already: what an earlier command came to would stand below a success."""
        body = self._reply(comment, command, result)
        try:
            known = self._desk.project.state.answer_comment(comment.number)
            self._desk.needed_github.comments.edit(comment.number, answer_marker(), body, known=known)
        except DevteamError as error:
            self._desk.say(f"the answer under #{comment.number} is an older one: {error.message}")

    def _reply(self, comment: CommandComment, command: str, result: Result) -> str:
        desk = self._desk
        return reply(
            command,
            comment.author,
            Redactor(desk.environment.secrets).redact(result.text),
            exit_code=result.exit_code,
            asked_at=comment.url,
            run_url=desk.job.run_url,
            own=self._own_templates(),
        )

    def _own_templates(self) -> OwnTemplates:
        try:
            project = self._desk.project
            return OwnTemplates(project.repository.read_many(project.base, PATHS), tell=self._desk.say)
        except DevteamError:  # an answer that is about this very trouble is given in our words
            return NONE

    def own_task(self, comment: CommandComment, *, ask: bool = True) -> str:
        """The id of the task whose pull request the comment stands on; empty when there is none.

        Without `ask` GitHub is not asked for what the record does not have.
        """
        if not comment.is_pull_request:
            return ""
        project = self._desk.project
        executions = project.view().executions
        known = next((each for each in executions.values() if each.pull_request == comment.number), None)
        if known is not None or not ask:
            return known.task_id if known is not None else ""
        pull = self.pull_request(comment.number)
        # Whoever has a fork names its branches: one called like ours is of no task.
        task = None if pull.is_fork else task_of_branch(pull.branch, project.lists.tasks, executions)
        return task.id if task is not None else ""

    def pull_request(self, number: int) -> PullRequest:
        """The pull request as it is now; asked for once."""
        if number not in self._pulls:
            self._pulls[number] = self._desk.needed_github.forge.get(number)
        return self._pulls[number]

    def head_seen(self, comment: CommandComment, task: str) -> str:
        """The head of the task's branch that the author can have seen; empty without a branch.

        Raises NotAllowed when they cannot have seen the head of a branch that they speak of. Commit dates prove
        nothing; GitHub's own record of pushes does. Our pushes are no surprise to anybody, nor are one's own; a push in
        the very second of the comment (its times have no smaller parts) is one.
        """
        said = datetime.fromisoformat(comment.created_at)
        meant = tuple(self._branches_meant(comment, task))
        # Before the pushes are looked at: whatever comes later is another head than this one.
        heads = {branch: self._head_of(branch) for branch in meant}
        for branch in meant:
            push = self._desk.needed_github.pushes.last_to(branch, besides=(JOB_LOGIN, comment.author))
            if push is not None and datetime.fromisoformat(push.at) >= said:
                raise NotAllowed(
                    f"{push.by or 'somebody'} pushed {push.after[:9]} to {branch} at {minute(push.at)}, "
                    "after your comment",
                    remedy="look at the new head, then say it again",
                )

        return heads[meant[-1]] if meant else ""

    def _head_of(self, branch: str) -> str:
        git, remote = self._desk.project.repository.git, self._desk.project.remote
        return (head_of(git, f"refs/remotes/{remote}/{branch}") or "") if fetch_branch(git, remote, branch) else ""

    def _branches_meant(self, comment: CommandComment, task: str) -> Iterable[str]:
        """That of the pull request which the comment stands on, and last that of the task which it names."""
        meant: dict[str, None] = {}
        if comment.is_pull_request:
            pull = self.pull_request(comment.number)
            if pull.is_fork:
                raise NotAllowed(
                    f"#{comment.number} is of a fork: its code does not run beside this repository's secrets",
                    remedy="its own check verifies it, with a token that can only read",
                )
            meant[pull.branch] = None
        named = self._desk.project.view().executions.get(task) if task else None
        if named is not None and named.branch:
            meant.pop(named.branch, None)
            meant[named.branch] = None
        return meant

    def approve(self, number: int, sha: str) -> Result:
        """Lets the CI runs go that GitHub holds on exactly that head of the pull request."""
        pull = self.pull_request(number)
        if not pull.head.startswith(sha):
            raise BadInput(
                f"#{number} ends with {pull.head[:12]}, not with {sha}", remedy=f"`/devteam approve {pull.head[:12]}`"
            )
        count = self._desk.needed_github.workflows.approve_held(pull.head)
        said = f"{count} held run{'' if count == 1 else 's'} let go" if count else "no run was held"
        return Result(
            document={"success": True, "approved": count, "head": pull.head}, text=f"{pull.head[:12]}: {said}"
        )

    def refuse_if_changed(self, comment: CommandComment) -> None:
        """Raises NotAllowed when the comment does not say any more what its event said, or is gone."""
        now = self._desk.needed_github.new_comments.one(comment.id)
        if now is None:
            raise NotAllowed("the comment was deleted meanwhile", remedy="say it again in a new comment")
        if now.body != comment.body or now.updated_at != now.created_at:
            raise NotAllowed(
                "the comment was edited meanwhile, and only what was first written commands",
                remedy="say it again in a new comment",
            )

    def may_command(self, login: str) -> bool | None:
        """Whether they may write here; None where GitHub does not answer now."""
        try:
            return self._desk.needed_github.people.permission_of(login) in ("admin", "write")
        except DevteamError:
            return None

    def is_ended(self, comment: int) -> bool:
        """Whether we have ended that command: anybody can leave a reaction, and only ours count."""
        try:
            return bool(self._desk.needed_github.reactions.ours(comment) & {"rocket", "-1", "confused"})
        except DevteamError:
            return True  # what cannot be told now is left to the next job

    def recent(self, since: datetime) -> Iterable[tuple[CommandComment, bool]]:
        """The comments since then, and whether somebody left a reaction by which we end a command."""
        github = self._desk.github
        if github is None:
            return ()
        at = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            found = github.new_comments.since(at)
        except DevteamError as error:
            self._desk.say(f"comments without an answer could not be looked for: {error.message}")
            return ()
        return tuple((_as_comment(each), bool(each.rocket + each.minus_one + each.confused)) for each in found)


def _as_comment(seen: CommentSeen) -> CommandComment:
    return CommandComment(
        id=seen.id,
        number=seen.number,
        body=seen.body,
        author=seen.author,
        created_at=seen.created_at,
        url="",
        is_pull_request=seen.is_pull_request,
        is_bot=seen.is_bot,
        is_edited=seen.updated_at != seen.created_at,
    )
