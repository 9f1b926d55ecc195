"""Which findings are new: what the base already had does not block."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from devteam_action.domain.findings import Finding

_Key = tuple[str, str, str, str]


class Compared(Struct, frozen=True, kw_only=True):
    """The findings at the head, told apart."""

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]


def compare(head: Sequence[Finding], base: Sequence[Finding], base_path: Callable[[str], str]) -> Compared:
    """Matches each finding at the head with at most one at the base, by tool, rule, path and line text.

    `base_path` says where a path of the head was at the base (a rename). Never matched by count or line number:
    fixing one finding and adding another of the same rule is one new finding. Of several alike in one file, the
    ones nearest to the old lines are the known ones, so that a copy is named and not its original.
    """
    left: dict[_Key, list[int]] = {}
    for finding in base:
        left.setdefault(_key(finding, finding.path), []).append(finding.line or 0)
    known: set[int] = set()
    for index in sorted(range(len(head)), key=lambda i: head[i].line or 0):
        finding = head[index]
        lines = left.get(_key(finding, base_path(finding.path)))
        if lines:
            lines.remove(min(lines, key=lambda line: abs(line - (finding.line or 0))))
            known.add(index)
    return Compared(
        new=tuple(finding for index, finding in enumerate(head) if index not in known),
        known=tuple(finding for index, finding in enumerate(head) if index in known),
    )


def _key(finding: Finding, path: str) -> _Key:
    # Without a line of its own (a whole file, a module that is not found) the message tells findings apart.
    text = " ".join(finding.line_text.split()) or finding.message
    return finding.tool, finding.rule, path, text
