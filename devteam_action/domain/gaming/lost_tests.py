"""Tests of the base that the head no longer runs, or runs with nothing left to fail."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import PurePosixPath

from devteam_action.domain.change import Change
from devteam_action.domain.findings import Finding
from devteam_action.domain.gaming.proofs import Proof, collected
from devteam_action.domain.gaming.source import parsed
from devteam_action.domain.task import Task
from devteam_action.domain.testfiles import is_collected_file, is_test_file

Read = Callable[[str], str | None]

_TEST = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(test\w*)[ \t]*\(", re.MULTILINE)
_REMOVAL = re.compile(r"\b(?:remov|delet|drop|retir|renam|replac|merg|rewrit|split)\w*", re.IGNORECASE)


def lost_tests(task: Task, change: Change, base: Read, head: Read) -> list[Finding]:
    """The findings: a warning where the task speaks of removing or renaming something, else an error.

    A test that moved, or that has another name and the same body, is not lost.
    """
    gone: Counter[str] = Counter()
    where: dict[str, str] = {}
    bodies: Counter[str] = Counter()  # of the tests that are new under their name
    lost_bodies: dict[str, list[str]] = {}
    hollow: list[Finding] = []
    severity = "warning" if _REMOVAL.search(f"{task.title}\n{task.description}") else "error"
    for file in change.files:
        old_path = file.old_path or file.path
        is_old = file.kind != "added" and old_path.endswith(".py") and is_test_file(old_path)
        runs = (
            file.kind != "deleted"
            and file.path.endswith(".py")
            and (
                is_collected_file(file.path)
                or (is_old and not is_collected_file(old_path) and not _changed_name(old_path, file.path))
            )
        )
        before = _tests(base(old_path)) if is_old else {}
        after = _tests(head(file.path), before) if runs else {}
        names_before, names_after = _names(before), _names(after)
        gone.update(names_before)
        gone.subtract(names_after)
        where.update(dict.fromkeys(names_before - names_after, old_path))
        for key, proof in before.items():
            if key not in after and proof.body:
                lost_bodies.setdefault(proof.name, []).append(proof.body)
            elif key in after and is_hollow(proof, after[key]):
                hollow.append(_hollow(file.path, after[key], severity))
        bodies.update(proof.body for key, proof in after.items() if key not in before and proof.body)
    dropped: list[Finding] = []
    for name, count in gone.items():
        renamed = 0
        for body in lost_bodies.get(name, []):
            if renamed < count and bodies[body] > 0:
                bodies[body] -= 1
                renamed += 1
        if count > renamed:
            dropped.append(
                Finding(
                    tool="gaming",
                    rule="dropped-test",
                    message=f"the test {name} is gone, or would no longer be found",
                    path=where.get(name, ""),
                    severity=severity,
                    line_text=name,
                )
            )
    return [*dropped, *hollow]


def is_hollow(before: Proof, after: Proof) -> bool:
    """Whether all by which a test could fail is gone. Assertions that moved into a helper it now calls are not."""
    if before.asserts:
        return not after.asserts and after.calls <= before.calls
    return bool(before.calls) and not after.asserts and not after.calls


def _tests(text: str | None, before: dict[str, Proof] | None = None) -> dict[str, Proof]:
    tree = parsed(text)
    if tree is not None:
        try:
            return collected(tree)
        except RecursionError:  # a thousand `elif`: told by name, as what cannot be read
            pass
    if before:  # what cannot be read is told by name, as the base's was: pytest itself will say what is wrong with it
        still = set(_TEST.findall(text or ""))
        return {key: proof for key, proof in before.items() if proof.name in still}
    return {name: Proof(name=name, line=0, asserts=0, calls=frozenset(), body="") for name in _TEST.findall(text or "")}


def _names(tests: dict[str, Proof]) -> Counter[str]:
    return Counter(proof.name for proof in tests.values())


def _changed_name(old: str, new: str) -> bool:
    return PurePosixPath(old).name != PurePosixPath(new).name


def _hollow(path: str, proof: Proof, severity: str) -> Finding:
    return Finding(
        tool="gaming",
        rule="hollow-test",
        message=f"the test {proof.name} has lost all by which it could fail",
        path=path,
        line=proof.line,
        severity="warning" if severity == "warning" else "error",
        line_text=proof.name,
    )
