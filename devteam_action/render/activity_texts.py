"""What the tool did, in words and icons: counts by type, the latest of each, and the commands of a server."""

from __future__ import annotations

from collections.abc import Mapping

from devteam_action.domain.command_status import CommandState, CommandStatus, facts_of
from devteam_action.domain.events import ActivityType
from devteam_action.domain.view_activity import Seen
from devteam_action.render.phrases import count
from devteam_action.render.report_shapes import ActivityShown, CommandShown, LineShown

# In the order of reports: what changes things first. Words are shown, but they are no doing that one would count.
_TYPES: tuple[tuple[ActivityType, str, str, str], ...] = (
    ("file_edit", "✏️", "edit", "edits"),
    ("file_write", "📝", "file written", "files written"),
    ("file_read", "📖", "file read", "files read"),
    ("bash_command", "🖥️", "command", "commands"),
    ("grep_search", "🔎", "search", "searches"),
    ("glob_pattern", "📂", "search for files", "searches for files"),
    ("tool_invocation", "🔧", "tool call", "tool calls"),
    ("agent_response", "💬", "line of words", "lines of words"),
    ("progress", "⏱️", "sign of progress", "signs of progress"),
    ("error", "❗", "error", "errors"),
)
_WORDS: tuple[ActivityType, ...] = ("agent_response", "progress")
_ICONS: dict[CommandState, str] = {
    "QUEUED": "⏳", "RUNNING": "⏳", "QUIET": "⏳", "COMPLETED": "✅", "UNCERTAIN": "❔", "STOPPED": "⏹️"
}  # fmt: skip


def counts_text(counts: Mapping[ActivityType, int], *, with_icons: bool = True) -> str:
    """`✏️ 2 edits · 🖥️ 1 command`; empty where nothing was done."""
    told = (
        f"{f'{icon} ' if with_icons else ''}{count(counts[kind], one, many)}"
        for kind, icon, one, many in _TYPES
        if counts.get(kind) and kind not in _WORDS
    )
    return (" · " if with_icons else ", ").join(told)


def by_type(counts: Mapping[ActivityType, int], seen: Seen) -> tuple[ActivityShown, ...]:
    """Each type with how often it was, and the latest of it."""
    return tuple(
        ActivityShown(
            icon=icon,
            title=count(counts[kind], one, many),
            latest=seen.latest.get(kind, ()),
            more=counts[kind] - len(seen.latest.get(kind, ())),
        )
        for kind, icon, one, many in _TYPES
        if counts.get(kind)
    )


def recent(seen: Seen) -> tuple[LineShown, ...]:
    """The latest activities, the newest last."""
    icons = {kind: icon for kind, icon, _, _ in _TYPES}
    return tuple(LineShown(icon=icons[kind], text=text) for kind, text in seen.recent)


def commands(seen: Seen) -> tuple[CommandShown, ...]:
    """The commands that a server ran for us, each as it stands."""
    return tuple(_command(each) for each in seen.commands)


def _command(status: CommandStatus) -> CommandShown:
    return CommandShown(
        icon=_ICONS.get(status.state, "❌"), name=status.name, state=status.state, facts=", ".join(facts_of(status))
    )
