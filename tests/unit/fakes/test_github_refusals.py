"""More of what GitHub refuses: too much, too long, not allowed to this person or App; nothing is changed then."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest

from tests.fakes.github import READY_MUTATION, VIEWER_QUERY
from tests.fakes.github.raw import Raw
from tests.fakes.github.shapes import talk

APP = "/repos/acme/app"
CI = ".github/workflows/ci.yml"
INPUTS = "on:\n  workflow_dispatch:\n    inputs:\n      a: {type: string}\n"


@pytest.fixture
def reader(github, repo):
    """A person who may read, as anybody may in a public repository."""
    return Raw(github.url, repo.personal_token("rea", "read"))


# The judge


@pytest.mark.needs_openapi
def test_an_answer_of_the_fake_that_the_text_does_not_allow_is_recorded(github, repo, job, monkeypatch):
    job.post(f"{APP}/labels", {"name": "n"})
    monkeypatch.setattr(talk, "label", lambda *_: {"nme": "n"})
    job.get(f"{APP}/labels")
    assert f"the answer of GET {APP}/labels: 200: 0: 'color' is a required property" in github.violations
    github.violations.clear()


@pytest.mark.needs_openapi
def test_a_misspelt_key_is_found_in_the_entries_of_a_list(github, repo, job):
    note = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m", "titel": "t"}
    output = {"title": "t", "summary": "s", "annotations": [note]}
    reply = job.post(f"{APP}/check-runs", {"name": "c", "head_sha": repo.branch("main"), "output": output})
    assert (reply.status, repo.check_runs()) == (422, [])
    assert '"titel" is not a permitted key (in output/annotations/0)' in "\n".join(github.violations)
    github.violations.clear()


# Who asks


def test_a_request_that_does_not_say_what_program_sends_it_is_403(github, repo):
    connection = http.client.HTTPConnection(urlsplit(github.url).netloc, timeout=5)
    connection.request("GET", APP, headers={"Authorization": f"token {repo.job_token()}"})
    answer = connection.getresponse()
    assert answer.status == 403
    assert b"Please make sure your request has a User-Agent header" in answer.read()
    connection.close()


def test_whose_a_token_is_is_told_to_an_app_by_graphql_alone(github, repo, job):
    octo = Raw(github.url, repo.personal_token("octo"))
    logins = [who.post("/graphql", {"query": VIEWER_QUERY}).body["data"]["viewer"]["login"] for who in (job, octo)]
    assert logins == ["github-actions[bot]", "octo"]
    assert [who.get("/user").status for who in (job, octo)] == [403, 200]
    assert github.writes == []


def test_a_bot_is_no_user_whose_permission_could_be_asked_for(job):
    reply = job.get(f"{APP}/collaborators/github-actions%5Bbot%5D/permission")
    assert (reply.status, reply.words) == (404, "github-actions[bot] is not a user")


# Titles and sizes


@pytest.mark.parametrize(("size", "is_taken"), [(256, True), (257, False)])
def test_how_long_a_title_may_be(size, is_taken, repo, job):
    repo.commit("x", {"a": "1"})
    repo.commit("y", {"b": "1"})
    issue, pull, title = repo.issue("old"), repo.open_pull("x", "main", title="old").number, "é" * size
    replies = [
        job.post(f"{APP}/issues", {"title": title}),
        job.post(f"{APP}/pulls", {"title": title, "head": "y", "base": "main"}),
        job.patch(f"{APP}/issues/{issue}", {"title": title}),
        job.patch(f"{APP}/pulls/{pull}", {"title": title}),
    ]
    assert [reply.status for reply in replies] == ([201, 201, 200, 200] if is_taken else [422] * 4)
    assert [entry.title for entry in repo.issues.values()] == ([title] * 4 if is_taken else ["old"] * 2)
    if not is_taken:
        said = {reply.words for reply in replies}
        assert said == {"Validation Failed title is too long (maximum is 256 characters)"}


@pytest.mark.parametrize(("size", "status"), [(32_768, 201), (32_769, 422)])
def test_the_message_of_an_annotation_is_measured_in_bytes(size, status, repo, job):
    note = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "é" * size}
    output = {"title": "t", "summary": "s", "annotations": [note]}
    reply = job.post(f"{APP}/check-runs", {"name": "c", "head_sha": repo.branch("main"), "output": output})
    assert reply.status == status


# Dispatching


@pytest.mark.parametrize(
    ("ref", "inputs", "words"),
    [
        ("main", {"a": "1"}, ""),
        ("main", {"zzz": "1", "b": "2"}, 'Unexpected inputs provided: ["b", "zzz"]'),
        ("main", {"a": "é" * 65_536}, "inputs are too large."),
        ("main", {"a": "é" * 65_000}, ""),
        ("old", {}, "Workflow does not have 'workflow_dispatch' trigger"),
        ("other", {"b": "1"}, "Required input 'c' not provided"),
        ("other", {"b": "1", "c": "2"}, ""),
        ("SHA", {}, "No ref found for: SHA"),
    ],
)
def test_a_dispatch_is_judged_by_the_file_on_its_ref(ref, inputs, words, repo, job):
    repo.commit("old", {"a": "1"})
    sha = repo.commit("main", {CI: INPUTS})
    repo.commit("other", {CI: INPUTS.replace("a:", "b:") + "      c: {required: true}\n"})
    repo.workflow_runs.clear()
    wanted, said = ref.replace("SHA", sha), words.replace("SHA", sha)
    reply = job.post(f"{APP}/actions/workflows/ci.yml/dispatches", {"ref": wanted, "inputs": inputs})
    assert (reply.status, reply.words if words else "") == (422 if words else 204, said)
    assert [run.inputs for run in repo.workflow_runs] == ([] if words else [inputs])


# Refs and contents


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("refs/heads/a..b", "refs/heads/a..b is not a valid ref name."),
        ("refs/heads/main/x", "Reference update failed"),
        ("refs/heads/main", "Reference already exists"),
        ("heads/x", "Reference name must start with 'refs/' and have at least two slashes."),
    ],
)
def test_a_ref_that_cannot_be_made(name, words, repo, job):
    before = repo.store.refs("refs")
    reply = job.post(f"{APP}/git/refs", {"ref": name, "sha": repo.branch("main")})
    assert (reply.status, reply.words, repo.store.refs("refs")) == (422, words, before)


def test_a_ref_moves_to_a_descendant_unless_it_is_forced(repo, job):
    old = repo.branch("main")
    repo.commit("main", {"a": "1"})
    sha = repo.commit("side", {"b": "1"}, base=old)
    path = f"{APP}/git/refs/heads/main"
    reply = job.patch(path, {"sha": sha})
    assert (reply.status, reply.words, repo.branch("main") == sha) == (422, "Update is not a fast forward", False)
    assert (job.patch(path, {"sha": sha, "force": True}).status, repo.branch("main")) == (200, sha)


def _put(client, path, **more):
    return client.ask("PUT", f"{APP}/contents/{path}", {"message": "m", "content": "bg==", **more})


def test_a_file_is_replaced_by_those_who_know_what_it_was(repo, job):
    before = repo.branch("main")
    assert _put(job, "README.md").words == 'Invalid request.\n\n"sha" wasn\'t supplied.'
    wrong = _put(job, "README.md", sha="0" * 40)
    assert (wrong.status, wrong.words) == (409, f"README.md does not match {'0' * 40}")
    assert repo.branch("main") == before
    assert _put(job, "README.md", sha=repo.git("rev-parse", "main:README.md")).status == 200
    assert repo.git("show", "main:README.md") == "n"


# Workflow files, by every way


def _by_contents(_, client):
    return _put(client, CI, branch="x")


def _by_pull(repo, client):
    repo.commit("w", {CI: INPUTS})
    return client.ask("PUT", f"{APP}/pulls/{repo.open_pull('w', 'x').number}/merge", {})


def _by_merge(repo, client):
    repo.commit("w", {CI: INPUTS})
    return client.post(f"{APP}/merges", {"base": "x", "head": "w"})


@pytest.mark.parametrize("change", [_by_contents, _by_pull, _by_merge])
@pytest.mark.parametrize(("who", "is_done"), [("job", False), ("octo", True)])
def test_an_app_without_the_right_for_workflows_changes_none(change, who, is_done, github, repo, job):
    repo.commit("x", {"a": "1"})
    reply = change(repo, job if who == "job" else Raw(github.url, repo.personal_token("octo")))
    assert reply.status in ((200, 201) if is_done else (403,))
    assert repo.store.says("cat-file", "-e", f"x:{CI}") == is_done
    if not is_done and change is not _by_contents:
        said = f"refusing to allow a GitHub App to create or update workflow `{CI}` without `workflows` permission"
        assert reply.words == said


def test_a_branch_that_requires_pull_requests_takes_neither_a_merge_nor_a_file(repo, job):
    repo.commit("x", {"a": "1"})
    repo.protect("main")
    before = repo.branch("main")
    for reply in (job.post(f"{APP}/merges", {"base": "main", "head": "x"}), _put(job, "n.txt")):
        assert (reply.status, "Changes must be made through a pull request." in reply.words) == (409, True)
    assert repo.branch("main") == before


@pytest.mark.parametrize(("rights", "is_ready"), [({"contents": "read"}, False), ({}, True)])
def test_a_draft_is_made_ready_with_the_right_for_contents_too(rights, is_ready, github, repo):
    repo.commit("x", {"a": "1"})
    pull = repo.open_pull("x", "main", draft=True)
    job = Raw(github.url, repo.job_token(**rights))
    body = job.post("/graphql", {"query": READY_MUTATION, "variables": {"id": pull.node_id}}).body
    assert ("errors" in body, pull.draft) == (not is_ready, not is_ready)


# People who may read


def test_a_reader_opens_a_pull_request_of_a_fork_of_their_own_alone(github, repo, reader):
    repo.commit("x", {"a": "1"})
    refused = reader.post(f"{APP}/pulls", {"title": "t", "head": "x", "base": "main"})
    assert (refused.status, refused.words) == (422, "Validation Failed must be a collaborator")
    github.fork(repo, "rea/app").commit("patch", {"b": "1"}, as_login="rea")
    assert reader.post(f"{APP}/pulls", {"title": "t", "head": "rea:patch", "base": "main"}).status == 201
    assert [pull.head_repo for pull in repo.pulls()] == ["rea/app"]


def test_a_reader_sets_no_labels_and_changes_nothing_of_others(repo, reader):
    repo.commit("x", {"a": "1"})
    pull, issue = repo.open_pull("x", "main").number, repo.issue("theirs")
    asked = [
        reader.post(f"{APP}/issues/{issue}/labels", {"labels": ["q"]}),
        reader.ask("DELETE", f"{APP}/issues/{issue}/labels/q"),
        reader.post(f"{APP}/labels", {"name": "q"}),
        reader.patch(f"{APP}/issues/{issue}", {"state": "closed"}),
        reader.patch(f"{APP}/pulls/{pull}", {"state": "closed"}),
        reader.patch(f"{APP}/pulls/{pull}", {"title": "mine"}),
    ]
    assert {reply.status for reply in asked} == {403}
    assert repo.labels == {}
    assert [(entry.state, entry.title) for entry in repo.issues.values()] == [("open", "A change"), ("open", "theirs")]


def test_a_readers_own_issue_is_theirs_and_its_labels_are_dropped_unsaid(repo, reader):
    assert reader.post(f"{APP}/issues", {"title": "mine", "labels": ["q"]}).body["labels"] == []
    assert reader.patch(f"{APP}/issues/1", {"labels": ["q"], "title": "still mine"}).body["labels"] == []
    assert reader.patch(f"{APP}/issues/1", {"state": "closed"}).status == 200
    assert (repo.issues[1].title, repo.issues[1].state) == ("still mine", "closed")


@pytest.mark.parametrize(("level", "status"), [("read", 403), ("triage", 403), ("write", 201)])
def test_a_locked_conversation_is_open_to_those_who_may_write(level, status, github, repo):
    number = repo.issue("heated")
    repo.issues[number].locked = True
    reply = Raw(github.url, repo.personal_token("ann", level)).post(f"{APP}/issues/{number}/comments", {"body": "b"})
    assert (reply.status, len(repo.comments(number))) == (status, status == 201)
    if status == 403:
        assert reply.words == "Unable to create comment because issue is locked."
