"""What goes wrong on purpose: before the effect, after it, and only as often as was said."""

from __future__ import annotations

import http.client
import time

import pytest

from tests.fakes.github.raw import Raw

APP = "/repos/acme/app"


@pytest.mark.parametrize(
    ("kind", "status", "header"),
    [
        ("500", 500, ()),
        ("502", 502, ()),
        ("503", 503, ()),
        ("401", 401, ()),
        ("404-masked", 404, ()),
        ("secondary", 403, ()),
        ("403-retry-after", 403, ("retry-after", "7")),
        ("429", 429, ("retry-after", "7")),
        ("exhausted", 403, ("x-ratelimit-remaining", "0")),
        ("422:no-commits", 422, ()),
    ],
)
def test_before_the_effect_nothing_happens_and_then_it_does(kind, status, header, github, repo, job):
    github.fault(kind, path="/issues$", seconds=7)
    reply = job.post(f"{APP}/issues", {"title": "t"})
    assert reply.status == status
    assert not header or reply.headers[header[0]] == header[1]
    assert repo.issues == {}
    assert job.post(f"{APP}/issues", {"title": "t"}).status == 201
    assert [entry.status for entry in github.writes] == [status, 201]


def test_after_the_effect_the_client_does_not_learn_of_it(github, repo, job):
    github.fault("502-after-effect")
    assert job.post(f"{APP}/issues", {"title": "t"}).status == 502
    assert [entry.title for entry in repo.issues.values()] == ["t"]


@pytest.mark.parametrize(("kind", "happened"), [("reset", 0), ("reset-after-effect", 1)])
def test_a_cut_connection(kind, happened, github, repo, job):
    github.fault(kind)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        job.post(f"{APP}/issues", {"title": "t"})
    assert len(repo.issues) == happened
    assert [entry.status for entry in github.requests] == [0]


def test_a_slow_answer_is_right_and_late_and_others_do_not_wait_for_it(github, repo, job):
    github.fault("slow", seconds=0.3)
    began = time.monotonic()
    assert job.post(f"{APP}/issues", {"title": "t"}).status == 201
    assert time.monotonic() - began >= 0.3


def test_an_exhausted_limit_says_when_it_is_over(github, repo, job):
    github.fault("exhausted", seconds=30)
    reply = job.post(f"{APP}/issues", {"title": "t"})
    assert 28 <= int(reply.headers["x-ratelimit-reset"]) - github.seconds() <= 30
    assert job.get("/rate_limit").body["rate"]["remaining"] == 999


def test_a_stale_list_lacks_what_was_just_written_and_only_once(github, repo, job):
    number = repo.issue("i")
    job.post(f"{APP}/issues/{number}/comments", {"body": "first"})
    job.post(f"{APP}/issues/{number}/comments", {"body": "second"})
    github.fault("stale-list", path="/comments")
    lists = [[entry["body"] for entry in job.get(f"{APP}/issues/{number}/comments").body] for _ in range(2)]
    assert lists == [["first"], ["first", "second"]]


def test_times_after_and_method_say_which_requests_are_hit(github, repo, job):
    github.fault("500", method="*", path="/labels", times=2, after=1)
    asked = [job.get(f"{APP}/labels").status, job.get(APP).status, job.post(f"{APP}/labels", {"name": "a"}).status]
    assert [*asked, job.get(f"{APP}/labels").status, job.get(f"{APP}/labels").status] == [200, 200, 500, 500, 200]


def test_a_fault_that_is_misspelt_is_no_fault(github):
    with pytest.raises(ValueError, match="502-after-effect"):
        github.fault("502-after")


def test_every_write_can_be_lost_in_turn(github, repo, job):
    number = repo.issue("i")
    github.fault("502-after-effect", method="write", after=1)
    asked = [
        job.post(f"{APP}/issues/{number}/comments", {"body": "a"}).status, job.get(f"{APP}/issues").status,
        job.patch(f"{APP}/issues/{number}", {"title": "b"}).status, job.post(f"{APP}/labels", {"name": "c"}).status,
    ]  # fmt: skip
    assert (asked, repo.issues[number].title) == ([201, 200, 502, 201], "b")


def test_a_token_that_has_used_its_hour_is_refused_until_the_next_one(github, repo):
    token = repo.job_token()
    github.tokens[token].limit = 2
    client = Raw(github.url, token)
    asked = [client.get(APP) for _ in range(3)]
    assert [reply.status for reply in asked] == [200, 200, 403]
    assert asked[2].headers["x-ratelimit-remaining"] == "0"
    github.advance(int(asked[2].headers["x-ratelimit-reset"]) - github.seconds())
    assert client.get(APP).status == 200


def test_the_limit_counts_down_for_each_token(github, repo, job):
    other = Raw(github.url, repo.job_token())
    remaining = [client.get(APP).headers["x-ratelimit-remaining"] for client in (job, job, other)]
    assert remaining == ["999", "998", "999"]
