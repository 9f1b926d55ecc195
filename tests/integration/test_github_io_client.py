"""The door: patience, rate limits, broken tokens, threads; and the smaller rooms behind it."""

from __future__ import annotations

import threading

import pytest

from devteam_action.errors import Missing, NotAllowed
from devteam_action.github_io.command_comments import CommandComments
from devteam_action.github_io.people import People
from devteam_action.github_io.pushes import Pushes
from devteam_action.github_io.reactions import Reactions
from devteam_action.github_io.workflows import Workflows
from tests.fakes.clock import FakeClock
from tests.fakes.github import FakeGitHub
from tests.integration.github_io_client import FAULTS, a_branch, client_for


@pytest.fixture
def github(tmp_path):
    with FakeGitHub.serve(tmp_path) as github:
        yield github


@pytest.fixture
def repo(github):
    repo = github.repository("acme/app")
    repo.collaborator("ann", "write")
    return repo


def ask(client) -> str:
    return People(client).permission_of("ann")


# --- patience ------------------------------------------------------------------------------------------------


def test_a_github_that_is_away_for_two_minutes_is_waited_for(github, repo):
    clock, told = FakeClock(), []
    client = client_for(repo, clock=clock, progress=told.append, jitter=lambda: 0.5)
    github.fault("503", method="*", times=8)
    assert ask(client) == "write"
    assert clock.monotonic() >= 120
    assert "again in" in told[-1]


def test_a_github_that_stays_away_is_missing_after_our_patience(github, repo):
    clock = FakeClock()
    github.fault("503", method="*", times=1000)
    with pytest.raises(Missing, match="does not answer"):
        ask(client_for(repo, clock=clock))
    assert clock.monotonic() == pytest.approx(150)


def test_a_server_that_is_not_there_is_missing(tmp_path):
    with FakeGitHub.serve(tmp_path / "gone") as other:
        client = client_for(other.repository("acme/gone"))
    with pytest.raises(Missing, match="the connection failed"):
        ask(client)


def test_a_pause_that_github_asks_for_is_kept_and_told(github, repo):
    clock, told = FakeClock(), []
    github.fault("403-retry-after", method="GET", seconds=17)
    assert ask(client_for(repo, clock=clock, progress=told.append)) == "write"
    assert clock.monotonic() == 17
    assert "pause of 17 s" in told[0]


def test_a_secondary_limit_without_a_time_is_a_minute(github, repo):
    clock = FakeClock()
    github.fault("secondary", method="GET")
    assert ask(client_for(repo, clock=clock)) == "write"
    assert clock.monotonic() == 60


def test_secondary_limits_are_waited_for_longer_each_time_and_are_not_told_as_the_hours(github, repo):
    clock, told = FakeClock(), []
    github.fault("secondary", method="GET", times=3)
    with pytest.raises(Missing, match="too many requests in a short time") as refused:
        ask(client_for(repo, clock=clock, progress=told.append))
    assert clock.monotonic() == pytest.approx(150)
    assert [line.partition(" s ")[0].rpartition(" ")[2] for line in told] == ["60", "90"]
    assert "App" not in refused.value.remedy


def test_a_limit_that_ends_soon_is_waited_for(github, repo):
    clock = FakeClock()
    github.fault("exhausted", method="GET", seconds=40)
    assert ask(client_for(repo, clock=clock)) == "write"
    assert 40 <= clock.monotonic() <= 43


def test_a_limit_that_ends_in_an_hour_says_when_and_waits_for_nothing(github, repo):
    clock = FakeClock()
    github.fault("exhausted", method="GET", seconds=3600)
    with pytest.raises(Missing, match=r"until 2026-01-01 01:00:\d\d UTC"):
        ask(client_for(repo, clock=clock))
    assert clock.monotonic() == 0


def test_a_stop_ends_the_waiting(github, repo):
    stop, clock = threading.Event(), FakeClock()
    github.fault("secondary", method="GET")
    client = client_for(repo, clock=clock, stop=stop, progress=lambda _: stop.set())
    with pytest.raises(Missing, match="stopped"):
        ask(client)
    assert clock.monotonic() <= 1


def test_writes_are_a_second_apart_and_reads_are_not(github, repo):
    comment = repo.comment(repo.issue("x"), "text")
    clock = FakeClock()
    client = client_for(repo, clock=clock)
    for _ in range(3):
        ask(client)
    assert clock.monotonic() == 0
    for reaction in ("eyes", "rocket", "confused"):
        Reactions(client).react(comment.id, reaction)
    assert clock.monotonic() == 2


def test_what_was_asked_and_what_is_left_is_known(github, repo):
    client = client_for(repo)
    assert client.rate is None
    ask(client)
    ask(client)
    assert client.requests == len(github.requests) == 2
    assert client.rate is not None
    assert (client.rate.limit, client.rate.remaining) == (1000, 998)
    assert client.rate.resets_at.endswith("Z")


def test_threads_get_their_own_answers(repo):
    people = {f"user{number}": ("write", "read", "admin")[number % 3] for number in range(12)}
    for login, permission in people.items():
        repo.collaborator(login, permission)
    client, got = client_for(repo), {}

    def look(login: str) -> None:
        for _ in range(5):
            got[login] = People(client).permission_of(login)

    threads = [threading.Thread(target=look, args=(login,)) for login in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == people


# --- tokens --------------------------------------------------------------------------------------------------


def test_no_token_is_said_before_anything_is_asked(github, repo):
    with pytest.raises(Missing) as missing:
        client_for(repo, "")
    assert "github-token" in missing.value.remedy
    assert github.requests == []


def test_an_expired_token_is_said_and_never_shown(github, repo):
    token = repo.job_token()
    github.kill_token(token)
    with pytest.raises(Missing, match="does not accept the token") as missing:
        Pushes(client_for(repo, token)).last_to("main")
    assert token not in f"{missing.value.message} {missing.value.remedy}"


# --- people --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "permission"),
    [("admin", "admin"), ("maintain", "write"), ("write", "write"), ("triage", "read"), ("read", "read")],
)
def test_a_permission_is_githubs(repo, level, permission):
    repo.collaborator("bob", level)
    assert People(client_for(repo)).permission_of("bob") == permission


@pytest.mark.parametrize("login", ["", "..", "ann/../..", "ann\n", "a b", "%2e%2e", "-ann", "аnn"])
def test_what_is_no_login_is_nobody_and_not_asked_for(github, repo, login):
    assert People(client_for(repo)).permission_of(login) == "none"
    assert github.requests == []


@pytest.mark.parametrize("kind", ["404-masked", "401"])
def test_a_refused_question_is_no_permission(github, repo, kind):
    github.fault(kind, method="GET")
    try:
        assert ask(client_for(repo)) == "none"
    except Missing:
        assert kind == "401"


def test_a_token_that_may_not_ask_gives_nobody_a_permission(repo):
    assert ask(client_for(repo, repo.job_token(contents="read"))) == "none"


# --- reactions, pushes, comments, workflows ------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["", *FAULTS])
def test_a_reaction_is_there_once(github, repo, kind):
    comment = repo.comment(repo.issue("x"), "/devteam run")
    reactions = Reactions(client_for(repo))
    if kind:
        github.fault(kind)
    assert reactions.react(comment.id, "eyes")
    assert reactions.react(comment.id, "eyes")
    assert repo.reactions(comment.id) == [("github-actions[bot]", "eyes")]


def test_a_deleted_comment_takes_no_reaction(repo):
    assert not Reactions(client_for(repo)).react(4242, "-1")


def test_the_last_push_is_the_newest_of_that_branch(github, repo):
    pushes = Pushes(client_for(repo))
    a_branch(repo, "task/x")
    github.advance(60)
    head = repo.commit("task/x", {"b.txt": "b"}, as_login="mallory")
    github.advance(60)
    a_branch(repo, "task/x-2")
    push = pushes.last_to("task/x")
    assert push is not None
    assert (push.by, push.after) == ("mallory", head)
    assert pushes.last_to("task/none") is None


def test_a_deletion_is_no_push(github, repo):
    head = a_branch(repo, "task/x")
    github.advance(60)
    repo.delete_branch("task/x")
    push = Pushes(client_for(repo)).last_to("task/x")
    assert push is not None
    assert push.after == head


def test_a_forced_push_is_a_push(github, repo):
    a_branch(repo, "task/x")
    github.advance(60)
    head = repo.commit("task/x", {"c.txt": "c"}, as_login="ann", force=True)
    push = Pushes(client_for(repo)).last_to("task/x")
    assert push is not None
    assert push.after == head


def test_new_comments_of_the_whole_repository_come_in_one_request(github, repo):
    issue = repo.issue("x")
    a_branch(repo, "task/x")
    pull = repo.open_pull("task/x", "main")
    repo.comment(issue, "old", by="ann")
    github.advance(3600)
    since = github.stamp()
    first = repo.comment(issue, "/devteam run", by="ann")
    second = repo.comment(pull.number, "/devteam stop", by="dependabot[bot]")
    client = client_for(repo)
    Reactions(client).react(first.id, "eyes")
    github.reset_count()
    seen = CommandComments(client).since(since)
    assert [(each.id, each.number, each.body, each.author) for each in seen] == [
        (first.id, issue, "/devteam run", "ann"),
        (second.id, pull.number, "/devteam stop", "dependabot[bot]"),
    ]
    assert [(each.is_bot, each.is_pull_request, each.eyes, each.rocket) for each in seen] == [
        (False, False, 1, 0),
        (True, True, 0, 0),
    ]
    assert len(github.requests) == 1


def test_more_than_a_page_of_comments_is_read_to_its_end(github, repo):
    issue = repo.issue("x")
    for number in range(120):
        repo.comment(issue, f"{number}", by="ann")
    seen = CommandComments(client_for(repo)).since("2020-01-01T00:00:00Z")
    assert [each.body for each in seen] == [str(number) for number in range(120)]


def test_a_workflow_is_started_once_though_its_answer_is_lost(github, repo):
    workflows = Workflows(client_for(repo))
    workflows.dispatch(".github/workflows/ci.yml", "main", {})
    assert len(repo.runs()) == 1
    github.fault("502-after-effect")
    with pytest.raises(Missing, match="not sent again"):
        workflows.dispatch("ci.yml", "main", {})
    assert len(repo.runs()) == 2
    github.fault("429")
    workflows.dispatch("ci.yml", "main", {})
    assert len(repo.runs()) == 3


def test_held_runs_are_let_go(repo):
    client = client_for(repo)
    from devteam_action.github_io.pull_requests import PullRequests

    head = a_branch(repo, "task/x")
    forge = PullRequests(client)
    forge.open("task/x", "main", title="t", body="b")
    assert forge.ci_after_push("task/x", head, lambda path: None).state == "held"
    approving = Workflows(client_for(repo, repo.personal_token("ann")))
    assert approving.approve_held(head) == 1
    assert forge.ci_after_push("task/x", head, lambda path: None).state == "running"
    assert approving.approve_held(head) == 0


@pytest.mark.parametrize("allowed", [True, False])
def test_an_administrator_may_ask_whether_jobs_open_pull_requests(repo, allowed):
    repo.actions_may_open_pulls = allowed
    assert Workflows(client_for(repo, repo.personal_token("root", "admin"))).may_open_pulls() is allowed


def test_a_job_may_not_ask_that(repo):
    assert Workflows(client_for(repo)).may_open_pulls() is None


def test_a_right_that_is_lacking_for_a_dispatch_is_named(repo):
    client = client_for(repo, repo.job_token(actions="read"))
    with pytest.raises(NotAllowed, match="actions: write"):
        Workflows(client).dispatch("ci.yml", "main")
