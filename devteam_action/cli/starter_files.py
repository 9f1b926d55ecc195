"""What `devteam init` puts into a repository: the texts, and which of them a repository needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from devteam_action.cli.starter_setup import setup_text
from devteam_action.configuration.reading import CONFIG_PATHS, parse_config
from devteam_action.domain.config import Config, TasksConfig
from devteam_action.domain.tasklist import read
from devteam_action.errors import Missing
from devteam_action.pipeline.task_lists import DEFAULT_PATHS, find_lists, list_options
from devteam_action.render.templates import templates_dir

WORKFLOW_PATH = ".github/workflows/devteam.yml"
ACTION = "devteam-action/devteam-action@v1"
SECRET = "OPENAI_API_KEY"  # noqa: S105  the name that the examples have, not a value

_FIRST_LIST = """\
# Tasks

Phase 1 — First steps
1.1 A first task, to see it work
1.1.1 Say in [README.md](README.md) how the tests of this repository are run.
1.1.B Verify correctness of Task 1.1 against acceptance criteria
    - <criterion 1: a newcomer can run the tests with what the README says>
1.1.C Document results of Task 1.1 in README.md
"""
_CONFIG_HEAD = "# How devteam works in this repository; the keys: docs/configuration.md of devteam-action.\n"
_CONFIG_TAIL = """
# What every task must meet that states nothing of its own. Without it: what the repository has set up.
# criteria:
#   test.pass: pass
#   test.coverage: ">= 80%"
"""
_TOOL_KEYS = {
    "command": """\
    argv: [my-agent, --task, "{task}"]  # your program: it gets the brief on standard input, and works where it starts
""",
    "replay": """\
    patches: recorded  # a folder with a patch for each task, such as 1.1.1.patch
""",
}
_SCAR = """\
scar:
  base-url: http://127.0.0.1:3000  # your server, as the runner reaches it
"""
# Where other programs and people keep their lists; each is looked for as a whole.
_KNOWN_PLACES = (
    "specs/*/tasks.md",
    ".kiro/specs/*/tasks.md",
    "openspec/changes/*/tasks.md",
    *("tasks.md", "TASKS.md", "docs/tasks.md", "TODO.md", "todo.md", "docs/TODO.md"),
)

ReadFile = Callable[[str], bytes | None]


class Wishes(Struct, frozen=True, kw_only=True):
    """What the files are to say; `key` is the name of the secret that the tool needs."""

    is_hardened: bool
    tool: str
    model: str = ""
    key: str = SECRET
    action: str = ACTION


class StarterFile(Struct, frozen=True, kw_only=True):
    """A file that the repository is to have; one that a person fills is never written over (`is_theirs`)."""

    path: str
    text: str
    is_theirs: bool = False


def starter_files(wishes: Wishes, paths: Sequence[str], read_file: ReadFile) -> list[StarterFile]:
    """The files for a repository with `paths`, in the order in which people should look at them.

    A task list comes only where none is found; lists in other places are named in the configuration instead.
    Raises ConfigError when the configuration that is there cannot be read.
    """
    known = next((path for path in CONFIG_PATHS if read_file(path) is not None), "")
    config = parse_config(read_file(known) or b"", known) if known else Config()
    has_list = bool(find_lists(config.tasks, read_file, lambda: paths))
    elsewhere = () if has_list or config.tasks.path else _lists_elsewhere(paths, read_file)
    files = [
        StarterFile(path=WORKFLOW_PATH, text=workflow_text(wishes)),
        StarterFile(path=known or CONFIG_PATHS[0], text=config_text(wishes, elsewhere, setup_text(paths, read_file))),
    ]
    if not has_list and not elsewhere:
        files.append(StarterFile(path=_place_of_list(config.tasks), text=_FIRST_LIST, is_theirs=True))
    return files


def workflow_text(wishes: Wishes) -> str:
    """The workflow of examples/, with this action and this secret."""
    # A hosted runner reaches no server that listens on loopback only.
    usual = "scar-self-hosted" if wishes.tool == "scar" else "devteam"
    text = _example("hardened" if wishes.is_hardened else usual)
    return text.replace(ACTION, wishes.action).replace(SECRET, wishes.key)


def config_text(wishes: Wishes, lists: Sequence[str], setup: str) -> str:
    """A first `.devteam.yml`; `setup` is the text of that key."""
    own = _TOOL_KEYS.get(wishes.tool, "") + (f"    model: {wishes.model}\n" if wishes.model else "")
    tool = (f"tools:\n  {wishes.tool}:\n{own}" if own else "") + (_SCAR if wishes.tool == "scar" else "")
    where = f"tasks:\n  path: [{', '.join(lists)}]\n" if lists else ""
    return f"{_CONFIG_HEAD}{where}tool: {wishes.tool}\n{tool}{setup}{_CONFIG_TAIL}"


def _lists_elsewhere(paths: Sequence[str], read_file: ReadFile) -> tuple[str, ...]:
    """The known places that hold lists with tasks, as paths and globs for `tasks.path`."""
    found: list[str] = []
    for place in _KNOWN_PLACES:
        lists = find_lists(TasksConfig(path=place), read_file, lambda: paths)
        if any(_has_tasks(path, read_file) for path in lists):
            found.append(place)
    return tuple(found)


def _has_tasks(path: str, read_file: ReadFile) -> bool:
    listed = read(read_file(path) or b"", list_options(TasksConfig(), path))
    return listed.fatal is None and bool(listed.tasks)


def _place_of_list(tasks: TasksConfig) -> str:
    named = tasks.path if isinstance(tasks.path, str) else next(iter(tasks.path), "")
    return named if named and not re.search(r"[*?\[]", named) else DEFAULT_PATHS[0]


def _example(name: str) -> str:
    """Inside the package once installed, in examples/ of a checkout."""
    templates = templates_dir()
    for folder in (templates / "workflows", templates.parent / "examples"):
        file: Path = folder / f"{name}.yml"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    raise Missing(f"the workflow {name}.yml is not in this installation", remedy="install devteam-action again")
