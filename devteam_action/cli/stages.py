"""`prep`, `implement`, `verify`: one stage at a time, with the same engine."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import msgspec

from devteam_action.app import App
from devteam_action.cli.context import Context
from devteam_action.cli.output import Result
from devteam_action.cli.run import drive_tasks
from devteam_action.domain.events import Failed, Intervened
from devteam_action.domain.execution import Execution
from devteam_action.domain.findings import CriterionResult, Verification
from devteam_action.domain.results import Prepared
from devteam_action.domain.run import Run
from devteam_action.domain.tasklist.naming import branch_name
from devteam_action.errors import RepositoryError, StageError
from devteam_action.pipeline.begin import TakeUp
from devteam_action.pipeline.runner import RunRequest

_TYPE_CRITERIA = ("type.strict",)
_MEASURED_BY_TESTS = ("test.pass",)


def prep(args: Namespace, context: Context) -> Result:
    """The task branch and its working directory; again is a no-op with the same answer."""
    cloned = False
    if args.repo_url:
        cloned = context.clone(args.repo_url)
    args.tool, args.max_attempts, args.max_cost, args.deliver = "", None, None, None
    run, _ = _one(args, context, RunRequest(task_id=args.task, until_stage="PREP"))
    prepared = run.prepared
    if prepared is None:
        raise RepositoryError(
            f"task {args.task} needs no branch: it is done or in review", remedy="see `devteam status`"
        )
    document = {
        "success": True,
        "taskId": args.task,
        "branch": prepared.branch,
        "repoPath": prepared.repo_path,
        "idempotencyKey": args.idempotency_key or None,
        "artifacts": {
            "cloned": cloned,
            "branchCreated": prepared.branch_created,
            "workingDirectory": prepared.repo_path,
        },
    }
    return Result(document=document, text=f"{prepared.branch} is ready in {prepared.repo_path}")


def implement(args: Namespace, context: Context) -> Result:
    """One attempt of the tool on the prepared branch."""
    known = context.project.state.execution(args.task)
    failed = known is not None and known.status == "ERROR"
    take_up = TakeUp(words=(Intervened(kind="retry", by=context.user),) if failed else ())
    run, app = _one(args, context, RunRequest(task_id=args.task, until_stage="IMPLEMENT", take_up=take_up))
    done = run.implemented
    if done is None:
        raise RepositoryError(f"task {args.task} has nothing to implement", remedy="see `devteam status`")
    folder = app.project.repository.devteam_dir / "runs" / run.run_id / f"attempt-{run.attempt}"
    document = {
        "success": done.ok,
        "taskId": args.task,
        "tool": run.options.tool if run.options else "",
        "artifacts": {
            "diff": _text(folder / "changes.diff"),
            "stdout": _text(folder / "stdout.log"),
            "stderr": _text(folder / "stderr.log"),
            "filesModified": done.files_modified,
            "linesChanged": done.lines_changed,
        },
        "duration": done.duration,
        "attempts": run.attempt,
        "usage": run.usage,
        "error": None if done.ok else {"code": done.reason, "message": done.message},
    }
    text = (
        f"{args.task}: {len(done.files_modified)} files, {done.lines_changed} lines, commit {(done.commit or '')[:12]}"
    )
    return Result(
        document=document, text=text if done.ok else f"{args.task}: {done.message}", exit_code=0 if done.ok else 1
    )


def verify(args: Namespace, context: Context) -> Result:
    """Judges the task branch as it is now; writes nothing."""
    app = context.app()
    project = app.project
    task = project.lists.task(args.task)
    known = project.state.execution(args.task)
    branch = (known.branch if known else "") or branch_name(task)
    workspace = app.workspace()
    # In a clone that has not fetched the branch, PREP does: the state knows where it stands.
    head = workspace.head_of(branch) or (known.head if known else "")
    if not head:
        raise RepositoryError(f"task {args.task} has no branch yet ({branch})", remedy=f"`devteam run {args.task}`")
    recorded = known.base if known else ""
    prepared = workspace.prepare(
        branch, project.base_branch, expected_head=head, pinned_base=recorded or None, progress=context.say
    )
    head = prepared.head
    base = recorded or workspace.merge_base(head, project.base) or project.base
    prepared = msgspec.structs.replace(prepared, base=base)
    verdict = _judge(app, task_id=args.task, prepared=prepared, context=context)
    passed = verdict.verdict == "passed"
    lines = [_row(result) for result in verdict.results] or ["no criterion could be measured: UNVERIFIED"]
    return Result(
        document=verification_document(args.task, verdict),
        text="\n".join((*lines, f"{args.task}: {verdict.verdict}", *_next(args.task, known, head, passed=passed))),
        exit_code=0 if passed else 1,
    )


def _next(task_id: str, known: Execution | None, head: str, *, passed: bool) -> list[str]:
    """What a person can do with the verdict: by itself it delivers nothing."""
    if not passed:
        advice = f"`devteam guide {task_id} TEXT` has the tool mend it" if known else f"`devteam run {task_id}`"
    elif known is None:
        advice = f"`devteam run {task_id}`"
    elif known.status == "COMPLETED" or (known.status == "WAITING" and known.head == head):
        return []
    else:
        advice = f"`devteam resume {task_id} --adopt` takes in what is on the branch, and delivers it"
    return [f"  next: {advice}"]


def verification_document(task_id: str, verification: Verification) -> dict[str, object]:
    """The contract's shape of a verdict."""
    results = verification.results
    return {
        "success": verification.verdict == "passed",
        "verdict": verification.verdict,
        "taskId": task_id,
        "results": {result.criterion: result for result in results},
        "artifacts": {
            "testOutput": _output(results, _MEASURED_BY_TESTS),
            "coverageReport": _output(results, ("test.coverage", "test.coverage.total")),
            "typeCheckOutput": _output(results, _TYPE_CRITERIA),
        },
        "annotations": [finding for result in results for finding in result.findings],
    }


def _judge(app: App, *, task_id: str, prepared: Prepared, context: Context) -> Verification:
    import threading

    stop = threading.Event()
    task = app.project.lists.task(task_id)
    with context.interrupts.calling(stop.set):
        verdict = app.verifier(app.workspace()).verify(task, prepared, prepared.head, context.say, stop)
    if stop.is_set():
        raise KeyboardInterrupt
    return verdict


def _one(args: Namespace, context: Context, request: RunRequest) -> tuple[Run, App]:
    runs, app = drive_tasks(args, context, request)
    if not runs:
        context.project.lists.task(request.task_id)
        return Run(), app
    ended = runs[0].ended
    if isinstance(ended, Failed) and (request.until_stage == "PREP" or ended.status == "STOPPED"):
        raise StageError(ended.reason, remedy=ended.hint)
    return runs[0], app


def _row(result: CriterionResult) -> str:
    sign = "✓" if result.passed else "✗"
    return f"{sign} {result.criterion:<20} {result.actual} (required {result.required})" + (
        f": {result.reason}" if result.reason else ""
    )


def _output(results: tuple[CriterionResult, ...], names: tuple[str, ...]) -> str:
    return next((result.output for result in results if result.criterion in names and result.output), "")


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.is_file() else ""
