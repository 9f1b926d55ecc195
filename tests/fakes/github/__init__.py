"""A GitHub of our own: REST judged by GitHub's OpenAPI text, two GraphQL documents, git over HTTP, and faults.

    with FakeGitHub.serve(folder) as github:
        repo = github.repository("acme/app", files={"README.md": "text"})
        token = repo.job_token(pull_requests="read")

Tests use what is exported here; the modules behind it are its own affair. `models.py` says what the records hold,
`repository.py` what people can do in a test, `faults.py` what can go wrong, `runs.py` which workflow runs start.
What is not modelled answers 404 and enters `violations`.
"""

from tests.fakes.github.fake import FakeGitHub
from tests.fakes.github.graphql import READY_MUTATION, VIEWER_QUERY
from tests.fakes.github.models import (
    Activity,
    CheckRun,
    Comment,
    Issue,
    Pull,
    Reaction,
    Request,
    WorkflowRun,
)
from tests.fakes.github.repository import FakeRepository

__all__ = [
    "READY_MUTATION", "VIEWER_QUERY", "Activity", "CheckRun", "Comment", "FakeGitHub", "FakeRepository", "Issue",
    "Pull", "Reaction", "Request", "WorkflowRun",
]  # fmt: skip
