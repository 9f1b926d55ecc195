"""The story of a run in lines for people: what console and `devteam logs` both tell."""

from __future__ import annotations

from datetime import datetime

from devteam_action.domain.events import (
    ActivityLogged,
    AnyEvent,
    AttemptStarted,
    CheckFinished,
    Completed,
    Failed,
    Intervened,
    Progressed,
    StageFinished,
    StageStarted,
    Started,
)
from devteam_action.domain.findings import Verification
from devteam_action.domain.results import (
    BaseMoved,
    Implemented,
    Prepared,
    Published,
    Saved,
    StageFailed,
    Usage,
    Verified,
)
from devteam_action.render.phrases import usage_texts as usage_texts
from devteam_action.reporters.activity_lines import activity_line
from devteam_action.reporters.results_table import table
from devteam_action.reporters.style import Line, Style, count, in_a_row, seconds_text
from devteam_action.support.terminal import one_line

_REASONS = {
    "checks-failed": "the checks were red",
    "tool-failed": "the tool failed",
    "guidance": "there is new guidance",
}

# What a person said, with their name and without it.
_WORDS = {
    "guide": ("guidance from {by}", "guidance"),
    "stop": ("{by} asked to stop", "asked to stop"),
    "resume": ("resumed by {by}, at the unfinished stage", "going on at the unfinished stage"),
    "retry": ("trying again, as {by} asked", "trying again"),
    "adopt": ("{by} takes over the commits that are on the branch", "the commits on the branch are taken over"),
    "skip": ("skipped by {by}", "skipped"),
    "refresh": ("brought up to the newest base, as {by} asked", "brought up to the newest base"),
    "takeover": ("taken over by {by} from a run that is gone", "taken over from a run that is gone"),
}
_RECEIPTS = {"taken": "", "next-attempt": " (for the next attempt)"}


class Narrator:
    """Tells one run; it remembers just enough (start, limits, usage) for its last line.

    `verbosity` 1: the title, each finished stage, start and end of a server's commands, the criteria that failed, the
    end; 2: also why, attempts, people's words, every criterion, times and counts; 3: also every activity and finding.
    """

    def __init__(self, verbosity: int = 2) -> None:
        self.verbosity = verbosity
        self._started = ""
        self._attempts = 0
        self._most_attempts = 0
        self._tool = ""
        self._is_checkpoint = False
        self._usage = Usage()
        self._told = 0

    def lines(self, event: AnyEvent) -> list[Line]:
        """What there is to say about the event; often nothing."""
        match event:
            case ActivityLogged(activity=activity):
                shown = activity.verbosity <= self.verbosity
                return [activity_line(activity, with_facts=self.verbosity >= 2)] if shown else []
            case Started():
                return self._start(event)
            case AttemptStarted():
                return self._attempt(event)
            case StageFinished():
                return self._finished(event)
            case Intervened():
                return self._word(event)
            case Completed() | Failed():
                return self._end(event)
            case StageStarted(stage="IMPLEMENT", attempt=number):
                return self._again(number)
            case StageStarted(stage="VERIFY") if self.verbosity >= 2 and not self._is_checkpoint:
                return [_stage("VERIFY", "the checks are running")]
            case StageStarted() | CheckFinished() | Progressed():
                return []  # said by the lines of their stage's end

    def _start(self, event: Started) -> list[Line]:
        self._started = event.timestamp
        self._most_attempts = event.options.max_attempts
        self._tool = event.options.tool
        self._is_checkpoint = event.task.type == "checkpoint"
        title = Line("title", f"{one_line(event.task.id, 40)}  {one_line(event.task.headline, 160)}")
        why = [Line("dim", f"SELECT     {one_line(event.why)}")] if event.why and self.verbosity >= 2 else []
        return [title, *why]

    def _attempt(self, event: AttemptStarted) -> list[Line]:
        self._attempts = self._told = event.number
        if event.limit:  # a run that goes on has told its options long ago; records of older versions have no limit
            self._most_attempts, self._tool = event.limit, event.tool
            self._is_checkpoint = not event.tool
        if self.verbosity < 2:
            return []
        if self._is_checkpoint:
            return [_stage("VERIFY", f"attempt {event.number} (a checkpoint: no tool)")]
        of = f" of {self._most_attempts}" if self._most_attempts >= event.number else ""
        tool = f" with {self._tool}" if self._tool else ""
        why = f": {_REASONS[event.reason]}" if event.reason in _REASONS else ""
        return [_stage("IMPLEMENT", f"attempt {event.number}{of}{tool}{why}")]

    def _again(self, number: int) -> list[Line]:
        """An attempt that began before a stop, and goes on now: its beginning was told elsewhere, perhaps long ago."""
        if number == self._told or self.verbosity < 2:
            return []
        self._told = self._attempts = number
        of = f" of {self._most_attempts}" if self._most_attempts >= number else ""
        return [_stage("IMPLEMENT", f"attempt {number}{of} goes on" + (f" with {self._tool}" if self._tool else ""))]

    def _finished(self, event: StageFinished) -> list[Line]:
        took = f" ({seconds_text(event.duration)})" if event.duration >= 0.05 else ""
        match event.result:
            case Prepared(branch=branch, base=base, branch_created=created, pull_request=number):
                how = f"from {base[:9]}" if created else "as it was"
                opened = f", pull request #{number}" if number is not None else ""
                return [_stage(event.stage, f"{branch}, {how}{opened}{took}"), *_without(event.result)]
            case Implemented() as result:
                self._usage += result.usage
                return [*_implemented(result, took), *self._refused(result)]
            case Saved(commit=commit):
                return [Line("warn", f"IMPLEMENT  stopped; what the tool had written is kept as {commit[:9]}{took}")]
            case Verified(verification=verification):
                style: Style = "good" if verification.verdict == "passed" else "bad"
                shown = verification.results if self.verbosity >= 2 else verification.failures
                return [
                    *table(shown, every_finding=self.verbosity >= 3),
                    Line(style, f"VERIFY     {_verdict(verification)}{took}"),
                ]
            case Published(merged=merged, pushed=pushed, pull_request=number):
                done = [
                    "merged" if merged else "on its branch",
                    *(["pushed"] if pushed else []),
                    *([f"pull request #{number}"] if number is not None else []),
                ]
                line = _stage(event.stage, f"{', '.join(done)}{took}")
                return [line, *_without(event.result), *_ci(event.result)]
            case BaseMoved(base=base):
                return [Line("warn", f"PUBLISH    the base moved to {base[:9]}: merged in, to be verified again{took}")]
            case StageFailed(code=code, reason=reason):
                return [Line("bad", f"{event.stage:<9}  {code}: {one_line(in_a_row(reason))}{took}")]

    def _word(self, event: Intervened) -> list[Line]:
        if event.options is not None:
            self._most_attempts, self._tool = event.options.max_attempts, event.options.tool
        return [Line("warn", word_text(event))] if self.verbosity >= 2 else []

    def _refused(self, result: Implemented) -> list[Line]:
        if self.verbosity < 2:
            return []
        return [Line("warn", f"           not taken: {one_line(path)}") for path in result.refused]

    def _end(self, event: Completed | Failed) -> list[Line]:
        facts = ", ".join(
            [
                *([seconds_text(_between(self._started, event.timestamp))] if self._started else []),
                *([count(self._attempts, "attempt")] if self._attempts else []),
                *usage_texts(self._usage),
            ]
        )
        facts = f" ({facts})" if facts else ""
        if isinstance(event, Completed):
            if event.status == "COMPLETED":
                return [Line("good", f"✓ {event.task_id} COMPLETED{facts}")]
            return [Line("good", f"● {event.task_id} WAITING for {event.waiting_for or 'review'}{facts}")]
        hint = [Line("plain", f"  → {one_line(event.hint, 300)}")] if event.hint else []
        style: Style = "bad" if event.status == "ERROR" else "warn"
        return [
            Line(style, f"✗ {event.task_id} {event.status} {event.code}: {one_line(in_a_row(event.reason))}{facts}"),
            *hint,
        ]


def _without(result: Prepared | Published) -> list[Line]:
    """Why there is no pull request, and where a person opens it; or what is to be added to the one there is."""
    if result.pull_request is not None:
        return [Line("warn", f"           {one_line(result.note)}")] if result.note else []
    where = f": {one_line(result.link, 300)}" if result.link else ""
    return [Line("warn", f"           no pull request: {one_line(result.note)}{where}")] if result.note else []


def _ci(result: Published) -> list[Line]:
    where = f" {one_line(result.ci_link, 300)}" if result.ci_link else ""
    return [Line("dim", f"           {one_line(result.ci)}{where}")] if result.ci else []


def word_text(word: Intervened) -> str:
    """What a person said, or what happened in their place."""
    named, nameless = _WORDS[word.kind]
    said = named.format(by=one_line(word.by, 40)) if word.by not in ("", "somebody") else nameless
    receipt = _RECEIPTS.get(word.receipt, f" ({one_line(word.receipt, 80)})")
    return f"{said}{receipt}" + (f": {one_line(word.text)}" if word.text else "")


def _implemented(result: Implemented, took: str) -> list[Line]:
    if not result.ok:
        return [Line("bad", f"IMPLEMENT  {result.reason or 'failed'}: {one_line(in_a_row(result.message))}{took}")]
    if result.commit is None:
        return [_stage("IMPLEMENT", f"nothing changed{took}")]
    size = f"{count(len(result.files_modified), 'file')}, {count(result.lines_changed, 'line')}"
    usage = "".join(f", {text}" for text in usage_texts(result.usage))
    adopted = ", made before the interruption" if result.adopted else ""
    return [_stage("IMPLEMENT", f"{size}, commit {result.commit[:9]}{adopted}{usage}{took}")]


def _stage(stage: str, text: str) -> Line:
    return Line("stage", f"{stage:<9}  {text}")


def _verdict(verification: Verification) -> str:
    if verification.verdict == "unverified":
        return "nothing could be measured: UNVERIFIED"
    number = len(verification.results)
    return f"{number - len(verification.failures)} of {count(number, 'criterion', 'criteria')} met"


def _between(start: str, end: str) -> float:
    try:
        return max(0.0, (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())
    except ValueError:
        return 0.0
