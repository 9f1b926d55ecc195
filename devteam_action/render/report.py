"""A run made ready to be shown: every text of a report chosen and bounded, nothing escaped yet."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from devteam_action.domain.events import Completed, Failed
from devteam_action.domain.findings import CriterionResult, Finding
from devteam_action.domain.view import Receipt, RunView
from devteam_action.domain.view_attempts import AttemptRow
from devteam_action.domain.view_stages import StageRow, StageState
from devteam_action.render.activity_texts import by_type, commands, counts_text, recent
from devteam_action.render.facts import Facts
from devteam_action.render.failure_card import failure_card
from devteam_action.render.phrases import count, seconds_text, usage_texts
from devteam_action.render.report_shapes import (
    AttemptShown,
    FindingShown,
    LinkShown,
    ReceiptShown,
    Report,
    ResultShown,
    StageShown,
)
from devteam_action.render.wording import next_steps, required_text, results_of, standing, verdict_text

_FINDINGS = 60
_STAGE_ICONS: Mapping[StageState, str] = {"pending": "▫️", "running": "⏳", "done": "✅", "failed": "❌", "stopped": "⏹️"}
_RECEIPTS = {"taken": "✅ taken", "next-attempt": "⏭️ for the next attempt", "refused": "🚫 refused"}
_KINDS = {
    "guide": "guidance",
    "takeover": "took it over",
    "adopt": "adopted the branch",
    "refresh": "brought it up to the newest base",
}
_REASONS = {
    "first": "first",
    "checks-failed": "the checks were red",
    "tool-failed": "the tool failed",
    "guidance": "new guidance",
    "retry": "asked for again",
}


def report_of(view: RunView, facts: Facts) -> Report:
    """What there is to show of the run at this moment; the same view and facts give the same report."""
    run, links = view.run, facts.links
    now = standing(view)
    card = failure_card(view)
    is_done = isinstance(view.end, Completed) and view.end.status == "COMPLETED"
    findings = view.findings
    unlisted = sum(row.unlisted for row in view.rows)
    tool = view.attempts[-1].tool if view.attempts else run.options.tool if run.options else ""
    return Report(
        task_id=view.task.id if view.task else "",
        title=view.task.headline if view.task else "",
        icon=now.icon,
        standing=now.words,
        is_ended=view.end is not None,
        progress=run.progress,
        stages=tuple(_stage(row) for row in view.stages if _is_shown(row, view)),
        doing="" if view.end else view.doing,
        counts=counts_text(view.counts),
        activity=by_type(view.counts, view.activity),
        recent=recent(view.activity),
        errors=tuple(each for each in view.errors if card is None or each not in card.excerpt),
        commands=commands(view.activity),
        results=tuple(_result(row) for row in view.rows),
        results_of=results_of(view),
        verdict=f"{results_of(view)}: {verdict_text(view)}" if view.are_rows_old else verdict_text(view),
        failure=card,
        findings=tuple(_finding(each, facts, run.head) for each in findings[:_FINDINGS]),
        more_findings=max(0, len(findings) - _FINDINGS) + unlisted,
        more_findings_where=f"the annotations of the files have the first {len(findings)}"
        if unlisted
        else "see the files' annotations, or the log of the run",
        attempts=tuple(
            _attempt(row, facts, goes_on=view.end is None and at == len(view.attempts))
            for at, row in enumerate(view.attempts, 1)
        ),
        usage=tuple(usage_texts(run.usage)),
        took=seconds_text(view.duration_s) if view.duration_s >= 0.05 else "",
        tool=tool,
        branch=run.branch,
        branch_address="" if view.is_fork else links.branch(run.branch),
        head=run.head[:7],
        head_address=links.commit(run.head),
        pull_request=view.pull_request,
        is_fork=view.is_fork,
        link=view.link,
        note="" if view.note in next_steps(view) else view.note,
        note_links=_note_links(view, facts),
        # Once the base has the work, what became of CI on the branch is no news.
        ci="" if is_done else view.ci.removeprefix("CI is ").removeprefix("CI "),
        ci_link=view.ci_link,
        receipts=tuple(_receipt(each) for each in view.receipts),
        why=view.why,
        next_steps=next_steps(view),
        missing_rights=facts.missing_rights,
        troubles=(*facts.troubles, *facts.own.troubles),
        rate=facts.rate,
        reproduce=_reproduce(view),
        run_url=links.run_url,
        updated=f"{run.last_update[:10]} {run.last_update[11:19]} UTC" if len(run.last_update) >= 19 else "",
    )


def _note_links(view: RunView, facts: Facts) -> tuple[LinkShown, ...]:
    """Where to go about the note; without a pull request of ours that is a setting, and the form that opens one."""
    if not view.link:
        return ()
    if view.pull_request is not None:
        return (LinkShown(text="the pull request", address=view.link),)
    return (
        LinkShown(text="the setting", address=facts.links.actions_settings()),
        LinkShown(text="open the pull request", address=view.link),
    )


def _is_shown(row: StageRow, view: RunView) -> bool:
    """A stage that a finished run never came to is no unticked box: it was not wanted."""
    is_good_end = view.end is not None and not isinstance(view.end, Failed)
    return row.state != "pending" or not (is_good_end or (view.end is not None and not view.attempts))


def _stage(row: StageRow) -> StageShown:
    took = seconds_text(row.duration) if row.duration >= 0.05 and row.state != "pending" else ""
    return StageShown(icon=_STAGE_ICONS[row.state], name=row.stage, took=took)


def _result(row: CriterionResult) -> ResultShown:
    icon = "➖" if row.passed and not row.measured else "✅" if row.passed else "❌"
    known = f" ({row.known} known before)" if row.known else ""
    return ResultShown(
        icon=icon,
        criterion=row.criterion,
        required=required_text(row),
        actual=f"{row.actual if row.measured else 'not measured'}{known}",
        why=row.reason if not (row.passed and row.measured) else "",
        notes=row.notes[:5],
    )


def _finding(finding: Finding, facts: Facts, head: str) -> FindingShown:
    line = f":{finding.line}" if finding.line is not None else ""
    return FindingShown(
        icon={"error": "❌", "warning": "⚠️", "notice": "💬"}[finding.severity],
        place=f"{finding.path}{line}" if finding.path else finding.tool,
        address=facts.links.file(finding.path, finding.line, head),
        message=finding.message,
        rule=finding.rule,
    )


def _attempt(row: AttemptRow, facts: Facts, *, goes_on: bool) -> AttemptShown:
    changed = f"{count(len(row.files), 'file')}, {count(row.lines_changed, 'line')}" if row.commit else ""
    is_open = row.outcome in ("", "stopped")
    icon = "✅" if row.outcome == "passed" else "❌" if not is_open else "⏳" if goes_on else "⏹️"
    missed = f": {', '.join(row.missed[:6])}" if row.missed else ""
    message = f": {row.message}" if row.message and row.outcome not in ("passed", "failed", "unverified") else ""
    return AttemptShown(
        icon=icon,
        number=row.number,
        why=_REASONS.get(row.reason, row.reason),
        changed=changed or ("" if row.tool or not row.outcome else "a checkpoint: no tool"),
        commit=(row.commit or "")[:7],
        address=facts.links.commit(row.commit or ""),
        outcome=f"{row.outcome}{missed}{message}" if row.outcome else "" if goes_on else "cut off",
        usage=", ".join(usage_texts(row.usage)),
        took=seconds_text(row.duration) if row.duration >= 0.05 else "",
        refused=row.refused[:10],
    )


def _receipt(receipt: Receipt) -> ReceiptShown:
    by = "" if receipt.by == "somebody" else receipt.by
    return ReceiptShown(
        outcome=_RECEIPTS.get(receipt.receipt, receipt.receipt),
        kind=_KINDS.get(receipt.kind, receipt.kind),
        by=by,
        text=receipt.text,
    )


def _reproduce(view: RunView) -> str:
    """What to type in a clone to get the same verdict."""
    if view.task is None or not view.rows:
        return ""
    branch = shlex.quote(view.run.branch)
    # `devteam verify` judges the local branch of that name, in a worktree of its own: it must not be checked out.
    there = f"pull/{view.pull_request}/head" if view.is_fork else branch
    fetched = f"git fetch origin {there}:{branch}\n" if view.run.branch else ""
    return f"{fetched}devteam verify {shlex.quote(view.task.id)}"
