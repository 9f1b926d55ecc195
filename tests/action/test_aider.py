"""A whole job with the real aider on a scripted model: from a dispatch to a pull request that is ready."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.test_aider_pipeline import CALC, CONFIG, GOOD, TASKS, WRONG
from tests.project import LIST

DEVTEAM = (Path(__file__).parents[2] / "examples" / "devteam.yml").read_text()
KEY = "sk-scripted-0123456789abcdef"

pytestmark = pytest.mark.needs_aider


def test_aider_mends_what_the_checks_refused_and_the_pull_request_is_ready(act, github, aider, tools_home, scripted):
    del aider  # it is installed now
    repo = github.repository("acme/app", files={LIST: TASKS, ".devteam.yml": CONFIG, "calc.py": CALC})
    again = GOOD.replace("a - b", "a * b")
    with scripted([{"content": WRONG}, {"content": again}]) as model:
        run = act.run(
            DEVTEAM,
            "workflow_dispatch",
            repo.event_dispatch(inputs={}),
            repo=repo,
            secrets={"OPENAI_API_KEY": KEY},
            env={"OPENAI_API_BASE": model.url, "XDG_DATA_HOME": str(tools_home)},
            limit_s=280,
        ).ok()
    [pull] = repo.pulls()
    assert not pull.draft, run.story
    assert repo.git("show", f"{pull.head_ref}:calc.py").endswith("return a + b")
    [comment] = repo.comments(pull.number)
    assert "attempt 2 with aider" in comment.body
    assert "| ✅ | 2: the checks were red |" in comment.body
    assert KEY not in run.story + comment.body + pull.body + repo.git("log", "-p", "devteam/state")


def test_without_a_key_nothing_is_begun_or_installed_and_its_name_is_said(act, github, tmp_path):
    repo = github.repository("acme/app", files={LIST: TASKS, ".devteam.yml": CONFIG, "calc.py": CALC})
    run = act.run(
        DEVTEAM, "workflow_dispatch", repo.event_dispatch(inputs={}), repo=repo,
        env={"XDG_DATA_HOME": str(tmp_path / "tools")},
    )  # fmt: skip
    assert run.code == 1
    assert "OPENAI_API_KEY" in run.story
    assert repo.pulls() == []
    assert not (tmp_path / "tools").exists()
