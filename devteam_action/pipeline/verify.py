"""VERIFY: the machine judges the branch's head."""

from __future__ import annotations

from devteam_action.domain.results import Verified
from devteam_action.domain.run import Run, standing_at
from devteam_action.pipeline.session import Session


def verify(run: Run, head: str, session: Session) -> Verified:
    """The verdict on `head`; a verdict that was interrupted is no verdict."""
    assert run.task is not None
    verification = session.ports.verifier.verify(run.task, standing_at(run), head, session.progress, session.stop)
    session.check_stop()
    return Verified(head=head, verification=verification)
