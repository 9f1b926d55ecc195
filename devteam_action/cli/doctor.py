"""`doctor`: every right and setting is tried, and for each that is wrong the change that mends it is printed."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import structs

from devteam_action.cli.checkup import Checkup, exit_code, ill, not_committed, told, tried
from devteam_action.cli.context import Context
from devteam_action.cli.output import Result
from devteam_action.configuration.reading import CONFIG_PATHS
from devteam_action.errors import DevteamError, Missing, StateDamaged, TaskListError
from devteam_action.github_io.place import place_of, why_no_place
from devteam_action.pipeline.task_lists import DEFAULT_PATHS
from devteam_action.render.phrases import count

if TYPE_CHECKING:
    from devteam_action.project import Project


def doctor(args: Namespace, context: Context) -> Result:
    """Exit code 0 when nothing is wrong; 4, 3 or 2 when something is missing, not allowed or not understood.

    What is tried leaves no trace: branches for a try are taken away again, and writes to GitHub are such that it
    must refuse them.
    """
    del args
    found = list(_all(context))
    document = {"success": exit_code(found) == 0, "checks": found}
    return Result(document=document, text=told(found), exit_code=exit_code(found))


def _all(context: Context) -> Iterator[Checkup]:
    try:
        project = context.project
    except DevteamError as error:
        yield ill("repository", "repository", error)
        return
    from devteam_action.cli.checkup_git import git_checkups
    from devteam_action.cli.checkup_workflows import workflow_checkups

    yield from git_checkups(project)
    yield from _project(project)
    yield from _tool(context)
    yield from workflow_checkups(project)
    yield from _github(context)


def _project(project: Project) -> Iterator[Checkup]:
    yield _written("configuration", CONFIG_PATHS, project.config_path, project) or Checkup(
        area="project",
        name="configuration",
        state="well",
        said=project.config_path or "none, so everything is as by default",
    )
    found = tried("project", "task list", lambda: _list(project))
    is_there = "yes" if found.state == "well" or project.config.tasks.path else ""
    yield _written("task list", DEFAULT_PATHS, is_there, project) or found
    yield tried("project", "state branch", lambda: _state(project))


def _written(name: str, paths: Sequence[str], known: str, project: Project) -> Checkup | None:
    """What `init` has written, and nobody has committed yet."""
    at = next((path for path in paths if not known and (project.repository.root / path).is_file()), None)
    if at is None or project.read_file(at) is not None:
        return None
    return not_committed(name, at, area="project", has_remote=bool(project.remote))


def _list(project: Project) -> str:
    lists = project.lists
    errors = [problem for problem in lists.problems if problem.severity == "error"]
    if errors:
        first = errors[0]
        raise TaskListError(
            f"{first.path}:{first.line}: {first.message}" + (f", and {len(errors) - 1} more" if errors[1:] else ""),
            remedy=first.fix or "`devteam lint` names them all",
        )
    return f"{count(len(lists.tasks), 'task')} in {', '.join(lists.paths)}"


def _state(project: Project) -> str:
    view = project.state.load(refresh=project.where.fetch)
    if view.stale:
        raise Missing("the state on the remote cannot be read", remedy="see the line about the remote above")
    if view.damaged:
        damaged = view.damaged[0]
        raise StateDamaged(f"{damaged.path}: {damaged.reason}", remedy="see docs/state.md: restore or remove that file")
    return f"readable, {count(len(view.executions), 'task')} on record"


def _tool(context: Context) -> Iterator[Checkup]:
    app = context.app()
    config = app.project.config
    name = config.writer

    def ready() -> str:
        app.tool(name).check(config.tool_config(name), app.tool_environment(name))
        return "its settings are complete, and a key is set where it needs one"

    found = tried("tool", name, ready)
    if found.state == "missing" and context.variables.get("GITHUB_ACTIONS") != "true":
        here = "a job takes its key from the repository's secret, which nobody can look at from here"
        found = structs.replace(found, fix=f"{found.fix}; {here}")
    yield found


def _github(context: Context) -> Iterator[Checkup]:
    side = context.app().github
    if side is None:
        project = context.project
        remote_url = project.repository.remotes().get(project.home, "")
        is_there = place_of(context.variables, remote_url) is not None
        yield Checkup(
            area="GitHub",
            name="token",
            state="unknown",
            said=f"{'no token' if is_there else why_no_place(context.variables, remote_url)}: nothing was asked there",
            fix="set GH_TOKEN (for instance `GH_TOKEN=$(gh auth token) devteam doctor`), "
            "or run it in a job: `command: doctor`"
            if is_there
            else "",
        )
        return
    from devteam_action.cli.checkup_github import github_checkups

    yield from github_checkups(side, context.project.base_branch)
