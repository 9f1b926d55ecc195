"""Stack traces, as the runtimes of common languages write them: which lines belong to one."""

from __future__ import annotations

import re

from msgspec import Struct

from devteam_action.domain.activity_bounds import Bounded
from devteam_action.domain.activity_rules import Details
from devteam_action.domain.events import ActivityType

_TRACE = re.compile(r"[ \t|]{0,80}(?:\+ Exception Group )?Traceback \(most recent call last\):")
_CHAINED = re.compile(
    r"[ \t|]{0,80}(?:During handling of the above exception, another|The above exception was the direct cause)"
)
# The lines of an exception group: its own begin with a bar, each exception in it with a title, the last has a close.
_TITLE = re.compile(r"[ \t]{0,80}(?:\+-)?\+-{4,80} \S{1,20} -{4,80}\s*$")
_CLOSE = re.compile(r"[ \t]{0,80}\+-{8,80}\s*$")
_OF_GROUP = re.compile(r"[ \t]{0,80}\|")
_GROUP_ITSELF = re.compile(r"[ \t]{0,80}\| (\S.*)")


class _Runtime(Struct, frozen=True):
    """How a runtime tells a stack: after a line that `opens` it may come lines `between`, then, from one that `begins`
    them on, `frames`.
    """

    opens: re.Pattern[str]
    between: re.Pattern[str]
    begins: re.Pattern[str]
    frames: re.Pattern[str]


_FRAME = re.compile(r"[ \t]{1,40}(?:at |\.\.\. \d{1,6} (?:more|common )|Suppressed: |Caused by: )|Caused by: ")
_NOTHING = re.compile(r"(?!)")
_GO = _Runtime(
    opens=re.compile(r"(?:panic|fatal error): "),
    between=re.compile(r"\[signal |[ \t]{0,8}panic: "),
    begins=re.compile(r"goroutine \d{1,18} "),
    # `main.main()`, `main.(*Type).Method(0x1, {0x2, 0x3})`, and below each its file after a tab
    frames=re.compile(r"\t|created by |[^\s(]{1,300}(?:\(\*?[^\s()]{1,300}\)[^\s(]{0,300})?\(.*\)\s*$"),
)
_RUST = _Runtime(
    opens=re.compile(r"thread '[^']{0,200}'(?: \(\d{1,20}\))? panicked at "),
    between=re.compile(r"[ \t]{1,4}(?:left|right): |note: run with "),
    begins=re.compile(r"stack backtrace:"),
    frames=re.compile(r" {1,8}\d{1,6}: | {8,20}at |note: (?:run with |[Ss]ome details )"),
)
_OTHERS = _Runtime(opens=re.compile(""), between=_NOTHING, begins=_FRAME, frames=_FRAME)  # JavaScript and Java
_RUNTIMES = (_GO, _RUST, _OTHERS)


def opens_trace(line: str) -> bool:
    """Whether a Python stack trace begins here."""
    return "Traceback" in line and _TRACE.match(line) is not None


class TraceGroup(Bounded):
    """A Python stack trace with its exception or exceptions, and the traces that are chained to it."""

    def __init__(self, first: str) -> None:
        super().__init__(first)
        self._exception = ""
        self._begin(first)

    def _begin(self, line: str) -> None:
        self._indent = _indent(line)
        self._is_group = "+ Exception Group " in line
        self._is_at_exception = self._is_closed = self._is_chained = False

    def take(self, line: str) -> bool:
        if self._is_chained:
            if not opens_trace(line):
                return False
            self._begin(line)
            return self.keep(line)
        if self._is_group and self._is_of_group(line):
            return self.keep(line)
        if not self._is_group and not self._is_at_exception:
            if _indent(line) <= self._indent:
                self._is_at_exception = True
                self._exception = line.strip()
            return self.keep(line)
        self._is_chained = _CHAINED.match(line) is not None
        return self._is_chained and self.keep(line)

    def _is_of_group(self, line: str) -> bool:
        """Whether an exception group goes on with this line; after a close only where it was that of an inner one."""
        if _TITLE.match(line) is not None:
            self._is_closed = False
            return True
        if self._is_closed:
            return False
        if not self._is_at_exception and (own := _GROUP_ITSELF.match(line)) is not None:
            self._is_at_exception = True
            self._exception = own[1].strip()
        self._is_closed = _CLOSE.match(line) is not None
        return self._is_closed or _OF_GROUP.match(line) is not None

    def result(self) -> tuple[ActivityType, str, Details]:
        if not self._exception:  # it was cut short
            return "error", self.lines[0], {"lines": self.lines}
        return "error", self._exception, {"error_type": self._exception.partition(":")[0][:200], "lines": self.lines}


class StackGroup(Bounded):
    """An error line, and the stack under it: of Go, Rust, Java, and of JavaScript with the error's own fields."""

    def __init__(self, first: str, details: Details) -> None:
        super().__init__(first)
        self._details = details
        self._runtime = next(each for each in _RUNTIMES if each.opens.match(first) is not None)
        self._is_in_frames = False
        self._is_in_fields = False
        # Rust has the words of a panic on a line of their own, after its place.
        self._wants_words = self._runtime is _RUST and first.rstrip().endswith(":")
        self._words = ""

    def take(self, line: str) -> bool:
        if self._wants_words:
            self._wants_words = False
            self._words = line.strip()
            return self.keep(line)
        return self._belongs(line) and self.keep(line)

    def _belongs(self, line: str) -> bool:
        if self._is_in_fields:
            self._is_in_fields = line[0].isspace()
            return self._is_in_fields or line.rstrip() == "}"
        if self._runtime.begins.match(line) is not None:
            self._is_in_frames = True
            self._is_in_fields = self._runtime is _OTHERS and line.endswith(" {")
            return True
        return (self._runtime.frames if self._is_in_frames else self._runtime.between).match(line) is not None

    def result(self) -> tuple[ActivityType, str, Details]:
        more: Details = {"lines": self.lines} if len(self.lines) > 1 else {}
        if self._words:
            return "error", f"{self.lines[0].rstrip()} {self._words}", {**self._details, "error": self._words, **more}
        return "error", self.lines[0], {**self._details, **more}


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t|"))
