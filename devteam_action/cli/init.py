"""`init`: the workflow, the configuration and a first task list, where they are not there yet."""

from __future__ import annotations

import os
import re
import tempfile
from argparse import Namespace
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from devteam_action.cli.context import Context
from devteam_action.cli.output import Result
from devteam_action.cli.starter_files import ACTION, SECRET, StarterFile, Wishes, starter_files
from devteam_action.configuration.reading import CONFIG_PATHS
from devteam_action.errors import BadInput, DevteamError, GitFailed, NotAllowed, RepositoryError
from devteam_action.git_io.git import Git
from devteam_action.git_io.repository import project_name
from devteam_action.pipeline.task_lists import DEFAULT_PATHS
from devteam_action.support.clock import SystemClock
from devteam_action.toolbox import find_tool
from devteam_action.tools.aider.keys import key_for

# `owner/name[/folder]@revision`, as `uses:` has it: nothing that could end the line or begin another value.
_ACTION = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+(?:/[\w.-]+)*@[\w./-]+")
_MODEL = re.compile(r"[\w./:@-]+")

State = Literal["written", "overwritten", "unchanged", "kept"]
_SAID: dict[State, str] = {
    "written": "written",
    "overwritten": "written over",
    "unchanged": "there already",
    "kept": "there already and different: left alone (`--force` writes it over)",
}


class Written(Struct, frozen=True, kw_only=True):
    """What became of one file."""

    path: str
    state: State


class _About(Struct, frozen=True):
    private: bool = True


def init(args: Namespace, context: Context) -> Result:
    """Writes what is missing; what is there is left alone, but for workflow and configuration with `--force`."""
    git, root = _root(context)
    wishes = _wishes(args, context, git)
    listed = git.run("ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    paths = tuple(os.fsdecode(name) for name in listed.split(b"\0") if name)
    files = starter_files(wishes, paths, lambda path: _read(root, path))
    done = [_put(root, file, force=args.force) for file in files]
    steps = _steps(wishes, _github_page(git), done, _uncommitted(git, done))
    document = {
        "success": True,
        "form": "hardened" if wishes.is_hardened else "minimal",
        "files": done,
        "next": steps,
    }
    lines = [f"  {each.path}  {_SAID[each.state]}" for each in done]
    numbered = [f"  {number}. {step}" for number, step in enumerate(steps, 1)]
    return Result(document=document, text="\n".join([*lines, "", "next", *numbered]))


def _root(context: Context) -> tuple[Git, Path]:
    """The repository's top, which need not have a commit yet."""
    if not context.directory.is_dir():
        raise RepositoryError(f"{context.directory} is no folder", remedy="give the repository's folder with -C")
    git = Git(context.directory, env=context.variables)
    try:
        top = Path(git.text("rev-parse", "--path-format=absolute", "--show-toplevel"))
    except GitFailed:
        raise RepositoryError(
            f"{context.directory} is in no git repository with a working tree", remedy="`git init`, or give one with -C"
        ) from None
    return git.at(top), top


def _wishes(args: Namespace, context: Context, git: Git) -> Wishes:
    tool = args.tool or "aider"
    find_tool(tool, context.variables)
    if args.model and not _MODEL.fullmatch(args.model):
        raise BadInput(f"`{args.model}` is no name of a model", remedy="such as openai/gpt-4.1")
    if args.action and not _ACTION.fullmatch(args.action):
        raise BadInput(f"`{args.action}` is no action", remedy="OWNER/NAME@REVISION, the revision best a commit's SHA")
    is_hardened = args.form == "hardened" or (args.form == "" and _is_public(args, context, git))
    return Wishes(
        is_hardened=is_hardened,
        tool=tool,
        model=args.model,
        key=key_for(args.model) or SECRET,
        action=args.action or ACTION,
    )


def _is_public(args: Namespace, context: Context, git: Git) -> bool:
    """What was said, else what GitHub says to whoever has a token; unknown counts as private."""
    if args.public or args.no_fetch or not context.environment.github_token:
        return bool(args.public)
    from devteam_action.on_github import github_side

    side = github_side(context.environment, _origin(git), progress=context.say, clock=SystemClock())
    if side is None:
        return False
    try:
        return side.client.read(
            "asking whether the repository is public",
            lambda _: not msgspec.convert(side.client.raw("GET", ""), _About, strict=False).private,
        )
    except DevteamError as error:
        context.say(f"whether the repository is public is not known: {error.message}")
        return False


def _read(root: Path, path: str) -> bytes | None:
    file = root / path
    return file.read_bytes() if file.is_file() and not file.is_symlink() else None


def _put(root: Path, file: StarterFile, *, force: bool) -> Written:
    target = root / file.path
    if target.is_symlink() or not target.parent.resolve().is_relative_to(root.resolve()):
        raise NotAllowed(f"{file.path} is a link that may lead out of the repository", remedy="replace it by a file")
    wanted = file.text.encode()
    if target.exists():
        if target.is_file() and target.read_bytes() == wanted:
            return Written(path=file.path, state="unchanged")
        if not force or file.is_theirs or not target.is_file():
            return Written(path=file.path, state="kept")
    state: State = "overwritten" if target.exists() else "written"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("wb", dir=target.parent, prefix=".devteam-", delete=False) as beside:
        beside.write(wanted)
    Path(beside.name).chmod(0o644)
    Path(beside.name).replace(target)
    return Written(path=file.path, state=state)


def _tool_steps(wishes: Wishes, link: str) -> list[str]:
    """What the tool needs from a person before its first task."""
    match wishes.tool:
        case "aider":
            secrets = "Settings → Secrets and variables → Actions → New repository secret"
            return [f"Set the secret {wishes.key}: {secrets}" + link.format("secrets/actions")]
        case "command":
            return [
                "Name your program in `tools.command.argv` of the configuration; a secret that it needs goes into "
                "`env:` of the workflow's last step, and its name into `tools.command.env`"
            ]
        case "scar":
            return [
                "Register a runner with the label `scar` on the machine of your SCAR server, which nothing else should "
                "reach: Settings → Actions → Runners" + link.format("actions/runners"),
                "See that the repository has the commands of `scar.commands` (docs/scar.md), each with `$ARGUMENTS`",
            ]
        case _:
            return []


def _origin(git: Git) -> str:
    return git.run("config", "--get", "remote.origin.url", ok=(0, 1)).stdout.decode(errors="replace").strip()


def _github_page(git: Git) -> str:
    """The repository's page, where its remote says that it is on GitHub; empty else."""
    url = _origin(git)
    name = project_name(url, git.directory)
    return f"https://github.com/{name}" if re.search(r"(?:@|//)(?:[^@/]*@)?github\.com[:/]", url) else ""


def _uncommitted(git: Git, done: list[Written]) -> str:
    """Those of the files that no commit has as they are, whoever wrote them and when."""
    paths = tuple(dict.fromkeys((*(each.path for each in done), *DEFAULT_PATHS)))
    told = git.run("status", "--porcelain", "-z", "--untracked-files=all", "--", *paths).stdout
    found = {os.fsdecode(entry)[3:] for entry in told.split(b"\0") if entry}
    return " ".join(path for path in paths if path in found)


def _steps(wishes: Wishes, page: str, done: list[Written], changed: str) -> list[str]:
    """What a person has to do now, in order."""
    link = f" ({page}/settings/{{}})" if page else ""
    commit = f"`git add {changed} && git commit -m 'Add DevTeam' && git push`, then" if changed else "Then"
    look = "Look at `setup:` and `criteria:` in the configuration: a job has nothing installed but what they name. "
    config_is_new = any(each.path in CONFIG_PATHS and each.path in changed.split(" ") for each in done)
    return [
        *_tool_steps(wishes, link),
        "Switch on “Allow GitHub Actions to create and approve pull requests”: Settings → Actions → General"
        + link.format("actions"),
        f"{look if config_is_new else ''}{commit} Actions → DevTeam → Run workflow; "
        "`devteam doctor` tells what is still missing",
    ]
