"""What a run does next: every rule of retry, stop, budget and order, without a clock, a file or a network."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from devteam_action.domain.events import Completed, Failed, RunOptions
from devteam_action.domain.findings import CriterionResult
from devteam_action.domain.run import Run

# What mends a tool's failure, where its message tells only what was wrong.
_REMEDIES = {
    "scar-no-commands": "commit the files of its commands to .claude/commands on the base branch, each with "
    "`$ARGUMENTS`, and have SCAR's clone pulled",
    "workflow-file": "push the workflow to the base branch with a token of yours, and take that part out of the task "
    "(where nothing is left of it, mark it done or skip it)",
}


class Prepare(Struct, frozen=True):
    """PREP: make or find the task branch; `expected_head` is where we left it, empty for a new one."""

    expected_head: str = ""


class StartAttempt(Struct, frozen=True):
    """Begin attempt `number`; `reason` is why it is needed."""

    number: int
    reason: str


class Implement(Struct, frozen=True):
    """IMPLEMENT: have the tool write the code of this attempt."""

    attempt: int


class Verify(Struct, frozen=True):
    """VERIFY: judge `head`."""

    attempt: int
    head: str


class Publish(Struct, frozen=True):
    """PUBLISH: tick the line and deliver the branch."""


class Finish(Struct, frozen=True):
    """Nothing is left to do; `event` says how it ended."""

    event: Completed | Failed


Step = Prepare | StartAttempt | Implement | Verify | Publish | Finish


def decide(run: Run) -> Step:
    """The next step of a run that has not ended; the same run always gives the same step."""
    task, options = run.task, run.options
    if task is None or options is None:
        raise AssertionError("a run is decided on after its STARTED event")
    if run.is_stopping:
        reason = f"stopped on request: {run.stop_reason}" if run.stop_reason else "stopped on request"
        return Finish(Failed(status="STOPPED", code="stopped", reason=reason, hint=_resume(task.id)))
    if run.failure is not None:
        return Finish(Failed(code=run.failure.code, reason=run.failure.reason, hint=run.failure.hint))
    if run.prepared is None:
        return Prepare(run.head)
    if run.wanted or run.attempt == 0:
        spent = _cost_cap(run, options, task.id)
        return Finish(spent) if spent is not None else StartAttempt(run.attempt + 1, run.wanted or "first")
    if task.type != "checkpoint":
        if run.implemented is None:
            return Implement(run.attempt)
        if not run.implemented.ok:
            return _try_again(run, options, "tool-failed")
    if run.verified is None:
        return Verify(run.attempt, run.head)
    if run.verified.verification.verdict != "passed":
        return _try_again(run, options, "checks-failed")
    if run.published is None:
        return Publish()
    return Finish(Completed() if run.published.merged else _waiting(run, options))


def _waiting(run: Run, options: RunOptions) -> Completed:
    """Proved: somebody reviews it, or, where no pull request could be opened, somebody opens it."""
    has_none = options.deliver == "pr" and run.pull_request is None
    return Completed(status="WAITING", waiting_for="person" if has_none else "review")


def _try_again(run: Run, options: RunOptions, reason: str) -> Step:
    """A new attempt, unless something says that it would be wasted."""
    end = _why_not(run, options)
    if end is not None and _proved_work_stands(run):
        return _stands(run, options)
    return Finish(end) if end is not None else StartAttempt(run.attempt + 1, reason)


def _stands(run: Run, options: RunOptions) -> Step:
    """Proved work waits where it was delivered; a pull request that took the place of a closed one still wants it."""
    if options.deliver != "pr" or run.delivered == run.pull_request:
        return Finish(_waiting(run, options))
    return Publish() if run.verified is not None else Verify(run.attempt, run.head)


def _proved_work_stands(run: Run) -> bool:
    """An attempt for guidance that came to nothing takes nothing away from what was proved before it."""
    failed = run.implemented is not None and not run.implemented.ok
    proved = run.last_verified is not None and run.last_verified.verification.verdict == "passed"
    return failed and proved


def _why_not(run: Run, options: RunOptions) -> Failed | None:
    assert run.task is not None
    failed_in = _last_failure(run)
    retry = f"`devteam retry {run.task.id}` tries again; `devteam guide {run.task.id} TEXT` tries once more with advice"
    if run.verified is not None and run.verified.verification.verdict == "unverified":
        return Failed(
            code="unverified",
            reason="no criterion could be measured, so nothing is proved",
            hint="state a criterion (`criteria:` in .devteam.yml) or set up tests, lint or types, commit that, "
            f"then `devteam retry {run.task.id}`",
        )
    if lacking := _lacking(run):
        # Nothing that a tool writes brings it, on a checkpoint or not.
        return Failed(
            code="not-measured",
            reason=f"not measured: {lacking}",
            hint="mend that in .devteam.yml (`setup:` installs what is missing), commit it on "
            f"{options.base_branch}, then `devteam retry {run.task.id}`: it is measured again, without the tool",
        )
    if run.task.type == "checkpoint":
        # No tool works on a checkpoint, so nothing would be different the next time.
        return Failed(code="not-proved", reason=failed_in, hint=f"mend it by hand, then `devteam retry {run.task.id}`")
    if run.implemented is not None and not run.implemented.ok and not run.implemented.retryable:
        return Failed(
            code=run.implemented.reason,
            reason=failed_in,
            hint=f"{_REMEDIES.get(run.implemented.reason, 'mend that')}, then `devteam retry {run.task.id}`",
        )
    if len(run.signatures) >= 2 and run.signatures[-1] == run.signatures[-2]:
        return Failed(code="same-failure", reason=f"two attempts failed in the same way: {failed_in}", hint=retry)
    if run.attempt >= run.allowed:
        return Failed(
            code="attempts-spent", reason=f"not proved in {_attempts(run.attempt)}; the last: {failed_in}", hint=retry
        )
    return _cost_cap(run, options, run.task.id)


def _lacking(run: Run) -> str:
    """What keeps the work from being measured, where nothing that could be is red; else empty."""
    failures = run.verified.verification.failures if run.verified is not None else ()
    return _reasons(failures) if failures and all(row.lacking for row in failures) else ""


def _cost_cap(run: Run, options: RunOptions, task_id: str) -> Failed | None:
    """No attempt begins once the cap is reached; a checkpoint costs nothing, and what a tool does not tell is free."""
    spent = run.usage.cost_usd or 0.0
    is_free = run.task is not None and run.task.type == "checkpoint"
    if is_free or options.max_cost_usd is None or spent < options.max_cost_usd:
        return None
    last = f"; the last attempt: {_last_failure(run)}" if run.attempt else ""
    return Failed(
        code="cost-cap",
        reason=f"${spent:.2f} of ${options.max_cost_usd:.2f} are spent{last}",
        hint=f"`devteam retry {task_id} --max-cost USD` with a higher amount goes on",
    )


def _last_failure(run: Run) -> str:
    if run.implemented is not None and not run.implemented.ok:
        return f"{run.implemented.message or run.implemented.reason}{_still_red(run)}"
    return _reasons(run.verified.verification.failures if run.verified is not None else ())


def _still_red(run: Run) -> str:
    """What the last verdict found red in the work as it stands: a tool that fails after it only hides that."""
    last = run.last_verified
    if last is None or last.head != run.head or not last.verification.failures:
        return ""
    rows = (f"{row.criterion} ({row.actual})" if row.actual else row.criterion for row in last.verification.failures)
    return f"; still red: {', '.join(rows)}"


def _reasons(failures: Iterable[CriterionResult]) -> str:
    return "; ".join(
        f"{result.criterion}: {result.reason or f'{result.actual}, required {result.required}'}" for result in failures
    )


def _attempts(number: int) -> str:
    return "1 attempt" if number == 1 else f"{number} attempts"


def _resume(task_id: str) -> str:
    return f"`devteam resume {task_id}` goes on at the unfinished stage"
