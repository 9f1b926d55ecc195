"""A job of GitHub Actions without the runner: the gate and `devteam action` as processes, on a GitHub of our own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.github import FakeGitHub
from tests.fakes.github.repository import FakeRepository
from tests.project import CHECKED_BY_GREP, HELLO_AND_WORLD, LIST, TWO_TASKS

ROOT = Path(__file__).parents[1]
RIGHTS = {"contents": "write", "pull_requests": "write", "issues": "write", "checks": "write", "actions": "write"}
READ_ONLY = {"contents": "read", "pull_requests": "read", "issues": "read", "checks": "read"}
# With TEST_PATIENCE_S a GitHub that does not answer is given up earlier than after minutes.
_MAIN = """\
import os, sys
sys.path.insert(0, sys.argv.pop(1))
if "TEST_PATIENCE_S" in os.environ:
    from devteam_action.github_io import waiting
    waiting.PATIENCE_S = float(os.environ["TEST_PATIENCE_S"])
from devteam_action.cli import main
sys.exit(main(sys.argv[1:]))
"""


# The gate, which with TEST_PATIENCE_S waits that long and no longer.
IMPATIENT_GATE = """\
import os, pathlib, runpy, sys
sys.path.insert(0, str(pathlib.Path(sys.argv[-1]).parents[2]))
if "TEST_PATIENCE_S" in os.environ:
    from devteam_action.actions import gate_github, gatekeeper
    gate_github.PATIENCE_S = gatekeeper._WORK_PATIENCE_S = float(os.environ["TEST_PATIENCE_S"])
sys.argv = sys.argv[-1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@dataclass(frozen=True)
class JobOutcome:
    """What one job did; `requests` and `writes` count what GitHub was asked, `story` is for failed assertions."""

    code: int
    out: str
    err: str
    outputs: Mapping[str, str]
    summary: str
    requests: int
    writes: int
    asked: tuple[str, ...]
    workspace: Path
    gate: Mapping[str, str] = field(default_factory=dict)

    @property
    def went(self) -> bool:
        """Whether the gate let the action begin."""
        return self.gate.get("go") == "true"

    @property
    def result(self) -> Any:
        return json.loads(self.outputs["result"])

    @property
    def story(self) -> str:
        asked = "\n".join(self.asked)
        begun = f"exit {self.code}, gate {dict(self.gate)}"
        return f"{begun}\n--- stdout\n{self.out}\n--- stderr\n{self.err}\n--- asked\n{asked}"

    def ok(self) -> JobOutcome:
        assert self.code == 0, self.story
        return self


@dataclass
class Job:
    """Runs jobs of the repository `acme/app`, each in a fresh clone, with the rights that it is given."""

    github: FakeGitHub
    repo: FakeRepository
    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    count: int = 0

    @classmethod
    def make(
        cls,
        github: FakeGitHub,
        folder: Path,
        tasks: str = TWO_TASKS,
        *,
        config: str = CHECKED_BY_GREP,
        patches: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> Job:
        """`patches` as in `Project.make`; `settings` are those of a repository of the fake."""
        recorded = HELLO_AND_WORLD if patches is None else patches
        wanted = {LIST: tasks, ".devteam.yml": config, **(files or {})}
        wanted |= {f"recorded/{name}.patch": text for name, text in recorded.items()}
        repo = github.repository("acme/app", files=wanted, **settings)
        repo.collaborator("ann", "write")
        return cls(github, repo, folder)

    def clone(self, token: str) -> Path:
        """What a checkout step leaves: a clone of the default branch, with no credentials in it."""
        self.count += 1
        place = self.folder / f"job-{self.count}"
        place.mkdir(parents=True)
        header = f"http.extraHeader=Authorization: Bearer {token}"
        url = f"{self.github.server_url}/acme/app.git"
        subprocess.run(("git", "-c", header, "clone", "-q", url, str(place / "app")), check=True, capture_output=True)
        return place / "app"

    def run(self, event: str, payload: Any, *, timeout: float = 120, **more: Any) -> JobOutcome:
        """One job from its event to its end, gate first; `payload` is the event, or its text; `more` as for `start`."""
        return self.start(event, payload, **more).outcome(timeout)

    def start(
        self,
        event: str,
        payload: Any,
        *,
        inputs: Mapping[str, str] | None = None,
        rights: Mapping[str, str] | None = None,
        token: str | None = None,
        env: Mapping[str, str] | None = None,
        arguments: tuple[str, ...] = (),
        workspace: Path | None = None,
        job: str = "",
    ) -> Running:
        """The same, not waited for; `token` stands for the one with these `rights`, `job` is DEVTEAM_JOB."""
        token = self.repo.job_token(**(RIGHTS if rights is None else rights)) if token is None else token
        workspace = workspace or self.clone(token or self.repo.job_token(contents="read"))
        place = workspace.parent
        text = payload if isinstance(payload, str) else json.dumps(payload)
        (place / "event.json").write_text(text)
        for name in ("output", "summary"):
            (place / name).write_text("")
        wanted = {f"DEVTEAM_INPUT_{name.upper().replace('-', '_')}": value for name, value in (inputs or {}).items()}
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ["HOME"],
            "LANG": "C.UTF-8",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.github.url,
            "GITHUB_SERVER_URL": self.github.server_url,
            "GITHUB_GRAPHQL_URL": self.github.graphql_url,
            "GITHUB_REPOSITORY": "acme/app",
            "GITHUB_RUN_ID": "77",
            "GITHUB_ACTOR": "ann",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(place / "event.json"),
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_OUTPUT": str(place / "output"),
            "GITHUB_STEP_SUMMARY": str(place / "summary"),
            "DEVTEAM_INPUT_GITHUB_TOKEN": token,
            "DEVTEAM_JOB": job,
            **wanted,
            **self.env,
            **(env or {}),
        }
        before = len(self.github.requests)
        gated = None if arguments else _gate(place, variables)
        if gated is not None and (gated[1].get("go") != "true" or gated[0].returncode):
            return Running(self, None, workspace, before, gated)
        child = subprocess.Popen(
            (sys.executable, "-I", "-c", _MAIN, str(ROOT), "action", *arguments),
            cwd=workspace,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        return Running(self, child, workspace, before, gated)

    def dispatch(self, **more: Any) -> JobOutcome:
        """`workflow_dispatch`, which runs the next task."""
        return self.run("workflow_dispatch", self.repo.event_dispatch(inputs={}), **more)

    def comment(self, number: int, text: str, *, by: str = "ann", **more: Any) -> JobOutcome:
        """A person comments, and the workflow runs for it."""
        return self.run("issue_comment", self.repo.event_comment(self.repo.comment(number, text, by=by)), **more)

    def pull(self, number: int, action: str, **more: Any) -> JobOutcome:
        """Something happened to a pull request, and the workflow runs for it."""
        return self.run("pull_request", self.repo.event_pull(number, action), **more)

    def list_text(self) -> str:
        """The task list on the default branch."""
        return self.repo.git("show", f"main:{LIST}")


_Gated = tuple[subprocess.CompletedProcess[str], dict[str, str]]


def _gate(place: Path, variables: Mapping[str, str]) -> _Gated:
    """The first step of the action, as it is run; its answer and its outputs."""
    output = place / "gate-output"
    output.write_text("")
    done = subprocess.run(
        (sys.executable, "-I", "-c", IMPATIENT_GATE, str(ROOT / "devteam_action/actions/gate.py")),
        env={**variables, "GITHUB_OUTPUT": str(output)},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=60,
    )
    return done, _read_outputs(output.read_text())


@dataclass
class Running:
    """A job that goes on; `child` is None where the gate ended it."""

    job: Job
    child: subprocess.Popen[str] | None
    workspace: Path
    before: int
    gated: _Gated | None = None

    def outcome(self, timeout: float = 120) -> JobOutcome:
        """Waits for its end."""
        code, out, err = 0, "", ""
        if self.gated is not None:
            code, out, err = self.gated[0].returncode, self.gated[0].stdout, self.gated[0].stderr
        if self.child is not None:
            try:
                said, told = self.child.communicate(timeout=timeout)
            finally:
                if self.child.poll() is None:
                    self.child.kill()
            code, out, err = self.child.returncode, out + said, err + told
        place = self.workspace.parent
        asked = self.job.github.requests[self.before :]
        return JobOutcome(
            code=code,
            out=out,
            err=err,
            outputs=_read_outputs((place / "output").read_text()),
            summary=(place / "summary").read_text(),
            requests=len(asked),
            writes=sum(each.is_write for each in asked),
            asked=tuple(f"{each.method} {each.path} {each.status}" for each in asked),
            workspace=self.workspace,
            gate=self.gated[1] if self.gated is not None else {},
        )


def _read_outputs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        name, has_mark, mark = line.partition("<<")
        if has_mark:
            value: list[str] = []
            for part in lines:
                if part == mark:
                    break
                value.append(part)
            found[name] = "\n".join(value)
    return found
