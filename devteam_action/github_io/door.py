"""Carries out one request patiently: repeats what is safe to repeat, waits as long as GitHub asks, and not for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from devteam_action.errors import DevteamError, Missing
from devteam_action.github_io.problems import problem_in
from devteam_action.github_io.refusals import Reply, is_hourly, sentence, verdict_on, wait_for
from devteam_action.github_io.waiting import Patience

if TYPE_CHECKING:
    from devteam_action.pipeline.ports import Clock, Progress, Stop

_T = TypeVar("_T")
_QUIET_S = 5.0  # shorter waits are not worth a line


class Door:
    """`refused` makes the error of a final refusal; `clean` hides what no message may show."""

    def __init__(
        self,
        address: str,
        *,
        refused: Callable[[str, Reply, str], DevteamError],
        clean: Callable[[str], str],
        progress: Progress,
        clock: Clock,
        stop: Stop | None,
        pace_s: float,
        patience_s: float,
        jitter: Callable[[], float],
    ) -> None:
        self._address = address
        self._refused = refused
        self._clean = clean
        self._progress = progress
        self._clock = clock
        self._stop = stop or threading.Event()
        self._pace_s = pace_s
        self._patience_s = patience_s
        self._jitter = jitter
        self._writing = threading.Lock()
        self._last_write: float | None = None

    def through(
        self,
        what: str,
        action: Callable[[], _T],
        right: str,
        *,
        is_write: bool = False,
        is_repeatable: bool = True,
        find: Callable[[], _T | None] | None = None,
    ) -> _T:
        """What `action` returns; one that is not repeatable is sent again only after `find` has found nothing.

        Raises Missing when patience has ended or a stop is wanted, and what `refused` makes of a final refusal.
        """
        patience = Patience(left_s=self._patience_s, jitter=self._jitter)
        while True:
            if is_write:
                self._pace()
            try:
                return action()
            except DevteamError:
                raise
            except Exception as error:  # noqa: BLE001 - PyGithub's, requests' and json's have no common base
                reply, was_sent = problem_in(error)
            verdict = verdict_on(reply)
            if verdict == "final":
                raise self._refused(what, reply, right)
            if verdict == "limited":
                self._pause(what, reply, patience)
                continue
            if was_sent and not is_repeatable and find is None:
                raise self._gone(what, reply, "whether it was carried out is not known, so it is not sent again")
            self._back_off(what, reply, patience)
            if find is None or not was_sent:
                continue
            found = find()
            if found is None:
                # A list may lag behind the write before it.
                self._back_off(what, reply, patience)
                found = find()
            if found is not None:
                return found

    def _pause(self, what: str, reply: Reply, patience: Patience) -> None:
        asked = wait_for(reply, self._clock.now())
        wait = patience.hold_off() if asked is None else patience.take(asked)
        if wait is None and (asked is None or not is_hourly(reply)):
            raise Missing(
                f"GitHub holds us off: too many requests in a short time, not in this hour ({what}: {sentence(reply)})",
                remedy="run again in some minutes; fewer jobs at once ask for less",
            )
        if wait is None:
            assert asked is not None
            until = datetime.fromtimestamp(datetime.fromisoformat(self._clock.now()).timestamp() + asked, UTC)
            raise Missing(
                f"GitHub's rate limit is used up until {until:%Y-%m-%d %H:%M:%S} UTC ({what})",
                remedy="run again after that time; a token of a GitHub App has a limit of its own",
            )
        self._wait(wait, what, reply, f"GitHub asks for a pause of {wait:.0f} s ({what})")

    def _back_off(self, what: str, reply: Reply, patience: Patience) -> None:
        wait = patience.backoff()
        if wait is None:
            raise self._gone(what, reply, f"tried for {self._patience_s:.0f} s")
        self._wait(wait, what, reply, f"no answer from GitHub ({what}: {sentence(reply)}); again in {wait:.0f} s")

    def _wait(self, seconds: float, what: str, reply: Reply, told: str) -> None:
        if seconds >= _QUIET_S:
            self._progress(self._clean(told))
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0:
            if self._stop.is_set():
                raise self._gone(what, reply, "we were stopped while waiting for it")
            self._clock.sleep(min(left, 1.0))

    def _pace(self) -> None:
        with self._writing:
            now = self._clock.monotonic()
            if self._last_write is not None and now < self._last_write + self._pace_s:
                self._clock.sleep(self._last_write + self._pace_s - now)
            self._last_write = self._clock.monotonic()

    def _gone(self, what: str, reply: Reply, how: str) -> Missing:
        return Missing(
            self._clean(f"GitHub at {self._address} does not answer ({what}: {sentence(reply)}; {how})"),
            remedy="run again later; www.githubstatus.com tells whether others have the same",
        )
