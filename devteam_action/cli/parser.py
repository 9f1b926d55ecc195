"""The arguments of every command; one line says what each is for."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import NoReturn

from devteam_action import __version__
from devteam_action.cli.arguments import money, positive, said
from devteam_action.errors import UsageError

_WRONG_COMMAND = re.compile(r"argument COMMAND: invalid choice: '?([^' ]*)")


class Parser(argparse.ArgumentParser):
    """Raises UsageError, so that a wrong command line is told like every other error, with `--json` too."""

    def error(self, message: str) -> NoReturn:
        wrong = _WRONG_COMMAND.match(message)
        if wrong is not None:
            raise UsageError(f"there is no command `{wrong[1]}`", remedy=_like(wrong[1]))
        if message.endswith("required: COMMAND"):
            raise UsageError("no COMMAND is given", remedy=f"`{self.prog} --help` lists them")
        where = self.prog if " " in self.prog else f"{self.prog} COMMAND"
        raise UsageError(message, remedy=f"`{where} --help` shows what it takes; options stand after the command")


def _like(name: str) -> str:
    import difflib

    close = difflib.get_close_matches(name, [known for known, *_ in _VERBS], n=1)
    guess = f"did you mean `{close[0]}`? " if close else ""
    return f"{guess}`devteam --help` lists the commands"


Fill = Callable[[Parser], None]


def build_parser(only: str = "") -> Parser:
    """The whole command line; `verb` of a parse result is `module:function` below devteam_action.cli.

    With a command's name as `only` the others stay without their arguments: they take longer to make than to select.
    """
    known = any(name == only for name, *_ in _VERBS)
    parser = Parser(
        prog="devteam",
        description="Takes a repository's task list to verified commits: a tool writes, the machine judges.",
        epilog="exit codes: 0 done or nothing to do, 1 task failed or pipeline stopped, 2 bad input, 3 not allowed, "
        "4 something is missing, 5 lost a race, 70 a bug of ours, 130/143 interrupted",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"devteam {__version__}")
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, prog="devteam")
    for name, verb, purpose, fill in _VERBS:
        sub = verbs.add_parser(name, help=purpose, description=purpose, allow_abbrev=False)
        sub.set_defaults(verb=verb, command=name)
        if name == only or not known:
            _common(sub)
            fill(sub)
    return parser


def _common(sub: Parser) -> None:
    group = sub.add_argument_group("common options")
    group.add_argument("-C", dest="directory", metavar="DIR", help="run as if started in DIR")
    group.add_argument("--json", action="store_true", help="print exactly one JSON document on stdout")
    group.add_argument("--base-branch", metavar="NAME", help="the branch that tasks start from")
    group.add_argument("--config", metavar="FILE", help="configuration file in the repository")
    group.add_argument("--worktree", action="store_true", help="read lists and config from the working directory")
    group.add_argument("--no-fetch", action="store_true", help="do not ask the remote for newer state")
    group.add_argument("--debug", action="store_true", help="show tracebacks")
    group.add_argument("-v", "--verbosity", type=int, choices=(1, 2, 3), default=2, help="how much to tell (2)")


def _key(sub: Parser) -> None:
    sub.add_argument("--idempotency-key", metavar="KEY", type=said, help="the same key does nothing twice")


def _task(sub: Parser) -> None:
    sub.add_argument("task", metavar="TASK", type=said, help="the task's id")


def _next(sub: Parser) -> None:
    sub.add_argument("--explain", action="store_true", help="say for every open task where it stands, and why")


def _prep(sub: Parser) -> None:
    _task(sub)
    sub.add_argument("--repo-url", metavar="URL", default="", help="clone or update this repository first")
    _key(sub)


def _tooling(sub: Parser) -> None:
    sub.add_argument("--tool", default="", help="the tool that writes the code (default: `tool:` of the config)")
    sub.add_argument("--max-attempts", type=positive, metavar="N", help="attempts before giving up (3)")
    sub.add_argument("--max-cost", type=money, metavar="USD", help="start no attempt beyond this cost")
    sub.add_argument("--deliver", choices=("branch", "merge", "pr"), help="what to do with proved work (branch)")


def _implement(sub: Parser) -> None:
    _task(sub)
    _tooling(sub)
    _key(sub)


def _verify(sub: Parser) -> None:
    _task(sub)


def _run(sub: Parser) -> None:
    sub.add_argument("task", metavar="TASK", nargs="?", type=said, help="this task (default: the next one)")
    sub.add_argument("--until", metavar="ID", default="", help="go on until this task is done")
    sub.add_argument("--max-tasks", type=positive, metavar="N", help="go on for at most N tasks")
    sub.add_argument("--all", action="store_true", help="go on while a task is ready")
    sub.add_argument("--dry-run", action="store_true", help="say the steps, do nothing")
    _tooling(sub)
    _key(sub)


def _status(sub: Parser) -> None:
    sub.add_argument("task", metavar="TASK", nargs="?", type=said, help="only this task")


def _logs(sub: Parser) -> None:
    sub.add_argument("task", metavar="TASK", nargs="?", type=said, help="the task (default: the latest)")
    sub.add_argument("--stream", choices=("server", "workflow", "execution"), default="execution")
    sub.add_argument("--follow", action="store_true", help="go on as lines are written")
    sub.set_defaults(verbosity=3)  # whoever asks for the log wants to see it


def _guide(sub: Parser) -> None:
    _task(sub)
    sub.add_argument("text", metavar="TEXT", help="what the tool should do differently")
    _tooling(sub)
    _key(sub)


def _stop(sub: Parser) -> None:
    sub.add_argument("task", metavar="TASK", nargs="?", type=said, help="the task (default: all that run)")
    sub.add_argument("--reason", metavar="REASON", default="", help="why, for the record")
    _key(sub)


def _resume(sub: Parser) -> None:
    _implement(sub)
    sub.add_argument("--adopt", action="store_true", help="go on with commits that a person made on the branch")
    sub.add_argument("--seen", metavar="SHA", default="", help="take in no commit of a person's beyond this one")


def _retry(sub: Parser) -> None:
    _resume(sub)
    sub.add_argument("--clean", action="store_true", help="discard the branch and start over")


def _skip(sub: Parser) -> None:
    _task(sub)
    sub.add_argument("reason", metavar="REASON", nargs="?", default="", help="why, for the record")
    _key(sub)


def _inject(sub: Parser) -> None:
    sub.add_argument("title", metavar="TITLE", help="what is to be done")
    sub.add_argument("--description", default="", help="more about it, for the brief")
    sub.add_argument("--touches", action="append", default=[], metavar="GLOB", help="files that it may change")
    place = sub.add_mutually_exclusive_group()
    place.add_argument("--before", metavar="ID", default="", help="put it before this task")
    place.add_argument("--after", metavar="ID", default="", help="put it after this task")
    place.add_argument("--replace", metavar="ID", default="", help="put it in the place of this task")
    _key(sub)


def _init(sub: Parser) -> None:
    form = sub.add_mutually_exclusive_group()
    form.add_argument("--hardened", dest="form", action="store_const", const="hardened", default="",
                      help="no job has both the model and a token that writes (for public repositories)")  # fmt: skip
    form.add_argument("--minimal", dest="form", action="store_const", const="minimal", help="two jobs: control, work")
    form.add_argument("--public", action="store_true", help="the repository is public, or will be")
    sub.add_argument("--tool", default="", help="the tool that writes the code (aider)")
    sub.add_argument("--model", default="", help="its model; tells which secret the workflow needs")
    sub.add_argument("--action", metavar="USES", default="", help="OWNER/NAME@REVISION of the action")
    sub.add_argument("--force", action="store_true", help="write workflow and configuration over; never a task list")


def _tools(sub: Parser) -> None:
    sub.add_argument("action", choices=("install",))
    sub.add_argument("name", metavar="NAME", help="the tool")


def _replay(sub: Parser) -> None:
    sub.add_argument("run", metavar="RUN", help="the run's id, or a file of its events")


def _action(sub: Parser) -> None:
    sub.add_argument("--finish", action="store_true", help="end what a job that was broken off has left behind")


def _demo(sub: Parser) -> None:
    sub.add_argument("--break", dest="broken", action="store_true", help="apply a wrong patch: must end red")
    sub.add_argument("--keep", metavar="DIR", default="", help="make the example repository in DIR and leave it there")


def _nothing(sub: Parser) -> None:
    del sub


_VERBS: tuple[tuple[str, str, str, Fill], ...] = (
    ("next", "select:next_task", "which task is next, and why", _next),
    ("tasks", "select:tasks", "the whole task list", _nothing),
    ("lint", "select:lint", "every problem of the task list, with its fix", _nothing),
    ("matrix", "select:matrix", "the ready tasks that may run side by side", _nothing),
    ("run", "run:run", "select, prepare, implement, verify, publish", _run),
    ("prep", "stages:prep", "make the task branch and its working directory", _prep),
    ("implement", "stages:implement", "one attempt of the tool, as one commit", _implement),
    ("verify", "stages:verify", "judge the task branch", _verify),
    ("status", "watch:status", "where every execution stands", _status),
    ("logs", "watch:logs", "what runs said", _logs),
    ("stats", "watch:stats", "success, time and cost by tool, stage and criterion", _nothing),
    ("guide", "control:guide", "give a task advice for its next attempt", _guide),
    ("stop", "control:stop", "stop a running task; its work is kept", _stop),
    ("resume", "control:resume", "lift a stop and go on at the unfinished stage", _resume),
    ("retry", "control:retry", "start a new attempt of a task in ERROR", _retry),
    ("skip", "control:skip", "leave a task out", _skip),
    ("inject", "control:inject", "put a task in that the list does not have", _inject),
    ("health", "health:health", "what devteam needs, and whether it is there", _nothing),
    ("doctor", "doctor:doctor", "try every right and setting, and print what mends each", _nothing),
    ("init", "init:init", "add workflow, configuration and a first list", _init),
    ("tools", "tools:tools", "install a tool in an environment of its own", _tools),
    ("replay", "replay:replay", "rebuild a run's decisions from its events, offline", _replay),
    ("action", "job.action:action", "what action.yml runs: reads the event of a GitHub job and routes it", _action),
    ("demo", "demo:demo", "the whole pipeline on a bundled example, offline", _demo),
)
