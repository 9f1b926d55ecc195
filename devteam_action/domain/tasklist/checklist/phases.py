"""Which headings are the phases of a list, and which phase each heading belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from devteam_action.domain.tasklist.checklist.items import Heading
from devteam_action.domain.tasklist.text import clean_title

_NAMED = re.compile(r"[^\w\n]*(?:phase|stage)\s+#?[\dA-Z][\w.]*\b", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:(?:phase|stage|step|part|section|sprint|milestone|epic)\s+)?#?(?:\d+(?:\.\d+)*|[A-Z])(?:\s*[.):：–—-]+\s*|\s+|$)",
    re.IGNORECASE,
)
_WORDLESS_LABEL = re.compile(r"#?\d+(?:\.\d+)*(?:\s*[.):：–—-]+\s*|\s+)")


class Phase(Struct, frozen=True, gc=False):
    """A phase: `ordinal` counts from 1 in the file, `heading` is the index of its heading, `title` without label."""

    ordinal: int
    heading: int
    number: str
    title: str


def find_phases(headings: Sequence[Heading], holding: Sequence[int]) -> tuple[list[Phase], list[int]]:
    """The phases in document order, and for each heading the index of its phase, or -1.

    `holding` are the indices of headings with tasks directly under them. Headings that say `Phase N` or `Stage N`
    are phases where they hold tasks; elsewhere the phases are the headings below the deepest one that holds all
    tasks, or that one itself. Tasks under the document's title alone have no phase when there are phases below it.
    """
    holds = _with_ancestors(headings, holding)
    named = [at for at in holds if _NAMED.match(headings[at].line.rest)]
    if named:
        level = min(headings[at].line.level for at in named)
        tops = [
            at
            for at, heading in enumerate(headings)
            if heading.line.level == level and (at in holds or _NAMED.match(heading.line.rest))
        ]
    else:
        tops = _unnamed(headings, set(holding), holds)
    phases = [Phase(ordinal, at, headings[at].number, _title(headings[at])) for ordinal, at in enumerate(tops, start=1)]
    of_top = {phase.heading: index for index, phase in enumerate(phases)}
    of_heading: list[int] = []
    for at, heading in enumerate(headings):
        inherited = of_heading[heading.parent] if heading.parent >= 0 else -1
        of_heading.append(of_top.get(at, inherited))
    return phases, of_heading


def _with_ancestors(headings: Sequence[Heading], holding: Sequence[int]) -> dict[int, None]:
    holds: dict[int, None] = {}
    for at in holding:
        while at >= 0 and at not in holds:
            holds[at] = None
            at = headings[at].parent
    return dict.fromkeys(sorted(holds))


def _unnamed(headings: Sequence[Heading], holding: set[int], holds: dict[int, None]) -> list[int]:
    below: dict[int, list[int]] = {}
    for at in holds:
        below.setdefault(headings[at].parent, []).append(at)
    top = -1
    while top not in holding and len(below.get(top, ())) == 1:
        top = below[top][0]
    if top not in holding:
        return below.get(top, [])
    if top not in below:
        return [top]
    is_title = headings[top].line.level == 1
    return below[top] if is_title else [top, *below[top]]


def _title(heading: Heading) -> str:
    """The heading without `Phase 2:` or `2.`, unless nothing else is there."""
    title, _ = clean_title(heading.line.rest)
    label = _LABEL.match(title) if _NAMED.match(title) or title[:1].isdecimal() else None
    return clean_title(title[label.end() :])[0] or title if label else title
