"""Which findings are new: what the base already had does not block."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from devteam_action.domain.findings import Finding

_Key = tuple[str, str, str, str]
_PAIRS = 250_000


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
    at_base: dict[_Key, list[int]] = {}
    at_head: dict[_Key, list[int]] = {}
    for index, finding in enumerate(base):
        at_base.setdefault(_key(finding, finding.path), []).append(index)
    for index, finding in enumerate(head):
        at_head.setdefault(_key(finding, base_path(finding.path)), []).append(index)
    known: set[int] = set()
    for key, indices in at_head.items():
        lines = [(index, head[index].line or 0) for index in indices]
        known.update(_nearest(lines, [base[index].line or 0 for index in at_base.get(key, ())]))
    return Compared(
        new=tuple(finding for index, finding in enumerate(head) if index not in known),
        known=tuple(finding for index, finding in enumerate(head) if index in known),
    )


def _key(finding: Finding, path: str) -> _Key:
    # Without a line of its own (a whole file, a module that is not found) the message tells findings apart.
    text = " ".join(finding.line_text.split()) or finding.message
    return finding.tool, finding.rule, path, text


def _nearest(head: Sequence[tuple[int, int]], base: Sequence[int]) -> set[int]:
    if len(base) >= len(head):
        return {index for index, _ in head}
    if len(head) * len(base) > _PAIRS:  # a thousand alike: which of them are the copies no longer matters to anybody
        return {index for index, _ in head[: len(base)]}
    pairs = sorted((abs(line - old), index, place) for index, line in head for place, old in enumerate(base))
    matched: set[int] = set()
    used: set[int] = set()
    for _, index, place in pairs:
        if index not in matched and place not in used:
            matched.add(index)
            used.add(place)
    return matched
