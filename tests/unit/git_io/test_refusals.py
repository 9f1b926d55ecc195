"""What a push that failed means, by the words of git and of GitHub."""

from __future__ import annotations

import pytest

from devteam_action.errors import NotAllowed, RemoteUnreachable, StateConflict
from devteam_action.git_io.refusals import rejected

HEAD = "!\trefs/heads/task/1:refs/heads/task/1\t"
WORKFLOW = (
    "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` "
    "without `workflows` permission"
)


@pytest.mark.parametrize(
    ("stdout", "stderr", "kind", "said", "advice"),
    [
        (f"{HEAD}[rejected] (stale info)", "", StateConflict, "at the same moment", "run again"),
        (f"{HEAD}[rejected] (fetch first)", "", StateConflict, "at the same moment", "run again"),
        (f"{HEAD}[remote rejected] ({WORKFLOW})", "", NotAllowed, "ci.yml", "`workflows`"),
        (
            f"{HEAD}[remote rejected] (pre-receive hook declined)",
            f"remote: {WORKFLOW}",
            NotAllowed,
            "ci.yml",
            "`workflows`",
        ),
        (
            f"{HEAD}[remote rejected] (protected branch hook declined)",
            "remote: error: GH006: no",
            NotAllowed,
            "GH006",
            "protection",
        ),
        (
            f"{HEAD}[remote rejected] (push declined due to repository rule violations)",
            "",
            NotAllowed,
            "rule",
            "bypass",
        ),
        (f"{HEAD}[remote rejected] (something else)", "", NotAllowed, "something else", "allow pushes"),
        (
            "",
            "remote: Permission to acme/app.git denied to github-actions[bot].",
            NotAllowed,
            "denied to",
            "contents: write",
        ),
        ("", "remote: Write access to repository not granted.", NotAllowed, "not granted", "contents: write"),
        (
            "",
            "fatal: unable to access 'https://x/': Could not resolve host: x",
            RemoteUnreachable,
            "resolve host",
            "reach it",
        ),
    ],
)
def test_a_failed_push_is_one_clear_error(stdout, stderr, kind, said, advice):
    error = rejected(stdout, stderr, "task/1", "origin", reach="reach it")
    assert type(error) is kind
    assert said in error.message
    assert advice in error.remedy
