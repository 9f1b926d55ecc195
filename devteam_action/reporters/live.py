"""The live view: what is done scrolls by above, what is going on stands below. Needs rich; imported only for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.live import Live
from rich.segment import Segment
from rich.style import Style as RichStyle
from rich.text import Text

from devteam_action.domain.events import (
    ActivityLogged,
    ActivityType,
    AnyEvent,
    AttemptStarted,
    Completed,
    Failed,
    Progressed,
    Stage,
    StageFinished,
    StageStarted,
    Started,
)
from devteam_action.domain.results import Implemented, Saved, StageFailed, Usage, Verified
from devteam_action.render.activity_texts import counts_text
from devteam_action.reporters.activity_lines import activity_line
from devteam_action.reporters.narration import Narrator, usage_texts
from devteam_action.reporters.style import Line, Style, count, seconds_text
from devteam_action.support.terminal import one_line

_STYLES: dict[Style, RichStyle] = {
    "title": RichStyle(bold=True),
    "stage": RichStyle(color="cyan"),
    "good": RichStyle(color="green"),
    "bad": RichStyle(color="red"),
    "warn": RichStyle(color="yellow"),
    "dim": RichStyle(dim=True),
    "plain": RichStyle.null(),
}
_STAGES: tuple[Stage, ...] = ("PREP", "IMPLEMENT", "VERIFY", "PUBLISH")
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class LiveConsole:
    """Tells the run above a small panel: stages, attempt, elapsed time, usage, and what the tool does right now.

    Every text is put on the screen as text: neither terminal sequences nor rich's markup in it have any effect.
    `clock` gives seconds that only grow.
    """

    def __init__(self, stream: TextIO, *, verbosity: int = 2, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        self._narrator = Narrator(verbosity)
        self._panel = _Panel(clock)
        self._live: Live | None = None

    def handle(self, event: AnyEvent) -> None:
        if isinstance(event, ActivityLogged):
            self.handle_activities((event,))
            return
        self._panel.note(event)
        if isinstance(event, Started | StageStarted) and self._live is None:
            self._live = Live(self._panel, console=self._console, refresh_per_second=8, transient=True)
            self._live.start()
        if isinstance(event, Completed | Failed):
            self.close()
        self._print(self._narrator.lines(event))

    def handle_activities(self, events: Sequence[ActivityLogged]) -> None:
        """The latest in the panel; all of them above it only where that was asked for."""
        self._panel.activity = activity_line(events[-1].activity).text.strip()
        self._panel.count(events)
        self._print([line for event in events for line in self._narrator.lines(event)])

    def close(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def _print(self, lines: Sequence[Line]) -> None:
        if lines:
            self._console.print(_Scrolling(lines), end="")


class _Scrolling:
    """Lines as they are. The terminal breaks those that are too long: rich would take five times as long for all."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for line in self._lines:
            yield Segment(f"{line.text}\n", _STYLES[line.style])


class _Panel:
    """What is going on, drawn anew several times a second."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.activity = ""
        self._counts: dict[ActivityType, int] = {}
        self._stage: Stage | None = None
        self._since = self._start = clock()
        self._done: dict[Stage, tuple[bool, float]] = {}
        self._attempt = ""
        self._most = 0
        self._percent = 0
        self._usage = Usage()
        self._running = Usage()  # of the attempt that goes on, as far as its tool tells while it works
        self._title = ""

    def count(self, events: Sequence[ActivityLogged]) -> None:
        """Activities by type, of this stage, and what the tool says that they cost."""
        for event in events:
            kind = event.activity.type
            self._counts[kind] = self._counts.get(kind, 0) + (event.activity.verbosity >= 3)
            if kind == "progress" and isinstance(cost := event.activity.details.get("cost"), float):
                self._running += Usage(cost_usd=cost)

    def note(self, event: AnyEvent) -> None:
        match event:
            case Started():
                self._title = f"{one_line(event.task.id, 40)}  {one_line(event.task.headline, 100)}"
                self._most = event.options.max_attempts
                self._start = self._clock()
            case AttemptStarted(number=number, limit=limit):
                self._most = limit or self._most
                self._attempt = f"attempt {number} of {self._most}" if self._most >= number else f"attempt {number}"
                for stage in ("IMPLEMENT", "VERIFY", "PUBLISH"):
                    self._done.pop(stage, None)
            case StageStarted(stage=stage):
                self._stage, self._since, self.activity, self._counts = stage, self._clock(), "", {}
                self._running = Usage()
            case StageFinished(stage=stage, result=result, duration=duration):
                self._done[stage] = (_is_good(event), duration)
                self._stage = None
                self._running = Usage()
                if isinstance(result, Implemented):
                    self._usage += result.usage
            case Progressed(progress=percent):
                self._percent = percent
            case _:
                pass

    def __rich__(self) -> RenderableType:
        now = self._clock()
        facts = [
            *([self._attempt] if self._attempt else []),
            f"{self._percent} %",
            seconds_text(now - self._start),
            *usage_texts(self._usage + self._running),
            *([count(lines, "line")] if (lines := sum(self._counts.values())) else []),
            *([counts] if (counts := counts_text(self._counts, with_icons=False)) else []),
        ]
        rows = [self._stages(now), Text("  " + " · ".join(facts), "dim", no_wrap=True, overflow="ellipsis")]
        if self.activity:
            rows.append(Text(f"  {self.activity}", "dim", no_wrap=True, overflow="ellipsis"))
        return Group(*rows)

    def _stages(self, now: float) -> Text:
        text = Text("  ", no_wrap=True, overflow="ellipsis")
        for stage in _STAGES:
            if stage == self._stage:
                frame = _FRAMES[int(now * 8) % len(_FRAMES)]
                text.append(f"{frame} {stage} {seconds_text(now - self._since)}", "bold cyan")
            elif stage in self._done:
                is_good, duration = self._done[stage]
                text.append(
                    f"{'✓' if is_good else '✗'} {stage} {seconds_text(duration)}", "green" if is_good else "red"
                )
            else:
                text.append(f"○ {stage}", "dim")
            text.append("   ")
        return text


def _is_good(event: StageFinished) -> bool:
    match event.result:
        case Implemented(ok=ok):
            return ok
        case Verified(verification=verification):
            return verification.verdict == "passed"
        case StageFailed() | Saved():
            return False
        case _:
            return True
