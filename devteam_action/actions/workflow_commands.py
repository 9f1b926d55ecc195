"""What the runner obeys when a step prints it, and how everything else is kept from being obeyed.

The only module that knows `::command::` (but for the one line that gate.py and install.py write on a Python that is too
old for this). Escapes and limits: GitHub's documentation of workflow commands, and its
runner's source (a command may stand after white space; the older form `##[…]` anywhere in a line). Standard library
only: the gate speaks to the runner too.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import threading
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from devteam_action.domain.findings import Finding, Severity

ANNOTATIONS_A_STEP = 10  # of each level; the runner drops the rest without a word
LEVELS: tuple[Severity, ...] = ("error", "warning", "notice")
_LONGEST_MESSAGE = 4096
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}
# A lone carriage return ends a line for the runner too.
_AT_START = re.compile(r"(^|[\r\n])((?:[^\S\r\n]|[\ufeff\u200b])*+):(?=:)")


def annotation(
    level: Severity,
    message: str,
    *,
    title: str = "",
    path: str = "",
    line: int | None = None,
    column: int | None = None,
) -> str:
    """The command that shows `message` at a line of a file (a path in the repository), on a file, or on the run."""
    stated = (("title", title), ("file", path), ("line", line), ("col", column if line else None))
    properties = ",".join(f"{name}={_escaped(str(value), _PROPERTY)}" for name, value in stated if value)
    return f"::{level}{' ' if properties else ''}{properties}::{_escaped(message[:_LONGEST_MESSAGE], _DATA)}"


def annotation_lines(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Commands for the findings, errors first, at most ten of a level; then a plain line that counts the others."""
    shown: list[str] = []
    rest: list[str] = []
    for level in LEVELS:
        of_level = [finding for finding in findings if finding.severity == level]
        shown += [_of_finding(finding) for finding in of_level[:ANNOTATIONS_A_STEP]]
        if len(of_level) > ANNOTATIONS_A_STEP:
            over = len(of_level) - ANNOTATIONS_A_STEP
            rest.append(f"{over} more {level}{'' if over == 1 else 's'}")
    return (*shown, *((f"{', '.join(rest)}: see the summary",) if rest else ()))


def add_mask(value: str) -> tuple[str, ...]:
    """The commands that have the runner hide `value`, and each line of it."""
    lines = [line.strip() for line in value.splitlines()]
    return tuple(f"::add-mask::{_escaped(line, _DATA)}" for line in dict.fromkeys(lines) if line)


def group(title: str) -> str:
    """Opens a group of lines that people unfold; `end_group` closes it."""
    return f"::group::{_escaped(title, _DATA)}"


def end_group() -> str:
    return "::endgroup::"


def harmless_line(text: str) -> str:
    """`text` (of any number of lines) in which the runner finds no command: a space breaks `::` and `##[`."""
    if "::" in text:
        text = _AT_START.sub(r"\1\2: ", text)
    return text.replace("##[", "## [")


class Muzzle:
    """Inside, nothing that is printed is a command to the runner, but what goes through `say`.

    Both streams of the process are muzzled, those of children that inherit them too. The word that ends it is random
    and new each time, so that no text can hold it. Leave it on every way out, or commands of later code go unheard.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._word = ""
        self._lock = threading.Lock()

    def __enter__(self) -> Muzzle:
        with self._lock:
            self._write((self._stop(),))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._write((self._go_on(),))

    def say(self, commands: Iterable[str]) -> None:
        """Has the runner obey these commands of ours, made by the functions of this module; outside, too."""
        with self._lock:
            lines = tuple(commands)
            if not lines:
                return
            self._write((self._go_on(), *lines, self._stop()) if self._word else lines)

    def _stop(self) -> str:
        self._word = secrets.token_hex(16)
        return f"::stop-commands::{self._word}"

    def _go_on(self) -> str:
        word, self._word = self._word, ""
        return f"::{word}::"

    def _write(self, lines: Sequence[str]) -> None:
        # One write: what other threads print does not come in between.
        self._stream.write("".join(f"{line}\n" for line in lines))
        self._stream.flush()


def _of_finding(finding: Finding) -> str:
    title = " ".join(filter(None, (finding.tool, finding.rule)))
    return annotation(
        finding.severity,
        finding.message,
        title=title,
        path=finding.path,
        line=finding.line,
        column=finding.column,
    )


def _escaped(text: str, table: dict[str, str]) -> str:
    return text.translate({ord(character): escape for character, escape in table.items()})
