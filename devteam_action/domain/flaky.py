"""Whether a red test counts: it is run again alone, at the head and at the base, before it does."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Weight = Literal["counts", "flaky", "known"]


class Reruns(Struct, frozen=True, kw_only=True):
    """How a test that was red in the suite did by itself; `base` is None when the base has no such test."""

    head: tuple[bool, ...] = ()
    base: tuple[bool, ...] | None = None


class Settled(Struct, frozen=True, kw_only=True):
    """What a red test weighs, and the numbers for people."""

    weight: Weight
    said: str


def settle(test: str, reruns: Reruns) -> Settled:
    """A test that is red at the base as well is known; one of the base that passes alone at the head is flaky.

    A test that the base does not have must be green every time: a new flaky test is a fault of the change.
    """
    head = f"passed {sum(reruns.head)} of {len(reruns.head) + 1} at head"
    if reruns.base is None:
        return Settled(weight="counts", said=f"{test}: {head}, not at base")
    both = f"{head}, {sum(reruns.base)} of {len(reruns.base)} at base"
    if reruns.head and any(reruns.head) and (all(reruns.head) or not all(reruns.base)):
        return Settled(weight="flaky", said=f"flaky: {test} {both}")
    if reruns.base and not any(reruns.base):
        return Settled(weight="known", said=f"red before: {test} {both}")
    return Settled(weight="counts", said=f"{test}: {both}")
