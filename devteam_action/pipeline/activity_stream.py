"""From a child's lines to the bus: decoded, redacted in batches, classified, numbered."""

from __future__ import annotations

import threading

import msgspec

from devteam_action.domain.activity import Classifier, Draft
from devteam_action.pipeline.bus import Bus
from devteam_action.pipeline.ports import Clock, Stream
from devteam_action.pipeline.said import Said
from devteam_action.support.line_redactor import LineRedactor, settled
from devteam_action.support.terminal import without_escapes

_HOLD_S = 0.1  # how long a line waits for what may follow; with one tick of the thread it stays under 200 ms
_HOLD_WHOLE_S = 0.02  # a whole message: nothing of it is still to come, and those of one look at a server come at once
_BATCH_LINES = 2048
_BATCH_BYTES = 512 * 1024


class ActivityStream:
    """Takes lines from any thread; none is lost, and they keep the order in which they came.

    A line waits at most 200 ms: meanwhile it is seen together with the lines after it, so that a secret that is broken
    over them is hidden. Whole messages come by `say`: a tool call in one is one activity, however many lines it has.
    """

    def __init__(self, bus: Bus, classifier: Classifier, clock: Clock) -> None:
        self._bus = bus
        self._classifier = classifier
        self._clock = clock
        self._redactors: dict[Stream, LineRedactor] = {
            "stdout": LineRedactor(bus.redactor),
            "stderr": LineRedactor(bus.redactor),
        }
        self._lines: list[tuple[Stream, bytes, Said | None]] = []
        self._bytes = 0
        self._hold_s = _HOLD_S
        self._intake = threading.Lock()  # guards the list; never held while anything is worked on
        self._work = threading.Lock()  # one batch at a time, in order
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="activities", daemon=True)
        self._thread.start()

    def line(self, stream: Stream, data: bytes) -> None:
        """One line of a child's output, without its end (satisfies ports.EmitLine)."""
        self._take_in(stream, data, None)

    def say(self, said: Said) -> None:
        """One whole message, or a word of ours (what `ToolJob.say` is)."""
        self._hold_s = _HOLD_WHOLE_S
        self._take_in("stdout", said.text.encode(errors="replace"), said)

    def _take_in(self, stream: Stream, data: bytes, said: Said | None) -> None:
        with self._intake:
            self._lines.append((stream, data, said))
            self._bytes += len(data)
            is_first = len(self._lines) == 1
            is_full = len(self._lines) >= _BATCH_LINES or self._bytes >= _BATCH_BYTES
        if is_full:
            self._pass_on(keep_unsettled=True)
        elif is_first:
            self._wake.set()

    def close(self) -> None:
        """Everything that came is on the bus when this returns; lines that come later are lost."""
        self._closing.set()
        self._wake.set()
        self._thread.join()
        while self._pass_on():
            pass

    def _tick(self) -> None:
        """Nothing waits longer than the hold; a thread of its own, because a silent child calls nobody."""
        while not self._closing.is_set():
            self._wake.wait()
            self._wake.clear()
            # A stack trace may still be on its way: its group ends when a whole tick brought no line.
            while not self._closing.wait(self._hold_s) and self._pass_on():
                pass

    def _pass_on(self, *, keep_unsettled: bool = False) -> bool:
        """Puts what came on the bus; where nothing came, what the classifier kept back. Whether anything came."""
        with self._work:
            lines = self._taken(keep_unsettled=keep_unsettled)
            drafts = self._classified(lines) if lines or keep_unsettled else self._classifier.flush()
            if drafts:
                numbers = self._bus.next_activity_numbers(len(drafts))
                self._bus.emit_activities(self._classifier.activities(drafts, numbers, self._clock.now()))
        return bool(lines)

    def _taken(self, *, keep_unsettled: bool) -> list[tuple[Stream, str, Said | None]]:
        with self._intake:
            count = len(self._lines)
            if keep_unsettled:
                tail = [data.decode("utf-8", "replace") for _, data, _ in self._lines[-_BATCH_LINES:]]
                count -= len(tail) - settled(tail, self._bus.redactor)
            taken, self._lines = self._lines[:count], self._lines[count:]
            self._bytes = sum(len(data) for _, data, _ in self._lines)
            if self._lines:
                self._wake.set()
        return [(stream, without_escapes(data.decode("utf-8", "replace")), said) for stream, data, said in taken]

    def _classified(self, lines: list[tuple[Stream, str, Said | None]]) -> list[Draft]:
        clean: dict[Stream, list[str]] = {
            name: redactor.redact([text for stream, text, _ in lines if stream == name])
            for name, redactor in self._redactors.items()
        }
        following = {name: iter(texts) for name, texts in clean.items()}
        drafts: list[Draft] = []
        plain: list[str] = []
        for stream, _, said in lines:
            text = next(following[stream])
            if said is not None or "\n" in text:
                drafts += self._classifier.feed(plain)
                plain = []
                drafts += self._message(text, said)
            else:
                plain.append(text)
        return drafts + self._classifier.feed(plain)

    def _message(self, text: str, said: Said | None) -> list[Draft]:
        """The activities of one whole message."""
        if said is None:
            return self._classifier.message(text)
        bare = msgspec.structs.replace(said, text="")
        details = dict(self._bus.redactor.redact_struct(bare, words=(said.type or "",)).details)
        if said.type is not None:
            return [*self._classifier.flush(), Draft(said.type, text, details, said.verbosity)]
        before, drafts = self._classifier.flush(), self._classifier.message(text)
        return [
            *before,
            *(
                msgspec.structs.replace(each, details={**each.details, **details}, verbosity=said.verbosity)
                for each in drafts
            ),
        ]
