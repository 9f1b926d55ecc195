"""The rules of pull requests: what may be opened, what merging does to the branches."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from tests.fakes.github.answers import Refusal, invalid
from tests.fakes.github.models import Issue, Pull, Token
from tests.fakes.github.pushes import mark_merged, record_push, show_head
from tests.fakes.github.rights import may_change_workflows
from tests.fakes.github.runs import start_for_pull
from tests.fakes.github.talk import good_body, good_title, next_number

if TYPE_CHECKING:
    from tests.fakes.github.repository import FakeRepository

FORBIDDEN = "GitHub Actions is not permitted to create or approve pull requests."
NO_DRAFTS = "Draft pull requests are not supported in this repository."


def open_pull(
    repo: FakeRepository,
    source: FakeRepository,
    head: str,
    base: str,
    *,
    title: str,
    body: str,
    who: Token,
    draft: bool,
) -> Pull:
    """The new pull request, or GitHub's refusal: 403 forbidden to Actions, 422 for everything else."""
    if who.is_job and not repo.actions_may_open_pulls:
        raise Refusal(403, FORBIDDEN)
    if draft and not repo.offers_drafts:
        raise Refusal(422, NO_DRAFTS)
    head_sha, base_sha = source.branch(head), repo.branch(base)
    if head_sha is None:
        raise invalid("PullRequest", field="head", code="invalid")
    if base_sha is None:
        raise invalid("PullRequest", field="base", code="invalid")
    for other in repo.open_pulls():
        if (other.head_repo, other.head_ref, other.base_ref) == (source.full_name, head, base):
            raise invalid("PullRequest", f"A pull request already exists for {source.owner}:{head}.")
    if source is not repo:
        repo.store.run("fetch", "--quiet", "--no-tags", str(source.store.path), head_sha)
    if repo.store.count(base_sha, head_sha) == 0:
        raise invalid("PullRequest", f"No commits between {base} and {head}")
    title = good_title(title, "PullRequest")
    now, made_id = repo.fake.stamp(), repo.fake.next_id()
    pull = Pull(
        made_id, next_number(repo), title, good_body(body, "PullRequest"), who.login, now, now,
        head_repo=source.full_name, head_ref=head, head_sha=head_sha, base_ref=base, base_sha=base_sha, draft=draft,
        node_id="PR_" + base64.urlsafe_b64encode(f"{repo.id}:{made_id}".encode()).decode().rstrip("="),
    )  # fmt: skip
    repo.issues[pull.number] = pull
    show_head(repo, pull)
    start_for_pull(repo, pull, who)
    return pull


def close(repo: FakeRepository, issue: Issue) -> None:
    if issue.state == "open":
        issue.state, issue.closed_at = "closed", repo.fake.stamp()


def reopen(repo: FakeRepository, issue: Issue) -> None:
    if isinstance(issue, Pull) and issue.state == "closed":
        source = repo.fake.repositories[issue.head_repo.lower()]
        head = source.branch(issue.head_ref)
        if issue.merged or head is None or repo.branch(issue.base_ref) is None:
            raise invalid("PullRequest", "state cannot be changed. The pull request cannot be reopened.", field="state")
        issue.head_sha = head
    issue.state, issue.closed_at = "open", None


def set_base(repo: FakeRepository, pull: Pull, base: str) -> None:
    sha = repo.branch(base)
    if sha is None or pull.state != "open":
        raise invalid("PullRequest", field="base", code="invalid")
    if repo.store.count(sha, pull.head_sha) == 0:
        raise invalid(
            "PullRequest", f"There are no new commits between base branch '{base}' and head branch '{pull.head_ref}'"
        )
    pull.base_ref, pull.base_sha = base, sha
    show_head(repo, pull)


def is_mergeable(repo: FakeRepository, pull: Pull) -> bool | None:
    base = repo.branch(pull.base_ref)
    if pull.state != "open" or base is None:
        return None
    return repo.store.merged_tree(base, pull.head_sha) is not None


def merge(
    repo: FakeRepository, pull: Pull, who: Token, method: str, *, title: str = "", text: str = "", sha: str = ""
) -> str:
    """Merges; the new commit of the base branch."""
    if pull.state != "open" or pull.draft:
        raise Refusal(405, "Pull Request is still a draft" if pull.draft else "Pull Request is not mergeable")
    if sha and sha != pull.head_sha:
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    if method not in repo.merge_methods:
        raise Refusal(405, f"{method.capitalize()} merges are not allowed on this repository.")
    _pass_protection(repo, pull)
    base = repo.branch(pull.base_ref)
    tree = repo.store.merged_tree(base, pull.head_sha) if base else None
    if base is None or tree is None:
        raise Refusal(405, "Pull Request is not mergeable")
    pass_workflows(repo, who, base, tree)
    made = _merged(repo, pull, who.login, method, base, tree, title, text)
    repo.store.set_ref(f"refs/heads/{pull.base_ref}", made)
    mark_merged(repo, pull, made, who.login)
    record_push(repo, who, [(f"refs/heads/{pull.base_ref}", base, made)], kind="pr_merge")
    return made


def pass_workflows(repo: FakeRepository, who: Token, old: str, new: str) -> None:
    """Refuses an App without the right for workflows what would change one, be it on a branch already."""
    changed = repo.store.run("diff", "--name-only", old, new, "--", ".github/workflows").splitlines()
    if changed and not may_change_workflows(who):
        what = f"create or update workflow `{changed[0]}` without `workflows` permission"
        raise Refusal(403, f"refusing to allow a GitHub App to {what}")


def _pass_protection(repo: FakeRepository, pull: Pull) -> None:
    rule = repo.protections.get(pull.base_ref)
    green = {run.name for run in repo.check_runs(pull.head_sha) if run.conclusion in ("success", "neutral", "skipped")}
    missing = [name for name in rule.required_checks if name not in green] if rule else []
    if missing:
        raise Refusal(405, f'Required status check "{missing[0]}" is expected.')


def _merged(
    repo: FakeRepository, pull: Pull, login: str, method: str, base: str, tree: str, title: str, text: str
) -> str:
    when = repo.fake.seconds()
    if method == "merge":
        owner = pull.head_repo.split("/")[0]
        message = (
            f"{title or f'Merge pull request #{pull.number} from {owner}/{pull.head_ref}'}\n\n{text or pull.title}\n"
        )
        return repo.store.new_commit(tree, [base, pull.head_sha], message, login, when)
    commits = repo.store.run("rev-list", "--reverse", "--no-merges", f"{base}..{pull.head_sha}").splitlines()
    if method == "squash":
        bodies = "".join(f"* {repo.store.run('log', '-1', '--format=%B', sha).strip()}\n\n" for sha in commits)
        message = f"{title or f'{pull.title} (#{pull.number})'}\n\n{text or bodies}"
        return repo.store.new_commit(tree, [base], message, login, when)
    tip = base
    for sha in commits:
        picked = _picked(repo, tip, sha, when)
        words, who = (
            repo.store.run("log", "-1", "--format=%B", sha),
            repo.store.run("log", "-1", "--format=%an <%ae>", sha),
        )
        tip = repo.store.new_commit(picked, [tip], words, who, when)
    return tip


def _picked(repo: FakeRepository, onto: str, sha: str, when: int) -> str:
    """The tree of a cherry-pick; git 2.39 has no `merge-tree --merge-base`, so a root stands in for the parent."""
    store = repo.store
    root = store.new_commit(f"{sha}^^{{tree}}", [], "base", "web-flow", when)
    ours = store.new_commit(f"{onto}^{{tree}}", [root], "ours", "web-flow", when)
    theirs = store.new_commit(f"{sha}^{{tree}}", [root], "theirs", "web-flow", when)
    tree = store.merged_tree(ours, theirs)
    if tree is None:
        raise Refusal(405, "This branch can't be rebased")
    return tree
