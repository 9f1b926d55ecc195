"""What comes over the line: redirections, half answers, answers of somebody else."""

from __future__ import annotations

import pytest

from devteam_action.errors import DevteamError, Missing
from devteam_action.github_io.check_runs import CheckRuns
from devteam_action.github_io.identity import JOB_LOGIN, login_of
from devteam_action.github_io.people import People
from devteam_action.github_io.pushes import Pushes
from devteam_action.github_io.reactions import Reactions
from devteam_action.pipeline.forge import CheckRun, TooLong
from tests.unit.github_io.scripted_server import ScriptedServer, said

ANN = said(200, {"permission": "write", "role_name": "write", "user": None})


def permission(server: ScriptedServer) -> str:
    return People(server.client()).permission_of("ann")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirection_keeps_method_and_body(status):
    moved = said(status, {}, Location="{url}/repositories/7/issues/comments/5/reactions")
    with ScriptedServer(moved, said(201, {"id": 1, "content": "eyes"})).serving() as server:
        assert Reactions(server.client()).react(5, "eyes")
    (method, path, body, token), (method_after, path_after, body_after, token_after) = server.asked
    assert (method, body, token) == (method_after, body_after, token_after) == ("POST", b'{"content": "eyes"}', token)
    assert path != path_after == "/repositories/7/issues/comments/5/reactions"


@pytest.mark.parametrize("query", ["", "?ref=refs%2Fheads%2Fx"])
def test_a_redirection_keeps_the_question(query):
    moved = said(301, {}, Location="{url}/repositories/7/activity" + query)
    with ScriptedServer(moved, said(200, [])).serving() as server:
        assert Pushes(server.client()).last_to("x") is None
    assert "ref=refs%2Fheads%2Fx" in server.asked[1][1]


def test_a_redirection_to_another_host_gets_no_token():
    with (
        ScriptedServer(ANN).serving() as other,
        ScriptedServer(said(301, {}, Location=f"{other.url}/x")).serving() as server,
        pytest.raises(Missing, match="gets no token"),
    ):
        permission(server)
    assert other.asked == []


def test_a_redirection_in_circles_ends():
    circle = said(301, {}, Location="{url}/round")
    with ScriptedServer(*[circle] * 9).serving() as server, pytest.raises(Missing, match="in circles"):
        permission(server)
    assert len(server.asked) == 3


@pytest.mark.parametrize("broken", [said(200, b'{"permission": "wr'), said(502, b"<html>Bad gateway</html>")])
def test_half_an_answer_is_asked_for_again(broken):
    with ScriptedServer(broken, ANN).serving() as server:
        assert permission(server) == "write"


@pytest.mark.parametrize("other", [said(200, [{"x": 1}]), said(200, b'"hello"'), said(200, {"login": 1})])
def test_an_answer_of_another_shape_is_missing_and_not_asked_for_again(other):
    with ScriptedServer(other).serving() as server, pytest.raises(Missing, match="not what its documentation says"):
        login_of(server.client("ghp_0123456789abcdef"))
    assert len(server.asked) == 1


@pytest.mark.parametrize("other", [said(200, [1]), said(200, {}), said(500, [1]), said(404, {"message": 7})])
def test_what_the_library_stumbles_over_is_no_bug_of_ours(other):
    with ScriptedServer(other).serving() as server, pytest.raises(Missing, match="not what its documentation says"):
        permission(server)


def test_an_error_without_words_is_an_error_with_a_remedy():
    with ScriptedServer(said(400, None)).serving() as server, pytest.raises(DevteamError, match="status 400") as error:
        Reactions(server.client()).react(1, "eyes")
    assert error.value.remedy


def test_a_token_that_github_repeats_is_hidden():
    token = "ghs_0123456789abcdef"
    with (
        ScriptedServer(said(422, {"message": f"bad {token}"})).serving() as server,
        pytest.raises(DevteamError) as error,
    ):
        Reactions(server.client(token)).react(1, "eyes")
    assert token not in error.value.message
    assert "***" in error.value.message


def test_a_check_run_that_is_too_long_asks_for_a_shorter_one():
    words = "Invalid request.\n\nOnly 65535 characters are allowed; 70000 were supplied."
    check = CheckRun(name="n", head="a" * 40, external_id="e", status="in_progress", summary="x" * 70_000)
    with ScriptedServer(said(422, {"message": words})).serving() as server, pytest.raises(TooLong):
        CheckRuns(server.client()).write(check, look=False)


def test_whose_an_apps_token_is_graphql_tells_once():
    with ScriptedServer(said(200, {"data": {"viewer": {"login": "our-app[bot]"}}})).serving() as server:
        client = server.client("ghs_0123456789abcdef")
        assert login_of(client) == login_of(client) == "our-app[bot]"
    assert [(method, path) for method, path, _, _ in server.asked] == [("POST", "/graphql")]


def test_whose_a_persons_token_is_rest_tells_once():
    with ScriptedServer(said(200, {"login": "ann"})).serving() as server:
        client = server.client("github_pat_0123456789abcdef")
        assert login_of(client) == login_of(client) == "ann"
    assert [(method, path) for method, path, _, _ in server.asked] == [("GET", "/user")]


@pytest.mark.parametrize(
    "refusal",
    [
        said(403, {"message": "Resource not accessible by integration"}),
        said(404, {"message": "Not Found"}),
        said(200, {"data": None, "errors": [{"type": "FORBIDDEN", "message": "no"}]}),
        said(200, {"data": None, "errors": [{"message": "no such field"}]}),
    ],
)
def test_who_is_told_nothing_is_the_jobs_own(refusal):
    with ScriptedServer(refusal).serving() as server:
        assert login_of(server.client()) == JOB_LOGIN


def test_a_rate_limit_of_graphql_is_waited_for():
    limited = said(200, {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]})
    with ScriptedServer(limited, said(200, {"data": {"viewer": {"login": "x[bot]"}}})).serving() as server:
        assert login_of(server.client()) == "x[bot]"
