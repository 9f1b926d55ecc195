"""VERIFY: the machine judges the branch's head."""

from __future__ import annotations

import msgspec

from devteam_action.domain.results import Verified
from devteam_action.domain.run import Run
from devteam_action.pipeline.session import Session


def verify(run: Run, head: str, session: Session) -> Verified:
    """The verdict on `head`; a verdict that was interrupted is no verdict."""
    assert run.task is not None
    assert run.prepared is not None
    # The base moves when a newer one is merged in: what others did there is not this task's to prove.
    prepared = msgspec.structs.replace(run.prepared, base=run.base, head=head)
    verification = session.ports.verifier.verify(run.task, prepared, head, session.progress, session.stop)
    session.check_stop()
    return Verified(head=head, verification=verification)
