"""What a red test weighs after it was run again alone."""

from __future__ import annotations

import pytest

from devteam_action.domain.flaky import Reruns, settle


@pytest.mark.parametrize(
    ("head", "base", "weight", "said"),
    [
        ((True, True), (True,), "flaky", "flaky: t passed 2 of 3 at head, 1 of 1 at base"),
        ((True, True), (False,), "flaky", "flaky: t passed 2 of 3 at head, 0 of 1 at base"),
        ((True, False), (False,), "flaky", "flaky: t passed 1 of 3 at head, 0 of 1 at base"),
        ((True, False), (True,), "counts", "t: passed 1 of 3 at head, 1 of 1 at base"),
        ((False,), (True,), "counts", "t: passed 0 of 2 at head, 1 of 1 at base"),
        ((False,), (False,), "known", "red before: t passed 0 of 2 at head, 0 of 1 at base"),
        ((False,), None, "counts", "t: passed 0 of 2 at head, not at base"),
        ((True, True), None, "counts", "t: passed 2 of 3 at head, not at base"),
        ((), (), "counts", "t: passed 0 of 1 at head, 0 of 0 at base"),
    ],
)
def test_a_red_test_counts_unless_the_reruns_excuse_it(
    head: tuple[bool, ...], base: tuple[bool, ...] | None, weight: str, said: str
) -> None:
    settled = settle("t", Reruns(head=head, base=base))
    assert (settled.weight, settled.said) == (weight, said)
