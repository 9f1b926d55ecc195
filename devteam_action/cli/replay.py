"""`replay RUN`: a run told and decided again from its events alone, offline."""

from __future__ import annotations

import io
from argparse import Namespace
from pathlib import Path

from devteam_action.cli.context import Context
from devteam_action.cli.output import Result
from devteam_action.domain.events import AnyEvent
from devteam_action.domain.projection import status_of
from devteam_action.domain.replaying import decisions
from devteam_action.domain.run import fold
from devteam_action.errors import BadInput
from devteam_action.pipeline.journal import read, read_lines
from devteam_action.reporters.console import PlainConsole


def replay(args: Namespace, context: Context) -> Result:
    """The report and the decisions; exit code 1 when this version decides otherwise than the record shows."""
    events = _events(args.run, context)
    found = decisions(events)
    run = fold(events)
    report = _report(events, args.verbosity)
    other = [each for each in found if each.differs]
    document = {
        "success": not other,
        "runId": run.run_id,
        "taskId": run.task.id if run.task else None,
        "status": status_of(run),
        "events": len(events),
        "decisions": found,
        "report": report,
    }
    lines = [
        f"  {each.sequence_number:>5}  {each.step}" + (f"   RECORDED: {each.differs}" if each.differs else "")
        for each in found
    ]
    verdict = f"{len(other)} decisions differ from the record" if other else "every decision is the recorded one"
    return Result(
        document=document,
        text="\n".join((report.rstrip("\n"), "", "decisions", *lines, verdict)),
        exit_code=int(bool(other)),
    )


def _events(name: str, context: Context) -> list[AnyEvent]:
    path = Path(name)
    if name.endswith(".jsonl") or path.is_file():
        if not path.is_file():
            raise BadInput(f"there is no file {name}")
        return read(path)
    local = context.project.repository.devteam_dir / "journal" / f"{name}.jsonl"
    stored = context.project.state.events(name)
    here = read(local) if "/" not in name else []
    found = here if len(here) >= len(stored) else read_lines(list(stored), f"run {name}")
    if not found:
        raise BadInput(f"there is no run {name}", remedy="`devteam status --json` shows run ids (`runId`)")
    return found


def _report(events: list[AnyEvent], verbosity: int) -> str:
    out = io.StringIO()
    console = PlainConsole(out, verbosity=verbosity)
    for event in events:
        console.handle(event)
    console.close()
    return out.getvalue()
