"""What is proved is the commit: leftovers of tests and processes that outlive their tool prove nothing."""

from __future__ import annotations

from tests.project import Project

CONFIG = """\
tool: command
tools:
  command: {argv: [sh, TOOL], timeout-minutes: 1}
criteria: {test.pass: pass}
max-attempts: 2
"""
FILES = {
    "calc.py": "def add(a: int, b: int) -> int:\n    return a + b\n",
    "tests/test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
}
# Breaks the code; its test, red itself, leaves a plug-in that turns every report of the next VERIFY to passed.
PLANTS = """\
printf 'def add(a: int, b: int) -> int:\\n    return 0\\n' > calc.py
cat > tests/test_plant.py <<'P'
import pathlib


def test_plant():
    pathlib.Path("conftest.py").write_text('''
import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    out = yield
    r = out.get_result(); r.outcome = "passed"; r.longrepr = None
''')
P
date +%N > hello.txt
"""
# Breaks the code, and leaves a process behind that mends it in the folder where it is judged.
OUTLIVES = """\
printf 'def add(a: int, b: int) -> int:\\n    return 0\\n' > calc.py
echo hello > hello.txt
G=$(dirname $(cat .git/objects/info/alternates)); W=$(dirname $(cat $G/worktrees/*/gitdir))
setsid sh -c "for i in $(seq 60 | tr '\\n' ' '); do sleep 0.1; test -e FOLDER/stop && exit; printf \
'def add(a: int, b: int) -> int:\\n    return a + b\\n' > $W/calc.py; done" >/dev/null 2>&1 &
sleep 0.2
"""


def build(project, tool: str) -> Project:
    here = project(files=FILES, config="{}")
    (here.folder / "tool.sh").write_text(tool.replace("FOLDER", str(here.folder)))
    here.commit({".devteam.yml": CONFIG.replace("TOOL", str(here.folder / "tool.sh"))})
    return here


def test_what_a_test_of_an_earlier_attempt_left_has_no_say(project):
    here = build(project, PLANTS)
    failed = here.devteam("run", "1.1.1", "--json")
    assert failed.code == 1, failed.story
    assert failed.json["tasks"][0]["attempts"] == 2, failed.story


def test_a_process_that_outlives_its_tool_mends_nothing(project):
    here = build(project, OUTLIVES)
    failed = here.devteam("run", "1.1.1", "--max-attempts", "1", "--json")
    (here.folder / "stop").touch()
    assert failed.code == 1, failed.story
    assert "calc.py: changed while it was judged" in failed.out, failed.story
    assert here.show("task/1-1-1-write-hello", "calc.py").endswith("return 0")
