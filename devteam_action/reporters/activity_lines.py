"""An activity as one line for people."""

from __future__ import annotations

from devteam_action.domain.activity import display, subject_of
from devteam_action.domain.command_status import CommandState, CommandStatus, facts_of, status_of
from devteam_action.domain.events import Activity, ActivityType
from devteam_action.reporters.style import Line, Style
from devteam_action.support.terminal import one_line

_VERBS: dict[ActivityType, str] = {
    "bash_command": "$",
    "file_read": "read",
    "file_write": "write",
    "file_edit": "edit",
    "grep_search": "search",
    "glob_pattern": "find",
    "tool_invocation": "tool",
    "agent_response": "",
    "error": "error",
    "progress": "…",
}
_STYLES: dict[CommandState, Style] = {"QUEUED": "dim", "QUIET": "dim", "RUNNING": "stage", "COMPLETED": "good"}
_SHOWN = 203  # characters of a line: 200 of an agent's words, and three dots


def activity_line(activity: Activity, *, with_facts: bool = True) -> Line:
    """The activity with a verb in front; the status of a command as it is, with times and counts if wanted."""
    status = status_of(activity)
    if status is not None:
        return _status_line(status, with_facts=with_facts)
    subject = subject_of(activity) or display(activity)
    style: Style = "bad" if activity.type == "error" else "dim"
    return Line(style, f"    {_VERBS[activity.type]:<6} {one_line(subject, _SHOWN)}".rstrip())


def _status_line(status: CommandStatus, *, with_facts: bool) -> Line:
    facts = ", ".join(facts_of(status)) if with_facts else ""
    text = f"{status.text} ({facts})" if facts else status.text
    return Line(_STYLES.get(status.state, "bad"), f"    {one_line(text, 400)}")
