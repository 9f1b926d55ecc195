"""Runs the checks at once, asks the base about the red ones, and judges each criterion."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from devteam_action.checks.place import Check, Job, Place
from devteam_action.domain.criteria import Wanted
from devteam_action.domain.findings import CriterionResult, Finding
from devteam_action.domain.judging import Measured, judge, together
from devteam_action.errors import DevteamError

Gaming = Mapping[str, tuple[Finding, ...]]


def run_checks(
    checks: Sequence[Check],
    job: Job,
    place_for: Callable[[str], Place],
    gaming: Gaming,
    *,
    workers: int,
    progress: Callable[[str], None],
    key: str,
) -> tuple[CriterionResult, ...]:
    """One result for each wanted criterion, in the order of the criteria.

    A check that cannot run is its own outcome: the criterion was not measured, and the reason is kept. `key` names
    all that a baseline depends on beside tree and check.
    """

    def one(check: Check) -> list[tuple[Measured, tuple[Finding, ...]]]:
        mine = {name: wanted for name, wanted in job.wanted.items() if name in check.criteria}
        found = _measure(check, place_for(check.name), msgspec.structs.replace(job, wanted=mine))
        return [(measured, _baseline(check, job, measured, key)) for measured in found]

    if checks:
        progress(f"checking: {', '.join(check.name for check in checks)}")
    with ThreadPoolExecutor(max_workers=max(1, workers), thread_name_prefix="check") as pool:
        pairs = [pair for found in pool.map(one, checks) for pair in found]
    results = [_judge(wanted, pairs, job, gaming.get(name, ())) for name, wanted in job.wanted.items()]
    return tuple(result for result in results if result is not None)


def _measure(check: Check, place: Place, job: Job) -> tuple[Measured, ...]:
    try:
        return check.measure(place, job)
    except DevteamError as error:
        reason = f"{error.message} {error.remedy}".strip()
    except OSError as error:  # a full disk, a tree that a command took away: the check's trouble, not the run's
        reason = f"the check could not work: {error}"
    return tuple(Measured(criterion=name, check=check.name, reason=reason) for name in job.wanted)


def _baseline(check: Check, job: Job, measured: Measured, key: str) -> tuple[Finding, ...]:
    """What the base has of it; asked only for a check that is red at the head and can be compared."""
    red = not measured.reason and not judge(job.wanted[measured.criterion], measured).passed
    if not red or not check.has_baseline or job.base.is_off:
        return ()

    def at_base() -> tuple[Finding, ...]:
        found = [one for one in check.measure(job.base.place(check.name), job) if one.criterion == measured.criterion]
        # A base that cannot be measured excuses nothing.
        return tuple(finding for one in found if not one.reason for finding in one.errors)

    try:
        return job.base.kept(f"{check.name} {measured.criterion} {key}", at_base)
    except (DevteamError, OSError):
        return ()


def _judge(
    wanted: Wanted, pairs: Sequence[tuple[Measured, tuple[Finding, ...]]], job: Job, gaming: tuple[Finding, ...]
) -> CriterionResult | None:
    mine = [(measured, base) for measured, base in pairs if measured.criterion == wanted.name]
    if not mine:
        mine = [(Measured(criterion=wanted.name, check="", reason="no check measures it"), ())]
    head = together(tuple(measured for measured, _ in mine))
    if head.absent and not wanted.stated and not gaming:
        return None  # CONTRACT: a detected criterion that is absent is no criterion
    base = tuple(finding for _, findings in mine for finding in findings)
    return judge(wanted, head, base=base, base_path=job.change.base_path, gaming=gaming)
