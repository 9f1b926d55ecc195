"""Where commands are answered: the id of our one answering comment under an issue or pull request."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from devteam_action.pipeline.ports import Clock, Snapshot, StateStore
from devteam_action.pipeline.state.codec import encode, project_changes, sound
from devteam_action.pipeline.state.paths import answer_file


class AnswerComment(Struct, frozen=True, kw_only=True):
    """The comment that is edited with every answer."""

    comment: Annotated[int, Meta(gt=0)]


def answer_comment(snapshot: Snapshot, number: int) -> int | None:
    """The id of that comment under `number`; None where nothing was answered yet."""
    kept = sound(snapshot, answer_file(number), AnswerComment)
    return kept.comment if kept is not None else None


def keep_answer_comment(store: StateStore, clock: Clock, customer_id: str, number: int, comment: int) -> None:
    """Puts it on the record, where another one or none is."""

    def change(snapshot: Snapshot) -> dict[str, bytes | None]:
        if answer_comment(snapshot, number) == comment:
            return {}
        kept = encode(AnswerComment(comment=comment))
        return {**project_changes(snapshot, customer_id, clock.now()), answer_file(number): kept}

    store.update(f"Keep where #{number} is answered", change)
