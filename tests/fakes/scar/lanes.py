"""The queueing rules: one turn at a time per conversation, so many at once in all, first in first out."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

Job = Callable[[], None]


class Lanes:
    """Runs jobs in threads of their own. A conversation is registered before `submit` returns.

    The hand-over from queued to active has no gap, and a conversation is active until its job has returned.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._active: list[str] = []
        self._queued: dict[str, deque[Job]] = {}
        self._is_over = False

    def submit(self, conversation: str, job: Job) -> None:
        with self._lock:
            if conversation in self._active or len(self._active) >= self.limit:
                self._queued.setdefault(conversation, deque()).append(job)
            else:
                self._start(conversation, job)

    def snapshot(self) -> dict[str, object]:
        """The answer of `/health/concurrency`."""
        with self._lock:
            queued = [{"conversationId": name, "queuedMessages": len(jobs)} for name, jobs in self._queued.items()]
            return {
                "status": "ok",
                "active": len(self._active),
                "queuedTotal": sum(len(jobs) for jobs in self._queued.values()),
                "queuedByConversation": queued,
                "maxConcurrent": self.limit,
                "activeConversationIds": list(self._active),
            }

    def is_busy(self, conversation: str) -> bool:
        with self._lock:
            return conversation in self._active or bool(self._queued.get(conversation))

    def leave_empty_queue(self, conversation: str) -> None:
        """An entry with no message in it, which the real server shows at times."""
        with self._lock:
            self._queued.setdefault(conversation, deque())

    def close(self) -> None:
        """The process dies: nothing queued is ever started."""
        with self._lock:
            self._is_over = True
            self._queued.clear()

    def _start(self, conversation: str, job: Job) -> None:
        self._active.append(conversation)

        def work() -> None:
            try:
                job()
            finally:
                with self._lock:
                    self._active.remove(conversation)
                    self._next(conversation)

        threading.Thread(target=work, daemon=True, name=f"scar-{conversation}").start()

    def _next(self, conversation: str) -> None:
        if self._is_over:
            return
        for name in [conversation, *(each for each in self._queued if each != conversation)]:
            jobs = self._queued.get(name)
            if jobs and name not in self._active and len(self._active) < self.limit:
                self._start(name, jobs.popleft())
                if not jobs:
                    del self._queued[name]
