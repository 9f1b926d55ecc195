"""A run in two jobs: one may read and has the model, the other may write and runs nothing of what the first made.

With DEVTEAM_HAND_OVER a run leaves its work in that folder and pushes nothing; with DEVTEAM_TAKE_IN it takes such a
folder in and delivers it.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

from devteam_action.app import App
from devteam_action.cli.context import Context
from devteam_action.domain.events import Deliver
from devteam_action.domain.results import Prepared, Verification
from devteam_action.domain.run import Run
from devteam_action.domain.task import Task
from devteam_action.errors import NotAllowed
from devteam_action.git_io.bundle import TakenIn, export, take_in
from devteam_action.git_io.bundle_rules import Rules
from devteam_action.git_io.delivery import push_branch
from devteam_action.git_io.paths import Protected
from devteam_action.pipeline.begin import Surroundings
from devteam_action.pipeline.engine import drive
from devteam_action.pipeline.hand_over import Manifest, Refused, is_tick, past_of, take_up
from devteam_action.pipeline.ports import Progress, Stop
from devteam_action.project import Project
from devteam_action.reporters.console import console


def hand_out(runs: Sequence[Run], app: App, folder: Path) -> bool:
    """Leaves the last run's branch and events in `folder`; False when it has no commit to hand over."""
    run = runs[-1] if runs else Run()
    if run.task is None or run.options is None or not run.branch or run.head == run.base:
        return False
    repository = app.project.repository
    manifest = Manifest(
        task_id=run.task.id,
        run_id=run.run_id,
        branch=run.branch,
        base_branch=run.options.base_branch,
        base=run.base,
        head=run.head,
        files={},
    )
    events = (repository.devteam_dir / "journal" / f"{run.run_id}.jsonl").read_bytes()
    export(repository.git, manifest, events, folder)
    return True


def take_over(args: Namespace, context: Context, folder: Path, deliver: Deliver) -> tuple[Run, App]:
    """Takes the folder in, pushes its branch, and delivers what its run proved.

    Raises NotAllowed with the reason when the folder is not as it must be: then nothing of it was taken; also when the
    base has moved (the branch is on the remote then, for `resume`); StateConflict when the task has gone on meanwhile.
    """
    app = context.app(sinks=(console(sys.stderr, context.variables, verbosity=args.verbosity),))
    project = app.project
    git = project.repository.git
    taken = take_in(folder, git, remote=project.remote, base_head=project.base, rules=_rules(project))
    if isinstance(taken, Refused):
        _refuse(folder, taken)
    task, lines = _past(project, taken, folder)
    manifest = taken.manifest
    if project.config.push:
        push_branch(git, project.remote, manifest.branch, manifest.head, expected=None)
    around = _without_running_it(app.surroundings(task))
    run, session = take_up(task, manifest, lines, around, deliver=deliver)
    try:
        with app.guard(context.interrupts)(session):
            return drive(run, session, only_delivers=True), app
    finally:
        session.bus.close()
        session.journal.close()


def _rules(project: Project) -> Rules:
    def may_change(task_id: str, path: str, before: bytes | None, after: bytes | None) -> bool:
        named = [task for task in project.lists.tasks if task.id == task_id]
        return any(is_tick(path, before, after, task, project.config) for task in named)

    return Rules(
        protected=Protected((*project.config.protected, *project.deciding_files)),
        lists=project.lists.paths,
        may_change=may_change,
    )


def _past(project: Project, taken: TakenIn, folder: Path) -> tuple[Task, Sequence[bytes]]:
    task = project.lists.task(taken.manifest.task_id)
    stored = project.state.events(taken.manifest.run_id, refresh=project.where.fetch)
    lines = past_of(taken.events, taken.manifest, task, stored)
    if isinstance(lines, Refused):
        _refuse(folder, lines)
    return task, lines


def _refuse(folder: Path, refused: Refused) -> NoReturn:
    raise NotAllowed(
        f"the work in {folder} is not taken in: {refused.reason}",
        remedy="run the task again; where nobody has touched the artifact in between, look at what the tool did",
    )


def _without_running_it(around: Surroundings) -> Surroundings:
    ports = msgspec.structs.replace(around.ports, verifier=_NoVerifier(), tool=_no_tool)
    return msgspec.structs.replace(around, ports=ports)


def _no_tool(name: str) -> NoReturn:
    """A tool writes where no token can: guidance that came meanwhile waits for that job."""
    raise NotAllowed(
        f"{name} is not run in this job: it has a token that writes",
        remedy="`/devteam resume` goes on with it in the job that has the model",
    )


class _NoVerifier:
    """VERIFY would run what a model wrote, beside a token that may write."""

    def verify(self, task: Task, prepared: Prepared, head: str, progress: Progress, stop: Stop) -> Verification:
        del prepared, head, progress, stop
        raise NotAllowed(
            f"task {task.id}: the base branch has moved since the work was proved, and nothing is proved in this job",
            remedy=f"`/devteam resume {task.id}` proves it on the new base; the branch is pushed",
        )
