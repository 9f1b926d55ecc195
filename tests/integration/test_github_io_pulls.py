"""Pull requests through the client, against a GitHub that fails in every way it can."""

from __future__ import annotations

import pytest

from devteam_action.errors import Missing, NotAllowed
from devteam_action.github_io.ci_state import CiOnGitHub
from devteam_action.github_io.pull_requests import PullRequests
from devteam_action.github_io.refusals import NotFound, Unprocessable
from devteam_action.pipeline.forge import NoPullRequest, PullRequest, TooLong
from tests.fakes.github import FakeGitHub
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
    forge = PullRequests(client, ci=CiOnGitHub(client, own_workflow=own))
    assert forge.ci_of(opened(forge).head).state == "none-configured"
    by_its_usual_name = PullRequests(client).ci_of(repo.branch("task/x"))
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
    with pytest.raises(NotAllowed) as refused:
        PullRequests(client).open("task/x", "main", title="t", body="b")
    assert "permissions:\n  pull-requests: write" in refused.value.remedy
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
    held = forge.ci_of(pull.head)
    assert held.state == "held"
    assert held.link.startswith(github.server_url)
    repo.finish_runs(pull.head, "success")
    by_a_person = repo.commit("task/x", {"b.txt": "b"}, as_login="ann")
    assert forge.ci_of(by_a_person).state == "running"


def test_a_push_of_the_jobs_token_starts_no_ci(github, repo, forge):
    repo.held_runs_for_job_token = False
    pull = opened(forge)
    github.reset_count()
    assert forge.ci_of(pull.head).state == "none-by-token"
    assert len(github.requests) == 2


def test_a_repository_without_workflows_has_no_ci(repo, forge):
    repo.has_workflows = False
    assert forge.ci_of(opened(forge).head).state == "none-configured"


def test_whether_ci_runs_is_unknown_to_a_token_that_may_not_look(github):
    repo = github.repository("acme/hidden", private=True)
    a_branch(repo, "task/x")
    forge = PullRequests(client_for(repo, repo.job_token(actions="none")))
    assert forge.ci_of(opened(forge).head).state == "unknown"
