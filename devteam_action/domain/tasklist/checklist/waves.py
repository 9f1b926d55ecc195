"""Reads a fenced `{"waves": [{"tasks": ["1.1"]}, …]}` graph, as Kiro writes one below or above its tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from devteam_action.domain.tasklist.checklist.lint import Findings
from devteam_action.domain.tasklist.checklist.names import Names
from devteam_action.domain.tasklist.checklist.order import Step
from devteam_action.domain.tasklist.scanner import Line


class _Wave(Struct):
    tasks: list[str | int]


class _Graph(Struct):
    waves: list[_Wave]


_decoder = msgspec.json.Decoder(_Graph)


def read_waves(lines: Sequence[Line], known: Names, steps: Sequence[Step], findings: Findings) -> None:
    """Makes each task of a wave wait for the wave before it, beside what is written on the task itself.

    A graph counts only when the list has every id in it; else it is reported and the order of the list stands.
    """
    by_id = {step.id: step for step in reversed(steps)}
    for number, text in _fences(lines):
        try:
            graph = _decoder.decode(text)
        except (msgspec.DecodeError, RecursionError):
            continue
        waves = [[str(each) for each in wave.tasks] for wave in graph.waves]
        unknown = [each for wave in waves for each in wave if each not in known.members]
        if unknown:
            message = f"the waves name {', '.join(unknown[:8])}, which this list does not have: they are not used"
            findings.warn("unresolved-reference", number, message, "write ids that the list has")
            continue
        before: tuple[str, ...] = ()
        for wave in waves:
            tasks = tuple(dict.fromkeys(task for each in wave for task in known.members[each]))
            mine = set(tasks)
            for task in tasks:
                step = by_id[task]
                wait = [each for each in before if each not in mine]
                step.written = tuple(dict.fromkeys((*wait, *(step.written or ()))))
            before = tasks or before


def _fences(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """The number of the first line and the text of each fence that may hold a graph."""
    block: list[Line] = []
    for line in (*lines, None):
        if line is not None and line.kind == "fence":
            block.append(line)
        elif block:
            text = "\n".join(each.text for each in block[1:-1])
            if '"waves"' in text:
                yield block[0].number, text
            block = []
