"""Lines that are one activity together: a tool call. Those of a stack trace are in activity_stacks.py."""

from __future__ import annotations

import re
import shlex

from devteam_action.domain.activity_bounds import Bounded
from devteam_action.domain.activity_rules import Details
from devteam_action.domain.events import ActivityType

_HERE_DOCUMENT = re.compile(r"<<-?[ \t]{0,8}['\"\\]?(\w{1,64})")
_CUT = 100  # SCAR cuts a command at this length, and adds three dots

# SCAR's tool names (upper-cased by it), what their one line of detail begins with, and what they are to us.
_TOOLS: dict[str, tuple[ActivityType, str, str]] = {
    "READ": ("file_read", "Reading: ", "path"),
    "WRITE": ("file_write", "Writing: ", "path"),
    "EDIT": ("file_edit", "Editing: ", "path"),
    "GREP": ("grep_search", "Searching: ", "pattern"),
    "GLOB": ("glob_pattern", "Pattern: ", "pattern"),
}
_BY_INPUT: dict[str, ActivityType] = {"MULTIEDIT": "file_edit", "NOTEBOOKEDIT": "file_edit", "BASH": "bash_command"}


class ToolGroup(Bounded):
    """SCAR's tool line: the name, then one line of detail; a shell command may have several.

    In a whole message all lines belong to it. Where only lines are known, a command goes on while its shell text is
    evidently unfinished (an open quote, a here-document, a backslash at the end).
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"🔧 {name}")
        self._name = name.strip()

    def take(self, line: str) -> bool:
        details = self.lines[1:]
        if self._name == "BASH":
            wanted = not details or _is_unfinished("\n".join(details))
        elif self._name in _TOOLS:
            wanted = not details and line.startswith(_TOOLS[self._name][1])
        elif self._name.startswith("MCP__"):
            wanted = not details and line.startswith("MCP: ")
        else:
            wanted = not details and line.startswith("{")
        return wanted and self.keep(line)

    def result(self) -> tuple[ActivityType, str, Details]:
        text = "\n".join(self.lines[1:])
        details: Details = {"tool": self._name, "lines": self.lines} if text else {"tool": self._name}
        if self._name.startswith("/"):  # Codex: the tool is the command
            return "bash_command", self._name, {"tool": "BASH", "command": self._name}
        if not text:
            return _BY_INPUT.get(self._name, "tool_invocation"), self._name, details
        message = f"{self._name}: {text}" if text.startswith("{") else text
        if self._name in _TOOLS:
            kind, prefix, field = _TOOLS[self._name]
            return kind, message, {**details, field: text.removeprefix(prefix)}
        if self._name == "BASH" and not text.startswith('{"description"'):
            return "bash_command", message, {**details, "command": text}
        return _BY_INPUT.get(self._name, "tool_invocation"), message, {**details, "input": text}


def _is_unfinished(command: str) -> bool:
    if len(command) > _CUT:
        return False  # it was cut: whatever is open stays open
    document = _HERE_DOCUMENT.search(command)
    if document is not None:
        return document[1] not in command.splitlines()[1:]
    try:
        shlex.split(command)
    except ValueError:
        return True
    return False
