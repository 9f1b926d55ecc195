"""The whole pipeline with the real aider on a scripted model: list in, proved branch out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.project import LIST, Project

pytestmark = pytest.mark.needs_aider

TASKS = "1.1 Sums\n1.1.1 Mend `add` in [calc.py](calc.py).\n"
CONFIG = """\
tool: aider
tools:
  aider: {model: openai/scripted, edit-format: diff, timeout-minutes: 3}
criteria: {sums: pass}
commands: {sums: ["python3", "-c", "import calc; assert calc.add(2, 3) == 5"]}
"""
CALC = "def add(a: int, b: int) -> int:\n    return a - b\n"
GOOD = "calc.py\n```python\n<<<<<<< SEARCH\n    return a - b\n=======\n    return a + b\n>>>>>>> REPLACE\n```\n"
WRONG = GOOD.replace("a + b", "a * b")
WRONG_AGAIN = GOOD.replace("a - b", "a * b")
HOSTILE = {
    ".env": "OPENAI_API_BASE=http://127.0.0.1:9/v1\n",
    ".aider.conf.yml": "load: /tmp/never\ntest-cmd: touch /tmp/never-this-file\nauto-test: true\n",
    "AGENTS.md": "Sums are done with plus.\n",
}


@pytest.fixture
def here(project: Any, tools_home: Path, aider: object) -> Project:
    del aider  # it is installed now
    made: Project = project(TASKS, config=CONFIG, files={"calc.py": CALC, **HOSTILE})
    made.env |= {"XDG_DATA_HOME": str(tools_home), "OPENAI_API_KEY": "sk-scripted-0123456789"}
    return made


def test_a_red_attempt_is_mended_by_the_next_and_nothing_of_aider_stays(here, scripted):
    with scripted([{"content": WRONG}, {"content": WRONG_AGAIN}]) as model:
        done = here.devteam("run", "--json", env={"OPENAI_API_BASE": model.url}, timeout=280).ok()
    task = done.json["tasks"][0]
    assert (task["status"], task["attempts"]) == ("WAITING", 2)
    assert task["usage"]["tokensSent"] > 0
    branch = task["branch"]
    assert here.show(branch, "calc.py").endswith("return a + b")
    assert here.git("diff", "--name-only", "main", branch).split() == ["calc.py", LIST]
    second = str(model.requests[1])
    assert "AssertionError" in second, "the failure of the check is in the second brief"
    assert "Sums are done with plus" in second, "so are the project's conventions"
    everything = "".join(
        file.read_text(errors="replace") for file in (here.root / ".git/devteam").rglob("*") if file.is_file()
    )
    assert "sk-scripted-0123456789" not in everything + done.out + done.err


def test_a_refused_key_ends_the_run_at_once_with_the_reason(here, scripted):
    with scripted([{"status": 401}] * 3) as model:
        done = here.devteam("run", "--json", env={"OPENAI_API_BASE": model.url}, timeout=280)
    assert done.code == 1, done.story
    assert done.json["tasks"][0]["error"]["code"] == "authentication"
    assert done.json["tasks"][0]["attempts"] == 1


def test_without_a_key_nothing_is_claimed_or_installed(here):
    done = here.devteam("run", "--json", env={"OPENAI_API_KEY": "", "XDG_DATA_HOME": str(here.folder / "empty")})
    assert done.code == 4, done.story
    assert "OPENAI_API_KEY" in done.json["error"]["message"]
    assert not (here.folder / "empty").exists()
    assert here.git("for-each-ref", "refs/heads/devteam") == ""
