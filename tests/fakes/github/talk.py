"""The rules of conversations: bodies, comments, labels, reactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.github.answers import Refusal, invalid, not_found
from tests.fakes.github.models import Comment, Issue, Reaction

if TYPE_CHECKING:
    from tests.fakes.github.repository import FakeRepository

LONGEST_BODY, LONGEST_TITLE = 65_536, 256
REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def good_body(text: str, resource: str, *, may_be_empty: bool = True) -> str:
    """The text, if GitHub takes it: at most 65,536 characters, and not blank where it must say something."""
    if len(text) > LONGEST_BODY:
        words = f"Body is too long (maximum is {LONGEST_BODY} characters)"
        code = "unprocessable" if resource == "IssueComment" else "custom"
        raise invalid(resource, words, field="data" if code == "unprocessable" else "body", code=code)
    if not may_be_empty and not text.strip():
        raise invalid(resource, "Body can't be blank", field="body", code="unprocessable")
    return text


def good_title(text: str, resource: str) -> str:
    """The text, if GitHub takes it: not blank, and at most 256 characters."""
    if not text.strip():
        raise invalid(resource, "title can't be blank", field="title", code="missing_field")
    if len(text) > LONGEST_TITLE:
        raise invalid("Issue", f"title is too long (maximum is {LONGEST_TITLE} characters)", field="title")
    return text


def next_number(repo: FakeRepository) -> int:
    return max(repo.issues, default=0) + 1


def add_issue(repo: FakeRepository, title: str, body: str, login: str) -> Issue:
    title = good_title(title, "Issue")
    now = repo.fake.stamp()
    good = good_body(body, "Issue")
    made = Issue(repo.fake.next_id(), next_number(repo), title, good, login, created_at=now, updated_at=now)
    repo.issues[made.number] = made
    return made


def add_comment(repo: FakeRepository, number: int, text: str, login: str) -> Comment:
    issue = repo.issues.get(number)
    if issue is None:
        raise not_found()
    if issue.locked and repo.level_of(login) not in ("write", "maintain", "admin"):
        raise Refusal(403, "Unable to create comment because issue is locked.")
    good = good_body(text, "IssueComment", may_be_empty=False)
    now = repo.fake.stamp()
    made = Comment(repo.fake.next_id(), number, login, good, created_at=now, updated_at=now)
    repo.all_comments.append(made)
    issue.updated_at = now
    return made


def react(repo: FakeRepository, target: Comment | Issue, login: str, content: str) -> tuple[Reaction, bool]:
    """The reaction, and whether it is new: each person has each reaction once."""
    if content not in REACTIONS:
        raise invalid("Reaction", field="content", code="invalid")
    for entry in target.reactions:
        if (entry.login, entry.content) == (login, content):
            return entry, False
    made = Reaction(repo.fake.next_id(), login, content, repo.fake.stamp())
    target.reactions.append(made)
    return made, True


def use_label(repo: FakeRepository, name: str, color: str = "ededed", description: str = "") -> str:
    """The label under its first spelling; it is made at its first use. GitHub compares names without case."""
    for known in repo.labels:
        if known.lower() == name.lower():
            return known
    if not name.strip() or len(name) > 50:
        raise invalid("Label", field="name", code="invalid")
    repo.labels[name] = (repo.fake.next_id(), color, description)
    return name


def put_labels(repo: FakeRepository, issue: Issue, names: list[str]) -> None:
    for name in names:
        known = use_label(repo, name)
        if known not in issue.labels:
            issue.labels.append(known)
    issue.updated_at = repo.fake.stamp()
