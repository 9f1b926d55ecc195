"""What has come onto the remote while SCAR worked, and whether it is the work that was asked for: pure rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from msgspec import Struct

Descends = Callable[[str, str], bool]  # (commit, base): does the commit contain the base?


class Moves(Struct, frozen=True, kw_only=True):
    """How the remote's branches differ: `own` is where the task branch stands now, None when it did not move.

    `is_gone` says that it was removed. `named` are the new branches with the task's id in their names (and those that
    brought work from there before); `others` are the rest of the new ones, told and never taken.
    """

    own: str | None = None
    is_gone: bool = False
    named: Mapping[str, str] = {}
    others: tuple[str, ...] = ()


class Arrived(Struct, frozen=True, kw_only=True):
    """One branch brought the work; `is_own` when it is the task branch itself, fast-forwarded."""

    branch: str
    commit: str
    is_own: bool


class Nothing(Struct, frozen=True, kw_only=True):
    """No branch brought any; `unfit` are those that are new and do not count, each with its reason."""

    unfit: tuple[str, ...] = ()


class Several(Struct, frozen=True, kw_only=True):
    """More than one branch could be it: a person must say which; `own` is what the task branch got, if anything."""

    branches: tuple[str, ...]
    own: str = ""


class Rewritten(Struct, frozen=True, kw_only=True):
    """The task branch does not contain any more what we had pushed; `commit` is empty when it is gone."""

    commit: str


Arrival = Arrived | Nothing | Several | Rewritten


def moves(
    before: Mapping[str, str], after: Mapping[str, str], *, branch: str, task_id: str, known: Collection[str] = ()
) -> Moves:
    """What is new; a branch that somebody else moved meanwhile is nobody's business here, but for the task branch.

    `known` are branches that held work from there before.
    """
    own = after.get(branch)
    new = {
        name: commit
        for name, commit in sorted(after.items())
        if name != branch and (name not in before or (name in known and before[name] != commit))
    }
    named = {name: commit for name, commit in new.items() if name in known or holds_id(name, task_id)}
    return Moves(
        own=own if own != before.get(branch) else None,
        is_gone=branch in before and own is None,
        named=named,
        others=tuple(name for name in new if name not in named),
    )


def arrival(seen: Moves, *, branch: str, head: str, base: str, descends: Descends) -> Arrival:
    """What to make of it; `head` is what we had pushed of the task branch, `base` where the task began."""
    if seen.is_gone or (seen.own is not None and not descends(seen.own, head)):
        return Rewritten(commit=seen.own or "")
    fit = {name: commit for name, commit in seen.named.items() if descends(commit, base)}
    if seen.own is not None:
        fit = {branch: seen.own, **fit}
    # The same commit under two names is one piece of work; the task branch's name is the one that was asked for.
    if len(set(fit.values())) > 1:
        return Several(branches=tuple(fit), own=seen.own or "")
    if fit:
        name, commit = next(iter(fit.items()))
        return Arrived(branch=name, commit=commit, is_own=name == branch)
    unfit = [f"{name} does not begin at our base" for name in seen.named if name not in fit]
    return Nothing(unfit=(*unfit, *(f"{name} has not the task's id in its name" for name in seen.others)))


def holds_id(name: str, task_id: str) -> bool:
    """Whether a branch's name has the task's id in it as a whole; dots, dashes and underscores are the same there.

    `task/1-1-1-words` holds 1.1.1, and neither 1.1 nor 1.1.11.
    """
    parts = [re.escape(part) for part in re.split(r"[._-]+", task_id) if part]
    if not parts:
        return False
    whole = r"(?<![0-9A-Za-z])(?<![0-9][._-])" + "[._-]".join(parts) + r"(?![0-9A-Za-z])(?![._-][0-9]+(?![0-9A-Za-z]))"
    return re.search(whole, name, re.IGNORECASE) is not None
