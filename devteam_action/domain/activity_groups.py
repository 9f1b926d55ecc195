"""Lines that are one activity together: a tool call, a stack trace."""

from __future__ import annotations

import re
import shlex
from typing import Protocol

from devteam_action.domain.activity_rules import Details
from devteam_action.domain.events import ActivityType

_MOST_LINES = 1000
_MOST_CHARACTERS = 256 * 1024
_TRACE = re.compile(r"[ \t|]{0,80}(?:\+ Exception Group )?Traceback \(most recent call last\):")
_CHAINED = re.compile(
    r"[ \t|]{0,80}(?:During handling of the above exception, another|The above exception was the direct cause)"
)
_STACK_LINE = re.compile(r"[ \t]{1,40}(?:at |\.\.\. \d{1,6} more)|Caused by: ")
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


class Group(Protocol):
    """Lines so far; `take` says whether the next one belongs to them, and keeps it then."""

    lines: list[str]

    def take(self, line: str) -> bool: ...

    def result(self) -> tuple[ActivityType, str, Details]: ...


def opens_trace(line: str) -> bool:
    """Whether a Python stack trace begins here."""
    return "Traceback" in line and _TRACE.match(line) is not None


class _Bounded:
    """Nobody's group is endless: a hostile one ends here, and its other lines stand for themselves."""

    def __init__(self, first: str) -> None:
        self.lines = [first]
        self._size = len(first)

    def _keep(self, line: str) -> bool:
        self._size += len(line)
        if len(self.lines) >= _MOST_LINES or self._size > _MOST_CHARACTERS:
            return False
        self.lines.append(line)
        return True


class TraceGroup(_Bounded):
    """A Python stack trace with its exception, and the traces that are chained to it."""

    def __init__(self, first: str) -> None:
        super().__init__(first)
        self._indent = _indent(first)
        self._has_exception = False

    def take(self, line: str) -> bool:
        if self._has_exception:
            if _CHAINED.match(line) is None and not opens_trace(line):
                return False
            if opens_trace(line):
                self._indent = _indent(line)
                self._has_exception = False
            return self._keep(line)
        if _indent(line) <= self._indent and not line.lstrip().startswith(("|", "+")):
            self._has_exception = True
        return self._keep(line)

    def result(self) -> tuple[ActivityType, str, Details]:
        if not self._has_exception:  # it was cut short
            return "error", self.lines[0], {"lines": self.lines}
        last = self.lines[-1].strip()
        return "error", last, {"error_type": last.partition(":")[0][:200], "lines": self.lines}


class StackGroup(_Bounded):
    """An error line, and the `at …` lines of JavaScript and Java under it."""

    def __init__(self, first: str, details: Details) -> None:
        super().__init__(first)
        self._details = details

    def take(self, line: str) -> bool:
        return _STACK_LINE.match(line) is not None and self._keep(line)

    def result(self) -> tuple[ActivityType, str, Details]:
        more: Details = {"lines": self.lines} if len(self.lines) > 1 else {}
        return "error", self.lines[0], {**self._details, **more}


class ToolGroup(_Bounded):
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
        return wanted and self._keep(line)

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


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t|"))


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
