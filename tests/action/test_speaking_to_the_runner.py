"""What our modules print and write, as the real act obeys it."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKFLOW = """\
on: workflow_dispatch
permissions: {}
jobs:
  say:
    runs-on: ubuntu-latest
    steps:
      - id: said
        run: exec "$PYTHON_OF_TEST" "$SCRIPT_OF_TEST"
"""
SCRIPT = f"""\
import os, pathlib, subprocess, sys
sys.path.insert(0, {str(ROOT)!r})
from devteam_action.actions.env_files import StepFiles
from devteam_action.actions.workflow_commands import Muzzle, annotation, harmless_line
hostile = "::error::theirs\\n  ::warning file=a::theirs\\n::set-output name=forged::1\\n::add-mask::innocent"
with Muzzle(sys.stdout) as muzzle:
    print(hostile, flush=True)
    subprocess.run([sys.executable, "-c", "print('''" + hostile + "''')"], check=True)
    muzzle.say([annotation("error", "50%: a,\\nb", title="t: x, y", path="src/a.py", line=3)])
    print(hostile, flush=True)
print(harmless_line(hostile), flush=True)
muzzle.say([annotation("notice", "an innocent word")])
output, summary = (pathlib.Path(os.environ[name]) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"))
files = StepFiles(output=output, summary=summary)
files.set_outputs({{"result": "x\\nforged=1\\nEOF\\nforged<<EOF\\n1\\nEOF", "status": "ERROR"}})
files.set_outputs({{"status": "COMPLETED"}})
files.set_summary("# first")
files.set_summary("# second")
"""


def test_only_our_own_commands_and_outputs_are_obeyed(act, github, tmp_path):
    repo = github.repository("acme/app")
    script = tmp_path / "say.py"
    script.write_text(SCRIPT)
    env = {"PYTHON_OF_TEST": sys.executable, "SCRIPT_OF_TEST": str(script)}
    run = act.run(WORKFLOW, "workflow_dispatch", repo.event_dispatch(), repo=repo, env=env).ok()
    assert [(said.kind, said.text) for said in run.commands] == [
        ("error", "50%: a,\nb"),
        ("notice", "an innocent word"),
    ], run.story
    stated = run.commands[0].properties
    assert (stated["title"], stated["file"], stated["line"]) == ("t: x, y", "src/a.py", "3")
    assert run.steps["say/said"].outputs == {
        "result": "x\nforged=1\nEOF\nforged<<EOF\n1\nEOF",
        "status": "COMPLETED",
    }
    assert run.summary == "# second"
