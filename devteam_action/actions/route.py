"""What one job is to do: decided from its event, its inputs and the comment's command, without asking anybody."""

from __future__ import annotations

from typing import assert_never

import msgspec
from msgspec import Struct

from devteam_action.actions.grammar import Command, Hint, Job, addressed, is_for, read_command
from devteam_action.actions.inputs import ActionInputs
from devteam_action.actions.payloads import CommandComment, Dispatch, Event, Ignored, PullRequestChange, Schedule
from devteam_action.errors import BadInput

TASK_BRANCHES = "task/"


class Verb(Struct, frozen=True, kw_only=True):
    """One command of the command line, as a person would type it after `devteam`."""

    argv: tuple[str, ...]


class Answer(Struct, frozen=True, kw_only=True):
    """A command in a comment, to be acknowledged, carried out and answered."""

    command: Command
    comment: CommandComment


class Accept(Struct, frozen=True, kw_only=True):
    """A command in a comment that the jobs after this one are to carry out."""

    command: Command
    comment: CommandComment


class Judge(Struct, frozen=True, kw_only=True):
    """VERIFY of the head of a pull request."""

    change: PullRequestChange


class AfterMerge(Struct, frozen=True, kw_only=True):
    """A task's pull request was merged, or closed without: the record is brought up to date, neighbours follow."""

    change: PullRequestChange


class Nothing(Struct, frozen=True, kw_only=True):
    """No work for this job; `because` is a sentence for its log."""

    because: str


class Would(Struct, frozen=True, kw_only=True):
    """A dry run of what has no dry form of its own: `what` is the sentence that says it."""

    what: str


Plan = Verb | Answer | Accept | Judge | AfterMerge | Nothing | Would

# These only look, and what they find is told in the job's log.
_LOOKS = frozenset({"status", "matrix"})


def plan(event: Event, inputs: ActionInputs, job: Job) -> Plan:
    """The one thing to do. An explicit command decides whatever the event is (a called workflow shows its caller's).

    With `dry-run` it is something that writes nothing. Raises BadInput for an explicit command that lacks its task.
    """
    wanted = _wanted(event, inputs, job)
    return _dry(wanted, inputs) if inputs.dry_run else wanted


def _wanted(event: Event, inputs: ActionInputs, job: Job) -> Plan:
    if inputs.command != "auto":
        return _explicit(event, inputs)
    match event:
        case Dispatch() | Schedule():
            return _for_work(Verb(argv=run_argv(inputs)), job, "a new run")
        case CommandComment():
            return _answer(event, job)
        case PullRequestChange():
            return _for_work(_change(event), job, "a pull request")
        case Ignored(reason=reason):
            return Nothing(because=reason)
        case _:
            assert_never(event)


def run_argv(inputs: ActionInputs) -> tuple[str, ...]:
    """`devteam run` with what the inputs say; a task, or the next ones."""
    is_alone = inputs.task and not inputs.until
    many = ("--max-tasks", str(inputs.max_tasks)) if inputs.max_tasks and not is_alone else ()
    until = ("--until", inputs.until) if inputs.until else ()
    dry = ("--dry-run",) if inputs.dry_run else ()
    return ("run", *((inputs.task,) if inputs.task else ()), *many, *until, *dry, *tooling(inputs))


def tooling(inputs: ActionInputs) -> tuple[str, ...]:
    """The options that every command takes which has a tool write."""
    return (
        *(("--tool", inputs.tool) if inputs.tool else ()),
        *(("--max-attempts", str(inputs.max_attempts)) if inputs.max_attempts else ()),
        *(("--max-cost", str(inputs.max_cost_usd)) if inputs.max_cost_usd is not None else ()),
    )


def comment_argv(command: Command, own_task: str, inputs: ActionInputs, *, seen: str = "") -> tuple[str, ...] | Hint:
    """The command line for a command in a comment; `own_task` is that of the pull request it stands on, else empty.

    `seen` is the head of the task's branch when it was said: what comes after is not taken in with it.
    `guide`, `verify`, `approve` and `help` are no command lines: they speak of the pull request.
    """
    task = command.task or own_task
    up_to = ("--seen", seen) if seen else ()
    match command.name:
        case "run":
            return _run(command, inputs)
        case "status":
            return ("status", *((task,) if task else ()))
        case "stop":
            return ("stop", *((f"--reason={command.reason}",) if command.reason else ()), *((task,) if task else ()))
        case "retry" | "resume" if task:
            return (command.name, task, *up_to, *tooling(inputs))
        case "adopt" if task:
            return ("resume", task, "--adopt", *up_to, *tooling(inputs))
        case "skip" if task:
            return ("skip", "--", task, *((command.reason,) if command.reason else ()))
        case "inject":
            title, _, more = command.text.partition("\n")
            return ("inject", f"--description={more.strip()}", "--", title.strip())
        case _:
            return Hint(f"Which task? Write `/devteam {command.name} ID`, or say it on the task's pull request.")


def _run(command: Command, inputs: ActionInputs) -> tuple[str, ...]:
    return run_argv(msgspec.structs.replace(inputs, task=command.task, until=command.until))


def guidance_for(command: Command, own_task: str) -> tuple[str, str] | Hint:
    """The task that a guidance is for, and its text: a pull request's own task, elsewhere the id it begins with."""
    if own_task:
        return own_task, command.text
    task, text = addressed(command.text)
    return (task, text) if task and text else Hint("Which task? Write `/devteam guide ID TEXT`.")


def _explicit(event: Event, inputs: ActionInputs) -> Plan:
    match inputs.command:
        case "run":
            return Verb(argv=run_argv(inputs))
        case "retry" | "resume":
            up_to = ("--seen", inputs.seen) if inputs.seen else ()
            return Verb(argv=(inputs.command, _task(inputs), *up_to, *tooling(inputs)))
        case "skip":
            return Verb(argv=("skip", _task(inputs)))
        case "stop":
            return Verb(argv=("stop", *((inputs.task,) if inputs.task else ())))
        case "verify":
            if isinstance(event, PullRequestChange) and not inputs.task:
                return _change(event)
            return Verb(argv=("verify", _task(inputs)))
        case "status":
            return Verb(argv=("status", *((inputs.task,) if inputs.task else ())))
        case "matrix" | "doctor":
            return Verb(argv=(inputs.command,))
        case _:
            raise AssertionError(inputs.command)


def _task(inputs: ActionInputs) -> str:
    if not inputs.task:
        raise BadInput(f"`command: {inputs.command}` needs a task", remedy="set the input `task` to its id")
    return inputs.task


def _answer(comment: CommandComment, job: Job) -> Plan:
    command = read_command(comment.body)
    if comment.is_edited:
        return Nothing(because="the comment was edited since it was written, and only its first words command")
    if comment.is_bot:
        return Nothing(because=f"{comment.author} is a bot, and bots do not command")
    if not isinstance(command, Command):
        return Nothing(because="the comment is no command")
    if not is_for(command, job):
        other = "work" if job == "control" else "control"
        return Nothing(because=f"`/devteam {command.name}` is for the job `{other}` of this workflow")
    if job == "accept":
        return Accept(command=command, comment=comment)
    return Answer(command=command, comment=comment)


def _change(change: PullRequestChange) -> Plan:
    if not change.head_ref.startswith(TASK_BRANCHES):
        return Nothing(because=f"pull request #{change.number} is of {change.head_ref}, which is no task branch")
    if change.action == "closed":
        if change.is_fork:
            return Nothing(because=f"pull request #{change.number} is closed, and was of a fork")
        return AfterMerge(change=change)
    if change.action in ("opened", "synchronize", "reopened"):
        return Judge(change=change)
    return Nothing(because=f"a pull request that was {change.action} needs no new verdict")


def _dry(wanted: Plan, inputs: ActionInputs) -> Plan:
    match wanted:
        case Nothing() | Would():
            return wanted
        case Verb(argv=argv):
            looks = argv[0] in _LOOKS or "--dry-run" in argv
            return wanted if looks else Would(what=f"would do `devteam {' '.join(argv)}`")
        case Answer(command=Command(name="run") as command):
            return Verb(argv=_run(command, inputs))
        case Answer(command=Command(name="status", task=task)):
            return Verb(argv=("status", *((task,) if task else ())))
        case Answer(command=command, comment=comment) | Accept(command=command, comment=comment):
            return Would(what=f"would carry out `/devteam {command.name}` of {comment.author} on #{comment.number}")
        case Judge(change=change):
            return Would(what=f"would verify pull request #{change.number}")
        case AfterMerge(change=change):
            return Would(what=f"would put on the record that pull request #{change.number} is {_ended(change)}")
        case _:
            assert_never(wanted)


def _ended(change: PullRequestChange) -> str:
    return "merged, and bring its neighbours up to date" if change.is_merged else "closed"


def _for_work(wanted: Plan, job: Job, what: str) -> Plan:
    if job in ("control", "accept") and not isinstance(wanted, Nothing):
        return Nothing(because=f"{what} is for the job `work` of this workflow")
    return wanted
