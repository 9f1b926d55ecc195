"""Issues, comments, reactions, labels, and the search over them. A pull request is an issue too."""

from __future__ import annotations

import re
from typing import Any

from tests.fakes.github.answers import Answer, Call, Refusal, invalid, not_found
from tests.fakes.github.models import Comment, Issue, Pull
from tests.fakes.github.pulls import close, reopen
from tests.fakes.github.rights import TRIAGERS, WRITERS, has_level, must_have_level
from tests.fakes.github.router import route
from tests.fakes.github.shapes import talk
from tests.fakes.github.talk import add_comment, add_issue, good_body, good_title, put_labels, react, use_label

R = "/repos/{owner}/{repo}"
_READ, _WRITE = "issues=read; pull_requests=read", "issues=write; pull_requests=write"


def _issue(call: Call) -> Issue:
    found = call.repo.issues.get(call.number("issue_number"))
    if found is None:
        raise not_found()
    return found


def _comment(call: Call) -> Comment:
    found = call.repo.find_comment(call.number("comment_id"))
    if found is None:
        raise not_found()
    return found


@route("GET", R + "/issues", "issues=read; pull_requests=read")
def issues(call: Call) -> Answer:
    state, labels = call.query.get("state", "open"), [part for part in call.query.get("labels", "").split(",") if part]
    found = [entry for entry in call.repo.issues.values() if state in ("all", entry.state)]
    found = [entry for entry in found if set(labels) <= set(entry.labels)]
    if creator := call.query.get("creator"):
        found = [entry for entry in found if entry.user == creator]
    if since := call.query.get("since"):
        found = [entry for entry in found if entry.updated_at >= since]
    found.sort(key=lambda entry: entry.number, reverse=call.query.get("direction", "desc") == "desc")
    return Answer(items=[talk.issue(call.repo, entry) for entry in found])


@route("POST", R + "/issues", "issues=write")
def create(call: Call) -> Answer:
    made = add_issue(call.repo, call.text("title"), call.text("body"), call.login)
    if has_level(call, TRIAGERS):  # of others the labels are dropped, and nothing is said
        put_labels(call.repo, made, _names(call.body.get("labels") or []))
    return Answer(201, talk.issue(call.repo, made))


@route("GET", R + "/issues/{issue_number}", _READ)
def get(call: Call) -> Answer:
    return Answer(body=talk.issue(call.repo, _issue(call)))


@route("PATCH", R + "/issues/{issue_number}", _WRITE)
def update(call: Call) -> Answer:
    found, body = _issue(call), call.body or {}
    must_have_level(call, TRIAGERS if set(body) <= {"state", "state_reason", "labels"} else WRITERS, found.user)
    if "title" in body:
        found.title = good_title(str(body["title"]), "Issue")
    if "body" in body:
        found.body = good_body(body["body"] or "", "Issue")
    if "labels" in body and has_level(call, TRIAGERS):
        found.labels.clear()
        put_labels(call.repo, found, _names(body["labels"]))
    if body.get("state") == "closed":
        close(call.repo, found)
    elif body.get("state") == "open":
        reopen(call.repo, found)
    found.updated_at = call.fake.stamp()
    return Answer(body=talk.issue(call.repo, found))


@route("GET", R + "/issues/{issue_number}/comments", _READ)
def comments(call: Call) -> Answer:
    found = call.repo.comments(_issue(call).number)
    return Answer(
        items=[talk.comment(call.repo, entry) for entry in found if entry.updated_at >= call.query.get("since", "")]
    )


@route("GET", R + "/issues/comments", _READ)
def all_comments(call: Call) -> Answer:
    found = [entry for entry in call.repo.all_comments if entry.updated_at >= call.query.get("since", "")]
    key = call.query.get("sort", "created")
    if "sort" in call.query:
        is_down = call.query.get("direction", "desc") == "desc"
        found.sort(key=lambda entry: (getattr(entry, f"{key}_at"), entry.id), reverse=is_down)
    return Answer(items=[talk.comment(call.repo, entry) for entry in found])


@route("POST", R + "/issues/{issue_number}/comments", _WRITE)
def comment(call: Call) -> Answer:
    return Answer(
        201, talk.comment(call.repo, add_comment(call.repo, _issue(call).number, call.text("body"), call.login))
    )


@route("GET", R + "/issues/comments/{comment_id}", _READ)
def get_comment(call: Call) -> Answer:
    return Answer(body=talk.comment(call.repo, _comment(call)))


def _must_be_ours(call: Call, found: Comment) -> None:
    """People change their own comments, or anybody's with write access; an App with the right any."""
    must_have_level(call, WRITERS, found.user)


@route("PATCH", R + "/issues/comments/{comment_id}", _WRITE)
def update_comment(call: Call) -> Answer:
    found = _comment(call)
    _must_be_ours(call, found)
    found.body = good_body(call.text("body"), "IssueComment", may_be_empty=False)
    found.updated_at = call.fake.stamp()
    return Answer(body=talk.comment(call.repo, found))


@route("DELETE", R + "/issues/comments/{comment_id}", _WRITE)
def delete_comment(call: Call) -> Answer:
    found = _comment(call)
    _must_be_ours(call, found)
    call.repo.all_comments.remove(found)
    return Answer(204)


@route("GET", R + "/issues/comments/{comment_id}/reactions", _READ)
def reactions(call: Call) -> Answer:
    content = call.query.get("content")
    found = [entry for entry in _comment(call).reactions if content in (None, entry.content)]
    return Answer(items=[talk.reaction(call.repo, entry) for entry in found])


@route("POST", R + "/issues/comments/{comment_id}/reactions", _WRITE)
def react_to_comment(call: Call) -> Answer:
    made, is_new = react(call.repo, _comment(call), call.login, call.text("content"))
    return Answer(201 if is_new else 200, talk.reaction(call.repo, made))


@route("DELETE", R + "/issues/comments/{comment_id}/reactions/{reaction_id}", _WRITE)
def remove_reaction(call: Call) -> Answer:
    found, number = _comment(call), call.number("reaction_id")
    wanted = next((entry for entry in found.reactions if entry.id == number), None)
    if wanted is None:
        raise not_found()
    if wanted.login != call.login:
        raise Refusal(403, "Must have admin rights to Repository.")
    found.reactions.remove(wanted)
    return Answer(204)


@route("POST", R + "/issues/{issue_number}/reactions", _WRITE)
def react_to_issue(call: Call) -> Answer:
    made, is_new = react(call.repo, _issue(call), call.login, call.text("content"))
    return Answer(201 if is_new else 200, talk.reaction(call.repo, made))


@route("GET", R + "/issues/{issue_number}/labels", _READ)
def labels(call: Call) -> Answer:
    return Answer(items=[talk.label(call.repo, name) for name in _issue(call).labels])


@route("POST", R + "/issues/{issue_number}/labels", _WRITE)
def add_labels(call: Call) -> Answer:
    given = call.body if isinstance(call.body, list) else (call.body or {}).get("labels") or []
    found = _issue(call)
    must_have_level(call, TRIAGERS)
    put_labels(call.repo, found, _names(given))
    return Answer(body=[talk.label(call.repo, name) for name in found.labels])


@route("DELETE", R + "/issues/{issue_number}/labels/{name}", _WRITE)
def remove_label(call: Call) -> Answer:
    found = _issue(call)
    must_have_level(call, TRIAGERS)
    name = next((entry for entry in found.labels if entry.lower() == call.params["name"].lower()), None)
    if name is None:
        raise Refusal(404, "Label does not exist")
    found.labels.remove(name)
    return Answer(body=[talk.label(call.repo, entry) for entry in found.labels])


@route("POST", R + "/issues/{issue_number}/assignees", _WRITE)
def assign(call: Call) -> Answer:
    return Answer(201, talk.issue(call.repo, _issue(call)))


@route("GET", R + "/labels", _READ)
def all_labels(call: Call) -> Answer:
    return Answer(items=[talk.label(call.repo, name) for name in call.repo.labels])


@route("GET", R + "/labels/{name}", _READ)
def get_label(call: Call) -> Answer:
    name = next((entry for entry in call.repo.labels if entry.lower() == call.params["name"].lower()), None)
    if name is None:
        raise not_found()
    return Answer(body=talk.label(call.repo, name))


@route("POST", R + "/labels", _WRITE)
def create_label(call: Call) -> Answer:
    name = call.text("name")
    must_have_level(call, WRITERS)
    if name.lower() in {entry.lower() for entry in call.repo.labels}:
        raise invalid("Label", field="name", code="already_exists")
    use_label(call.repo, name, call.text("color", "ededed"), call.text("description"))
    return Answer(201, talk.label(call.repo, name))


@route("GET", "/search/issues")
def search(call: Call) -> Answer:
    """Qualifiers repo, is, state, head, base, author, label; every other word must be in the title or body."""
    items: list[Any] = []
    for repo in call.fake.repositories.values():
        if repo.private and (call.token is None or repo.level_of(call.token.login) == "none"):
            continue
        hits = [entry for entry in repo.issues.values() if _matches(entry, repo.full_name, call.query.get("q", ""))]
        items += [{**talk.issue(repo, entry), "body": entry.body, "score": 1.0} for entry in hits]
    body = {"total_count": len(items), "incomplete_results": False, "search_type": "lexical"}
    return Answer(body=body, items=items, key="items")


def _matches(issue: Issue, full_name: str, text: str) -> bool:
    is_pull = isinstance(issue, Pull)
    facts = {
        "repo": {full_name}, "state": {issue.state}, "author": {issue.user}, "label": set(issue.labels),
        "in": {"title", "body"},
        "is": {issue.state, "pr" if is_pull else "issue", "merged" if is_pull and issue.merged else "unmerged"},
        "head": {issue.head_ref} if is_pull else set(), "base": {issue.base_ref} if is_pull else set(),
    }  # fmt: skip
    for word in re.findall(r'(?:\w+:)?"[^"]*"|\S+', text):
        key, colon, value = word.partition(":")
        if colon and key in facts:
            if not set(value.strip('"').split(",")) & facts[key]:
                return False
        elif word.strip('"').lower() not in f"{issue.title}\n{issue.body}".lower():
            return False
    return True


def _names(given: list[Any]) -> list[str]:
    return [entry if isinstance(entry, str) else str(entry["name"]) for entry in given]
