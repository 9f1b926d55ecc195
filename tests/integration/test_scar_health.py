"""`devteam health` says how it stands with SCAR, and asks only where somebody uses it."""

from __future__ import annotations

import pytest

from tests.fakes.scar import FakeScar
from tests.project import CHECKED_BY_GREP, HELLO_AND_WORLD

WITH_SCAR = f"{CHECKED_BY_GREP}plan-with: scar\n"


def scar_of(project, **env: str) -> str:
    return project.devteam("health", "--json", env=env).ok().json["dependencies"]["scar"]


def test_a_server_that_nobody_uses_is_not_asked(project):
    assert scar_of(project(patches=HELLO_AND_WORLD)) == "not configured"


def test_a_server_that_answers_is_available(project):
    with FakeScar.serve() as scar:
        assert scar_of(project(patches=HELLO_AND_WORLD), SCAR_BASE_URL=scar.url) == f"available at {scar.url}"
        assert [each.method for each in scar.requests] == ["GET"]


def test_a_server_that_is_down_makes_nobody_ill(project):
    with FakeScar.serve() as scar:
        address = scar.url
    made = project(patches=HELLO_AND_WORLD, config=WITH_SCAR)
    assert scar_of(made, SCAR_BASE_URL=address) == f"not reachable at {address}"


def test_something_else_that_answers_is_no_scar(project):
    with FakeScar.serve() as scar:
        scar.fault("html-502", path="/health", times=9)
        said = scar_of(project(patches=HELLO_AND_WORLD), SCAR_BASE_URL=scar.url)
    assert "available" not in said
    assert "<" not in said


@pytest.mark.parametrize("address", ["scar", "http://u:p@scar"])
def test_a_wrong_address_is_told(project, address):
    assert "SCAR_BASE_URL" in project(patches=HELLO_AND_WORLD).devteam("health", env={"SCAR_BASE_URL": address}).out
