"""While a run works: its claim is renewed, and a stop that somebody asked for is noticed."""

from __future__ import annotations

import threading
from types import TracebackType

from devteam_action.errors import DevteamError, StateConflict
from devteam_action.pipeline.session import Session
from devteam_action.pipeline.state.relay import Relay

RENEW_S = 300.0  # CONTRACT: a claim is renewed every five minutes
LOCAL_POLL_S = 2.0
REMOTE_POLL_S = 6.0  # a fetch each: no busy loop for a server, and a stop is heard in time to end within 15 s


class Heartbeat:
    """A context in which the session's claim stays ours, or the session is stopped.

    `relay` brings what people say from a remote that this run writes nothing to.
    """

    def __init__(self, session: Session, *, has_remote: bool, relay: Relay | None = None) -> None:
        self._session = session
        self._relay = relay
        self._poll_s = REMOTE_POLL_S if has_remote or relay is not None else LOCAL_POLL_S
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(timeout=30)

    def _beat(self) -> None:
        renewed = self._session.ports.clock.monotonic()
        while not self._over.wait(self._poll_s):
            try:
                if self._session.ports.clock.monotonic() - renewed >= RENEW_S:
                    self._renew()
                    renewed = self._session.ports.clock.monotonic()
                if not self._session.stop.is_set():
                    self._look()
            except StateConflict:
                self._session.request_stop("lost")
                return
            except DevteamError as error:
                # The lease outlasts a short outage; the next beat tries again.
                self._session.progress(f"the state could not be asked: {error.message}")

    def _renew(self) -> None:
        self._session.ports.state.renew(self._session.execution.task_id, self._session.execution.run_id)

    def _look(self) -> None:
        if self._relay is not None:
            self._relay.bring(self._session.execution.task_id)
        stored = self._session.ports.state.execution(self._session.execution.task_id)
        if stored is None:
            return
        if stored.stop_requested:
            self._session.request_stop("person")
        ours = self._session.execution.claim
        if ours is not None and stored.claim is not None and stored.claim.token != ours.token:
            self._session.request_stop("lost")
