"""The run on a terminal or in a job's log: plain lines, or a live view where there is one to see it."""

from __future__ import annotations

import contextlib
import importlib.util
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TextIO

from devteam_action.domain.events import ActivityLogged, AnyEvent, Completed, Failed, Stage, StageFinished, StageStarted
from devteam_action.pipeline.ports import Reporter
from devteam_action.reporters.activity_lines import activity_line
from devteam_action.reporters.narration import Narrator
from devteam_action.reporters.style import count, seconds_text, writable

_QUIET_S = 10.0  # a stage says on plain output that it lives after this time, then after twice as long, ...
_QUIETEST_S = 60.0  # ... up to this


def console(stream: TextIO, env: Mapping[str, str], *, verbosity: int = 2) -> Reporter:
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
    """A line for each thing worth telling, without colours, in any encoding; a sign of life while a stage is silent.

    At verbosity 1 silence is what was asked for.
    """

    def __init__(self, stream: TextIO, *, verbosity: int = 2, quiet_s: float = _QUIET_S) -> None:
        self._stream = stream
        self._narrator = Narrator(verbosity)
        self._is_terse = verbosity < 2
        self._quiet_s = quiet_s
        self._writing = threading.Lock()
        self._last_said = time.monotonic()
        self._activities = 0
        self._latest = ""
        self._stage_over = threading.Event()

    def handle(self, event: AnyEvent) -> None:
        if isinstance(event, ActivityLogged):
            self.handle_activities((event,))
            return
        self._say([line.text for line in self._narrator.lines(event)])
        if isinstance(event, StageStarted) and not self._is_terse:
            self._stage_over.set()
            self._stage_over = threading.Event()
            self._activities, self._latest = 0, ""
            args = (event.stage, self._stage_over)
            threading.Thread(target=self._live, args=args, name="console", daemon=True).start()
        elif isinstance(event, StageFinished | Completed | Failed):
            self._stage_over.set()

    def handle_activities(self, events: Sequence[ActivityLogged]) -> None:
        """Every activity where it was asked for; the latest is kept for the next sign of life."""
        self._activities += len(events)
        self._latest = activity_line(events[-1].activity).text.strip()
        self._say([line.text for event in events for line in self._narrator.lines(event)])

    def close(self) -> None:
        self._stage_over.set()
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()

    def _live(self, stage: Stage, over: threading.Event) -> None:
        started = time.monotonic()
        quiet = self._quiet_s
        while not over.wait(max(0.01, self._last_said + quiet - time.monotonic())):
            if time.monotonic() - self._last_said < quiet:
                continue  # something else was said meanwhile
            latest = f": {count(self._activities, 'line')} so far, the last: {self._latest}" if self._latest else ""
            with contextlib.suppress(OSError, ValueError):  # the stream is gone: the next event will tell
                self._say([f"    … {stage} for {seconds_text(time.monotonic() - started)}{latest}"])
            quiet = min(_QUIETEST_S, quiet * 2)

    def _say(self, lines: Sequence[str]) -> None:
        if not lines:
            return
        with self._writing:
            self._stream.write(writable("".join(f"{line}\n" for line in lines), self._stream.encoding))
            self._stream.flush()
            self._last_said = time.monotonic()
