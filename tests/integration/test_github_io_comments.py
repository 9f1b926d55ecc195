"""One comment of ours for each marker, whatever happens on the way."""

from __future__ import annotations

import threading

import pytest

from devteam_action.errors import NotAllowed
from devteam_action.github_io.comments import StickyComments
from devteam_action.github_io.identity import login_of
from devteam_action.pipeline.forge import TooLong
from tests.fakes.github import FakeGitHub
from tests.integration.github_io_client import FAULTS, client_for

MARKER = "<!-- devteam:task=1.1 -->"
OURS = "github-actions[bot]"


@pytest.fixture
def github(tmp_path):
    with FakeGitHub.serve(tmp_path) as github:
        yield github


@pytest.fixture
def repo(github):
    return github.repository("acme/app")


@pytest.fixture
def number(repo):
    return repo.issue("An issue")


@pytest.fixture
def comments(repo):
    return StickyComments(client_for(repo))


def texts(repo, number) -> list[str]:
    return [each.body for each in repo.comments(number) if each.user == OURS]


def test_a_second_run_edits_the_first_comment(repo, number):
    first = StickyComments(client_for(repo)).put(number, MARKER, f"{MARKER} one")
    second = StickyComments(client_for(repo)).put(number, MARKER, f"{MARKER} two")
    assert first == second
    assert texts(repo, number) == [f"{MARKER} two"]


def test_a_known_comment_costs_one_request(github, repo, number, comments):
    comments.put(number, MARKER, f"{MARKER} one")
    github.reset_count()
    comments.put(number, MARKER, f"{MARKER} two")
    assert [each.method for each in github.requests] == ["PATCH"]
    again = StickyComments(client_for(repo), known=comments.known)
    again.put(number, MARKER, f"{MARKER} three")
    assert [each.method for each in github.requests] == ["PATCH", "PATCH"]
    assert texts(repo, number) == [f"{MARKER} three"]


def test_nothing_is_looked_for_where_everything_is_new(github, number, comments):
    github.reset_count()
    comments.put(number, MARKER, f"{MARKER} one", is_new=True)
    assert [each.method for each in github.requests] == ["POST"]


def test_what_says_the_same_already_is_not_written_again(github, repo, number, comments):
    comments.put(number, MARKER, f"{MARKER} one")
    github.reset_count()
    StickyComments(client_for(repo)).put(number, MARKER, f"{MARKER} one")
    assert github.writes == []


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("kind", FAULTS)
def test_a_comment_is_posted_once_whatever_goes_wrong(github, repo, number, comments, kind, is_new):
    github.fault(kind)
    comments.put(number, MARKER, f"{MARKER} one", is_new=is_new)
    assert texts(repo, number) == [f"{MARKER} one"]


@pytest.mark.parametrize("kind", FAULTS)
def test_an_edit_arrives_whatever_goes_wrong(github, repo, number, comments, kind):
    comments.put(number, MARKER, f"{MARKER} one")
    github.fault(kind, method="PATCH")
    comments.put(number, MARKER, f"{MARKER} two")
    assert texts(repo, number) == [f"{MARKER} two"]


def test_a_post_that_was_lost_while_lists_lag_is_one_after_the_next_edit(github, repo, number, comments):
    github.fault("502-after-effect")
    github.fault("stale-list", times=2)
    comments.put(number, MARKER, f"{MARKER} one", is_new=True)
    comments.put(number, MARKER, f"{MARKER} two")
    assert texts(repo, number) == [f"{MARKER} two"]


def test_a_comment_that_a_person_deleted_is_posted_once_more(repo, number, comments):
    for expected in (1, 1, 0):
        posted = comments.put(number, MARKER, f"{MARKER} text")
        assert len(texts(repo, number)) == expected
        repo.delete_comment(posted)


def test_a_forged_marker_in_a_persons_comment_is_none(repo, number, comments):
    theirs = repo.comment(number, f"{MARKER} mine now", by="mallory")
    assert comments.put(number, MARKER, f"{MARKER} one") != theirs.id
    assert theirs.body == f"{MARKER} mine now"


def test_a_marker_within_one_of_ours_is_what_a_tool_has_printed(repo, number, comments):
    other = "<!-- devteam:answer -->"
    first = comments.put(number, MARKER, f"{MARKER}\n```text\n{other}\n```")
    fresh = StickyComments(client_for(repo))
    assert fresh.put(number, other, f"{other}\nan answer") != first
    assert len(texts(repo, number)) == 2


def test_a_persons_second_run_at_home_edits_their_first_comment(repo, number):
    first, second = (
        StickyComments(client_for(repo, repo.personal_token("ann"))).put(number, MARKER, f"{MARKER} {text}")
        for text in ("one", "two")
    )
    assert first == second
    assert [each.body for each in repo.comments(number)] == [f"{MARKER} two"]


def test_a_run_at_home_goes_on_with_the_comment_of_the_job(repo, number, comments):
    first = comments.put(number, MARKER, f"{MARKER} job")
    at_home = StickyComments(client_for(repo, repo.personal_token("ann")))
    assert at_home.put(number, MARKER, f"{MARKER} home") == first
    assert texts(repo, number) == [f"{MARKER} home"]


def test_a_strangers_forgery_costs_a_job_no_question(github, repo, number, comments):
    repo.comment(number, MARKER, by="mallory")
    github.reset_count()
    comments.put(number, MARKER, f"{MARKER} one")
    assert {each.path.rpartition("/")[2] for each in github.requests} == {"comments"}


def test_bytes_that_no_encoding_knows_do_not_stop_a_comment(repo, number, comments):
    comments.put(number, MARKER, f"{MARKER} a\udcff\x00b\U0001f600")
    assert texts(repo, number) == [f"{MARKER} a?\ufffdb\U0001f600"]


def test_the_marker_of_another_task_is_another_comment(repo, number, comments):
    other = "<!-- devteam:task=1.11 -->"
    assert comments.put(number, MARKER, f"{MARKER} a") != comments.put(number, other, f"{other} b")
    comments.put(number, MARKER, f"{MARKER} c")
    assert texts(repo, number) == [f"{MARKER} c", f"{other} b"]


def test_ours_is_found_among_hundreds(repo, number):
    repo.comment(number, "first", by="ann")
    StickyComments(client_for(repo)).put(number, MARKER, f"{MARKER} one")
    for each in range(130):
        repo.comment(number, f"talk {each}", by="ann")
    StickyComments(client_for(repo)).put(number, MARKER, f"{MARKER} two")
    assert texts(repo, number) == [f"{MARKER} two"]


def test_of_two_of_ours_the_oldest_stays(repo, number, comments):
    repo.comment(number, f"{MARKER} old", by=OURS)
    repo.comment(number, f"{MARKER} older run", by=OURS)
    comments.put(number, MARKER, f"{MARKER} new")
    assert texts(repo, number) == [f"{MARKER} new"]


def test_two_clients_that_post_at_the_same_time_leave_one(repo, number):
    ready = threading.Barrier(2)

    def post(name: str) -> None:
        comments = StickyComments(client_for(repo, pace_s=0))
        ready.wait()
        comments.put(number, MARKER, f"{MARKER} {name}")
        comments.put(number, MARKER, f"{MARKER} {name} again")

    threads = [threading.Thread(target=post, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts(repo, number)) == 1


def test_one_that_was_posted_between_our_look_and_our_post_stays(github, repo, number, comments):
    first = comments.put(number, MARKER, f"{MARKER} one")
    github.fault("stale-list")
    assert StickyComments(client_for(repo)).put(number, MARKER, f"{MARKER} two") == first
    assert texts(repo, number) == [f"{MARKER} two"]


def test_threads_of_one_client_post_one(repo, number, comments):
    threads = [
        threading.Thread(target=comments.put, args=(number, MARKER, f"{MARKER} {name}")) for name in ("a", "b", "c")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts(repo, number)) == 1


def test_a_text_that_is_too_long_asks_for_a_shorter_one(repo, number, comments):
    with pytest.raises(TooLong):
        comments.put(number, MARKER, MARKER + "x" * 66_000)
    assert texts(repo, number) == []
    comments.put(number, MARKER, MARKER)
    with pytest.raises(TooLong):
        comments.put(number, MARKER, MARKER + "x" * 66_000)
    assert texts(repo, number) == [MARKER]


def test_a_lower_ceiling_than_the_documented_one_is_the_same(github, number, comments):
    github.fault("422:too-long")
    with pytest.raises(TooLong):
        comments.put(number, MARKER, MARKER)


def test_a_token_that_may_not_comment_names_the_right(repo, number):
    client = client_for(repo, repo.job_token(issues="read", pull_requests="read"))
    with pytest.raises(NotAllowed) as refused:
        StickyComments(client).put(number, MARKER, MARKER)
    assert "issues: write" in refused.value.remedy or "pull-requests: write" in refused.value.remedy


@pytest.mark.parametrize("kind", ["job", "app", "person"])
def test_each_kind_of_token_learns_whose_it_is_in_one_request(repo, number, kind):
    tokens = {"job": repo.job_token, "app": lambda: repo.app_token(issues="write"), "person": None}
    make = tokens[kind] or (lambda: repo.personal_token("ann"))
    login = {"job": OURS, "app": "other-app[bot]", "person": "ann"}[kind]
    client = client_for(repo, make())
    assert login_of(client) == login_of(client) == login
    assert client.requests == 1


@pytest.mark.parametrize("page", [0, 3])
def test_a_comment_of_before_is_edited_by_its_id_and_else_looked_for_from_that_page_on(repo, number, page):
    for each in range(310):
        repo.comment(number, f"chat {each}", by="ann")
    client = client_for(repo)
    comments = StickyComments(client)
    posted = comments.put(number, MARKER, f"{MARKER} one", from_page=page)
    assert client.requests == 2 * (4 - page) + 1
    again = client_for(repo)
    assert StickyComments(again).put(number, MARKER, f"{MARKER} two", known=posted) == posted
    assert again.requests == 1
    repo.delete_comment(posted)
    anew = StickyComments(client_for(repo)).put(number, MARKER, f"{MARKER} three", known=posted, from_page=page)
    assert anew != posted
    assert texts(repo, number)[-1] == f"{MARKER} three"
