"""`status`, `logs`, `stats`: looking, without touching."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from devteam_action.cli.context import Context
from devteam_action.cli.output import Result
from devteam_action.cli.two_jobs import hands_over
from devteam_action.domain.events import decode
from devteam_action.domain.execution import Execution
from devteam_action.domain.run import fold
from devteam_action.domain.standing import holder, minute
from devteam_action.errors import BadInput, TaskListError
from devteam_action.pipeline.state import LedgerEntry, ProjectView
from devteam_action.project import Project
from devteam_action.reporters.style import in_a_row
from devteam_action.support.terminal import harmless, one_line


def status(args: Namespace, context: Context) -> Result:
    """Every execution, or that of one task; the token of a claim is nobody's business."""
    project = context.project
    view, place = _placed(project)
    found = [shown(each) for each in view.executions.values() if args.task in ("", each.task_id)]
    if args.task and not found:
        project.lists.task(args.task)
    found.sort(key=lambda each: each.last_update, reverse=True)
    found.sort(key=lambda each: place.get(each.task_id, len(place)))  # what the list does not have: the newest first
    lines = _overview(found) or ["nothing has been run yet"]
    lines += [line for each in found if args.task for line in _red(each, project)]
    if hands_over(project):
        lines += ["a job that hands its work over is on the record when it has published; until then its log tells"]
    document = {"executions": found, "queue": view.queue, "damaged": view.damaged, "stale": view.stale}
    return Result(document=document, text=harmless("\n".join(lines)))


def _red(execution: Execution, project: Project) -> list[str]:
    """What the last verdict on a task in ERROR found red, and where all of it is."""
    if execution.status != "ERROR":
        return []
    from devteam_action.reporters.results_table import table

    last = fold(map(decode, project.state.events(execution.run_id))).last_verified
    failures = last.verification.failures if last else ()
    more = f"`devteam logs {execution.task_id} --stream workflow` has the whole story"
    return ["", *(line.text for line in table(failures)), more]


def _placed(project: Project) -> tuple[ProjectView, Mapping[str, int]]:
    """The state as the list makes it, and the place of each task in the list."""
    view = project.view()
    try:
        return _as_listed(view, project), {task.id: number for number, task in enumerate(project.lists.tasks)}
    except TaskListError as error:  # where everything stands is still known
        project.warn(error.message)
        return view, {}


def _as_listed(view: ProjectView, project: Project) -> ProjectView:
    """The view with every task done that the list calls done, as the next run will put it on the record."""
    done = {task.id for task in project.lists.tasks if task.is_done}
    executions = {
        task_id: msgspec.structs.replace(known, status="COMPLETED", progress=100, waiting_for=None, error=None)
        if task_id in done and known.claim is None
        else known
        for task_id, known in view.executions.items()
    }
    return msgspec.structs.replace(view, executions=executions)


def shown(execution: Execution) -> Execution:
    """An execution as everybody may see it."""
    if execution.claim is None:
        return execution
    return msgspec.structs.replace(execution, claim=msgspec.structs.replace(execution.claim, token=""))


def _overview(executions: Sequence[Execution]) -> list[str]:
    """A row a task with its columns in line, below their names; below a row what holds or stopped its task."""
    if not executions:
        return []
    rows = [("TASK", "STATUS", "PROGRESS", "BRANCH"), *map(_row, executions)]
    wide = [max(len(row[column]) for row in rows) for column in range(3)]
    lines: list[str] = []
    for row, notes in zip(rows, [[], *map(_notes, executions)], strict=True):
        cells = (f"{row[0]:<{wide[0]}}", f"{row[1]:<{wide[1]}}", f"{row[2]:>{wide[2]}}", row[3])
        lines.append("  ".join(cells).rstrip())
        lines += [f"{'':<{wide[0]}}  {note}" for note in notes]
    return lines


def _row(execution: Execution) -> tuple[str, str, str, str]:
    if execution.skipped is not None:
        return execution.task_id, "skipped", "", execution.branch
    state = execution.status + (f" for {execution.waiting_for}" if execution.waiting_for else "")
    return execution.task_id, state, f"{execution.progress} %", execution.branch


def _notes(execution: Execution) -> list[str]:
    claim, error = execution.claim, execution.error
    held = [f"held by {holder(claim.owner)} until {minute(claim.expires)}"] if claim else []
    if execution.skipped is not None:
        return [*held, *([one_line(execution.skipped)] if execution.skipped else [])]
    failed = [one_line(in_a_row(error.reason))] if error else []
    if execution.stop_requested and error is None:
        failed = [one_line(f"a stop was asked for: {execution.stop_reason}".rstrip(": "))]
    return [*held, *failed, *([f"next: {one_line(error.hint)}"] if error and error.hint else [])]


def logs(args: Namespace, context: Context) -> Result:
    """One stream of a task's logs, as lines for people or, with `--json`, as the records themselves."""
    from devteam_action.git_io.repository import open_repository
    from devteam_action.reporters.follow import follow, follow_newest
    from devteam_action.reporters.log_files import log_paths

    folder = open_repository(context.directory, context.variables).devteam_dir / "logs"
    task_id = args.task or _latest(folder)
    paths = log_paths(folder, task_id)
    path = {"server": paths.server, "workflow": paths.workflow, "execution": paths.execution}[args.stream]
    if not path.exists() and not args.follow:
        if args.task:
            context.project.lists.task(args.task)
        said = f"there is no {args.stream} log of {task_id or 'any task'} yet; `devteam status` shows what ran"
        return Result(document={"stream": args.stream, "taskId": task_id, "records": []}, text=said)
    if args.json:
        if args.follow:
            raise BadInput("--json prints one document, and --follow never ends", remedy="leave one of them out")
        records = [msgspec.Raw(line) for line in path.read_bytes().splitlines() if _is_json(line)]
        return Result(document={"stream": args.stream, "taskId": task_id, "records": records})
    if args.follow and not args.task and args.stream != "server":
        lines = follow_newest(lambda: tuple(_logs_of(folder, args.stream).values()), args.verbosity)
    else:
        lines = follow((path,), args.verbosity, once=not args.follow)
    for line in lines:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    return Result(document=None)


def _logs_of(folder: Path, stream: str) -> dict[str, Path]:
    """The logs of that stream of all tasks, by the task's name in theirs."""
    ends = {path: path.name.endswith("-exec.log") for path in folder.glob("task-*.log")}
    return {
        path.name.removeprefix("task-").removesuffix("-exec.log" if is_execution else ".log"): path
        for path, is_execution in ends.items()
        if is_execution == (stream == "execution")
    }


def _latest(folder: Path) -> str:
    logs = _logs_of(folder, "execution")
    return max(logs, key=lambda name: logs[name].stat().st_mtime_ns, default="")


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except msgspec.DecodeError:
        return False
    return True


def stats(args: Namespace, context: Context) -> Result:
    """What attempts came to, over all of the ledger."""
    del args
    project = context.project
    project.view()
    entries = tuple(project.state.ledger())
    tools = {name: _totals(group) for name, group in _grouped(entries).items()}
    criteria: dict[str, list[bool]] = defaultdict(list)
    stages: dict[str, float] = defaultdict(float)
    for entry in entries:
        for name, passed in entry.criteria.items():
            criteria[name].append(passed)
        for name, duration in entry.stages.items():
            stages[name] += duration
    rates = {name: {"measured": len(each), "passed": sum(each)} for name, each in criteria.items()}
    seconds = {name: round(duration, 1) for name, duration in stages.items()}
    document = {"attempts": len(entries), "tools": tools, "criteria": rates, "stageSeconds": seconds}
    lines = [f"{len(entries)} attempts"] if entries else ["no attempt has been made yet"]
    lines += [
        f"  {name:<24} {each['passed']}/{each['attempts']} passed, {each['seconds']} s, {_dollars(each['costUsd'])}"
        for name, each in tools.items()
    ]
    lines += [f"  {name:<24} {each['passed']}/{each['measured']} passed" for name, each in rates.items()]
    lines += [f"  {name:<24} {duration} s" for name, duration in seconds.items()]
    return Result(document=document, text=harmless("\n".join(lines)))


def _grouped(entries: Iterable[LedgerEntry]) -> dict[str, list[LedgerEntry]]:
    groups: dict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        groups[f"{entry.tool} {entry.model}".strip()].append(entry)
    return groups


def _totals(entries: Sequence[LedgerEntry]) -> dict[str, float | int | None]:
    costs = [entry.usage.cost_usd for entry in entries if entry.usage.cost_usd is not None]
    return {
        "attempts": len(entries),
        "passed": sum(entry.outcome == "passed" for entry in entries),
        "seconds": round(sum(entry.duration for entry in entries), 1),
        "tokensSent": sum(entry.usage.tokens_sent for entry in entries),
        "tokensReceived": sum(entry.usage.tokens_received for entry in entries),
        "costUsd": round(sum(costs), 4) if costs else None,
    }


def _dollars(cost: float | None) -> str:
    return "cost unknown" if cost is None else f"${cost:.2f}"
