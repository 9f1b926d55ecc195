"""The client for threads: one event loop in a thread of its own, and calls that wait for their answers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from devteam_action.scar.client import Ended, ScarClient, Sent
from devteam_action.scar.messages import Busy, ScarMessage
from devteam_action.scar.polling import Stopped, Tell
from devteam_action.scar.watching import Patience

_T = TypeVar("_T")


class SyncScar:
    """A ScarClient whose methods block; safe for several threads at once. A context manager.

    `on_message` and `on_progress` are called in the loop's thread: they must be quick. What they raise comes out of
    `wait_for_completion`.
    """

    def __init__(self, client: ScarClient) -> None:
        self.client = client
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scar-client", daemon=True)
        self._thread.start()

    def __enter__(self) -> SyncScar:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends connections and thread; a second call does nothing."""
        if self._loop.is_closed():
            return
        self.run(self.client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Any coroutine of the client's, to its end; an interrupt of ours cancels it."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def conversation(self, project_id: str) -> str:
        return self.client.conversation(project_id)

    def is_idle(self, project_id: str) -> bool:
        return self.run(self.client.is_idle(project_id))

    def is_busy(self, conversation: str) -> Busy:
        return self.run(self.client.is_busy(conversation))

    def get_messages(self, project_id: str) -> tuple[ScarMessage, ...]:
        return self.run(self.client.get_messages(project_id))

    def clear_messages(self, project_id: str) -> None:
        self.run(self.client.clear_messages(project_id))

    def send_command(self, project_id: str, command: str, args: Sequence[str] = (), *, marked: bool = True) -> Sent:
        return self.run(self.client.send_command(project_id, command, args, marked=marked))

    def send_slash(self, project_id: str, name: str, args: Sequence[str] = (), *, marked: bool = True) -> Sent:
        return self.run(self.client.send_slash(project_id, name, args, marked=marked))

    def wait_for_completion(
        self,
        project_id: str,
        sent: Sent,
        *,
        on_message: Callable[[int, ScarMessage], None] | None = None,
        timeout_s: float | None = None,
        stop: Stopped | None = None,
        patience: Patience | None = None,
        on_progress: Tell | None = None,
    ) -> Ended:
        """As the client's: waits until the run is over."""
        return self.run(
            self.client.wait_for_completion(
                project_id, sent, on_message=on_message, timeout_s=timeout_s, stop=stop, patience=patience,
                on_progress=on_progress,
            )
        )  # fmt: skip

    def slash(self, project_id: str, name: str, args: Sequence[str] = (), *, timeout_s: float | None = None) -> Ended:
        """One of the server's own commands and its replies."""
        return self.wait_for_completion(project_id, self.send_slash(project_id, name, args), timeout_s=timeout_s)
