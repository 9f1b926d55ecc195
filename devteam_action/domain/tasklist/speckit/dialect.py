"""The dialect `speckit`: the `tasks.md` of spec-kit (CONTRACT: task lists).

`- [ ] T001 [P] [US1] Title in path` below `## Phase N: …`. Neighbouring `[P]` tasks go side by side, a phase waits for
the one before it, `(depends on T001, T002–T006)` and `(after T001)` add to that. Only boxes with an id are tasks;
what stands below other headings at the end is prose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from devteam_action.domain.task import Task, TaskSource, TaskStatus
from devteam_action.domain.tasklist.checklist.block import Block, is_checkpoint, read_block
from devteam_action.domain.tasklist.checklist.items import Item, Items, Start, find_items, live_free
from devteam_action.domain.tasklist.checklist.lint import Findings, find_unread, read_references
from devteam_action.domain.tasklist.checklist.marks import done_mark, first_open
from devteam_action.domain.tasklist.checklist.names import Names, names
from devteam_action.domain.tasklist.checklist.order import Step, Waits, waits
from devteam_action.domain.tasklist.checklist.overview import drop_overview
from devteam_action.domain.tasklist.checklist.phases import Phase, find_phases
from devteam_action.domain.tasklist.lint import cycles, duplicates, misses
from devteam_action.domain.tasklist.model import ListOptions, MarkMeaning, Spot, TaskList
from devteam_action.domain.tasklist.scanner import Line, Scan
from devteam_action.domain.tasklist.speckit.phases import is_parallel, plain_title, story_of, waits_of

IDS = re.compile(r"[A-Z]{1,6}-?\d{1,6}(?:\.\d{1,6})?[A-Za-z]?(?!\w)")
"""`T001`, `T010a`, `T037A`, `RM11b`."""

_TAG = r"\[(?:P|US[\w.-]*|(?i:parallel|story)\b[^\]]*)\]"
_START = re.compile(
    rf"(\*[ \t]+)?((?:{_TAG}[ \t]*)*)([*_`~\[]*)"
    r"([A-Z]{1,6}-?\d{1,6}(?:\.\d{1,6})?[A-Za-z]?)(?!\w)([*_`~\].):：]*)"
)
_STORY_TAG = re.compile(r"\[(?:US[\w.-]*|(?i:story)\b[^\]]*)\][ \t]*")
_AFTER = re.compile(r"\(\s*after\s+(?=[*`]*[A-Z]{1,6}-?\d)([^()]*)\)", re.IGNORECASE)
_STATUS: dict[MarkMeaning, TaskStatus] = {"done": "completed", "skipped": "skipped", "open": "pending"}
_NOWHERE = 1 << 60  # what the list does not have stands behind everything


def read(scan: Scan, options: ListOptions) -> TaskList:
    """Reads a scanned list; never raises. `fatal` problems (no task at all) are for the caller to add."""
    findings = Findings(options)
    found = find_items(scan.lines, _starter(scan.lines))
    drop_overview(found, findings)
    items = found.items
    phases, phase_of = find_phases(found.headings, sorted({item.heading for item in items if item.heading >= 0}))
    phase_at = [phase_of[item.heading] if item.heading >= 0 else -1 for item in items]
    blocks = [read_block(item, scan.lines, IDS, _AFTER) for item in items]

    known = _names(found, phases, phase_at, options)
    steps, roots = _steps(items, blocks, phase_at, known, findings)
    if phases:
        roots = _add_phases(steps, found, scan.lines, phases, phase_at, known, findings)
    by_item = waits(steps, roots, written_adds=True)
    tasks = _tasks(found, blocks, phases, phase_at, by_item, options)

    findings.add(duplicates(((task.id, task.source.line, task.is_done) for task in tasks), options.path))
    findings.add(cycles(tasks, options.path))
    findings.add(misses((each for block in blocks for each in block.missed), options.path))
    find_unread(scan.lines, {item.line.number for item in items}, findings)
    return TaskList(
        dialect="speckit",
        path=options.path,
        tasks=tuple(tasks),
        retired=live_free(found.retired, (item.number for item in items)),
        problems=findings.sorted(),
        blocked=findings.blocked,
        spots=_spots(items, options),
        spot_of=first_open((task.id, at, task.is_done) for at, task in enumerate(tasks)),
    )


def _starter(lines: Sequence[Line]) -> Callable[[str], Start]:
    """Reads ids whose letters are `T` or are used again: `- [ ] S3 bucket` alone among them is no task."""
    letters = Counter(
        re.sub(r"[^A-Z].*", "", found[4])
        for line in lines
        if line.mark is not None and (found := _START.match(line.rest)) is not None
    )

    def start(rest: str) -> Start:
        found = _START.match(rest)
        if found is None:
            return Start("", False, False, rest)
        used = re.sub(r"[^A-Z].*", "", found[4])
        if used != "T" and letters[used] < 2 and len(letters) > 1:
            return Start("", False, False, rest)
        opened = found[3].replace("[", "")
        behind = rest[found.end() :]
        text = behind if not opened or opened[0] in found[5] else opened + behind
        text = found[2] + _STORY_TAG.sub("", text.lstrip(" \t.:：–—-") if not opened else text.lstrip(" \t:：–—-"))
        return Start(found[4], True, found[1] is not None, _STORY_TAG.sub("", text).strip())

    return start


def _counts(item: Item, options: ListOptions) -> bool:
    return options.meaning(item.line.mark) != "skipped" and (options.optional or not item.optional)


def _names(found: Items, phases: Sequence[Phase], phase_at: Sequence[int], options: ListOptions) -> Names:
    """Tasks by id, phases by number, stories as `US1`."""
    numbered: dict[str, list[str]] = {}
    stories: dict[str, list[str]] = {}
    for item, at in zip(found.items, phase_at, strict=True):
        if at < 0 or not _counts(item, options):
            continue
        numbered.setdefault(phases[at].number or str(phases[at].ordinal), []).append(item.number)
        if story := story_of(found.headings[phases[at].heading]):
            stories.setdefault(f"US{story}", []).append(item.number)
    groups: list[tuple[str, Sequence[str]]] = [(item.number, (item.number,)) for item in found.items]
    return names([*groups, *stories.items()], numbered, found.retired)


def _steps(
    items: Sequence[Item], blocks: Sequence[Block], phase_at: Sequence[int], known: Names, findings: Findings
) -> tuple[list[Step], list[int]]:
    steps: list[Step] = []
    for item, block in zip(items, blocks, strict=True):
        written = (
            None if block.waits is None else read_references(item.number, block.waits, (item.number,), known, findings)
        )
        steps.append(Step(item.number, block.parallel, written, _counts(item, findings.options)))
    return steps, list(range(len(phase_at)))


def _add_phases(
    steps: list[Step],
    found: Items,
    lines: Sequence[Line],
    phases: Sequence[Phase],
    phase_at: Sequence[int],
    known: Names,
    findings: Findings,
) -> list[int]:
    """Puts the tasks below steps of their phases, and gives the order's top level: phases, in document order."""
    below: dict[int, list[int]] = {}
    for at, phase in enumerate(phase_at):
        below.setdefault(phase, []).append(at)
    order = findings.options.phase_order
    roots: list[int] = []
    for phase, children in below.items():
        whole = tuple(dict.fromkeys(steps[at].id for at in children if steps[at].member))
        step = Step("", member=bool(whole), whole=whole, children=children)
        if phase >= 0:
            heading = found.headings[phases[phase].heading]
            step.parallel = is_parallel(heading) or (order == "stories" and bool(story_of(heading)))
            said = waits_of(heading, lines, IDS)
            if said is not None:
                name = plain_title(heading.line.rest) or heading.line.rest
                step.written = read_references(name, said, whole, known, findings, of_group=True)
                if not step.written and any(each.kind == "unresolved" for each in said):
                    step.written = None
        if order == "none" and step.written is None:
            step.written = ()
        roots.append(len(steps))
        steps.append(step)
    return roots


def _tasks(
    found: Items,
    blocks: Sequence[Block],
    phases: Sequence[Phase],
    phase_at: Sequence[int],
    by_item: dict[int, Waits],
    options: ListOptions,
) -> list[Task]:
    lines = found.retired | {item.number: item.line.number for item in reversed(found.items)}
    tasks: list[Task] = []
    for at, (item, block) in enumerate(zip(found.items, blocks, strict=True)):
        needs = dict.fromkeys((*by_item[at].implied, *by_item[at].written))
        phase = phases[phase_at[at]] if phase_at[at] >= 0 else None
        tasks.append(
            Task(
                id=item.number,
                title=block.title,
                description=block.details,
                type="checkpoint" if is_checkpoint(block.title) else "atomic",
                dependencies=tuple(sorted(needs, key=lambda each: lines.get(each, _NOWHERE))),
                files=block.files,
                criteria=dict(block.criteria),
                touches=block.touches,
                phase=phase.ordinal if phase else None,
                phase_title=plain_title(phase.title) or phase.title if phase else None,
                optional=item.optional,
                status=_STATUS[options.meaning(item.line.mark)],
                mark=item.line.mark or " ",
                source=TaskSource(path=options.path, line=item.line.number),
            )
        )
    return tasks


def _spots(items: Sequence[Item], options: ListOptions) -> tuple[Spot, ...]:
    mark = done_mark(options)
    return tuple(
        Spot(
            start=item.line.mark_span[0],
            end=item.line.mark_span[1],
            replacement=mark,
            done=options.meaning(item.line.mark) == "done",
        )
        for item in items
    )
