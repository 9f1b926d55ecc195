"""Commands in a workflow whose jobs hand the work on: the first takes them, the last says how they ended."""

from __future__ import annotations

from devteam_action.actions.grammar import Command, read_command
from devteam_action.actions.payloads import CommandComment
from devteam_action.actions.route import Accept
from devteam_action.cli.control import lift
from devteam_action.cli.job.comments import meant_task, reaction_to
from devteam_action.cli.job.conversation import Conversation
from devteam_action.cli.job.desk import Desk
from devteam_action.cli.output import Result, error_document
from devteam_action.errors import BadInput, DevteamError

_TAKEN = frozenset({"run", "retry", "resume"})


def accept(asked: Accept, desk: Desk, talk: Conversation) -> Result:
    """What the jobs after this one are to do, as `accepted` in the result; nothing is begun here.

    A stop of the task holds no more: the job that works on it can write nothing, and would find it there again.

    What cannot be taken is answered, and ends this job well: there is no `accepted` then.
    """
    comment, command = asked.comment, asked.command
    seen = ""
    try:
        if command.name not in _TAKEN or command.until:
            raise BadInput(
                f"this workflow does not take `/devteam {command.name}{' … until' if command.until else ''}`: "
                "it takes `run [ID]`, `retry [ID]` and `resume [ID]`",
                remedy=f"`devteam {command.name}` on a machine of yours does it",
            )
        talk.refuse_if_changed(comment)
        task = "" if command.name == "run" else talk.own_task(comment)
        if command.name != "run":
            seen = talk.head_seen(comment, meant_task(command, task))
            if not (command.task or task):
                raise BadInput(f"which task? Write `/devteam {command.name} ID`, or say it on the task's pull request")
            lift(command.task or task, desk.context((command.name, command.task or task))[1])
    except DevteamError as error:
        refused = Result(
            document=error_document(error), text=f"{error.message}\n\n{error.remedy}", exit_code=error.exit_code
        )
        talk.react(comment.id, reaction_to(refused.exit_code))
        talk.answer(comment, command.name, refused)
        return Result(document=refused.document, text=refused.text)
    accepted = {"command": command.name, "task": command.task or task, "login": comment.author, "seen": seen}
    said = " ".join(filter(None, (command.name, command.task or task)))
    return Result(document={"success": True, "accepted": accepted}, text=f"`{said}` of {comment.author} is taken")


def end(comment: CommandComment, result: Result, talk: Conversation, *, implemented: str) -> None:
    """The reaction that ends a command which was taken, and an answer where it came to nothing.

    `implemented` is how the job before ended, in GitHub's words: where that has failed, so has the command.
    """
    failed = Result(document={}, text="the job that works on it failed: its log says why", exit_code=1)
    known = failed if result.exit_code == 0 and implemented not in ("", "success") else result
    talk.react(comment.id, reaction_to(known.exit_code))
    command = read_command(comment.body)
    if known.exit_code and isinstance(command, Command):
        talk.answer(comment, command.name, known)
