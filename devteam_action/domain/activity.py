"""From lines of tool output to activities: which line says what, and which lines belong together."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from devteam_action.domain.activity_bounds import Group
from devteam_action.domain.activity_groups import ToolGroup
from devteam_action.domain.activity_rules import Details, known_form
from devteam_action.domain.activity_stacks import StackGroup, TraceGroup, opens_trace
from devteam_action.domain.events import Activity, ActivityType

TOOL_MARK = "🔧 "
_SHOWN = 200  # characters of an agent's words that a view shows; the log has them whole


class Draft(Struct, frozen=True):
    """An activity before it has a number and a time; `verbosity` as the contract counts it."""

    type: ActivityType
    message: str
    details: Details
    verbosity: int = 3


class Classifier:
    """Turns one execution's lines into activities, in order, one a non-empty line; groups are one activity.

    Feed it lines as they come; it keeps back at most one group that may go on, until `flush`. Not thread-safe.
    """

    def __init__(self, *, execution_id: str, project_id: str, source: str) -> None:
        self.execution_id = execution_id
        self.project_id = project_id
        self.source = source
        self._group: Group | None = None

    def feed(self, lines: Sequence[str]) -> list[Draft]:
        """The activities that these lines complete. Lines that are blank are none."""
        drafts: list[Draft] = []
        for line in lines:
            if not line or line.isspace():
                continue
            if self._group is not None:
                if self._group.take(line):
                    continue
                drafts += self.flush()
            self._begin(line, drafts)
        return drafts

    def message(self, text: str) -> list[Draft]:
        """The activities of one whole message: a tool call in it is one, however many lines it has."""
        drafts = self.flush()
        lines = text.splitlines()
        if len(lines) > 1 and text.startswith(TOOL_MARK):
            group = ToolGroup(lines[0].removeprefix(TOOL_MARK))
            group.lines += lines[1:]
            return [*drafts, _draft_of(group)]
        return [*drafts, *self.feed(lines), *self.flush()]

    def flush(self) -> list[Draft]:
        """What was kept back, when nothing more belongs to it."""
        group, self._group = self._group, None
        return [] if group is None else [_draft_of(group)]

    def activities(self, drafts: Sequence[Draft], numbers: Sequence[int], timestamp: str) -> list[Activity]:
        """The drafts as numbered, stamped activities of this execution."""
        return [
            Activity(
                id=f"{self.execution_id}-{number}",
                execution_id=self.execution_id,
                project_id=self.project_id,
                source=self.source,
                type=draft.type,
                message=draft.message,
                details=draft.details,
                timestamp=timestamp,
                sequence_number=number,
                verbosity=draft.verbosity,
            )
            for draft, number in zip(drafts, numbers, strict=True)
        ]

    def _begin(self, line: str, drafts: list[Draft]) -> None:
        if "\r" in line:
            # What a terminal would show is what stands after the last return; the log keeps what it overwrote.
            shown = [part for part in line.split("\r") if part.strip()]
            kind, details = known_form(shown[-1]) or ("agent_response", {})
            drafts.append(Draft(kind, shown[-1], {**details, "lines": shown} if len(shown) > 1 else details))
        elif line.startswith(TOOL_MARK):
            self._group = ToolGroup(line.removeprefix(TOOL_MARK))
        elif opens_trace(line):
            self._group = TraceGroup(line)
        else:
            kind, details = known_form(line) or ("agent_response", {})
            if kind == "error":
                self._group = StackGroup(line, details)
            else:
                drafts.append(Draft(kind, line, details))


def _draft_of(group: Group) -> Draft:
    kind, message, details = group.result()
    return Draft(kind, message, details)


def display(activity: Activity) -> str:
    """The activity on one line for people: the agent's words cut to 200 characters and `...`."""
    first = activity.message.strip().splitlines()[0] if activity.message.strip() else ""
    return first if len(first) <= _SHOWN else f"{first[:_SHOWN]}..."


def subject_of(activity: Activity) -> str:
    """What the activity was about: the command, the path, `"pattern" in path`; empty where it is only words."""
    command, path, pattern = (activity.details.get(name) for name in ("command", "path", "pattern"))
    if pattern:
        return f'"{pattern}" in {path}' if path else str(pattern)
    return str(command or path or "")
