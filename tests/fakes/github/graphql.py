"""What GraphQL alone has: a draft becomes ready, an App's token learns its login. Any other document is an error."""

from __future__ import annotations

from typing import Any

from tests.fakes.github.answers import Answer, Call, Refusal
from tests.fakes.github.models import Pull
from tests.fakes.github.rights import has_all, may_see
from tests.fakes.github.router import route

READY_MUTATION = (
    "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) "
    "{ pullRequest { number isDraft } } }"
)

VIEWER_QUERY = "query { viewer { login } }"


@route("POST", "/graphql")
def graphql(call: Call) -> Answer:
    """Errors come with status 200, as GraphQL has it."""
    body: Any = call.body if isinstance(call.body, dict) else {}
    if call.token is None:
        raise Refusal(401, "This endpoint requires you to be authenticated.")
    document = " ".join(str(body.get("query")).split())
    if document == VIEWER_QUERY:
        return Answer(body={"data": {"viewer": {"login": call.token.login}}})
    if document != READY_MUTATION:
        return _error("UNKNOWN_DOCUMENT", "This fake GitHub knows READY_MUTATION and VIEWER_QUERY only")
    if set(body) - {"query", "variables", "operationName"}:
        return _error("BAD_REQUEST", f"unknown keys: {sorted(set(body))}")
    node = (body.get("variables") or {}).get("id")
    if not isinstance(node, str):
        return _error("INVALID", "Variable $id of type ID! was provided invalid value")
    for repo in call.fake.repositories.values():
        for pull in repo.pulls():
            if pull.node_id == node and may_see(repo, call.token):
                if not has_all(repo, call.token, "pull_requests=write"):
                    return _error("FORBIDDEN", "Resource not accessible by integration")
                return _ready(call, pull)
    return _error("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")


def _ready(call: Call, pull: Pull) -> Answer:
    if pull.state != "open":
        return _error("UNPROCESSABLE", "Pull request is closed")
    if not pull.draft:
        return _error("UNPROCESSABLE", 'Pull request is not in "Draft" mode')
    pull.draft, pull.updated_at = False, call.fake.stamp()
    payload = {"pullRequest": {"number": pull.number, "isDraft": False}}
    return Answer(body={"data": {"markPullRequestReadyForReview": payload}})


def _error(kind: str, text: str) -> Answer:
    error = {"type": kind, "path": ["markPullRequestReadyForReview"], "message": text}
    return Answer(body={"data": {"markPullRequestReadyForReview": None}, "errors": [error]})
