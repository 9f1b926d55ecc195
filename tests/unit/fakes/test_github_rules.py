"""The fake refuses what GitHub refuses, in its words, and changes nothing then."""

from __future__ import annotations

import pytest

from tests.fakes.github import READY_MUTATION
from tests.fakes.github.raw import Raw

APP = "/repos/acme/app"


# Who may


def test_a_token_that_is_missing_bad_or_dead_is_401(github, repo):
    token = repo.job_token()
    assert Raw(github.url).post(f"{APP}/issues", {"title": "t"}).status == 401
    assert Raw(github.url, "ghs_wrong").get(APP).words == "Bad credentials"
    github.kill_token(token)
    assert Raw(github.url, token).get(APP).status == 401
    assert Raw(github.url).get(APP).status == 200
    assert repo.issues == {}


@pytest.mark.parametrize(
    ("lacking", "method", "path", "body", "accepted"),
    [
        ("issues", "POST", "/issues/1/comments", {"body": "b"}, "issues=write; pull_requests=write"),
        ("pull_requests", "POST", "/pulls", {"title": "t", "head": "x", "base": "main"}, "pull_requests=write"),
        ("checks", "POST", "/check-runs", {"name": "n", "head_sha": "0" * 40}, "checks=write"),
        ("actions", "POST", "/actions/workflows/ci.yml/dispatches", {"ref": "main"}, "actions=write"),
        ("contents", "POST", "/git/refs", {"ref": "refs/heads/n", "sha": "0" * 40}, "contents=write"),
    ],
)
def test_a_right_that_the_jobs_token_lacks_is_403_and_says_which_would_do(
    lacking, method, path, body, accepted, github, repo
):
    repo.issue("an issue")
    reply = Raw(github.url, repo.job_token(**{lacking: "read"})).ask(method, APP + path, body)
    assert (reply.status, reply.words) == (403, "Resource not accessible by integration")
    assert reply.headers["x-accepted-github-permissions"] == accepted


def test_a_pull_requests_talk_is_open_to_the_right_for_pull_requests_and_an_issues_is_not(github, repo):
    repo.commit("x", {"a": "1"})
    pull, issue = repo.open_pull("x", "main").number, repo.issue("i")
    job = Raw(github.url, repo.job_token(issues="none"))
    statuses = [job.post(f"{APP}/issues/{number}/comments", {"body": "b"}).status for number in (pull, issue)]
    assert statuses == [201, 403]


def test_a_private_repository_is_404_for_those_outside(github):
    hidden = github.repository("acme/secret", private=True)
    stranger = github.repository("other/app").job_token()
    for token in ("", stranger, hidden.personal_token("eve", "none")):
        assert Raw(github.url, token).get("/repos/acme/secret").status == 404
    assert Raw(github.url, hidden.job_token()).get("/repos/acme/secret").body["private"] is True


def test_the_permission_of_a_commenter_needs_push_access(github, repo):
    repo.collaborator("ann", "maintain")
    job, reader = Raw(github.url, repo.job_token()), Raw(github.url, repo.job_token(contents="read"))
    path = f"{APP}/collaborators/ann/permission"
    assert [job.get(path).body[key] for key in ("permission", "role_name")] == ["write", "maintain"]
    assert job.get(f"{APP}/collaborators/mallory/permission").body["permission"] == "read"
    assert reader.get(path).words == "Must have push access to view collaborator permission."


# Pull requests


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"head": "none"}, 422, "Validation Failed"),
        ({"head": "same"}, 422, "Validation Failed No commits between main and same"),
        ({"head": "open"}, 422, "Validation Failed A pull request already exists for acme:open."),
        ({"draft": True}, 422, "Draft pull requests are not supported in this repository."),
        ({"body": "x" * 65_537}, 422, "Validation Failed Body is too long (maximum is 65536 characters)"),
        ({"body": "é" * 65_536}, 201, ""),
    ],
)
def test_what_may_be_opened(change, status, words, repo, job):
    repo.offers_drafts = False
    repo.commit("x", {"a": "1"})
    repo.set_branch("same", repo.branch("main"))
    repo.commit("open", {"b": "1"})
    repo.open_pull("open", "main")
    reply = job.post(f"{APP}/pulls", {"title": "t", "head": "x", "base": "main", **change})
    assert (reply.status, "" if status == 201 else reply.words) == (status, words)
    assert len(repo.pulls()) == (2 if status == 201 else 1)


def test_actions_may_be_forbidden_to_open_pull_requests(github, repo, job):
    repo.actions_may_open_pulls = False
    repo.commit("x", {"a": "1"})
    body = {"title": "t", "head": "x", "base": "main"}
    refused = job.post(f"{APP}/pulls", body)
    assert refused.words == "GitHub Actions is not permitted to create or approve pull requests."
    assert Raw(github.url, repo.personal_token("octo")).post(f"{APP}/pulls", body).status == 201


def test_a_draft_becomes_ready_by_the_one_document_only(repo, job):
    repo.commit("x", {"a": "1"})
    pull = repo.open_pull("x", "main", draft=True)
    variables = {"id": pull.node_id}
    other = job.post("/graphql", {"query": READY_MUTATION.replace("isDraft", "id"), "variables": variables})
    assert (other.status, "READY_MUTATION" in other.body["errors"][0]["message"], pull.draft) == (200, True, True)
    done = job.post("/graphql", {"query": READY_MUTATION, "variables": variables}).body
    assert done["data"]["markPullRequestReadyForReview"]["pullRequest"] == {"number": 1, "isDraft": False}
    assert not pull.draft
    assert "errors" in job.post("/graphql", {"query": READY_MUTATION, "variables": variables}).body


def test_ready_without_the_right_is_an_error_that_comes_with_200(github, repo):
    repo.commit("x", {"a": "1"})
    pull = repo.open_pull("x", "main", draft=True)
    reader = Raw(github.url, repo.job_token(pull_requests="read"))
    reply = reader.post("/graphql", {"query": READY_MUTATION, "variables": {"id": pull.node_id}})
    assert (reply.status, reply.body["errors"][0]["type"], pull.draft) == (200, "FORBIDDEN", True)


@pytest.mark.parametrize(("method", "parents", "subject"), [
    ("merge", 2, "Merge pull request #1 from acme/x"), ("squash", 1, "A change (#1)"), ("rebase", 1, "second"),
])  # fmt: skip
def test_merging_makes_the_commits_that_github_makes(method, parents, subject, repo, job):
    repo.commit("x", {"a": "1"}, message="first")
    repo.commit("x", {"b": "2"}, message="second")
    repo.commit("main", {"c": "3"}, message="meanwhile")
    pull = repo.open_pull("x", "main")
    reply = job.ask("PUT", f"{APP}/pulls/1/merge", {"merge_method": method, "sha": pull.head_sha})
    assert reply.body["sha"] == repo.branch("main") == pull.merge_commit_sha
    assert repo.git("log", "-1", "--format=%s", "main") == subject
    assert len(repo.git("log", "-1", "--format=%P", "main").split()) == parents
    assert repo.git("ls-tree", "--name-only", "main").split() == ["README.md", "a", "b", "c", "src"]
    assert (pull.state, pull.merged, job.get(f"{APP}/pulls/1").body["merged"]) == ("closed", True, True)


@pytest.mark.parametrize(
    ("how", "status"), [("draft", 405), ("conflict", 405), ("moved", 409), ("closed", 405), ("unproved", 405)]
)
def test_what_is_not_merged(how, status, repo, job):
    sha = repo.commit("x", {"a": "1"})
    repo.open_pull("x", "main", draft=how == "draft")
    if how == "conflict":
        repo.commit("main", {"a": "2"})
    elif how == "moved":
        repo.commit("x", {"a": "3"})
    elif how == "closed":
        repo.close(1)
    elif how == "unproved":
        repo.protect("main", required_checks=("DevTeam / verify",))
    before = repo.branch("main")
    reply = job.ask("PUT", f"{APP}/pulls/1/merge", {"sha": sha} if how == "moved" else {})
    assert (reply.status, repo.branch("main")) == (status, before)


def test_the_head_of_a_pull_request_follows_its_branch_and_so_does_its_ref(repo, job):
    repo.commit("x", {"a": "1"})
    repo.open_pull("x", "main")
    sha = repo.commit("x", {"a": "2"})
    assert job.get(f"{APP}/pulls/1").body["head"]["sha"] == sha == repo.git("rev-parse", "refs/pull/1/head")
    assert job.get(f"{APP}/pulls?head=acme:x").body[0]["head"]["sha"] == sha


def test_a_deleted_branch_closes_its_pull_request_and_one_whose_base_was_merged_moves_on(repo):
    repo.commit("a", {"a": "1"})
    repo.commit("b", {"b": "1"}, base="a")
    repo.commit("c", {"c": "1"})
    first, second, third = repo.open_pull("a", "main"), repo.open_pull("b", "a"), repo.open_pull("c", "main")
    repo.merge(first.number, delete_branch=True)
    repo.delete_branch("c")
    assert (second.base_ref, second.state) == ("main", "open")
    assert (third.state, third.merged) == ("closed", False)


def test_a_pull_request_from_a_fork_can_be_fetched_from_here(repo, github):
    pull = repo.open_pull("patch", "main", by="mallory", from_fork="mallory/app")
    event = repo.event_pull(pull.number)
    assert event["pull_request"]["head"]["repo"]["full_name"] == "mallory/app"
    assert event["pull_request"]["base"]["repo"]["full_name"] == "acme/app"
    assert repo.git("rev-parse", "refs/pull/1/head") == github.find("mallory/app").branch("patch")
    assert repo.branch("patch") is None


# Conversations


@pytest.mark.parametrize(("size", "status"), [(65_536, 201), (65_537, 422), (0, 422)])
def test_how_long_a_comment_may_be(size, status, repo, job):
    number = repo.issue("i")
    assert job.post(f"{APP}/issues/{number}/comments", {"body": "é" * size}).status == status
    assert len(repo.comments(number)) == (status == 201)


def test_the_same_reaction_twice_is_one(repo, job):
    comment = repo.comment(repo.issue("i"), "hi")
    path = f"{APP}/issues/comments/{comment.id}"
    assert [job.post(f"{path}/reactions", {"content": "eyes"}).status for _ in range(2)] == [201, 200]
    assert repo.reactions(comment.id) == [("github-actions[bot]", "eyes")]
    assert job.get(path).body["reactions"]["eyes"] == 1


def test_a_label_is_made_at_its_first_use_and_found_without_case(repo, job):
    number = repo.issue("i")
    job.post(f"{APP}/issues/{number}/labels", {"labels": ["devteam:wip"]})
    reply = job.post(f"{APP}/issues/{number}/labels", {"labels": ["DevTeam:WIP", "devteam"]})
    assert [entry["name"] for entry in reply.body] == ["devteam:wip", "devteam"]
    assert list(repo.labels) == ["devteam:wip", "devteam"]
    assert job.ask("DELETE", f"{APP}/issues/{number}/labels/other").words == "Label does not exist"


def test_a_deleted_comment_is_gone(repo, job):
    comment = repo.comment(repo.issue("i"), "hi")
    repo.delete_comment(comment.id)
    assert job.patch(f"{APP}/issues/comments/{comment.id}", {"body": "x"}).status == 404
    assert job.post(f"{APP}/issues/comments/{comment.id}/reactions", {"content": "eyes"}).status == 404


# Check runs


def _check(repo, **more):
    return {"name": "c", "head_sha": repo.branch("main"), "output": {"title": "t", "summary": "s"}, **more}


def _notes(count, **more):
    note = {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": "m", **more}
    return {"title": "t", "summary": "s", "annotations": [note] * count}


@pytest.mark.needs_openapi
@pytest.mark.parametrize(
    ("more", "status", "is_contract"),
    [
        ({"output": _notes(50)}, 201, False),
        ({"output": _notes(51)}, 422, True),
        ({"status": "completed"}, 422, False),
        ({"status": "completed", "conclusion": "success"}, 201, False),
        ({"conclusion": "success"}, 201, False),
        ({"output": {"title": "t", "summary": "s" * 65_536}}, 422, True),
        ({"output": _notes(1, end_line=2, start_column=1)}, 422, False),
        ({"head_sha": "f" * 40}, 422, False),
        ({"output": _notes(1, title="t" * 256)}, 422, False),
    ],
)
def test_what_a_check_run_may_say(more, status, is_contract, github, repo, job):
    assert job.post(f"{APP}/check-runs", _check(repo, **more)).status == status
    assert len(repo.check_runs()) == (status == 201)
    assert bool(github.violations) == is_contract
    github.violations.clear()


def test_annotations_are_appended_in_batches(repo, job):
    made = job.post(f"{APP}/check-runs", _check(repo, output=_notes(50))).body["id"]
    job.patch(f"{APP}/check-runs/{made}", {"output": _notes(1)})
    assert job.get(f"{APP}/check-runs/{made}").body["output"]["annotations_count"] == 51
    assert len(job.get(f"{APP}/check-runs/{made}/annotations?per_page=100").body) == 51


def test_only_the_app_that_made_a_check_run_changes_it_and_people_make_none(github, repo, job):
    made = job.post(f"{APP}/check-runs", _check(repo)).body["id"]
    other = Raw(github.url, repo.app_token("other", checks="write")).patch(f"{APP}/check-runs/{made}", {"name": "n"})
    person = Raw(github.url, repo.personal_token("octo", "admin")).post(f"{APP}/check-runs", _check(repo))
    assert (other.status, "Invalid app_id" in other.words) == (403, True)
    assert person.words == "You must authenticate via a GitHub App."
    assert [entry.name for entry in repo.check_runs()] == ["c"]


# Workflow runs


@pytest.mark.parametrize(
    ("who", "switches", "found"),
    [
        ("job", {}, [("pull_request", "action_required")]),
        ("job", {"held_runs_for_job_token": False}, []),
        ("job", {"has_workflows": False}, []),
        ("octo", {}, [("pull_request", None)]),
        ("octo", {"has_workflows": False}, []),
    ],
)
def test_which_runs_a_pull_request_starts(who, switches, found, github, repo, job):
    for name, value in switches.items():
        setattr(repo, name, value)
    sha = repo.commit("x", {"a": "1"})
    repo.workflow_runs.clear()
    client = job if who == "job" else Raw(github.url, repo.personal_token("octo"))
    client.post(f"{APP}/pulls", {"title": "t", "head": "x", "base": "main"})
    runs = job.get(f"{APP}/actions/runs?head_sha={sha}").body["workflow_runs"]
    assert [(run["event"], run["conclusion"]) for run in runs] == found


def test_a_held_run_goes_on_when_a_person_approves_it(github, repo, job):
    sha = repo.commit("x", {"a": "1"})
    repo.workflow_runs.clear()
    job.post(f"{APP}/pulls", {"title": "t", "head": "x", "base": "main"})
    path = f"{APP}/actions/runs/{repo.runs(sha)[0].id}"
    octo = Raw(github.url, repo.personal_token("octo"))
    assert job.post(f"{path}/approve").status == 403
    assert octo.post(f"{path}/approve").status == 201
    assert octo.get(path).body["status"] == "in_progress"


@pytest.mark.parametrize(
    ("name", "ref", "status"),
    [("ci.yml", "x", 204), ("other.yml", "x", 404), ("ci.yml", "gone", 422), ("push.yml", "x", 422)],
)
def test_what_can_be_dispatched(name, ref, status, repo, job):
    repo.commit("main", {".github/workflows/ci.yml": "name: CI\non: [push, workflow_dispatch]\n"})
    repo.commit("main", {".github/workflows/push.yml": "on: push\n"})
    sha = repo.commit("x", {"a": "1"})
    repo.workflow_runs.clear()
    assert job.post(f"{APP}/actions/workflows/{name}/dispatches", {"ref": ref}).status == status
    assert [run.event for run in repo.runs(sha)] == (["workflow_dispatch"] if status == 204 else [])
