"""The dialect `checklist`: boxes as GitHub, Kiro, OpenSpec and hand-written lists have them (CONTRACT: task lists).

`- [ ] 1. Title`, `- [ ] 1.1 Title`, `- [ ]* 7.2 Optional`, `- [ ] Title`; headings are phases. Tasks follow each
other in document order unless something else is written: `_Depends: 1.1_`, `(depends on …)`, `Blocked by:`, `(P)` or
`[P]`, or a fenced `{"waves": […]}` graph.
"""

from __future__ import annotations

import re

from devteam_action.domain.task import Task, TaskSource, TaskStatus
from devteam_action.domain.tasklist import wording
from devteam_action.domain.tasklist.checklist.block import is_checkpoint, read_block
from devteam_action.domain.tasklist.checklist.items import find_items, live_free
from devteam_action.domain.tasklist.checklist.lint import (
    Findings,
    break_implied_rings,
    find_unread,
)
from devteam_action.domain.tasklist.checklist.marks import make_spots
from devteam_action.domain.tasklist.checklist.order import Waits, waits
from devteam_action.domain.tasklist.checklist.overview import drop_overview
from devteam_action.domain.tasklist.checklist.phases import find_phases
from devteam_action.domain.tasklist.checklist.steps import List, finished, make_names, make_steps
from devteam_action.domain.tasklist.checklist.tree import grow
from devteam_action.domain.tasklist.checklist.waves import read_waves
from devteam_action.domain.tasklist.lint import cycles, duplicates, misses
from devteam_action.domain.tasklist.model import ListOptions, MarkMeaning, TaskList
from devteam_action.domain.tasklist.scanner import Scan

IDS = re.compile(
    r"\d{1,9}(?:\.\d{1,9}){1,11}[a-z]?(?!\w)|\d{1,9}[a-z]?(?=\s*(?:[-–—]\s*\d{1,9}[a-z]?\s*)?(?:$|\(|complete|done))"
)
"""Ids in dependency texts; one of a single level only where nothing but a range or `complete` follows."""

_STATUS: dict[MarkMeaning, TaskStatus] = {"done": "completed", "skipped": "skipped", "open": "pending"}

_DEEPEST = 20  # parents that a description quotes
_NOWHERE = 1 << 60  # what the list does not have stands behind everything


def read(scan: Scan, options: ListOptions) -> TaskList:
    """Reads a scanned list; never raises. `fatal` problems (no task at all) are for the caller to add."""
    findings = Findings(options)
    found = find_items(scan.lines)
    drop_overview(found, findings)
    nodes = grow(found)
    holding = sorted({node.item.heading for node in nodes if not node.is_check and node.item.heading >= 0})
    phases, phase_of = find_phases(found.headings, holding)
    blocks = [read_block(item, scan.lines, IDS) for item in found.items]
    this = List(options, scan, found, nodes, blocks, phases, phase_of, findings)

    known = make_names(this)
    steps, roots = make_steps(this, known)
    read_waves(scan.lines, known, steps, findings)
    by_node = waits(steps, roots, written_adds=False)
    tasks = _tasks(this, by_node)

    _lint(this, tasks)
    spots, spot_of = make_spots(nodes, options, this.counts, this.is_task)
    return TaskList(
        dialect="checklist",
        path=options.path,
        tasks=tuple(tasks),
        retired=live_free(found.retired, (node.id for node in nodes)),
        problems=findings.sorted(),
        blocked=findings.blocked,
        spots=spots,
        spot_of=spot_of,
    )


def _tasks(this: List, by_node: dict[int, Waits]) -> list[Task]:
    order = sorted(by_node)
    kept = break_implied_rings([this.nodes[at].id for at in order], [by_node[at] for at in order])
    lines = this.found.retired | {node.id: node.item.line.number for node in reversed(this.nodes)}
    checks = _checks(this)
    tasks: list[Task] = []
    for at, wait in zip(order, kept, strict=True):
        node, block = this.nodes[at], this.blocks[at]
        needs = dict.fromkeys((*wait.implied, *wait.written))
        phase = this.phase_of[node.item.heading] if node.item.heading >= 0 else -1
        tasks.append(
            Task(
                id=node.id,
                title=block.title,
                description=_description(this, at),
                type="checkpoint" if is_checkpoint(block.title) else "atomic",
                dependencies=tuple(sorted(needs, key=lambda each: lines.get(each, _NOWHERE))),
                files=block.files,
                criteria=dict(block.criteria),
                acceptance=checks.get(phase, ()),
                touches=block.touches,
                phase=this.phases[phase].ordinal if phase >= 0 else None,
                phase_title=this.phases[phase].title if phase >= 0 else None,
                optional=node.optional,
                status=_STATUS[this.options.meaning(node.item.line.mark)],
                mark=node.item.line.mark or " ",
                id_from="position" if node.positional else "list",
                source=TaskSource(path=this.options.path, line=node.item.line.number),
            )
        )
    return tasks


def _checks(this: List) -> dict[int, tuple[str, ...]]:
    """The checks that stand below a phase's heading, by the phase's index: each is for every task of that phase."""
    found: dict[int, list[str]] = {}
    for node, block in zip(this.nodes, this.blocks, strict=True):
        if node.is_check and (phase := this.phase_of[node.item.heading]) >= 0:
            found.setdefault(phase, []).append(block.title)
    return {phase: tuple(titles) for phase, titles in found.items()}


def _description(this: List, at: int) -> str:
    """The task's own details, then those of everything that holds it, nearest first."""
    parts = [this.blocks[at].details]
    above = this.nodes[at].parent
    while above >= 0 and len(parts) < _DEEPEST:
        block, node = this.blocks[above], this.nodes[above]
        parts.append(f"Part of {node.id} {block.title}" + (f":\n{block.details}" if block.details else ""))
        above = node.parent
    return "\n\n".join(part for part in parts if part)


def _lint(this: List, tasks: list[Task]) -> None:
    findings, nodes = this.findings, this.nodes
    is_finished = finished(this)
    copies = [
        (node.id, node.item.line.number, is_finished[at])
        for at, node in enumerate(nodes)
        if not node.is_check and not node.positional
    ]
    findings.add(duplicates(copies, this.options.path))
    findings.add(cycles(tasks, this.options.path))
    findings.add(misses((each for block in this.blocks for each in block.missed), this.options.path))
    for at, node in enumerate(nodes):
        says = this.options.meaning(node.item.line.mark) == "done"
        decide = [child for child in node.children if this.counts(nodes[child])]
        if node.is_check or this.is_task(node) or not decide or says == is_finished[at]:
            continue
        findings.warn("mark-mismatch", node.item.line.number, *wording.mismatch(node.id, says_done=says))
    find_unread(this.scan.lines, {node.item.line.number for node in nodes}, findings)
