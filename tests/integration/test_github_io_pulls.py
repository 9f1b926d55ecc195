"""Pull requests through the client, against a GitHub that fails in every way it can."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from devteam_action.errors import Missing, NotAllowed
from devteam_action.github_io.ci_after_push import CiAfterPush
from devteam_action.github_io.pull_requests import PullRequests
from devteam_action.github_io.refusals import NotFound, Unprocessable
from devteam_action.github_io.workflows import Workflows
from devteam_action.pipeline.forge import CiState, NoPullRequest, PullRequest, TooLong
from tests.fakes.clock import FakeClock
from tests.fakes.github import FakeGitHub
from tests.fakes.github.runs import new_run
from tests.integration.github_io_client import FAULTS, a_branch, client_for

BODY = "What it does.\n\n<!-- devteam:task=1.1 -->"


@pytest.fixture
def github(tmp_path):
    with FakeGitHub.serve(tmp_path) as github:
        yield github


@pytest.fixture
def repo(github):
    repo = github.repository("acme/app")
    a_branch(repo, "task/x")
    github.reset_count()
    return repo


@pytest.fixture
def forge(repo):
    return PullRequests(client_for(repo))


def opened(forge: PullRequests, base: str = "main") -> PullRequest:
    pull = forge.open("task/x", base, title="1.1 Do it", body=BODY)
    assert isinstance(pull, PullRequest)
    return pull


def ci(forge: PullRequests, head: str, read: Callable[[str], bytes | None] = lambda path: None) -> CiState:
    return forge.ci_after_push("task/x", head, read)


def test_a_pull_request_is_opened_as_a_draft_with_our_label_in_two_writes(github, repo, forge):
    pull = opened(forge)
    seen = repo.pull(pull.number)
    assert (seen.draft, seen.labels, seen.title, seen.body) == (True, ["devteam"], "1.1 Do it", BODY)
    assert (pull.is_draft, pull.state, pull.is_fork, pull.labels) == (True, "open", False, ("devteam",))
    assert (pull.head, pull.base, pull.branch) == (repo.branch("task/x"), "main", "task/x")
    assert len(github.writes) == len(github.requests) == 2


def test_opening_it_again_finds_it(repo, forge):
    assert opened(forge).number == opened(forge).number
    assert len(repo.pulls()) == 1


@pytest.mark.parametrize("lost", [0, 1])
@pytest.mark.parametrize("kind", FAULTS)
def test_there_is_one_labelled_pull_request_after_any_fault(github, repo, forge, kind, lost):
    github.fault(kind, after=lost)
    pull = opened(forge)
    assert [(each.number, each.labels, each.draft) for each in repo.pulls()] == [(pull.number, ["devteam"], True)]


def test_an_opening_that_was_lost_while_lists_lag_is_one(github, repo, forge):
    github.fault("502-after-effect", path="pulls$")
    github.fault("stale-list", times=2)
    opened(forge)
    assert len(repo.pulls()) == 1


def test_a_draft_that_cannot_be_made_ready_names_both_rights_that_it_takes(repo, forge):
    pull = opened(forge)
    reader = PullRequests(client_for(repo, repo.job_token(contents="read")))
    with pytest.raises(NotAllowed) as refused:
        reader.make_ready(pull)
    assert "permissions:\n  contents: write\n  pull-requests: write" in str(refused.value.remedy)
    assert repo.pull(pull.number).draft


def test_without_drafts_it_is_labelled_as_work_in_progress_until_it_is_ready(github, repo, forge):
    repo.offers_drafts = False
    pull = opened(forge)
    assert sorted(repo.pull(pull.number).labels) == ["devteam", "devteam:wip"]
    github.reset_count()
    forge.make_ready(pull)
    assert repo.pull(pull.number).labels == ["devteam"]
    assert len(github.requests) == 1
    forge.make_ready(pull)  # a label that is gone stays gone


def test_a_forbidden_pull_request_is_a_link_that_a_person_opens_and_then_it_is_ours(repo, forge):
    repo.actions_may_open_pulls = False
    nothing = forge.open("task/x", "main", title="1.1 Do it", body="x" * 9000)
    assert isinstance(nothing, NoPullRequest)
    assert "/acme/app/compare/main...task/x?quick_pull=1&title=1.1+Do+it&body=xxx" in nothing.link
    assert len(nothing.link) < 8000
    assert "Settings" in nothing.reason
    by_hand = repo.open_pull("task/x", "main", by="ann")
    assert opened(forge).number == by_hand.number
    assert "devteam" in repo.pull(by_hand.number).labels


def test_a_branch_without_commits_of_its_own_says_so(repo, forge):
    repo.set_branch("task/empty", repo.branch("main"))
    with pytest.raises(Unprocessable, match="No commits between main and task/empty"):
        forge.open("task/empty", "main", title="t", body="b")


def test_a_title_is_cut_to_what_github_takes(repo, forge):
    forge.open("task/x", "main", title="t" * 300 + "\udcff", body="b")
    assert repo.pulls()[0].title == "t" * 256


def test_our_own_workflow_is_no_ci(github):
    own = ".github/workflows/devteam.yml"
    repo = github.repository("acme/own", files={own: "on: [pull_request]\n"})
    a_branch(repo, "task/x")
    client = client_for(repo)
    forge = PullRequests(client, ci=CiAfterPush(client, own_workflow=own))
    assert ci(forge, opened(forge).head).state == "none-configured"
    by_its_usual_name = ci(PullRequests(client), repo.branch("task/x"))
    assert by_its_usual_name.state == "none-configured"  # outside of a job nothing else tells


def test_a_body_that_is_too_long_asks_for_a_shorter_one(forge):
    with pytest.raises(TooLong):
        forge.open("task/x", "main", title="t", body="x" * 70_000)


def test_one_that_was_opened_and_not_labelled_is_labelled_the_next_time(github, repo, forge):
    github.fault("401", path="labels$")
    with pytest.raises(Missing):
        opened(forge)
    assert repo.pulls()[0].labels == []
    opened(forge)
    assert [each.labels for each in repo.pulls()] == [["devteam"]]


def test_a_closed_one_is_found_and_not_opened_again(repo, forge):
    first = opened(forge)
    repo.close(first.number)
    found = forge.find("task/x")
    assert found is not None
    assert (found.number, found.state) == (first.number, "closed")
    second = opened(forge)
    assert second.number != first.number
    newest = forge.find("task/x")
    assert newest is not None
    assert (newest.number, newest.state) == (second.number, "open")


def test_a_merged_one_is_told_from_a_closed_one(repo, forge):
    pull = opened(forge)
    forge.make_ready(pull)
    repo.merge(pull.number)
    found = forge.find("task/x")
    assert found is not None
    assert found.state == forge.get(pull.number).state == "merged"


def test_a_branch_of_the_same_name_in_a_fork_is_not_ours(repo, forge):
    repo.open_pull("task/y", "main", from_fork="mallory/app", by="mallory")
    assert forge.find("task/y") is None
    (theirs,) = repo.pulls()
    assert forge.get(theirs.number).is_fork


def test_neither_is_one_in_a_fork_of_the_same_owner(repo, forge):
    repo.open_pull("task/y", "main", from_fork="acme/app-fork", by="mallory")
    assert forge.find("task/y") is None


def test_it_is_made_ready_in_one_request_and_once(github, repo, forge):
    pull = opened(forge)
    github.reset_count()
    forge.make_ready(pull)
    assert not repo.pull(pull.number).draft
    assert len(github.requests) == len(github.writes) == 1
    forge.make_ready(pull)  # what we know is old: it is ready already
    assert not repo.pull(pull.number).draft


@pytest.mark.parametrize("kind", FAULTS)
def test_it_is_ready_after_any_fault(github, repo, forge, kind):
    pull = opened(forge)
    github.fault(kind, path="graphql")
    forge.make_ready(pull)
    assert not repo.pull(pull.number).draft


def test_a_person_is_asked_for_and_not_any_more(repo, forge):
    pull = opened(forge)
    for wanted in (True, True, False, False):
        forge.ask_for_a_person(pull.number, wanted=wanted)
        assert ("needs-human" in repo.pull(pull.number).labels) is wanted


def test_it_gets_another_base(repo, forge):
    pull = opened(forge)
    repo.set_branch("next", repo.branch("main"))
    forge.set_base(pull.number, "next")
    assert repo.pull(pull.number).base_ref == "next"


def test_a_lacking_right_names_the_line_to_add(repo):
    client = client_for(repo, repo.job_token(pull_requests="read", issues="read"))
    told = PullRequests(client).open("task/x", "main", title="t", body="b")
    assert isinstance(told, NoPullRequest)
    assert "add `pull-requests: write` to the `permissions:`" in told.reason
    assert client.missing_rights == ("pull-requests: write",)


def test_a_number_that_is_not_there_is_not_found(forge):
    with pytest.raises(NotFound, match="#99"):
        forge.get(99)


def test_a_renamed_repository_is_followed(repo, forge):
    repo.rename("acme/renamed")
    pull = opened(forge)
    found = forge.find("task/x")
    assert found is not None
    assert found.number == pull.number
    forge.make_ready(pull)
    assert [(each.draft, each.labels) for each in repo.pulls()] == [(False, ["devteam"])]


def test_a_branch_called_like_another_after_renaming_is_not_taken_for_it(repo, forge):
    a_branch(repo, "task/other")
    repo.open_pull("task/other", "main")
    repo.rename("acme/renamed")
    assert forge.find("task/x") is None


def test_ci_is_told_in_words(github, repo, forge):
    pull = opened(forge)
    held = ci(forge, pull.head)
    assert held.state == "held"
    assert held.link.startswith(github.server_url)
    repo.finish_runs(pull.head, "success")
    by_a_person = repo.commit("task/x", {"b.txt": "b"}, as_login="ann")
    assert ci(forge, by_a_person).state == "running"
    repo.finish_runs(by_a_person, "failure")
    assert ci(forge, by_a_person).state == "failed"


def test_a_run_that_github_makes_a_moment_after_the_push_is_seen(repo):
    slept: list[float] = []
    arrived: list[str] = []
    clock = FakeClock()

    def meanwhile(seconds: float) -> None:
        slept.append(seconds)
        for head in arrived:
            new_run(repo, "push", ".github/workflows/ci.yml", "task/x", head, "ann")

    clock.sleep = meanwhile
    client = client_for(repo)
    forge = PullRequests(client, ci=CiAfterPush(client, settles_s=(2.0, 4.0), clock=clock))
    repo.held_runs_for_job_token = False
    head = opened(forge).head
    assert ci(forge, head).state == "none-by-token"
    assert slept == [2.0, 4.0]
    arrived.append(head)
    assert ci(forge, head).state == "running"
    assert slept == [2.0, 4.0, 2.0]


def test_a_workflow_that_no_push_starts_is_no_ci_of_ours(github):
    nightly = b"on: {schedule: [{cron: '0 0 * * *'}]}\njobs: {}\n"
    repo = github.repository("acme/nightly", files={".github/workflows/nightly.yml": nightly.decode()})
    a_branch(repo, "task/x")
    forge = PullRequests(client_for(repo))
    assert ci(forge, opened(forge).head, lambda path: nightly).state == "none-configured"


@pytest.mark.parametrize("lost", [False, True])
def test_a_workflow_is_started_once_and_told(github, repo, lost):
    client = client_for(repo, repo.job_token(actions="write", pull_requests="write"))
    repo.held_runs_for_job_token = False
    forge = PullRequests(client, ci=CiAfterPush(client, dispatched="ci.yml"))
    head = opened(forge).head
    if lost:
        github.fault("502-after-effect", path="/dispatches$", times=1)
    for _ in range(2):
        told = ci(forge, head)
        assert (told.state, told.text) == ("running", "`ci.yml` was started on this commit")
    assert [(each.event, each.head_sha) for each in repo.runs()] == [("workflow_dispatch", head)]


@pytest.mark.parametrize(
    ("name", "actions", "words"),
    [("nope.yml", "write", "no workflow of that name"), ("ci.yml", "read", "`actions: write`")],
)
def test_a_workflow_that_cannot_be_started_is_named_with_the_reason(repo, name, actions, words):
    client = client_for(repo, repo.job_token(actions=actions, pull_requests="write"))
    forge = PullRequests(client, ci=CiAfterPush(client, dispatched=name))
    told = ci(forge, opened(forge).head)
    assert told.text.startswith(f"`{name}` was not started: ")
    assert words in told.text
    assert told.state == "held"


def test_a_jobs_token_is_offered_no_approval_and_told_why_it_may_not(repo):
    client = client_for(repo, repo.job_token(actions="write", pull_requests="write"))
    forge = PullRequests(client)
    head = opened(forge).head
    assert "/devteam" not in ci(forge, head).text
    with pytest.raises(NotAllowed, match="a job's own token") as refused:
        Workflows(client).approve_held(head)
    assert "permissions:" not in refused.value.remedy
    by_a_person = PullRequests(client_for(repo, repo.personal_token("ann")))
    assert f"/devteam approve {head[:12]}" in ci(by_a_person, head).text


def test_without_the_right_to_open_one_a_person_gets_the_link(repo):
    told = PullRequests(client_for(repo, repo.job_token(pull_requests="none"))).open(
        "task/x", "main", title="t", body="b"
    )
    assert isinstance(told, NoPullRequest)
    assert "pull-requests: write" in told.reason
    assert "/compare/main...task/x" in told.link


def test_a_push_of_the_jobs_token_starts_no_ci(github, repo, forge):
    repo.held_runs_for_job_token = False
    pull = opened(forge)
    github.reset_count()
    assert ci(forge, pull.head).state == "none-by-token"
    assert len(github.requests) == 2


def test_a_repository_without_workflows_has_no_ci(repo, forge):
    repo.has_workflows = False
    assert ci(forge, opened(forge).head).state == "none-configured"


def test_whether_ci_runs_is_unknown_to_a_token_that_may_not_look(github):
    repo = github.repository("acme/hidden", private=True)
    a_branch(repo, "task/x")
    forge = PullRequests(client_for(repo, repo.job_token(actions="none")))
    assert ci(forge, opened(forge).head).state == "unknown"
