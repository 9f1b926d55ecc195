"""Which jobs of the example workflows start for which event: their conditions, by GitHub's own evaluator.

act filters neither by `on.<event>.types` nor is its evaluator GitHub's. Looked at are all samples of GitHub's payloads
and ones derived from them; one process of node evaluates everything.
"""

from __future__ import annotations

import copy
import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.npm import NotInstalled, installed
from tests.originals import WEBHOOKS

pytestmark = [pytest.mark.needs_npm, pytest.mark.needs_openapi]
ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("start_jobs.mjs")
PACKAGES = ("@actions/expressions@0.3.61", "esbuild@0.28.2")
NAMES = ("devteam", "hardened", "matrix", "scar-self-hosted", "verify-only")
DEFAULT_TYPES = {"pull_request": ["opened", "synchronize", "reopened"]}
Jobs = Mapping[str, str]

# Sample -> workflow -> the jobs that start; whatever is not named starts none. No sample is about a task's branch, and
# the comments in them are none of ours.
BY_HAND = {
    "devteam": "work", "hardened": "implement publish", "matrix": "ready task", "scar-self-hosted": "work",
}  # fmt: skip
SAMPLES: Mapping[str, Jobs] = {"workflow_dispatch": BY_HAND, "workflow_dispatch.with_inputs.DERIVED": BY_HAND}
# The same samples of pull requests, but of a branch `task/…`.
CHANGED = {"devteam": "work", "hardened": "verify", "verify-only": "verify"}
ON_TASKS: Mapping[str, Jobs] = {
    "pull_request.opened": CHANGED,
    "pull_request.opened.from_fork.DERIVED": CHANGED,
    "pull_request.synchronize": CHANGED,
    "pull_request.reopened": CHANGED,
    "pull_request.closed": {"devteam": "work"},
    "pull_request.closed.merged.DERIVED": {"devteam": "work", "hardened": "merged"},
    "pull_request.labeled": {},
    "pull_request.ready_for_review": {},
}
# Comment -> the jobs of devteam.yml, of hardened.yml. In brackets: may start, and then finds nothing to do,
# as a condition sees a text and no lines.
COMMENTS = {
    "/devteam run": ("work (control)", "accept implement publish (control)"),
    "/devteam run 1.1 until 1.3": ("work (control)", "(control accept)"),
    "/devteam retry 1.1": ("work (control)", "accept implement publish (control)"),
    "/devteam resume": ("control work", "control accept implement publish"),
    "/DevTeam Run": ("work (control)", "accept implement publish (control)"),
    "\r\n\r\n/devteam run": ("work (control)", "accept implement publish (control)"),
    "/devteam guide Use tabs": ("control work", "control (accept)"),
    "/devteam verify": ("work (control)", "(control accept)"),
    "/devteam inject Words": ("work (control)", "(control accept)"),
    "/devteam approve abcdef0": ("work (control)", "(control accept)"),
    "/devteam adopt": ("work (control)", "(control accept)"),
    "/devteam stop": ("control", "control (accept)"),
    "/devteam STOP": ("control", "control (accept)"),
    "/devteam status": ("control", "control (accept)"),
    "/devteam skip 1.1 is not wanted": ("control", "control (accept)"),
    "/devteam help": ("control", "control (accept)"),
    "\r\n/devteam stop": ("control (work)", "control (accept)"),
    "/devteam  stop": ("control (work)", "control (accept)"),
    "/devteam": ("control (work)", "control (accept)"),
    "/devteam statsu": ("control (work)", "control (accept)"),
    "> /devteam run": ("(control work)", "(control accept)"),
    "Say `/devteam run` when it is ready.": ("(control work)", "(control accept)"),
    "devteam run": ("", ""),
    "LGTM": ("", ""),
    "": ("", ""),
}
WORK = re.compile(r"\s*/devteam (run|retry|resume)( [\d.]+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Case:
    """An event, and by workflow the jobs that start; `command` is what the job `accept` hands on."""

    name: str
    event: str
    payload: Mapping[str, Any]
    jobs: Jobs
    command: str = ""


def of_samples() -> list[Case]:
    """Each sample as it is, and those of pull requests of a task's branch, too."""
    found = []
    for path in sorted(WEBHOOKS.glob("*.json")):
        name, payload = path.stem, json.loads(path.read_text())
        event = name.partition(".")[0]
        found.append(Case(name, event, payload, SAMPLES.get(name, {})))
        if event == "pull_request":
            ours = copy.deepcopy(payload)
            ours["pull_request"]["head"]["ref"] = "task/1-1-words"
            found.append(Case(f"{name} of a task", event, ours, ON_TASKS[name]))
    return found


def of_comments() -> list[Case]:
    """Comments of people, and the same of bots, which start nothing."""
    sample = json.loads((WEBHOOKS / "issue_comment.created.on_pr.DERIVED.json").read_text())
    found = []
    for text, (plain, hardened) in COMMENTS.items():
        command = said[1].lower() if (said := WORK.fullmatch(text)) else ""
        for kind, jobs in (("User", {"devteam": plain, "hardened": hardened}), ("Bot", {})):
            payload = copy.deepcopy(sample)
            payload["comment"]["body"], payload["comment"]["user"]["type"] = text, kind
            found.append(Case(f"{text!r} by a {kind}", "issue_comment", payload, jobs, command))
    for action in ("edited", "deleted"):
        other = {**sample, "action": action, "comment": {**sample["comment"], "body": "/devteam run"}}
        found.append(Case(f"'/devteam run' {action}", "issue_comment", other, {}))
    return found


def is_started_by(workflow: Mapping[Any, Any], case: Case) -> bool:
    """By `on:`, which YAML 1.1 reads as a truth."""
    on = workflow.get("on", workflow.get(True))
    if case.event not in on:
        return False
    types = (on[case.event] or {}).get("types", DEFAULT_TYPES.get(case.event)) if isinstance(on, dict) else None
    return not isinstance(types, list) or case.payload.get("action") in types


def asked(workflow: Mapping[Any, Any], case: Case) -> dict[str, Any]:
    """What start_jobs.mjs is given of it."""
    jobs = []
    for name, job in workflow["jobs"].items():
        needs = job.get("needs", [])
        needs = [needs] if isinstance(needs, str) else needs
        jobs.append({"name": name, "if": str(job.get("if", "")), "needs": needs})
    head = case.payload["pull_request"]["head"]["ref"] if case.event == "pull_request" else ""
    contexts = {
        "github": {"event_name": case.event, "event": case.payload, "head_ref": head},
        "inputs": case.payload.get("inputs") or {},
    }
    outputs = {
        "accept": {"command": case.command},
        "implement": {"artifact": "work"},
        "ready": {"matrix": '{"include": [{"task": "1.1"}]}'},
    }
    return {"jobs": jobs, "contexts": contexts, "outputs": outputs}


@pytest.fixture(scope="module")
def evaluator() -> Path:
    """GitHub's library in one file: as it is installed, Node does not load it."""
    try:
        return installed("actions-expressions-0.3.61", *PACKAGES, finish=_bundle) / "expressions.cjs"
    except NotInstalled as problem:
        pytest.skip(str(problem))


def _bundle(folder: Path) -> None:
    flags = ("--bundle", "--platform=node", "--format=cjs", "--log-level=warning", "--outfile=expressions.cjs")
    esbuild = folder / "node_modules" / ".bin" / "esbuild"
    subprocess.run((str(esbuild), PACKAGES[0].rpartition("@")[0], *flags), cwd=folder, check=True)


def test_the_jobs_of_the_examples_start_when_they_should(evaluator):
    cases, wrong = [*of_samples(), *of_comments()], []
    workflows = {name: yaml.safe_load((ROOT / "examples" / f"{name}.yml").read_text()) for name in NAMES}
    pairs = [(name, case) for name in NAMES for case in cases if is_started_by(workflows[name], case)]
    given = json.dumps([asked(workflows[name], case) for name, case in pairs])
    done = subprocess.run(
        ("node", str(SCRIPT), str(evaluator)), input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    started = {(name, case.name): jobs for (name, case), jobs in zip(pairs, json.loads(done.stdout), strict=True)}
    for name in NAMES:
        for case in cases:
            words, _, optional = case.jobs.get(name, "").partition("(")
            must, may = set(words.split()), set(optional.strip(")").split())
            found = set(started.get((name, case.name), ()))
            if not must <= found <= must | may:
                wrong.append(f"{name}.yml, {case.name}: {sorted(found)} start, not {case.jobs.get(name) or 'none'}")
    assert wrong == []


def test_every_workflow_and_every_pull_request_is_looked_at():
    workflows = {path.stem for path in (ROOT / "examples").glob("*.yml")}
    assert workflows == set(NAMES)
    assert {path.stem for path in WEBHOOKS.glob("pull_request.*.json")} == set(ON_TASKS)
