"""The task lists of a repository, at one commit or as they lie in the working directory."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

import msgspec
from msgspec import Struct

from devteam_action.domain.config import TasksConfig
from devteam_action.domain.task import Task
from devteam_action.domain.tasklist import ListOptions, TaskList, read
from devteam_action.domain.tasklist.model import Problem
from devteam_action.errors import TaskListError, UnknownTask

DEFAULT_PATHS = ("docs/DevTeam/tasks_list.md", "tasks_list.md")

_MAGIC = re.compile(r"[*?\[]")
_ID_JOIN = ":"

ReadFile = Callable[[str], bytes | None]
ListFiles = Callable[[], Sequence[str]]


class ProjectLists(Struct, frozen=True, kw_only=True):
    """Everything the lists say: tasks in document order, `blocked` by task id, and every problem.

    With several lists an id is `<project>:<id>`, in dependencies too; with one list it is as written.
    """

    paths: tuple[str, ...]
    tasks: tuple[Task, ...]
    blocked: dict[str, str]
    problems: tuple[Problem, ...]
    retired: frozenset[str]

    def task(self, task_id: str) -> Task:
        """The task of that id; raises UnknownTask."""
        found = [task for task in self.tasks if task.id == task_id]
        if not found:
            raise UnknownTask(
                f"there is no task {task_id} in {' or '.join(self.paths)}",
                remedy="`devteam tasks` lists the ids (sections and parents of other tasks cannot be run)",
            )
        # Of two copies the open one is meant; `lint` tells them apart.
        return next((task for task in found if not task.is_done), found[0])


def list_options(config: TasksConfig, path: str) -> ListOptions:
    """How the list at `path` is to be read."""
    return ListOptions(
        path=path, marks=config.marks, optional=config.optional, phase_order=config.phase_order, dialect=config.dialect
    )


def find_lists(config: TasksConfig, read_file: ReadFile, list_files: ListFiles) -> tuple[str, ...]:
    """The paths of the lists that are there, in the order in which the configuration names them."""
    wanted = (config.path,) if isinstance(config.path, str) else tuple(config.path)
    wanted = tuple(path for path in wanted if path)
    if not wanted:
        return next(((path,) for path in DEFAULT_PATHS if read_file(path) is not None), ())
    found: dict[str, None] = {}
    files: Sequence[str] | None = None
    for pattern in wanted:
        if not _MAGIC.search(pattern):
            if read_file(pattern) is not None:
                found[pattern] = None
            continue
        files = list_files() if files is None else files
        found.update(dict.fromkeys(path for path in files if _matches(path, pattern)))
    return tuple(found)


def read_lists(config: TasksConfig, read_file: ReadFile, list_files: ListFiles, *, where: str) -> ProjectLists:
    """Reads every list; raises TaskListError when there is none, or when one is unusable as a whole.

    `where` says for people where we looked (a branch, the working directory).
    """
    paths = _require(config, read_file, list_files, where)
    names = _names(paths)
    parts = [_read_one(config, path, read_file(path) or b"", name) for path, name in zip(paths, names, strict=True)]
    return ProjectLists(
        paths=paths,
        tasks=tuple(task for part in parts for task in part.tasks),
        blocked={task_id: why for part in parts for task_id, why in part.blocked.items()},
        problems=tuple(problem for part in parts for problem in part.problems),
        retired=frozenset(task_id for part in parts for task_id in part.retired),
    )


def all_problems(config: TasksConfig, read_file: ReadFile, list_files: ListFiles, *, where: str) -> tuple[Problem, ...]:
    """The problems of every list, fatal ones too; raises TaskListError only when there is no list at all."""
    paths = _require(config, read_file, list_files, where)
    return tuple(
        problem for path in paths for problem in read(read_file(path) or b"", list_options(config, path)).problems
    )


def _require(config: TasksConfig, read_file: ReadFile, list_files: ListFiles, where: str) -> tuple[str, ...]:
    paths = find_lists(config, read_file, list_files)
    if not paths:
        looked = (config.path,) if isinstance(config.path, str) else config.path
        raise TaskListError(
            f"no task list in {where}: {' or '.join(path for path in looked if path) or ' or '.join(DEFAULT_PATHS)}"
            " is not there",
            remedy="write one and commit it (`--worktree` reads uncommitted files), or set `tasks.path` in the config",
        )
    return paths


def local_id(task: Task) -> str:
    """The id as its own list writes it."""
    return task.id.rpartition(_ID_JOIN)[2]


def _read_one(config: TasksConfig, path: str, data: bytes, name: str) -> ProjectLists:
    listed = read(data, list_options(config, path))
    refuse(listed)
    # Who reads it is told the task already.
    blocked = {task_id: problem.message.removeprefix(f"{task_id}: ") for task_id, problem in listed.blocked.items()}
    if not name:
        return ProjectLists(
            paths=(path,),
            tasks=listed.tasks,
            blocked=blocked,
            problems=listed.problems,
            retired=frozenset(listed.retired),
        )

    def full(task_id: str) -> str:
        return f"{name}{_ID_JOIN}{task_id}"

    tasks = (
        msgspec.structs.replace(task, id=full(task.id), dependencies=tuple(map(full, task.dependencies)))
        for task in listed.tasks
    )
    return ProjectLists(
        paths=(path,),
        tasks=tuple(tasks),
        blocked={full(task_id): why for task_id, why in blocked.items()},
        problems=listed.problems,
        retired=frozenset(map(full, listed.retired)),
    )


def refuse(listed: TaskList) -> None:
    """Raises TaskListError for a list that cannot be used at all (CONTRACT: undecodable bytes, no task)."""
    problem = listed.fatal
    if problem is not None:
        raise TaskListError(f"{problem.path}:{problem.line}: {problem.message}", remedy=problem.fix)


def _names(paths: Sequence[str]) -> list[str]:
    """A short, unique name for each list; none is needed for a single one."""
    if len(paths) == 1:
        return [""]
    plain = [_plain_name(path) for path in paths]
    return [
        name if plain.count(name) == 1 else path.removesuffix(".md") for name, path in zip(plain, paths, strict=True)
    ]


def _plain_name(path: str) -> str:
    """`specs/login/tasks.md` is `login`, `lists/api.md` is `api`."""
    pure = PurePosixPath(path)
    generic = pure.stem.lower() in ("tasks", "tasks_list", "todo")
    return pure.parent.name if generic and pure.parent.name else pure.stem


def _matches(path: str, pattern: str) -> bool:
    """`*` stays inside one folder, `**` crosses folders, as in .gitignore."""
    parts, wanted = path.split("/"), pattern.removeprefix("./").split("/")
    return _match_parts(tuple(parts), tuple(wanted))


def _match_parts(parts: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    if not wanted:
        return not parts
    if wanted[0] == "**":
        return any(_match_parts(parts[skip:], wanted[1:]) for skip in range(len(parts) + 1))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], wanted[0]) and _match_parts(parts[1:], wanted[1:])
