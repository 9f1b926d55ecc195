"""What a tool was seen doing, as far as reports show it: the latest of each type, and the commands of a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from devteam_action.domain.activity import display, subject_of
from devteam_action.domain.command_status import CommandStatus, is_status, status_of
from devteam_action.domain.events import Activity, ActivityLogged, ActivityType

_OF_EACH = 12  # latest of each type that are kept
_RECENT = 10  # latest of all
_COMMANDS = 40  # latest commands that are kept

_VERBS: dict[ActivityType, str] = {
    "bash_command": "runs",
    "file_read": "reads",
    "file_write": "writes",
    "file_edit": "edits",
    "grep_search": "searches",
    "glob_pattern": "looks for",
    "tool_invocation": "uses",
}


class Seen(Struct, frozen=True, kw_only=True):
    """`latest` has the subjects of each type, oldest first; `recent` is the newest of all, with their types.

    `commands` are those of a server that works for us, each with its last status.
    """

    latest: Mapping[ActivityType, tuple[str, ...]] = {}
    recent: tuple[tuple[ActivityType, str], ...] = ()
    commands: tuple[CommandStatus, ...] = ()


def after(seen: Seen, events: Sequence[ActivityLogged]) -> Seen:
    """What was seen after many activities at once."""
    newest: dict[ActivityType, list[Activity]] = {}
    fresh: list[Activity] = []
    for event in reversed(events):  # of each type the newest, however many others came after them
        activity = event.activity
        of_type = newest.setdefault(activity.type, [])
        if (len(of_type) < _OF_EACH or len(fresh) < _RECENT) and not is_status(activity):
            of_type.append(activity)
            fresh.append(activity)
    latest = dict(seen.latest)
    for kind, activities in newest.items():
        latest[kind] = (*latest.get(kind, ()), *map(_shown, reversed(activities[:_OF_EACH])))[-_OF_EACH:]
    lines: list[tuple[ActivityType, str]] = [(each.type, _shown(each)) for each in reversed(fresh[:_RECENT])]
    recent = (*seen.recent, *lines)[-_RECENT:]
    # A status is never passed over, however many lines came with it.
    statuses = [status_of(event.activity) for event in events if event.activity.verbosity < 3]
    commands = seen.commands
    for status in statuses:
        commands = _with(commands, status) if status is not None else commands
    return Seen(latest=latest, recent=recent, commands=commands)


def words_of(activity: Activity) -> str:
    """The activity as `edits src/app.py`; an agent's own words as they are."""
    verb = _VERBS.get(activity.type)
    subject = subject_of(activity) or activity.details.get("tool")
    return f"{verb} {subject}" if verb and subject else display(activity)


def _shown(activity: Activity) -> str:
    return subject_of(activity) or display(activity)


def _with(commands: tuple[CommandStatus, ...], status: CommandStatus) -> tuple[CommandStatus, ...]:
    """The commands after one of them told how it stands: a new word of the last one that goes on, or a new one."""
    if commands and commands[-1].name == status.name and commands[-1].is_going_on:
        return (*commands[:-1], status)
    return (*commands, status)[-_COMMANDS:]
