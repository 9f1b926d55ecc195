"""Event payloads have the shape of real ones, and the server can be reached where people's tools look for it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.github import FakeGitHub
from tests.originals import WEBHOOKS

ROOT = Path(__file__).parents[3]


def _missing(ours, sample, where="") -> list[str]:
    """The keys of a real payload that ours lacks; what GitHub adds for organisations and installations is not ours."""
    found = []
    for key, value in sample.items():
        if key not in ours:
            found.append(f"{where}{key}")
        elif isinstance(value, dict) and isinstance(ours[key], dict):
            found += _missing(ours[key], value, f"{where}{key}.")
    return found


@pytest.mark.needs_openapi
@pytest.mark.parametrize(
    ("make", "sample"),
    [
        (lambda repo, comment: repo.event_comment(comment), "issue_comment.created.on_pr.DERIVED.json"),
        (lambda repo, comment: repo.event_comment(comment, "edited"), "issue_comment.edited.on_issue.json"),
        (lambda repo, _: repo.event_pull(1, "opened"), "pull_request.opened.json"),
        (lambda repo, _: repo.event_pull(1, "synchronize"), "pull_request.synchronize.json"),
        (lambda repo, _: repo.event_dispatch({}), "workflow_dispatch.json"),
        (lambda repo, _: repo.event_schedule(), "schedule.DERIVED.json"),
        (lambda repo, _: repo.event_push("x"), "push.json"),
    ],
)
def test_a_payload_has_the_keys_of_a_real_one(make, sample, repo):
    repo.commit("x", {"a": "1"})
    repo.open_pull("x", "main")
    event = make(repo, repo.comment(1, "/devteam run", by="ann"))
    missing = [
        key
        for key in _missing(event, json.loads((WEBHOOKS / sample).read_text()))
        if key.split(".")[0] not in _ELSEWHERE
    ]
    assert [key for key in missing if not key.startswith(_PARTS)] == []


_ELSEWHERE = {"organization", "installation", "enterprise"}
_PARTS = (
    "repository.",  # push events have a shape of their own, and templates add their keys
    "pull_request.head.repo.", "pull_request.base.repo.", "head_commit.", "pusher.date",
    "issue.milestone.", "issue.assignee.",
    "changes.",
)  # fmt: skip


def test_a_merged_pull_request_says_so_and_who_did_it(repo):
    repo.commit("x", {"a": "1"})
    repo.open_pull("x", "main", by="ann")
    repo.merge(1, by="octo")
    event = repo.event_pull(1, "closed")
    assert (event["pull_request"]["merged"], event["sender"]["login"]) == (True, "octo")
    assert event["pull_request"]["merge_commit_sha"] == repo.branch("main")


def test_a_comment_on_a_pull_request_is_told_from_one_on_an_issue(repo):
    repo.commit("x", {"a": "1"})
    repo.open_pull("x", "main")
    on_pull, on_issue = repo.comment(1, "a"), repo.comment(repo.issue("i"), "b")
    assert "pull_request" in repo.event_comment(on_pull)["issue"]
    assert "pull_request" not in repo.event_comment(on_issue)["issue"]


def test_it_serves_a_unix_socket_too(tmp_path):
    path = tmp_path / "s"
    with FakeGitHub.serve(tmp_path / "github", socket=path) as github:
        github.repository("acme/app")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            fields = b"Host: api.github.com\r\nUser-Agent: tests\r\nConnection: close\r\n"
            client.sendall(b"GET /repos/acme/app HTTP/1.1\r\n" + fields + b"\r\n")
            answer = b"".join(iter(lambda: client.recv(65_536), b""))
    assert b'"full_name": "acme/app"' in answer
    assert not path.exists()


def test_people_can_serve_it_and_paste_what_it_prints(tmp_path):
    served = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.github", "--folder", str(tmp_path / "hub")],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert served.stdout is not None
        shown = ""
        while "Ctrl-C ends it" not in shown:
            line = served.stdout.readline()
            assert line, shown
            shown += line
        command = next(line for line in shown.splitlines() if line.startswith("git clone "))
        done = subprocess.run([*command.split(), str(tmp_path / "app")], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "app" / "docs" / "DevTeam" / "tasks_list.md").is_file()
    finally:
        served.send_signal(signal.SIGINT)
        assert served.wait(10) == 0
        served.stdout.close()
        shutil.rmtree(tmp_path / "hub", ignore_errors=True)
