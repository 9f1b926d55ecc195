"""Every operation of the fake answers as GitHub's OpenAPI text says, and finds what a client gets wrong."""

from __future__ import annotations

import pytest

from tests.fakes.github import READY_MUTATION, FakeGitHub
from tests.fakes.github.raw import Raw

APP = "/repos/acme/app"


@pytest.mark.needs_openapi
def test_every_operation_answers_as_the_openapi_text_says(github, repo, job):
    """`serve` fails at its end when an answer does not fit; here each operation is asked once with something in it."""
    sha = repo.commit("task/x", {"a.txt": "1\n", "src/a.py": None})
    octo = Raw(github.url, repo.personal_token("octo", "admin"))
    comment = repo.comment(repo.open_pull("task/x", "main").number, "hello").id
    check = {"name": "c", "head_sha": sha, "status": "in_progress", "output": {"title": "t", "summary": "s"}}
    note = {"path": "a.txt", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}
    repo.protect("main", required_checks=("c",))
    run = job.post(f"{APP}/check-runs", check).body["id"]
    asked = [
        (job, "GET", APP, 200), (octo, "GET", "/user", 200), (job, "GET", "/rate_limit", 200),
        (job, "GET", f"{APP}/collaborators/octo/permission", 200), (job, "GET", f"{APP}/branches", 200),
        (job, "GET", f"{APP}/branches/task/x", 200),
        (octo, "GET", f"{APP}/branches/main/protection", 200),
        (job, "GET", f"{APP}/rules/branches/main", 200), (job, "GET", f"{APP}/activity", 200),
        (job, "GET", f"{APP}/contents/src/a.py", 200), (job, "GET", f"{APP}/contents/src", 200),
        (job, "GET", f"{APP}/compare/main...task/x", 200), (job, "GET", f"{APP}/issues", 200),
        (job, "GET", f"{APP}/issues/1", 200), (job, "GET", f"{APP}/issues/1/comments", 200),
        (job, "GET", f"{APP}/issues/comments", 200), (job, "GET", f"{APP}/issues/comments/{comment}", 200),
        (job, "GET", f"{APP}/issues/comments/{comment}/reactions", 200), (job, "GET", f"{APP}/issues/1/labels", 200),
        (job, "GET", f"{APP}/labels", 200), (job, "GET", f"{APP}/pulls", 200), (job, "GET", f"{APP}/pulls/1", 200),
        (job, "GET", f"{APP}/pulls/1/files", 200), (job, "GET", f"{APP}/pulls/1/commits", 200),
        (job, "GET", f"{APP}/pulls/1/comments", 200), (job, "GET", f"{APP}/commits/{sha}/pulls", 200),
        (job, "GET", f"{APP}/commits/{sha}", 200), (job, "GET", f"{APP}/git/commits/{sha}", 200),
        (job, "GET", f"{APP}/git/ref/heads/task/x", 200), (job, "GET", f"{APP}/git/matching-refs/heads/t", 200),
        (job, "GET", f"{APP}/check-runs/{run}", 200), (job, "GET", f"{APP}/commits/{sha}/check-runs", 200),
        (job, "GET", f"{APP}/commits/{sha}/check-suites", 200), (job, "GET", f"{APP}/commits/task/x/status", 200),
        (job, "GET", f"{APP}/actions/workflows", 200), (job, "GET", f"{APP}/actions/runs?head_sha={sha}", 200),
        (octo, "GET", f"{APP}/actions/permissions/workflow", 200), (octo, "GET", f"{APP}/actions/secrets", 200),
        (job, "GET", "/search/issues?q=repo:acme/app+is:pr+change", 200),
    ]  # fmt: skip
    written = [
        ("POST", f"{APP}/issues", {"title": "t", "labels": ["b"]}, 201),
        ("PATCH", f"{APP}/issues/2", {"state": "closed"}, 200),
        ("POST", f"{APP}/issues/1/comments", {"body": "b"}, 201),
        ("PATCH", f"{APP}/issues/comments/{comment}", {"body": "b"}, 200),
        ("POST", f"{APP}/issues/comments/{comment}/reactions", {"content": "eyes"}, 201),
        ("POST", f"{APP}/issues/1/reactions", {"content": "rocket"}, 201),
        ("POST", f"{APP}/issues/1/labels", {"labels": ["devteam"]}, 200),
        ("POST", f"{APP}/issues/1/labels", ["x"], 200),
        ("DELETE", f"{APP}/issues/1/labels/x", None, 200), ("POST", f"{APP}/labels", {"name": "n"}, 201),
        ("PATCH", f"{APP}/check-runs/{run}", {"output": {"summary": "s", "annotations": [note]}}, 200),
        ("PATCH", f"{APP}/check-runs/{run}", {"status": "completed", "conclusion": "success"}, 200),
        ("POST", f"{APP}/statuses/{sha}", {"state": "success", "context": "c"}, 201),
        ("POST", f"{APP}/pulls/1/reviews", {"event": "COMMENT", "body": "b"}, 200),
        ("POST", f"{APP}/pulls/1/requested_reviewers", {"reviewers": ["octo"]}, 201),
        ("POST", f"{APP}/actions/workflows/ci.yml/dispatches", {"ref": "main", "inputs": {"a": "b"}}, 204),
        ("POST", f"{APP}/actions/workflows/ci.yml/dispatches", {"ref": "main", "return_run_details": True}, 200),
        ("POST", f"{APP}/dispatches", {"event_type": "x"}, 204),
        ("POST", f"{APP}/git/refs", {"ref": "refs/heads/new", "sha": sha}, 201),
        ("PATCH", f"{APP}/git/refs/heads/new", {"sha": sha}, 200), ("DELETE", f"{APP}/git/refs/heads/new", None, 204),
        ("PUT", f"{APP}/contents/n.txt", {"message": "m", "branch": "task/x", "content": "bg=="}, 201),
        ("PATCH", f"{APP}/pulls/1", {"title": "t", "body": "b"}, 200),
        ("PUT", f"{APP}/pulls/1/update-branch", None, 422),
        ("DELETE", f"{APP}/issues/comments/{comment}", None, 204),
        ("POST", "/graphql", {"query": READY_MUTATION, "variables": {"id": "no"}}, 200),
    ]  # fmt: skip
    found = [(method, path, who.ask(method, path).status) for who, method, path, _ in asked]
    found += [(method, path, job.ask(method, path, body).status) for method, path, body, _ in written]
    found += [("GET", f"{APP}/check-runs/{run}/annotations", job.get(f"{APP}/check-runs/{run}/annotations").status)]
    expected = [(method, path, status) for _, method, path, status in asked]
    expected += [(method, path, status) for method, path, _, status in written]
    assert found == [*expected, ("GET", f"{APP}/check-runs/{run}/annotations", 200)]


@pytest.mark.needs_openapi
@pytest.mark.parametrize(
    ("method", "path", "body", "found"),
    [
        ("POST", "/issues", {"titel": "x"}, '"titel" is not a permitted key'),
        ("POST", "/issues", {}, "'title' is a required property"),
        ("POST", "/check-runs", {"name": "n", "head_sha": "0", "output": {"titel": "x"}}, '"titel"'),
        ("POST", "/issues/1/reactions", {"content": "thumbs"}, "is not one of"),
        ("GET", "/issues?stat=open", None, '"stat" is no query parameter'),
        ("GET", "/no/such/thing", None, "nothing that this GitHub has"),
    ],
)  # fmt: skip
def test_what_the_text_does_not_allow_is_recorded(method, path, body, found, github, repo, job):
    repo.issue("there")
    reply = job.ask(method, APP + path, body)
    assert found in "\n".join(github.violations)
    assert reply.status == (422 if method == "POST" else 404 if "no/such" in path else 200)
    github.violations.clear()


@pytest.mark.needs_openapi
def test_a_test_whose_client_broke_the_contract_fails_at_the_end(tmp_path):
    def run() -> None:
        with FakeGitHub.serve(tmp_path / "hub") as fake:
            repo = fake.repository("acme/app")
            Raw(fake.url, repo.job_token()).post(f"{APP}/issues", {"title": "t", "titel": "t"})

    with pytest.raises(AssertionError, match='"titel" is not a permitted key'):
        run()


def test_a_body_that_is_no_json_is_refused_before_anything_happens(repo, job):
    reply = job.post(f"{APP}/issues", b"{not json")
    assert (reply.status, reply.words, repo.issues) == (400, "Problems parsing JSON", {})


def test_paths_of_an_enterprise_server_are_the_same(job, repo):
    assert job.get(f"/api/v3{APP}").body["full_name"] == "acme/app"


def test_a_renamed_repository_redirects_reads_and_writes_differently(repo, job, github):
    repo.rename("acme/new")
    read, written = job.get(f"{APP}/labels"), job.post(f"{APP}/labels", {"name": "n"})
    assert (read.status, written.status) == (301, 307)
    assert job.get(read.headers["location"].removeprefix(github.url)).body == []


def test_pages_are_linked_and_hold_a_hundred_at_most(repo, job):
    number = repo.issue("long talk")
    for count in range(103):
        repo.comment(number, f"comment {count}")
    first = job.get(f"{APP}/issues/{number}/comments?per_page=200")
    assert len(first.body) == 100
    assert 'page=2>; rel="next"' in first.headers["link"]
    second = job.get(f"{APP}/issues/{number}/comments?per_page=200&page=2")
    assert [entry["body"] for entry in second.body] == ["comment 100", "comment 101", "comment 102"]
    assert 'rel="next"' not in second.headers["link"]


def test_requests_and_writes_are_counted(github, repo, job):
    job.get(APP)
    job.post(f"{APP}/issues", {"title": "t"})
    job.post("/graphql", {"query": READY_MUTATION, "variables": {"id": "x"}})
    assert [(entry.method, entry.path) for entry in github.writes] == [("POST", f"{APP}/issues"), ("POST", "/graphql")]
    assert len(github.requests) == 3
    github.reset_count()
    assert github.requests == []


def test_the_clock_is_ahead_when_it_is_told_so(github, repo):
    github.advance(86_400)
    number = repo.issue("tomorrow")
    assert repo.issues[number].created_at == github.stamp()
    assert github.stamp() > github.repository("acme/b").created_at[:10]
