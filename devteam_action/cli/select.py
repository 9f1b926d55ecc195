"""`next`, `tasks`, `lint`, `matrix`: SELECT for people and programs."""

from __future__ import annotations

from argparse import Namespace

from devteam_action.cli.context import Context
from devteam_action.cli.output import Result
from devteam_action.domain.nothing_to_do import nothing_to_do
from devteam_action.domain.selection import Selection
from devteam_action.domain.selection import matrix as ready_matrix
from devteam_action.domain.standing import Standing
from devteam_action.domain.tasklist.model import FATAL
from devteam_action.pipeline.select_task import refuse_unresolved, with_injected
from devteam_action.pipeline.task_criteria import criteria_problems
from devteam_action.pipeline.task_lists import all_problems
from devteam_action.project import Project
from devteam_action.support.terminal import harmless, one_line

_SIGN = {
    "ready": "→",
    "blocked": "·",
    "claimed": "▶",
    "in-review": "◐",
    "in-error": "✗",
    "stopped": "■",
    "skipped": "–",
    "unresolved": "?",
    "optional": "*",
    "done": "✓",
}


def next_task(args: Namespace, context: Context) -> Result:
    """The next task, or why there is none."""
    project = context.project
    found = project.select(project.view())
    _name_unresolved(found, project)
    document: dict[str, object] = {
        "task": found.task,
        "dependenciesSatisfied": found.dependencies_satisfied,
        "totalTasks": found.total,
        "completedTasks": found.completed,
        "progress": found.progress,
    }
    if found.stopped is not None:
        document["stopped"] = found.stopped
    open_tasks = [each for each in found.standing if each.state != "done"]
    if args.explain:
        document["explain"] = [_explained(each) for each in open_tasks]
    text = _answer(found, is_explained=args.explain)
    if args.explain and open_tasks:
        text = f"{text}\n\n{_table(open_tasks)}"
    return Result(document=document, text=harmless(text))


def tasks(args: Namespace, context: Context) -> Result:
    """Every task of the lists, as it is written there."""
    del args
    project = context.project
    view = project.view()
    placed, _ = with_injected(project.lists.tasks, view.queue)
    found = project.select(view)
    lines = [f"{_SIGN[each.state]} {each.task.id}  {one_line(each.task.headline)}" for each in found.standing]
    text = "\n".join((*lines, "", _counts(found)))
    return Result(document={"tasks": placed}, text=harmless(text))


def lint(args: Namespace, context: Context) -> Result:
    """Every problem of every list at once; exit code 2 when one is an error."""
    del args
    project = context.project
    problems = all_problems(project.config.tasks, project.read_file, project.list_files, where=project.place)
    if not any(problem.kind in FATAL for problem in problems):
        problems += tuple(criteria_problems(project.lists.tasks, project.config).values())
    errors = sum(problem.severity == "error" for problem in problems)
    lines = [
        f"{problem.path}:{problem.line}: {problem.severity}: {problem.message} [{problem.kind}]\n    fix: {problem.fix}"
        for problem in problems
    ]
    warnings = len(problems) - errors
    lines.append(f"{_many(errors, 'error')}, {_many(warnings, 'warning')}" if problems else "no problem found")
    return Result(
        document={"problems": problems, "errors": errors, "warnings": warnings},
        text=harmless("\n".join(lines)),
        exit_code=2 if errors else 0,
    )


def matrix(args: Namespace, context: Context) -> Result:
    """The ready set for `strategy.matrix`; always compact JSON, for it is made for programs."""
    del args
    project = context.project
    found = project.select(project.view())
    _name_unresolved(found, project)
    ready = ready_matrix(found.standing)
    include = [{"task": task.id, "title": task.title} for task in ready]
    return Result(
        document={"include": include},
        text=harmless("\n".join(f"{task.id}  {one_line(task.headline)}" for task in ready) or "nothing is ready"),
    )


def _name_unresolved(found: Selection, project: Project) -> None:
    """Tasks that a problem of the list blocks are named; when nothing else is left, they are the error."""
    refuse_unresolved(found)
    project.warn_unresolved(found)


def _answer(found: Selection, *, is_explained: bool) -> str:
    if found.stopped is not None:
        stop = found.stopped
        return f"stopped: task {stop.task_id} is in ERROR: {stop.reason}\n  next: `{stop.resume}`\n{_counts(found)}"
    if found.task is None:
        return f"{nothing_to_do(found, is_explained=is_explained)}\n{_counts(found)}"
    task = found.task
    because = next(each.because for each in found.standing if each.task is task)
    lines = [f"next: {task.id}  {task.headline}", f"  why: {because}"]
    if task.files:
        lines.append(f"  files: {', '.join(task.files)}")
    lines.append(f"  from: {task.source.path}:{task.source.line}" if task.source.path else "  from: `devteam inject`")
    return "\n".join((*lines, _counts(found)))


def _counts(found: Selection) -> str:
    return f"{found.completed} of {_many(found.total, 'task')} done ({found.progress} %)"


def _table(standing: list[Standing]) -> str:
    """One line a task, columns in line, and below it what would unblock it."""
    wide = max(len(each.task.id) for each in standing)
    state = max(len(each.state) for each in standing)
    lines: list[str] = []
    for each in standing:
        title = one_line(each.task.headline, 60)
        lines.append(f"{_SIGN[each.state]} {each.task.id:<{wide}}  {each.state:<{state}}  {title}")
        if each.state != "ready":
            lines.append(f"  {'':<{wide}}  {each.because}")
            lines += [f"  {'':<{wide}}  to unblock: {each.unblock}"] if each.unblock else []
    return "\n".join(lines)


def _explained(each: Standing) -> dict[str, object]:
    return {
        "taskId": each.task.id,
        "title": each.task.title,
        "state": each.state,
        "because": each.because,
        "blockers": each.blockers,
        "unblock": each.unblock,
    }


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
