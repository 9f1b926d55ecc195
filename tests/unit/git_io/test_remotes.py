"""Which addresses we clone from, and which host gets the token."""

from __future__ import annotations

import pytest

from devteam_action.errors import BadInput
from devteam_action.git_io.remotes import checked_url, credentials_for


@pytest.mark.parametrize(
    "url",
    [
        "https://github.example/owner/repo.git",
        "https://github.example:8443/owner/repo",
        "http://127.0.0.1:8000/repo.git",
        "ssh://git@host.example/owner/repo.git",
        "git@host.example:owner/repo.git",
        "file:///srv/repos/x.git",
    ],
)
def test_an_address_is_taken_as_it_is(url: str) -> None:
    assert checked_url(url) == url


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ext::sh -c 'touch pwned'", "no address"),
        ("fd::17/foo", "no address"),
        ("--upload-pack=touch pwned", "no address"),
        ("-oProxyCommand=x", "no address"),
        ("ssh://-oProxyCommand=x/repo", "no address"),
        ("git://host.example/repo", "no address"),
        ("ftp://host.example/repo", "no address"),
        ("file://host.example/repo", "no address"),
        ("file:relative", "no address"),
        ("https://", "no address"),
        ("https://[::bad/x", "no address"),
        ("https://host.example/a\nb", "no address"),
        ("just-a-word", "no address"),
        ("", "no address"),
        ("http://host.example/repo", "unencrypted"),
        ("https://user:hunter2@host.example/repo", "credentials in it"),
        ("https://token@host.example/repo", "credentials in it"),
        ("ssh://user:hunter2@host.example/repo", "credentials in it"),
    ],
)
def test_an_address_is_refused_and_no_secret_is_repeated(url: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        checked_url(url)
    assert message in caught.value.message
    assert caught.value.remedy
    assert "hunter2" not in caught.value.message + caught.value.remedy


def test_a_token_is_for_the_host_of_an_https_address_and_no_other() -> None:
    env = {"GIT_USERNAME": "me", "GIT_TOKEN": "t0ken"}
    found = credentials_for("https://host.example:8443/owner/repo", env)
    assert found is not None
    assert (found.url, found.username, found.token) == ("https://host.example:8443/", "me", "t0ken")
    assert "t0ken" not in repr(found)
    assert credentials_for("git@host.example:owner/repo", env) is None
    assert credentials_for("ssh://git@host.example/repo", env) is None
    assert credentials_for("file:///srv/x", env) is None
    assert credentials_for("https://host.example/repo", {"GIT_USERNAME": "me"}) is None


def test_a_token_alone_has_a_user_name_that_hosts_accept() -> None:
    found = credentials_for("https://host.example/repo", {"GIT_TOKEN": "t0ken"})
    assert found is not None
    assert found.username == "x-access-token"
