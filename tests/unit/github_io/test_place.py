"""Which GitHub and which repository: from a job's variables, or from the address of a remote."""

from __future__ import annotations

import pytest

from devteam_action.github_io.place import GitHubPlace, place_of, why_no_place
from devteam_action.settings import read_environment

DOT_COM = ("https://api.github.com", "https://api.github.com/graphql", "https://github.com")
SERVER = ("https://git.corp.example/api/v3", "https://git.corp.example/api/graphql", "https://git.corp.example")
TENANT = ("https://api.corp.ghe.com", "https://api.corp.ghe.com/graphql", "https://corp.ghe.com")


@pytest.mark.parametrize(
    ("address", "urls"),
    [
        ("https://github.com/acme/app.git", DOT_COM),
        ("https://github.com/acme/app", DOT_COM),
        ("https://x-access-token:abc@github.com/acme/app/", DOT_COM),
        ("git@github.com:acme/app.git", DOT_COM),
        ("ssh://git@ssh.github.com:443/acme/app.git", DOT_COM),
        ("https://corp.ghe.com/acme/app", TENANT),
    ],
)
def test_the_address_of_a_remote_names_server_and_repository(address, urls):
    place = place_of({}, address)
    assert place is not None
    assert (place.api_url, place.graphql_url, place.server_url) == urls
    assert place.repository == "acme/app"


@pytest.mark.parametrize(
    "address",
    ["", "/srv/git/app.git", "file:///srv/git/acme/app.git", "../app", "https://github.com/app",
     "https://[::1/acme/app", "https://github.com/acme/app/pulls", "https://github.com/acme/..",
     "git@github.com:-x/app", "ext::sh -c id acme/app"],
)  # fmt: skip
def test_an_address_of_another_kind_is_no_place(address):
    assert place_of({}, address) is None


@pytest.mark.parametrize("address", ["https://git.corp.example/acme/app.git", "git@git.corp.example:acme/app"])
def test_a_server_of_somebodys_own_is_one_once_it_is_named(address):
    place = place_of({"GH_HOST": "git.corp.example"}, address)
    assert place is not None
    assert (place.api_url, place.graphql_url, place.server_url) == SERVER
    assert place.is_enterprise


@pytest.mark.parametrize(
    "address",
    ["https://gitlab.com/acme/app.git", "git@bitbucket.org:acme/app", "ssh://git@git.corp.example:2222/acme/app.git",
     "git@github.com-work:acme/app", "gh:acme/app", "https://github.com.example/acme/app", "https://xghe.com/acme/app"],
)  # fmt: skip
@pytest.mark.parametrize("variables", [{}, {"GH_HOST": "github.com"}, {"GH_ENTERPRISE_TOKEN": "a token for another"}])
def test_a_token_goes_to_no_host_that_nobody_has_called_a_github(address, variables):
    assert place_of(variables, address) is None
    assert "GH_HOST=" in why_no_place(variables, address)


@pytest.mark.parametrize(
    "address", [r"https://evil.example\.ghe.com/o/r", "https://[::ffff:6.6.6.6]/o/r", "https://:443/o/r"]
)
def test_a_host_that_libraries_read_in_different_ways_is_none(address):
    assert place_of({}, address) is None
    assert place_of({"GH_HOST": ""}, address) is None


def test_a_server_of_somebodys_own_gets_its_own_token_and_github_never_does():
    both = read_environment({"GH_TOKEN": "for github.com", "GH_ENTERPRISE_TOKEN": "for the server"})
    assert (both.github_token, both.enterprise_token) == ("for github.com", "for the server")
    assert read_environment({"GH_ENTERPRISE_TOKEN": "for the server"}).github_token == ""
    assert read_environment({"GITHUB_TOKEN": "of a job there"}).enterprise_token == "of a job there"


def test_a_jobs_variables_win_over_the_remote():
    variables = {
        "GITHUB_API_URL": "http://127.0.0.1:8080/",
        "GITHUB_GRAPHQL_URL": "http://127.0.0.1:8080/graphql",
        "GITHUB_SERVER_URL": "http://127.0.0.1:8081",
        "GITHUB_REPOSITORY": "acme/tool",
    }
    place = place_of(variables, "https://github.com/acme/app")
    assert place == GitHubPlace(
        api_url="http://127.0.0.1:8080",
        graphql_url="http://127.0.0.1:8080/graphql",
        server_url="http://127.0.0.1:8081",
        repository="acme/tool",
    )
    assert place.web_url == "http://127.0.0.1:8081/acme/tool"
    assert place.owner == "acme"


def test_a_repository_name_that_would_change_an_address_is_none():
    variables = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/app/../../user"}
    assert place_of(variables) is None
