"""The one writer of the files by which a step speaks to the runner: GITHUB_OUTPUT and GITHUB_STEP_SUMMARY.

Format and limits: GitHub's documentation of workflow commands. Standard library only: the gate writes with this.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from devteam_action.errors import BadInput

OUTPUTS_LIMIT = 1_000_000  # bytes of all outputs of a job, counted as UTF-16
SUMMARY_LIMIT = 2**20  # bytes of one step's summary
CUT = "\n\n_The rest is left out: a summary holds 1 MiB._\n"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


def _as_it_is(text: str) -> str:
    return text


class StepFiles:
    """What this step hands to the runner; `redact` sees every text before. Without a file, nothing is written."""

    def __init__(self, *, output: Path | None, summary: Path | None, redact: Callable[[str], str] = _as_it_is) -> None:
        self._output = output
        self._summary = summary
        self._redact = redact
        self._sizes: dict[str, int] = {}

    def set_outputs(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Writes outputs, the last value of a name counts; the names of those left empty, as all are over the limit.

        The longest go first. Raises BadInput for a name that is none.
        """
        redacted = {name: self._redact(value) for name, value in values.items()}
        kept = within(redacted, OUTPUTS_LIMIT - sum(size for name, size in self._sizes.items() if name not in values))
        self._sizes.update({name: _size(name, value) for name, value in kept.items()})
        text = "".join(entry(name, value, delimiter()) for name, value in kept.items())
        if self._output is not None and text:
            with self._output.open("a", encoding="utf-8", errors="replace", newline="") as file:
                # Whatever wrote before us may have forgotten its line end.
                file.write(text if _ends_a_line(self._output) else f"\n{text}")
        return tuple(name for name, value in redacted.items() if value and not kept[name])

    def set_summary(self, markdown: str) -> None:
        """The summary of this step, in place of what it was; what is over the limit is cut off where a block ends."""
        if self._summary is not None:
            data = cut(self._redact(markdown), SUMMARY_LIMIT).encode("utf-8", "replace")
            self._summary.write_bytes(data)


def entry(name: str, value: str, mark: str) -> str:
    """One output as GITHUB_OUTPUT holds it; raises BadInput for a name that is none or a value with `mark` in it."""
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name[:60]!r} is no name for an output", remedy="use letters, digits, dashes and underscores")
    if mark in value:
        raise BadInput(f"the output `{name}` holds the mark that is to end it", remedy="write it with another mark")
    return f"{name}<<{mark}\n{value}\n{mark}\n"


def delimiter() -> str:
    """A mark that nobody can guess, and so put into a value to write outputs of their own."""
    return f"devteam_{secrets.token_hex(16)}"


def within(values: Mapping[str, str], limit: int) -> dict[str, str]:
    """The values, the longest of them emptied until all fit in `limit` bytes of UTF-16."""
    kept = dict(values)
    total = sum(_size(name, value) for name, value in kept.items())
    for name in sorted(kept, key=lambda name: len(kept[name]), reverse=True):
        if total <= limit:
            break
        total -= 2 * _units(kept[name])
        kept[name] = ""
    return kept


def cut(markdown: str, limit: int) -> str:
    """`markdown` within `limit` bytes of UTF-8: cut between blocks, a fence that must be cut is closed."""
    if len(markdown) * 4 <= limit or len(markdown.encode("utf-8", "replace")) <= limit:
        return markdown
    room = limit - len(CUT.encode()) - 200  # and for the end of a fence
    used = 0
    fence = ""
    lines: list[str] = []
    block_end = 0
    for line in markdown.split("\n"):
        used += len(line.encode("utf-8", "replace")) + 1
        if used > room:
            break
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) and line.strip() == mark[1] else fence
        elif mark:
            fence = mark[1]
        elif not line.strip():
            block_end = len(lines)
        lines.append(line)
    # A block of more than half of it all is cut inside; less is not worth a table without its end.
    if block_end > len(lines) // 2:
        lines, fence = lines[:block_end], ""
    return "\n".join((*lines, *([fence[:100]] if fence else ()))) + CUT


def _size(name: str, value: str) -> int:
    return 2 * (_units(name) + _units(value))


def _units(text: str) -> int:
    """How many 16-bit units UTF-16 needs."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size == 0:
            return True
        file.seek(size - 1)
        return file.read(1) == b"\n"
