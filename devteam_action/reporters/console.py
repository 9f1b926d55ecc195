"""The run on a terminal or in a job's log: plain lines, or a live view where there is one to see it."""

from __future__ import annotations

import contextlib
import importlib.util
import time
from collections.abc import Mapping, Sequence
from typing import TextIO

from devteam_action.domain.events import ActivityLogged, AnyEvent
from devteam_action.pipeline.ports import Reporter
from devteam_action.reporters.narration import Narrator, activity_line
from devteam_action.reporters.style import writable

_QUIET_S = 10.0  # a long stage says on plain output that it lives, at most this often


def console(stream: TextIO, env: Mapping[str, str], *, verbosity: int = 1) -> Reporter:
    """A live view on a terminal (rich is installed; NO_COLOR, CI and a dumb terminal turn it off), else plain lines."""
    is_plain = (
        not stream.isatty()
        or any(env.get(name) for name in ("NO_COLOR", "CI"))
        or env.get("TERM", "") in ("", "dumb")
        or importlib.util.find_spec("rich") is None
    )
    if is_plain:
        return PlainConsole(stream, verbosity=verbosity)
    from devteam_action.reporters.live import LiveConsole

    return LiveConsole(stream, verbosity=verbosity)


class PlainConsole:
    """One line for each thing worth telling, without colours, in any encoding."""

    def __init__(self, stream: TextIO, *, verbosity: int = 1) -> None:
        self._stream = stream
        self._narrator = Narrator(verbosity)
        self._activities = 0
        self._last_said = time.monotonic()

    def handle(self, event: AnyEvent) -> None:
        if isinstance(event, ActivityLogged):
            self.handle_activities((event,))
        else:
            self._activities = 0
            self._say([line.text for line in self._narrator.lines(event)])

    def handle_activities(self, events: Sequence[ActivityLogged]) -> None:
        """Every activity where it was asked for, else now and then a sign of life."""
        self._activities += len(events)
        lines = [line.text for event in events for line in self._narrator.lines(event)]
        if not lines and time.monotonic() - self._last_said >= _QUIET_S:
            latest = activity_line(events[-1].activity).text.strip()
            lines = [f"    … {self._activities} lines so far, the last: {latest}"]
        self._say(lines)

    def close(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()

    def _say(self, lines: Sequence[str]) -> None:
        if lines:
            self._stream.write(writable("".join(f"{line}\n" for line in lines), self._stream.encoding))
            self._stream.flush()
            self._last_said = time.monotonic()
