"""Commands that nobody answered: their job was pushed out of the queue, or ended before it came to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from devteam_action.actions.grammar import Command, is_for, read_command
from devteam_action.actions.inputs import JobFacts
from devteam_action.actions.payloads import CommandComment
from devteam_action.actions.route import Accept, AfterMerge, Answer, Judge, Verb
from devteam_action.cli.job.comments import ONLY_LOOKING, answer, is_on_record
from devteam_action.cli.job.conversation import Conversation
from devteam_action.cli.job.desk import Desk
from devteam_action.errors import DevteamError, StateConflict
from devteam_action.settings import Environment

_AGE = timedelta(hours=24)  # older words were meant for another state of things
_FRESH = timedelta(minutes=2)  # their own job is on its way
_MOST = 5
_WORKING = frozenset({"run", "retry", "resume"})


def answer_lost(desk: Desk, talk: Conversation, *, besides: int | None = None) -> int:
    """Carries out the commands of the last day that have no answer, the oldest first; how many there were.

    What their authors may do is asked anew; one that fails does not keep the others.
    """
    done = 0
    for comment in _waiting(desk, talk, besides)[:_MOST]:
        command = read_command(comment.body)
        assert isinstance(command, Command)
        allowed = talk.may_command(comment.author)
        if not allowed:
            if allowed is not None:
                talk.react(comment.id, "-1")
            continue
        desk.say(f"`/devteam {command.name}` of {comment.author} had no answer yet")
        talk.react(comment.id, "eyes")
        try:
            answer(Answer(command=command, comment=comment), desk, talk)
            done += 1
        except StateConflict:
            continue  # its own job is at it after all
        except DevteamError as error:
            desk.say(f"it could not be carried out: {error.message}")
    return done


def _waiting(desk: Desk, talk: Conversation, besides: int | None) -> list[CommandComment]:
    """The commands that we have not ended. A reaction may be a stranger's: for a few, GitHub is asked whose it is."""
    now = datetime.fromisoformat(desk.clock.now())
    recent = [(each, has_end) for each, has_end in talk.recent(now - _AGE) if each.id != besides and is_due(each, now)]
    waiting = [each for each, has_end in recent if not has_end]
    doubtful = [each for each, has_end in recent if has_end and not _is_done(each, desk)]
    # The newest first: an old one has been asked about by the jobs before.
    waiting += [each for each in doubtful[: -_MOST - 1 : -1] if not talk.is_ended(each.id)]
    return sorted(waiting, key=lambda each: each.id)


def _is_done(comment: CommandComment, desk: Desk) -> bool:
    command = read_command(comment.body)
    return isinstance(command, Command) and is_on_record(comment, command, desk)


def looks_for_lost(
    wanted: Verb | Answer | Accept | Judge | AfterMerge, job: JobFacts, environment: Environment
) -> bool:
    """Whether a job may take on what others have lost: one that is there to work, with all that its work needs.

    A job for a pull request may have no right to write and no key; where the work is handed over from job to job, the
    workflow takes commands in a way of its own, and waits for every one.
    """
    if job.job == "control" or job.event_name == "pull_request" or environment.hands_over or environment.takes_in:
        return False
    match wanted:
        case Answer(command=command):
            return command.name not in ONLY_LOOKING
        case Verb(argv=argv):
            return argv[0] in _WORKING and "--dry-run" not in argv
        case _:
            return False


def is_due(comment: CommandComment, now: datetime) -> bool:
    """Whether the comment is a command for a job that works, meant as it stands, and no longer quite new.

    What stops or asks is about the moment at which it was said.
    """
    if comment.is_bot or comment.is_edited:
        return False
    command = read_command(comment.body)
    said = datetime.fromisoformat(comment.created_at)
    if not isinstance(command, Command) or said >= now - _FRESH:
        return False
    return is_for(command, "work") or command.name == "skip"
