"""`demo`: the real pipeline on the bundled example repository, offline."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import tempfile
from argparse import Namespace
from collections.abc import Generator, Mapping
from pathlib import Path

from devteam_action import example
from devteam_action.cli.context import Context
from devteam_action.cli.output import Result
from devteam_action.cli.run import drive_tasks, summary
from devteam_action.errors import BadInput, Missing
from devteam_action.git_io.git import Git
from devteam_action.pipeline.runner import UNLIMITED, RunRequest
from devteam_action.support.scratch import prefix

_NEEDED = ("coverage", "mypy", "pytest", "pytest_cov", "ruff")
_IDENTITY = {"user.name": "DevTeam demo", "user.email": "demo@devteam.invalid"}


def demo(args: Namespace, context: Context) -> Result:
    """Ends green, or red with `--break`: there the tool's work is wrong and VERIFY says so."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise Missing(
            f"the example is proved with {', '.join(missing)}, which is not installed",
            remedy="pip install 'devteam-action[all]'",
        )
    with _folder(args.keep) as folder:
        repository = folder / "pantry"
        _make(repository, context.variables, patches="broken" if args.broken else "patches")
        context.say(
            f"an example repository in {repository}; its tasks are done by recorded patches, everything else is real"
        )
        inside = _inside(args, context, repository, folder)
        request = RunRequest(max_tasks=UNLIMITED)
        try:
            runs, app = drive_tasks(inside.args, inside, request)
            result = summary(runs, app, request)
        finally:
            inside.finish()
        history = Git(repository, env=context.variables).text("log", "--oneline", "--graph", "-12", "main")
        kept = (
            f"\nlook around: {repository}" if args.keep else "\n(`--keep DIR` leaves the repository for you to look at)"
        )
        if result.exit_code and not args.keep:
            kept = "\n(its folder is gone: with `--keep DIR` you can look around, and try what is said above)"
        text = f"\nwhat main has now\n{history}\n\n{result.text}{kept}"
    return Result(document=result.document, text=text, exit_code=result.exit_code)


def _inside(args: Namespace, context: Context, repository: Path, folder: Path) -> Context:
    """The same command as if it was started in the example repository, leaving nothing outside of its folder."""
    there = vars(args) | {
        "directory": str(repository),
        "tool": "",
        "max_attempts": 1 if args.broken else None,
        "max_cost": None,
        "deliver": "merge",
    }
    variables = {**context.variables, "WORKSPACE_DIR": str(folder / "work"), "GITHUB_ACTIONS": ""}
    return Context(Namespace(**there), variables, context.interrupts)


@contextlib.contextmanager
def _folder(keep: str) -> Generator[Path]:
    if keep:
        folder = Path(keep).absolute()
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadInput(f"{folder} is there already, and not empty", remedy="give a new folder to --keep")
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    folder = Path(tempfile.mkdtemp(prefix=prefix("demo")))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make(repository: Path, variables: Mapping[str, str], *, patches: str) -> None:
    bundled = Path(example.__file__).parent
    shutil.copytree(bundled / "repository", repository)
    # A `.gitignore` in our own tree would hide files from the wheel.
    (repository / "gitignore").rename(repository / ".gitignore")
    config = repository / ".devteam.yml"
    config.write_text(f"{config.read_text()}tools:\n  replay:\n    patches: {_quoted(bundled / patches)}\n")
    git = Git(repository, env=variables)
    git.run("init", "--quiet", "--initial-branch=main")
    for name, value in _IDENTITY.items():
        git.run("config", name, value)
    git.run("add", "--all")
    git.run("commit", "--quiet", "--message", "The pantry, and a list of what is to be done")


def _quoted(path: Path) -> str:
    text = str(path).replace("'", "''")
    return f"'{text}'"
