"""What people say while a run works that writes nothing to the remote: it is brought into the state that the run reads.

Such a run holds no claim that others could see, and its state is a copy: what stood there when the copy was made was
known to it when it began. Only what came later is news.
"""

from __future__ import annotations

import msgspec

from devteam_action.domain.execution import Execution
from devteam_action.pipeline.ports import Changes, Snapshot, StateStore
from devteam_action.pipeline.state.codec import check_project, encode, sound
from devteam_action.pipeline.state.paths import STOP, guidance_folder, task_file
from devteam_action.pipeline.state.stop_all import StopAll


class Relay:
    """From the remote's state (`there`, only read) into the copy (`here`), made when it was `copied`."""

    def __init__(self, there: StateStore, here: StateStore, copied: Snapshot) -> None:
        self._there = there
        self._here = here
        self._copied = copied
        self._brought: set[str] = set()

    def bring(self, task_id: str) -> None:
        """Guidance for the task goes into its inbox, once; a stop or a skip becomes a request to stop.

        Raises what the stores raise.
        """
        now = self._there.read()
        check_project(now)
        folder = guidance_folder(task_id)
        known = {*self._copied.paths(folder), *self._brought}
        fresh = {path: now.get(path) for path in now.paths(folder) if path not in known}
        said = self._stop_in(now, task_id)

        def changes(here: Snapshot) -> Changes:
            path = task_file(task_id)
            held = sound(here, path, Execution)
            if held is None or held.stop_requested or said is None:
                return fresh
            why = {"stop_by": said.by, "stop_at": said.at, "stop_reason": said.reason}
            return {**fresh, path: encode(msgspec.structs.replace(held, stop_requested=True, **why))}

        self._here.update(f"What people said of task {task_id}", changes)
        self._brought.update(fresh)

    def _stop_in(self, now: Snapshot, task_id: str) -> StopAll | None:
        """Who has stopped or skipped the task, or stopped everything, since the copy was made; None for nobody."""
        if now.get(STOP) not in (None, self._copied.get(STOP)):
            return sound(now, STOP, StopAll) or StopAll(at="", by="")
        path = task_file(task_id)
        then, known = sound(self._copied, path, Execution), sound(now, path, Execution)
        if known is None:
            return None
        is_said = known.stop_requested or known.skipped is not None
        is_new = is_said and known.stop_at != (then.stop_at if then is not None else "")
        return StopAll(at=known.stop_at, by=known.stop_by, reason=known.stop_reason) if is_new else None
