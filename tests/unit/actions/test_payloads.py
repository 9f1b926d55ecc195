import copy
import json

import pytest

from devteam_action.actions.payloads import (
    CommandComment,
    Dispatch,
    Ignored,
    PullRequestChange,
    Schedule,
    parse_event,
)
from devteam_action.errors import BadInput
from tests.originals import WEBHOOKS

HELLO = {"repository": "Codertocat/Hello-World", "default_branch": "master", "sender": "Codertocat"}
OCTO = {"repository": "octo-org/octo-repo", "default_branch": "master", "sender": "Codertocat"}
TEXT = "You are totally right! I'll get this fixed right away."
PULL = {
    **HELLO,
    "number": 2,
    "title": "Update the README with new information.",
    "author": "Codertocat",
    "head_ref": "changes",
    "head_sha": "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
    "head_repository_id": 186853002,
    "base_ref": "master",
    "base_sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
    "is_fork": False,
    "is_merged": False,
    "is_draft": False,
}
MERGE = "c4295bd74fb0f4fda03689c3df3f2803b658fd85"
COMMENT = {
    **HELLO,
    "id": 492700400,
    "number": 1,
    "body": TEXT,
    "author": "Codertocat",
    "created_at": "2019-05-15T15:20:21Z",
    "url": "https://github.com/Codertocat/Hello-World/issues/1#issuecomment-492700400",
    "is_pull_request": False,
    "is_bot": False,
    "is_edited": False,
    "comments": 2,
}
ON_PULL = {
    "body": "/run tasks.yml",
    "is_pull_request": True,
    "url": "https://github.com/Codertocat/Hello-World/pull/1#issuecomment-492700400",
}
FORKED = {"author": "drive-by", "sender": "drive-by", "head_repository_id": 186853003, "is_fork": True}
# file -> the event, or a word of the reason why there is none
WANTED = {
    "check_run.completed": "check_run",
    "check_run.created": "check_run",
    "check_run.requested_action": "check_run",
    "check_run.rerequested": "check_run",
    "check_suite.rerequested": "check_suite",
    "issue_comment.created.on_issue": CommandComment(**COMMENT),
    "issue_comment.created.on_pr.DERIVED": CommandComment(**{**COMMENT, **ON_PULL}),
    "issue_comment.created.on_pr.untrusted.DERIVED": CommandComment(
        **{**COMMENT, **ON_PULL, "author": "drive-by", "sender": "drive-by"}
    ),
    "issue_comment.deleted.on_issue": "edited or deleted",
    "issue_comment.edited.on_issue": "edited or deleted",
    "issues.labeled": "issues",
    "issues.opened": "issues",
    "pull_request.closed": PullRequestChange(action="closed", **PULL),
    "pull_request.closed.merged.DERIVED": PullRequestChange(
        action="closed", **{**PULL, "is_merged": True, "merge_sha": MERGE}
    ),
    "pull_request.labeled": "changed no code",
    "pull_request.opened.from_fork.DERIVED": PullRequestChange(action="opened", **{**PULL, **FORKED}),
    "pull_request.opened": PullRequestChange(action="opened", **PULL),
    "pull_request.ready_for_review": "changed no code",
    "pull_request.reopened": PullRequestChange(action="reopened", **PULL),
    "pull_request.synchronize": PullRequestChange(action="synchronize", **PULL),
    "pull_request_review.submitted": "pull_request_review",
    "pull_request_review_comment.created": "pull_request_review_comment",
    "push.branch_deleted": "push",
    "push": "push",
    "repository_dispatch": "repository_dispatch",
    "schedule.DERIVED": Schedule(cron="17 4 * * *", **{**HELLO, "sender": ""}),
    "workflow_dispatch": Dispatch(ref="refs/heads/master", **OCTO),
    "workflow_dispatch.with_inputs.DERIVED": Dispatch(ref="refs/heads/master", **OCTO),
    "workflow_run.completed": "workflow_run",
}


@pytest.mark.needs_openapi
@pytest.mark.parametrize("name", WANTED)
def test_a_payload_of_github_is_understood(name):
    event = parse_event(name.split(".")[0], (WEBHOOKS / f"{name}.json").read_bytes())
    wanted = WANTED[name]
    if isinstance(wanted, str):
        assert isinstance(event, Ignored)
        assert wanted in event.reason
    else:
        assert event == wanted


@pytest.mark.needs_openapi
def test_every_sample_is_in_the_table():
    assert {path.name.removesuffix(".json") for path in WEBHOOKS.glob("*.json")} == set(WANTED)


COMMENTED = {
    "action": "created",
    "issue": {"number": 7, "pull_request": {"url": "…"}},
    "comment": {
        "id": 11,
        "body": "/devteam run",
        "user": {"login": "ann", "type": "User"},
        "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T03:04:05Z",
        "html_url": "https://github.com/acme/app/pull/7#issuecomment-11",
    },
    "repository": {"id": 5, "full_name": "acme/app", "default_branch": "main"},
    "sender": {"login": "ann"},
}
PULLED = {
    "action": "opened",
    "number": 7,
    "pull_request": {
        "number": 7,
        "title": "T",
        "user": {"login": "ann"},
        "head": {"ref": "task/1", "sha": "a" * 40, "repo": {"id": 5}},
        "base": {"ref": "main", "sha": "b" * 40, "repo": {"id": 5}},
        "merged": False,
        "draft": True,
        "merge_commit_sha": None,
    },
    "repository": {"id": 5, "full_name": "acme/app", "default_branch": "main"},
    "sender": {"login": "ann"},
}


def changed(payload, path, value):
    """The payload as bytes with one key set, or left out for `...`."""
    payload = copy.deepcopy(payload)
    *way, last = path.split(".")
    inner = payload
    for key in way:
        inner = inner[key]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return json.dumps(payload).encode()


@pytest.mark.parametrize(
    ("path", "value", "key", "wanted"),
    [
        ("comment.user", None, "author", ""),
        ("comment.user", {"login": "helper[bot]"}, "is_bot", True),
        ("comment.user", {"login": "helper", "type": "Bot"}, "is_bot", True),
        ("comment.user", {"login": "ann", "type": "Organization"}, "is_bot", False),
        ("comment.body", None, "body", ""),
        ("comment.body", "x" * 65_536, "body", "x" * 65_536),
        ("comment.updated_at", "2026-01-02T03:04:06Z", "is_edited", True),
        ("comment.updated_at", None, "is_edited", False),
        ("issue.pull_request", None, "is_pull_request", False),
        ("issue.pull_request", ..., "is_pull_request", False),
        ("sender", None, "sender", ""),
        ("sender", ..., "sender", ""),
        ("repository", None, "repository", ""),
        ("repository.full_name", "acme/renamed", "repository", "acme/renamed"),
        ("comment.from_the_future", {"a": [1]}, "id", 11),
    ],
)
def test_a_comment_with_something_missing_or_new_is_understood(path, value, key, wanted):
    event = parse_event("issue_comment", changed(COMMENTED, path, value))
    assert isinstance(event, CommandComment)
    assert getattr(event, key) == wanted


@pytest.mark.parametrize(
    ("path", "value", "key", "wanted"),
    [
        ("pull_request.head.repo", None, "is_fork", True),
        ("pull_request.head.repo", ..., "is_fork", True),
        ("pull_request.head.repo.id", None, "is_fork", True),
        ("pull_request.head.repo.id", 6, "is_fork", True),
        ("pull_request.head.repo.full_name", "acme/other-name", "is_fork", False),
        ("pull_request.base.repo", None, "is_fork", True),
        ("pull_request.user", None, "author", ""),
        ("pull_request.title", None, "title", ""),
        ("pull_request.draft", None, "is_draft", False),
        ("pull_request.merge_commit_sha", "c" * 40, "merge_sha", ""),
    ],
)
def test_a_pull_request_with_something_missing_is_understood(path, value, key, wanted):
    event = parse_event("pull_request", changed(PULLED, path, value))
    assert isinstance(event, PullRequestChange)
    assert getattr(event, key) == wanted


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("issue_comment", json.dumps(COMMENTED).encode()[:200], "truncated"),
        ("issue_comment", b"", "truncated"),
        ("issue_comment", b"null", "null"),
        ("issue_comment", b"[]", "array"),
        ("issue_comment", b"<html>502</html>", "malformed"),
        ("issue_comment", b'{"x":' + b"[" * 200_000, "nested too deeply"),
        ("issue_comment", b'{"action":"\xff"}', "not UTF-8"),
        ("issue_comment", json.dumps(PULLED).encode(), "`issue` is missing"),
        ("issue_comment", changed(COMMENTED, "issue", None), "`issue`"),
        ("issue_comment", changed(COMMENTED, "comment", None), "`comment`"),
        ("issue_comment", changed(COMMENTED, "comment", "x"), "`comment`"),
        ("issue_comment", changed(COMMENTED, "comment.id", "11"), "`comment.id`"),
        ("issue_comment", changed(COMMENTED, "comment.id", ...), "`comment.id` is missing"),
        ("issue_comment", changed(COMMENTED, "comment.body", 7), "`comment.body`"),
        ("issue_comment", changed(COMMENTED, "comment.user", "ann"), "`comment.user`"),
        ("issue_comment", changed(COMMENTED, "issue.number", None), "`issue.number`"),
        ("issue_comment", changed(COMMENTED, "action", ...), "`action` is missing"),
        ("pull_request", json.dumps(COMMENTED).encode(), "`pull_request` is missing"),
        ("pull_request", changed(PULLED, "pull_request", None), "`pull_request`"),
        ("pull_request", changed(PULLED, "pull_request.head", None), "`pull_request.head`"),
        ("pull_request", changed(PULLED, "pull_request.head.sha", 5), "`pull_request.head.sha`"),
        ("pull_request", changed(PULLED, "pull_request.base.ref", ...), "`pull_request.base.ref` is missing"),
        ("workflow_dispatch", b'{"ref": 5}', "`ref`"),
        ("schedule", b'{"schedule": []}', "`schedule`"),
    ],
)
def test_a_damaged_payload_is_refused_by_its_key(name, data, says):
    with pytest.raises(BadInput) as caught:
        parse_event(name, data)
    assert caught.value.message.startswith(f"the event file of `{name}` cannot be used: ")
    assert says in caught.value.message
    assert caught.value.remedy
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["workflow_dispatch", "schedule"])
def test_a_run_by_hand_or_clock_needs_no_payload_keys(name):
    assert parse_event(name, b"{}") in (Dispatch(), Schedule())


@pytest.mark.parametrize("name", ["push", "release", "gollum", "", "::error::x\n", "x" * 5000])
def test_an_event_that_is_none_of_ours_is_ignored_whatever_its_payload(name):
    event = parse_event(name, b"\xff not JSON")
    assert isinstance(event, Ignored)
    assert len(event.reason) < 200
    assert "\n" not in event.reason


def test_the_event_that_gives_secrets_to_foreign_code_is_refused_in_words():
    event = parse_event("pull_request_target", json.dumps(PULLED).encode())
    assert isinstance(event, Ignored)
    assert "use `pull_request` instead" in event.reason
