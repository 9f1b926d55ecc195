"""A command in a comment: carried out once, and answered by a reaction and one comment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, cast

import msgspec

from devteam_action.actions.grammar import Command, Hint, is_for
from devteam_action.actions.payloads import CommandComment
from devteam_action.actions.route import Answer, comment_argv, guidance_for, tooling
from devteam_action.cli.control import lift, queue_guidance, take_guidance
from devteam_action.cli.job.conversation import Conversation
from devteam_action.cli.job.desk import Desk
from devteam_action.cli.job.pull_requests import judge
from devteam_action.cli.output import Result, error_document
from devteam_action.errors import BadInput, DevteamError, Missing, StateConflict
from devteam_action.pipeline.state import Answer as Kept
from devteam_action.render.reply import HELP

# These run no code of a branch, or name the commit that they speak of.
_SAFE_AFTER_A_PUSH = frozenset({"status", "stop", "skip", "help", "run", "inject", "approve"})
ONLY_LOOKING = frozenset({"status", "help"})
# The sticky comment of the task's own pull request shows what these have done.
_SHOWN_THERE = frozenset({"run", "retry", "guide", "verify", "resume", "adopt"})

_MOMENTS = 30  # seconds; putting a word down takes two or three

Reaction = Literal["rocket", "-1", "confused"]


class _Answered(msgspec.Struct, frozen=True):
    """What a command answered, as the state branch keeps it for whoever asks again."""

    document: msgspec.Raw
    text: str


def answer(asked: Answer, desk: Desk, talk: Conversation) -> Result:
    """Carries the command out, unless another job has done so; its author hears how it ended.

    Raises StateConflict while another job is at this very comment: that one answers.
    """
    comment, command = asked.comment, asked.command
    own = talk.own_task(comment, ask=command.name not in ONLY_LOOKING)
    try:
        result = _once(desk, comment, command, lambda: _carried_out(command, comment, own, desk, talk))
    except Missing as error:
        _tell(talk, asked, _refused(error), is_shown=False)
        raise
    is_shown = bool(own) and command.task in ("", own) and command.name in _SHOWN_THERE
    _tell(talk, asked, result, is_shown=is_shown)
    return result


def _tell(talk: Conversation, asked: Answer, result: Result, *, is_shown: bool) -> None:
    talk.react(asked.comment.id, reaction_to(result.exit_code))
    if result.exit_code or not is_shown or (asked.command.name == "guide" and _in_vain(result)):
        talk.answer(asked.comment, asked.command.name, result)
    else:
        talk.correct(asked.comment, asked.command.name, result)


def _in_vain(result: Result) -> bool:
    """Whether a tool was asked for something and did nothing of it, though what was proved before still stands."""
    document = msgspec.to_builtins(result.document)
    tasks = cast("Mapping[str, object]", document).get("tasks") if isinstance(document, dict) else None
    rows = cast("list[Mapping[str, object]]", tasks) if isinstance(tasks, list) else []
    return any(row.get("inVain") for row in rows)


def reaction_to(exit_code: int) -> Reaction:
    """The reaction that ends a command: 🚀 it is done, 👎 it may not be, 😕 it did not work."""
    return "rocket" if exit_code == 0 else "-1" if exit_code == 3 else "confused"


def _carried_out(command: Command, comment: CommandComment, own: str, desk: Desk, talk: Conversation) -> Result:
    if command.name not in ONLY_LOOKING:
        talk.refuse_if_changed(comment)
    safe = command.name in _SAFE_AFTER_A_PUSH
    seen = "" if safe else talk.head_seen(comment, meant_task(command, own))
    match command.name:
        case "help":
            return Result(document={"success": True}, text=HELP)
        case "guide":
            return _guided(command, comment, own, desk)
        case "approve":
            return talk.approve(comment.number, command.sha)
        case "verify" if comment.is_pull_request and command.task in ("", own):
            return judge(talk.pull_request(comment.number), comment.author, desk)
        case "verify":
            return desk.run(("verify", _named(command, own)), speaker=comment.author)
        case "resume" if desk.job.job == "control":
            return _lifted(_named(command, own), desk)
        case _:
            argv = comment_argv(command, own, desk.inputs, seen=seen)
            if isinstance(argv, Hint):
                raise BadInput(argv.text)
            return desk.run(argv, speaker=comment.author)


def meant_task(command: Command, own: str) -> str:
    """The task that a command speaks of, as far as it says so."""
    told = guidance_for(command, own) if command.name == "guide" else (command.task or own, "")
    return "" if isinstance(told, Hint) else told[0]


def _guided(command: Command, comment: CommandComment, own: str, desk: Desk) -> Result:
    """The word is put down by the first job that comes to it; the job that works also starts an attempt for it."""
    told = guidance_for(command, own)
    if isinstance(told, Hint):
        raise BadInput(told.text)
    task, text = told
    args, context = desk.context(("guide", *tooling(desk.inputs), "--", task, text), speaker=comment.author)
    queued = _when_free(
        desk, lambda: _kept(desk, f"guidance-{comment.id}", text, lambda: queue_guidance(args, context))
    )
    if desk.job.job == "control" or queued.exit_code:
        return queued
    return take_guidance(args, context) or queued


def _when_free(desk: Desk, act: Callable[[], Result]) -> Result:
    """Of two jobs for one comment one does it, and the other waits the moment that it takes."""
    for _ in range(_MOMENTS):
        try:
            return act()
        except StateConflict:
            desk.clock.sleep(1.0)
    return act()


def _lifted(task: str, desk: Desk) -> Result:
    _, context = desk.context(("resume", task))
    known = desk.project.view().executions.get(task)
    was_stopped = known is not None and (known.stop_requested or known.status == "STOPPED" or known.skipped is not None)
    lift(task, context)
    said = "the stop is lifted" if was_stopped else "nobody had stopped it"
    return Result(document={"success": True, "taskId": task}, text=f"{task}: {said}")


def _named(command: Command, own: str) -> str:
    task = command.task or own
    if not task:
        raise BadInput(f"which task? Write `/devteam {command.name} ID`, or say it on the task's pull request")
    return task


def _once(desk: Desk, comment: CommandComment, command: Command, act: Callable[[], Result]) -> Result:
    """Looking may be done again and again; all else is done once for each job that it is meant for."""
    if command.name in ONLY_LOOKING:
        return _outcome(act)
    return _kept(desk, _key(comment, command, desk), comment.body, act)


def _key(comment: CommandComment, command: Command, desk: Desk) -> str:
    """One for each job that the command is for, whichever takes it on in the end."""
    job = desk.job.job or "work"
    return f"comment-{comment.id}-{job if is_for(command, job) else 'control'}"


def is_on_record(comment: CommandComment, command: Command, desk: Desk) -> bool:
    """Whether a job like this one has carried that command out, as far as was last seen."""
    return desk.project.state.has_answer(_key(comment, command, desk))


def _kept(desk: Desk, key: str, request: str, act: Callable[[], Result]) -> Result:
    def answered() -> Kept:
        result = _outcome(act)
        document = msgspec.Raw(msgspec.json.encode(result.document))
        return Kept(exit_code=result.exit_code, stdout=msgspec.json.encode(_Answered(document, result.text)))

    kept = desk.project.state.once(key, request.encode(), answered)
    said = msgspec.json.decode(kept.stdout, type=_Answered)
    return Result(document=msgspec.json.decode(said.document), text=said.text, exit_code=kept.exit_code)


def _outcome(act: Callable[[], Result]) -> Result:
    """What came of it; an error that people can do something about is an answer like any other, kept like it."""
    try:
        return act()
    except Missing:
        raise  # a server or a key that is not there now: the same words may work in a minute
    except DevteamError as error:
        return _refused(error)


def _refused(error: DevteamError) -> Result:
    text = f"{error.message}\n\n{error.remedy}" if error.remedy else error.message
    return Result(document=error_document(error), text=text, exit_code=error.exit_code)
