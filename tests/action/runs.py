"""What a workflow did, read from act's JSON lines and from the `steps` context of its jobs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Said:
    """A workflow command of a step: `error`, `warning` or `notice`."""

    kind: str
    text: str
    properties: Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """How a step of a job ended; `result` is `success`, `failure` or `skipped`."""

    result: str
    outputs: Mapping[str, str]
    seconds: float = 0


@dataclass
class ActRun:
    """What a workflow did. `steps` are by `job/step` and, inside our action, `job/step/inner step`."""

    code: int
    log: str = ""
    summary: str = ""
    commands: list[Said] = field(default_factory=list[Said])
    steps: dict[str, Step] = field(default_factory=dict[str, Step])
    jobs: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def outputs(self) -> Mapping[str, str]:
        """The outputs of the one step that used our action."""
        found = [step.outputs for name, step in self.steps.items() if re.fullmatch(r"[^/]+/devteam", name)]
        assert len(found) == 1, f"{len(found)} steps are called devteam\n{self.story}"
        return found[0]

    @property
    def story(self) -> str:
        """What a failed assertion should show."""
        said = "\n".join(f"{name}: {step.result} {dict(step.outputs)}" for name, step in self.steps.items())
        return f"act -> {self.code}\n{self.log}\n--- steps\n{said}\n--- summary\n{self.summary}"

    def ok(self) -> ActRun:
        assert self.code == 0, self.story
        return self


def read_run(code: int, out: str, told: Mapping[str, Any]) -> ActRun:
    """act's JSON lines as one run; `told` is the `steps` context at the end of each job that came to its end."""
    run = ActRun(code)
    outputs: dict[str, dict[str, str]] = {}
    summaries: dict[tuple[str, str], None] = {}
    log: list[str] = []
    for line in out.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            log.append(line)
            continue
        log.append(str(said.get("msg", "")).rstrip("\n"))
        job = str(said.get("jobID", ""))
        place = "/".join((job, *_ids(said.get("stepID"))))
        match said.get("command"):
            case "set-output":
                outputs.setdefault(place, {})[said["name"]] = said["arg"]
            case "summary":
                # act tells what an inner step wrote again for the step that used the action.
                summaries[("/".join(place.split("/")[:2]), said["content"])] = None
            case "error" | "warning" | "notice" as kind:
                run.commands.append(Said(kind, said["arg"], said.get("kvPairs") or {}))
            case _:
                pass
        if "stepResult" in said and said.get("stage") == "Main":
            took = said.get("executionTime", 0) / 1e9
            run.steps[place] = Step(said["stepResult"], outputs.setdefault(place, {}), took)
        if "jobResult" in said:
            run.jobs[job] = said["jobResult"]
    declared = yaml.safe_load((ROOT / "action.yml").read_text())["outputs"]
    for job, steps in told.items():
        for step, ended in steps.items():
            given = ended["outputs"]
            if f"{job}/{step}/gate" in run.steps:
                # act adds what the last inner step put out; on GitHub an action has the outputs that it declares.
                given = {name: value for name, value in given.items() if name in declared}
            known = run.steps.get(f"{job}/{step}")
            run.steps[f"{job}/{step}"] = Step(ended["outcome"], given, known.seconds if known else 0)
    run.log = "\n".join(log)
    run.summary = "\n".join(content for _, content in summaries)
    return run


def _ids(found: object) -> Sequence[str]:
    return [str(each) for each in found] if isinstance(found, list) else []
