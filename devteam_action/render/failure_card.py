"""The failure card: what was tried, what stands in the way, and the smallest piece of a log that shows it."""

from __future__ import annotations

from devteam_action.domain.events import Failed
from devteam_action.domain.view import RunView
from devteam_action.domain.view_attempts import AttemptRow
from devteam_action.render.phrases import count, in_a_row
from devteam_action.render.report_shapes import FailureShown
from devteam_action.render.wording import failed_stage, reason

_FILES = 12
_EXCERPT_LINES, _EXCERPT = 25, 3000


def failure_card(view: RunView) -> FailureShown | None:
    """The card of a run that failed or was interrupted; None for any other, and for a stop that a person asked for."""
    if not isinstance(view.end, Failed) or view.end.code == "stopped":
        return None
    last = view.attempts[-1] if view.attempts else None
    files = last.files if last else ()
    excerpt_of, excerpt = _excerpt(view, last)
    said = _first_words(view, excerpt)
    is_of_attempts = bool(view.attempts) and failed_stage(view) not in ("SELECT", "PREP")
    return FailureShown(
        reason=said or ("" if view.failures else view.end.code),
        attempts=count(len(view.attempts), "attempt") if is_of_attempts and "attempt" not in said else "",
        changed=files[:_FILES] if is_of_attempts else (),
        more_changed=max(0, len(files) - _FILES) if is_of_attempts else 0,
        excerpt_of=excerpt_of,
        excerpt=excerpt,
    )


def _first_words(view: RunView, excerpt: str) -> str:
    """The reason without what the table or the excerpt says again: their criteria, the tool's further lines."""
    whole = reason(view)
    named = [at for row in view.failures if (at := whole.find(f"{row.criterion}: ")) >= 0]
    if named and not view.are_rows_old:
        return whole[: min(named)].removesuffix("; the last attempt: ").rstrip(" :;,")
    if not isinstance(view.end, Failed) or not excerpt:
        return whole
    first = in_a_row(view.end.reason.strip().partition("\n")[0])
    clauses = first.split(": ")
    return ": ".join(clauses[:2]) if ": ".join(clauses[2:]) in excerpt else first


def _excerpt(view: RunView, last: AttemptRow | None) -> tuple[str, str]:
    """The smallest log that shows it: the end of the shortest output of a red criterion, else the tool's errors."""
    is_told = last is not None and not view.errors and last.message in reason(view)
    if last is not None and last.message and last.outcome not in ("failed", "unverified") and not is_told:
        return last.tool or "the tool", _tail("\n".join((last.message, *view.errors)))
    outputs = [(row.criterion, row.output) for row in view.failures if row.output.strip()]
    if outputs:
        criterion, output = min(outputs, key=lambda each: len(each[1]))
        return criterion, _tail(output)
    return ("the tool", _tail("\n".join(view.errors))) if view.errors and not view.rows else ("", "")


def _tail(text: str) -> str:
    lines = [line.rstrip() for line in text[-50_000:].splitlines() if line.strip()]
    return "\n".join(lines[-_EXCERPT_LINES:])[-_EXCERPT:]
