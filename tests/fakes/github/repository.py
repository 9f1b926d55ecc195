"""A repository of the fake: what it holds, and what people do to it in a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.fakes.github import events
from tests.fakes.github.git_store import GitStore
from tests.fakes.github.keys import Keys
from tests.fakes.github.models import (
    ZERO,
    Activity,
    CheckRun,
    Comment,
    Issue,
    Protection,
    Pull,
    Status,
    Token,
    WorkflowRun,
)
from tests.fakes.github.pulls import close, merge, open_pull
from tests.fakes.github.pushes import record_push
from tests.fakes.github.talk import add_comment, add_issue

if TYPE_CHECKING:
    from tests.fakes.github.fake import FakeGitHub


class FakeRepository(Keys):
    """Made by `FakeGitHub.repository`. Attributes may be set at any time; lists are the server's own, not copies.

    Switches: `private`, `offers_drafts`, `actions_may_open_pulls`, `has_workflows`, `held_runs_for_job_token`
    (a pull request by the job's token gets runs that wait for approval, else none), `runs_for_pushes`.
    """

    def __init__(
        self, fake: FakeGitHub, full_name: str, store: GitStore, default_branch: str, *, private: bool
    ) -> None:
        self.fake, self.full_name, self.store = fake, full_name, store
        self.default_branch, self.private = default_branch, private
        self.id = fake.next_id()
        self.created_at = fake.stamp()
        self.parent: str | None = None
        self.offers_drafts = self.actions_may_open_pulls = self.has_workflows = True
        self.held_runs_for_job_token = self.runs_for_pushes = True
        self.merge_methods = {"merge", "squash", "rebase"}
        self.issues: dict[int, Issue] = {}
        self.all_comments: list[Comment] = []
        self.all_check_runs: list[CheckRun] = []
        self.statuses: list[Status] = []
        self.activities: list[Activity] = []
        self.workflow_runs: list[WorkflowRun] = []
        self.labels: dict[str, tuple[int, str, str]] = {}
        self.protections: dict[str, Protection] = {}
        self.people = {self.owner: "admin"}
        self.secrets: list[str] = []

    @property
    def owner(self) -> str:
        return self.full_name.split("/")[0]

    @property
    def name(self) -> str:
        return self.full_name.split("/")[1]

    @property
    def clone_url(self) -> str:
        return f"{self.fake.server_url}/{self.full_name}.git"

    # What is there

    def pulls(self) -> list[Pull]:
        return [entry for entry in self.issues.values() if isinstance(entry, Pull)]

    def open_pulls(self) -> list[Pull]:
        return [entry for entry in self.pulls() if entry.state == "open"]

    def pull(self, number: int) -> Pull:
        found = self.issues[number]
        assert isinstance(found, Pull), f"#{number} is an issue"
        return found

    def comments(self, number: int) -> list[Comment]:
        return [entry for entry in self.all_comments if entry.number == number]

    def find_comment(self, comment_id: int) -> Comment | None:
        return next((entry for entry in self.all_comments if entry.id == comment_id), None)

    def reactions(self, comment_id: int) -> list[tuple[str, str]]:
        found = self.find_comment(comment_id)
        return [(entry.login, entry.content) for entry in found.reactions] if found else []

    def check_runs(self, sha: str | None = None) -> list[CheckRun]:
        return [entry for entry in self.all_check_runs if sha in (None, entry.head_sha)]

    def runs(self, sha: str | None = None) -> list[WorkflowRun]:
        return [entry for entry in self.workflow_runs if sha in (None, entry.head_sha)]

    def finish_runs(self, sha: str, conclusion: str) -> None:
        for run in self.runs(sha):
            if run.status != "completed":
                run.status, run.conclusion = "completed", conclusion

    def branch(self, name: str) -> str | None:
        return self.store.branch(name)

    def git(self, *args: str) -> str:
        return self.store.run(*args)

    # What people do

    def commit(
        self, branch: str, files: Mapping[str, str | bytes | None], as_login: str = "ann", *,
        message: str = "Change", base: str | None = None, force: bool = False,
    ) -> str:  # fmt: skip
        """A push of one commit by a person; None removes a file. A branch that is not there starts at `base` (a branch
        or commit; the default branch); `force` starts there even when it is."""
        with self.fake.lock:
            before = self.branch(branch)
            parent = before if before and not force else self.store.sha(base or self.default_branch)
            who = next((t for t in self.fake.tokens.values() if t.login == as_login), None) or Token(
                "", as_login, "person"
            )
            made = self.store.commit_files(
                branch, files, parent=parent, message=message, login=as_login, when=self.fake.seconds()
            )
            record_push(self, who, [(f"refs/heads/{branch}", before or ZERO, made)])
            return made

    def set_branch(self, name: str, sha: str, as_login: str = "ann") -> None:
        """A (force) push of an existing commit, or of a new branch at it."""
        with self.fake.lock:
            before = self.branch(name)
            self.store.set_ref(f"refs/heads/{name}", sha)
            record_push(self, Token("", as_login, "person"), [(f"refs/heads/{name}", before or ZERO, sha)])

    def delete_branch(self, name: str, as_login: str = "ann") -> None:
        with self.fake.lock:
            before = self.branch(name)
            assert before, f"no branch {name}"
            self.store.set_ref(f"refs/heads/{name}", None)
            record_push(self, Token("", as_login, "person"), [(f"refs/heads/{name}", before, ZERO)])

    def open_pull(
        self, branch: str, base: str, *, title: str = "A change", body: str = "", by: str = "ann", draft: bool = False,
        from_fork: str | None = None,
    ) -> Pull:  # fmt: skip
        """A person's pull request. `from_fork` ("mallory/app") makes that fork, and the branch in it, where absent."""
        with self.fake.lock:
            source = self if from_fork is None else self.fake.fork(self, from_fork)
            if from_fork is not None and source.branch(branch) is None:
                source.commit(branch, {"from-the-fork.txt": "text\n"}, as_login=source.owner)
            who = Token("", by, "person")
            return open_pull(self, source, branch, base, title=title, body=body, who=who, draft=draft)

    def merge(self, number: int, by: str = "ann", method: str = "merge", *, delete_branch: bool = False) -> str:
        """Merges it in the bare repository; the commit of the base branch."""
        with self.fake.lock:
            pull = self.pull(number)
            made = merge(self, pull, Token("", by, "person"), method)
            if delete_branch and self.branch(pull.head_ref):
                self.delete_branch(pull.head_ref, as_login=by)
            return made

    def close(self, number: int) -> None:
        with self.fake.lock:
            close(self, self.issues[number])

    def issue(self, title: str, by: str = "ann", body: str = "") -> int:
        with self.fake.lock:
            return add_issue(self, title, body, by).number

    def comment(self, number: int, text: str, by: str = "ann") -> Comment:
        with self.fake.lock:
            return add_comment(self, number, text, by)

    def edit_comment(self, comment_id: int, text: str) -> None:
        with self.fake.lock:
            found = self.find_comment(comment_id)
            assert found
            found.body, found.updated_at = text, self.fake.stamp(1)

    def delete_comment(self, comment_id: int) -> None:
        with self.fake.lock:
            self.all_comments = [entry for entry in self.all_comments if entry.id != comment_id]

    def protect(self, branch: str, *, requires_pull: bool = True, required_checks: tuple[str, ...] = ()) -> None:
        """From now on only fast-forward pushes, and none at all where a pull request is required."""
        self.protections[branch] = Protection(branch, requires_pull, required_checks)

    def rename(self, full_name: str) -> None:
        """The old name redirects: 301 for GET, 307 for everything else."""
        self.fake.rename(self, full_name)

    # Event payloads

    def event_comment(self, comment: Comment, action: str = "created") -> dict[str, Any]:
        return events.comment(self, comment, action)

    def event_pull(self, number: int, action: str = "opened", *, by: str | None = None, **more: Any) -> dict[str, Any]:
        """`action`: opened, synchronize, reopened, closed (merged when it is), labeled, ready_for_review."""
        return events.pull(self, number, action, by, more)

    def event_dispatch(
        self, inputs: Mapping[str, str] | None = None, by: str = "ann", workflow: str = ".github/workflows/devteam.yml"
    ) -> dict[str, Any]:
        return events.dispatch(self, inputs, by, workflow)

    def event_schedule(
        self, cron: str = "0 3 * * *", workflow: str = ".github/workflows/devteam.yml"
    ) -> dict[str, Any]:
        return events.schedule(self, cron, workflow)

    def event_push(self, branch: str, before: str | None = None, by: str = "ann") -> dict[str, Any]:
        return events.push(self, branch, before, by)
