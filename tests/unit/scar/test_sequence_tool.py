"""What the tool decides before and around an errand."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path

import pytest

from devteam_action.domain.config import ToolConfig
from devteam_action.domain.scar_config import ScarConfig
from devteam_action.domain.task import Task
from devteam_action.errors import ConfigError, Missing, NotAllowed
from devteam_action.pipeline.ports import ToolJob
from devteam_action.scar.problems import ScarStrange, ScarUnavailable
from devteam_action.scar.tool import ScarTool
from tests.fakes.scar import FakeScar


class Remote:
    """Enough of an exchange to be asked for its address."""

    def __init__(self, address="https://host.invalid/me/app.git"):
        self.address = address


class Nobody:
    @contextlib.contextmanager
    def hold(self, conversation):
        raise AssertionError("nothing was to be begun")
        yield


def job(*, brief="Write hello.", remote=None, **more):
    return ToolJob(
        task=Task(id="1.1.1", title="Words"),
        attempt=1,
        brief=brief,
        tree=Path("/nowhere"),
        scratch=Path("/nowhere"),
        files=(),
        env={},
        config=ToolConfig(),
        root=Path("/nowhere"),
        project="me/app",
        run_id="r1",
        base="b0",
        head="h1",
        branch="task/1-1-1-words",
        **{"exchange": remote or Remote(), "conversations": Nobody(), **more},
    )


def implement(settings, wanted):
    return ScarTool(settings, {}).implement(wanted, lambda stream, line: None, threading.Event())


def test_without_a_remote_that_is_pushed_to_there_is_no_way_back():
    with pytest.raises(Missing, match="branches of a remote") as caught:
        implement(ScarConfig(), job(exchange=None))
    assert "push: true" in caught.value.remedy


@pytest.mark.parametrize("brief", ["x" * 200_000, "é" * 60_000, "\n" * 110_000])
def test_a_brief_that_is_too_long_is_told_before_anything_is_begun(brief):
    outcome = implement(ScarConfig(), job(brief=f"a{brief}b"))
    assert (outcome.status, outcome.reason, outcome.retryable) == ("failed", "brief-too-long", False)


def test_a_repository_that_is_not_listed_is_not_commanded():
    with pytest.raises(NotAllowed, match=r"work on app: `scar\.repositories` names other"):
        implement(ScarConfig(repositories=("other",)), job())


@pytest.mark.parametrize("address", ["", "https://host.invalid/me/", "https://host.invalid/..", "file:///srv/a b"])
def test_an_address_without_a_name_asks_for_one(address):
    with pytest.raises(ConfigError, match="no name of a repository"):
        implement(ScarConfig(), job(remote=Remote(address if address != "https://host.invalid/me/" else "x/ ?")))


@pytest.mark.parametrize("address", ["https://host.invalid/a b", "https://host.invalid/'x'", 'a"b'])
def test_a_clone_url_is_one_word(address):
    with pytest.raises(ConfigError, match="no address that SCAR can clone"):
        implement(ScarConfig(clone_url=address), job())


def unused_port():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        return nobody.getsockname()[1]


def check(url, **environ):
    ScarTool(ScarConfig(base_url=url), environ).check(ToolConfig(), {})


def test_a_server_that_answers_is_good_enough():
    with FakeScar.serve() as scar:
        check(scar.url)
        scar.fault("404", path="/health/concurrency", times=9)
        check(scar.url)


def test_something_else_that_answers_is_not():
    with FakeScar.serve() as scar:
        scar.fault("html-502", times=99)
        with pytest.raises(ScarStrange):
            check(scar.url)


@pytest.mark.parametrize(
    ("host", "environ", "told"),
    [
        ("localhost", {}, False),
        ("localhost", {"GITHUB_ACTIONS": "true", "RUNNER_ENVIRONMENT": "github-hosted"}, "GitHub's"),
        ("127.0.0.1", {"GITHUB_ACTIONS": "true"}, "GitHub's"),
        ("localhost", {"GITHUB_ACTIONS": "true", "RUNNER_ENVIRONMENT": "self-hosted"}, "this runner itself"),
        ("127.0.0.2", {"GITHUB_ACTIONS": "true"}, False),
    ],
)
def test_in_a_job_localhost_is_explained(host, environ, told):
    with pytest.raises(ScarUnavailable) as caught:
        check(f"http://{host}:{unused_port()}", **environ)
    error = caught.value
    assert error.message.startswith("SCAR is not available. Ensure SCAR is running at http://")
    assert error.exit_code == 4
    assert ("examples/scar-self-hosted.yml" in error.remedy) is bool(told)
    assert str(told or "") in error.message
