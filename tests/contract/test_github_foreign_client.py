"""GitHub's own client for Node takes our GitHub for the real one: it trusts what others wrote, and so may our tests.

The client is installed once for this machine's user, by npm, in the cache folder. Where that cannot be, the test is
skipped and says so; DEVTEAM_REQUIRE=foreign_client makes the skip an error.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fakes.github import READY_MUTATION, FakeGitHub
from tests.npm import NotInstalled, installed

pytestmark = pytest.mark.needs_foreign_client
VERSION = "22.0.1"
SCRIPT = Path(__file__).with_name("foreign_client.mjs")


@pytest.fixture
def octokit() -> Path:
    """A folder whose node_modules have `@octokit/rest`."""
    try:
        return installed(f"octokit-{VERSION}", f"@octokit/rest@{VERSION}")
    except NotInstalled as problem:
        pytest.skip(str(problem))


def test_octokit_works_with_the_fake_as_with_the_real_one(octokit, tmp_path):
    with FakeGitHub.serve(tmp_path / "github") as github:
        repo = github.repository("acme/app")
        sha = repo.commit("task/x", {"a.txt": "line\n" * 60})
        job, person = repo.job_token(), repo.personal_token("octo")
        found = _run(octokit, github.url, job, person, "acme", "app", "task/x", sha, READY_MUTATION)
        assert found["draft"] == {"number": 1, "draft": True, "head": sha}
        assert found["twice"]["status"] == 422
        assert "A pull request already exists for acme:task/x." in found["twice"]["message"]
        assert found["comment"] == {"body": "two", "login": "github-actions[bot]", "eyes": 1}
        assert found["tooLong"]["status"] == 422
        assert found["labels"] == ["devteam"]
        assert found["check"] == {"conclusion": "failure", "app": "github-actions", "external": "e", "annotations": 51}
        assert found["person"]["status"] == 403
        assert (found["pages"], found["permission"]) == (65, "write")
        assert found["mergedDraft"]["status"] == 405
        assert found["ready"] == {"number": 1, "isDraft": False}
        assert (found["viewer"], found["otherDocument"]) == ("github-actions[bot]", True)
        assert found["merged"] is True
        assert found["after"] == {"state": "closed", "merged": True, "draft": False, "by": "github-actions[bot]"}
        assert found["contents"] == "line\n" * 60
        assert found["settings"]["accepted"] == "administration=read"
        assert repo.git("log", "-1", "--format=%s", "main") == "A draft (#1)"


def _run(octokit: Path, *args: str) -> dict:
    environment = {"PATH": os.environ["PATH"], "HOME": str(octokit), "OCTOKIT_FROM": str(octokit)}
    command = [shutil.which("node") or "node", str(SCRIPT), *args]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
