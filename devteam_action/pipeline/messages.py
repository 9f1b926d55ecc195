"""Commit messages, and the trailers by which a commit of ours is found again."""

from __future__ import annotations

import re

from devteam_action.domain.run import Run

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def trailers(run: Run) -> dict[str, str]:
    """What marks the work commit of the current attempt."""
    return {**_marks(run), "DevTeam-Attempt": str(run.attempt)}


def work_message(run: Run) -> str:
    """The message of an attempt's commit: the task's title as subject, and the trailers."""
    return f"{_subject(run, 72)}\n\n{_block(trailers(run))}\n"


def start_message(run: Run) -> str:
    """The message of the empty commit that a pull request begins with: GitHub opens none without a commit."""
    assert run.task is not None
    return f"Start {run.task.id}\n\n{_block({**_marks(run), 'DevTeam-Start': run.task.id})}\n"


def saved_trailers(run: Run) -> dict[str, str]:
    """What marks the commit that a stop made of the current attempt's unfinished work."""
    return {**_marks(run), "DevTeam-Saved": str(run.attempt)}


def saved_message(run: Run) -> str:
    """The message of that commit."""
    return f"{_subject(run, 59)} (unfinished)\n\n{_block(saved_trailers(run))}\n"


def tick_message(run: Run) -> str:
    """The message of the commit that marks the task's line."""
    assert run.task is not None
    return f"Mark {run.task.id} as done\n\n{_block({**_marks(run), 'DevTeam-Tick': run.task.id})}\n"


def merge_message(run: Run) -> str:
    """The message of the commit that takes a newer base in."""
    assert run.options is not None
    return f"Merge {run.options.base_branch} into {run.branch}\n\n{_block(_marks(run))}\n"


def _subject(run: Run, width: int) -> str:
    assert run.task is not None
    title = _CONTROL.sub(" ", run.task.headline).strip() or "work"
    subject = f"{run.task.id} {title}"
    return subject if len(subject) <= width else subject[: width - 1].rstrip() + "…"


def _marks(run: Run) -> dict[str, str]:
    assert run.task is not None
    return {"DevTeam-Task": run.task.id, "DevTeam-Run": run.run_id}


def _block(marks: dict[str, str]) -> str:
    return "\n".join(f"{name}: {_CONTROL.sub(' ', value)}" for name, value in marks.items())
