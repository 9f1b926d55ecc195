"""GitHub's own texts are the same from npm as beside the checkout; a fake without them says that it judges nothing."""

from __future__ import annotations

import json

import pytest

from tests import originals
from tests.fakes.github import FakeGitHub, contract, fake, rest
from tests.fakes.github.router import ROUTES
from tests.npm import NotInstalled, installed


@pytest.fixture
def from_npm():
    try:
        return originals.from_npm()
    except NotInstalled as problem:
        pytest.skip(str(problem))


@pytest.mark.needs_npm
@pytest.mark.needs_openapi
def test_npm_has_every_operation_of_the_fake_and_every_sample(from_npm):
    paths = json.loads((from_npm / "openapi.json").read_text())["paths"]
    assert rest.MODULES
    missing = [entry.template for entry in ROUTES if entry.method.lower() not in paths.get(entry.template, {})]
    assert missing == ["/graphql"]
    theirs, ours = (
        {path.name: json.loads(path.read_text()) for path in folder.glob("*.json")}
        for folder in (from_npm / "webhooks", originals.WEBHOOKS)
    )
    assert set(theirs) == set(ours)
    assert [name for name in ours if "DERIVED" not in name and ours[name] != theirs[name]] == []


def test_a_fake_without_the_text_says_that_it_judges_nothing(tmp_path, monkeypatch, capfd):
    for module in (contract, fake):
        monkeypatch.setattr(module, "missing", lambda: "there is no npm")
    with FakeGitHub.serve(tmp_path / "hub") as github:
        assert not github.is_judged
    assert "judges no request and no answer: there is no npm" in capfd.readouterr().err


def test_what_npm_cannot_install_is_told_and_not_tried_again_at_once(tmp_path, monkeypatch):
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("npm", "node"):
        (programs / name).write_text('#!/bin/sh\necho tried >> "$TRIED"\nexit 7\n')
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("TRIED", str(tmp_path / "tried"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for _ in range(2):
        with pytest.raises(NotInstalled, match=r"npm cannot install a@1 here \(exit 7\)"):
            installed("a-1", "a@1")
    assert (tmp_path / "tried").read_text() == "tried\n"
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NotInstalled, match="there is no npm, with which b@1 would be installed"):
        installed("b-1", "b@1")
