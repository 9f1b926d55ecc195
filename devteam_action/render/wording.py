"""How a run stands, in words for people: the status line, what comes next, and what a check concludes from it."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from devteam_action.domain.events import Completed, Failed
from devteam_action.domain.findings import CriterionResult
from devteam_action.domain.run import in_vain
from devteam_action.domain.view import RunView
from devteam_action.render.phrases import in_a_row

Conclusion = Literal["success", "failure", "neutral", "cancelled", "action_required"]

# Ends that only a person's decision or commit mends.
_FOR_A_PERSON = frozenset({"conflict", "branch-moved", "list-changed", "state-conflict"})
# Ends whose hint says no more than the usual next steps.
_AS_USUAL = frozenset({"attempts-spent", "same-failure", "stopped", "interrupted"})

_COMMAND = re.compile(r"`devteam (?=(?:retry|guide|resume|skip|adopt|run|status|verify)\b[^`]*`)(?![^`]*--)")


class Standing(NamedTuple):
    """An icon, and how the run stands in a few words (prose: code spans in backticks)."""

    icon: str
    words: str


def standing(view: RunView) -> Standing:
    """The status line of every report."""
    match view.end:
        case None:
            return Standing("⏳", _at_work(view))
        case Completed(status="COMPLETED"):
            return Standing("✅", "done")
        case Completed(waiting_for="review" | None):
            before = " before the last attempt, which changed nothing" if in_vain(view.run) else ""
            return Standing("✅", f"proved{before}, waiting for review")
        case Completed(waiting_for="approval"):
            return Standing("⏸️", "waiting for an approval")
        case Completed(waiting_for="slot"):
            return Standing("⏸️", "waiting for a free slot")
        case Completed():
            return Standing("🙋", "waiting for a person")
        case Failed(status="STOPPED"):
            return Standing("⏹️", f"stopped{_in(view)}")
        case Failed(code=code) if code in _FOR_A_PERSON:
            return Standing("🙋", f"needs a person{_in(view)}")
        case Failed(code="unverified"):
            return Standing("❌", "nothing could be proved")
        case Failed():
            return Standing("❌", f"failed{_in(view)}")


def conclusion(view: RunView) -> Conclusion:
    """What the check run says at the end; of a run without an end (VERIFY alone), what VERIFY found."""
    match view.end:
        case Completed(waiting_for="approval" | "person"):
            return "action_required"
        case Completed():
            return "success"
        case Failed(status="STOPPED"):
            return "cancelled"
        case Failed(code=code):
            return "action_required" if code in _FOR_A_PERSON else "failure"
        case None if view.run.verified is not None:
            return "success" if view.run.verified.verification.verdict == "passed" else "failure"
        case None:
            return "cancelled"


def next_steps(view: RunView) -> tuple[str, ...]:
    """What a person can do now, one sentence each, with the commands that a comment may hold."""
    match view.end:
        case Completed() if view.is_fork:
            return ("Review and merge. The merge of a fork's work ticks no task: do that in the list.",)
        case Failed() if view.is_fork:  # a fork's code is commanded by nobody here
            return _hint(view)
        case None if view.run.is_stopping:
            return ("It is stopping; the work is kept.",)
        case None:
            return ("`/devteam guide TEXT` steers the next attempt, `/devteam stop` ends it and keeps the work.",)
        case Completed(status="COMPLETED"):
            return ("Nothing: the base branch has it. `/devteam run` takes the next task.",)
        case Completed(waiting_for="person"):
            return ("Open the pull request by hand; everything is on the branch.",)
        case Completed(waiting_for="approval"):
            return (f"`/devteam approve {view.run.head[:12] or 'HASH'}` lets it go on.",)
        case Completed(waiting_for="slot"):
            return ("It goes on by itself when a slot is free.",)
        case Completed() if view.note:  # proved, and something still keeps it from being merged
            return (view.note,)
        case Completed():
            usual = "Review and merge: the merge completes the task. `/devteam guide TEXT` asks for a change first."
            why = in_vain(view.run)
            return (in_vain_text(why), usual) if why else (usual,)
        case Failed(status="STOPPED"):
            return (*_hint(view), "`/devteam resume` goes on at the unfinished stage.")
        case Failed(code=code) if code in _FOR_A_PERSON:
            return _hint(view) or ("`/devteam adopt` takes in what a person committed on the branch.",)
        case Failed(code="unverified" | "not-measured"):
            return _hint(view)
        case Failed():
            task = f" {view.task.id}" if view.task else ""
            return (
                *_hint(view),
                "`/devteam guide TEXT` tries once more with advice, `/devteam retry` as it is, "
                f"`/devteam skip{task} REASON` goes on without it.",
            )


def in_vain_text(reason: str) -> str:
    """What an attempt came to that failed on a task which was proved before it: for guidance, or after a retry."""
    said = in_a_row(reason).rstrip(".")
    return f"The last attempt changed nothing: {said}. What was proved before still stands."


def reason(view: RunView) -> str:
    """Why a run that did not succeed ended, on one line; empty for one that did or goes on."""
    return in_a_row(view.end.reason) if isinstance(view.end, Failed) else ""


def failed_stage(view: RunView) -> str:
    """The stage that a run ended in, where it did not end well; empty where none was at work."""
    return next((row.stage for row in view.stages if row.state in ("failed", "stopped")), "")


def check_title(view: RunView) -> str:
    """The check run's title: how many criteria are met where the end is about that, else how the run stands."""
    is_at_work = any(row.state == "running" for row in view.stages)
    if view.end is None and not is_at_work and view.run.verified is None:  # it is written when the branch stands
        where = f": the comment on #{view.pull_request} is live" if view.pull_request is not None else ""
        return f"in progress{where}"
    is_judged = isinstance(view.end, Failed) and view.end.code != "unverified" and failed_stage(view) == "VERIFY"
    if verdict_text(view) and (is_judged or (isinstance(view.end, Completed) and conclusion(view) == "success")):
        return verdict_text(view)
    return standing(view).words


def verdict_text(view: RunView) -> str:
    """`3 of 4 criteria met`; empty before VERIFY has judged."""
    number = len(view.rows)
    if not number:
        return ""
    return f"{number - len(view.failures)} of {number} {'criterion' if number == 1 else 'criteria'} met"


def results_of(view: RunView) -> str:
    """Whose verdict the table has, where it is not that of the last commit or there were several attempts."""
    attempt = f"attempt {view.rows_attempt}" if view.rows_attempt and len(view.attempts) > 1 else ""
    if not view.are_rows_old:
        return attempt
    return f"{attempt or 'before'}, at `{view.rows_head[:7]}`"


def required_text(row: CriterionResult) -> str:
    """What was required, as one would say it: `0 errors` for `≤ 0 errors`, `all pass` for all of the tests."""
    if row.criterion == "test.pass" and row.required.replace(" ", "") == "=100%":
        return "all pass"
    return re.sub(r"^≤ (?=0\b)", "", row.required)


def as_comments(text: str) -> str:
    """Advice for the command line (`devteam retry 1.2`) as what a comment may say; one with options stays."""
    return _COMMAND.sub("`/devteam ", text)


def _at_work(view: RunView) -> str:
    stage = next((row.stage for row in view.stages if row.state == "running"), "")
    if not view.attempts:
        return stage or ("the branch is ready" if view.run.prepared is not None else "starting")
    attempt = view.attempts[-1]
    of = f" of {attempt.limit}" if attempt.limit >= attempt.number else ""
    number = f"attempt {attempt.number}{of}"
    return f"{stage}, {number}" if stage else number


def _in(view: RunView) -> str:
    stage = failed_stage(view)
    return f" in {stage}" if stage else ""


def _hint(view: RunView) -> tuple[str, ...]:
    """The advice that the run's end came with, where it says more than we say anyway."""
    if not isinstance(view.end, Failed) or view.end.code in _AS_USUAL or not view.end.hint.strip():
        return ()
    hint = as_comments(in_a_row(view.end.hint))
    return (hint if hint.endswith(".") else f"{hint}.",)
