"""`plan-with`: a tool's words about the task, made once a run, for the brief of the tool that writes the code."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Protocol, runtime_checkable

from devteam_action.domain.activity import TOOL_MARK
from devteam_action.domain.results import Prepared
from devteam_action.domain.run import Run
from devteam_action.errors import ConfigError
from devteam_action.pipeline.ports import EmitLine, Stop, Tool, ToolJob, ToolOutcome
from devteam_action.pipeline.said import Said
from devteam_action.pipeline.session import Session
from devteam_action.pipeline.tool_job import job_for
from devteam_action.pipeline.tool_words import ToolWords
from devteam_action.support.scratch import prefix

_LONGEST = 40_000  # characters; the brief takes fewer


@runtime_checkable
class Planner(Protocol):
    """A tool that can plan, too; whatever it leaves in the job's copy is thrown away."""

    def plan(self, job: ToolJob, emit: EmitLine, stop: Stop) -> ToolOutcome: ...


def planner(tool: Tool, name: str) -> Planner:
    """The tool as one that plans; raises ConfigError for one that cannot."""
    if isinstance(tool, Planner):
        return tool
    raise ConfigError(f"plan-with: the tool {name} cannot plan", remedy="`plan-with: scar`, or take the key away")


def plan_first(run: Run, prepared: Prepared, session: Session, brief: str) -> str | ToolOutcome:
    """The plan of this run, empty where none is wanted; how the planning ended where there is none.

    It is made in the first attempt and kept beside the run: a later attempt knows what was wrong, and needs no other.
    """
    assert run.options is not None
    name = session.config.plan_with
    if name in ("", run.options.tool):  # who writes the code plans by himself
        return ""
    kept = session.folder / "plan.md"
    if kept.is_file():
        return kept.read_text(encoding="utf-8", errors="replace")
    session.progress(f"{name} plans the task")
    words, plan = ToolWords(run, session, name), _LastCommand()

    def say(said: Said) -> None:
        plan.hear(said)
        words.say(said)

    with (
        session.ports.workspace.copy(prepared) as tree,
        tempfile.TemporaryDirectory(prefix=prefix("scratch")) as scratch,
    ):
        job = job_for(name, brief, run, prepared, session, tree=tree, scratch=Path(scratch), say=say)
        try:
            outcome = planner(session.ports.tool(name), name).plan(job, words.line, session.stop)
        finally:
            words.close(session.attempt_folder(run.attempt), "plan-")
    if outcome.status != "finished":
        return outcome
    text = session.bus.redactor.redact(plan.text or outcome.message)[:_LONGEST]
    if not text.strip():
        return ToolOutcome(
            status="failed", reason="empty-plan", message=f"{name} was to plan the task and said nothing"
        )
    kept.write_text(text, encoding="utf-8", errors="replace")
    return text


class _LastCommand:
    """The words of the last command that a planner ran: earlier ones only made it ready."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def hear(self, said: Said) -> None:
        if said.details.get("status") == "RUNNING" and said.type is not None:
            self._texts = []
        elif said.type is None and not said.text.startswith(TOOL_MARK):
            self._texts.append(said.text)

    @property
    def text(self) -> str:
        return "\n\n".join(self._texts).strip()
