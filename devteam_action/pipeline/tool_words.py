"""What a tool says during one call: onto the bus as it comes, and the end of it into the attempt's folder."""

from __future__ import annotations

from pathlib import Path

from devteam_action.domain.activity import Classifier
from devteam_action.domain.run import Run
from devteam_action.pipeline.activity_stream import ActivityStream
from devteam_action.pipeline.ports import Stream
from devteam_action.pipeline.said import Said
from devteam_action.pipeline.session import Session
from devteam_action.support.lines import Tail

_KEEP_OUTPUT = 2**20  # bytes of each stream beside the attempt; the log has every line


class ToolWords:
    """`line` satisfies ports.EmitLine, `say` is what ToolJob.say is; `tool` is the source of the activities."""

    def __init__(self, run: Run, session: Session, tool: str) -> None:
        self._redactor = session.bus.redactor
        self._tails = {"stdout": Tail(_KEEP_OUTPUT), "stderr": Tail(_KEEP_OUTPUT)}
        self._stream = ActivityStream(
            session.bus,
            Classifier(execution_id=run.run_id, project_id=session.execution.customer_id, source=tool),
            session.ports.clock,
        )

    def line(self, name: Stream, data: bytes) -> None:
        self._tails[name].add(data + b"\n")
        self._stream.line(name, data)

    def say(self, said: Said) -> None:
        self._tails["stdout"].add(said.text.encode(errors="replace") + b"\n")
        self._stream.say(said)

    def close(self, folder: Path, before: str = "") -> None:
        """Everything is on the bus, and `<before>stdout.log` and `<before>stderr.log` are written, redacted."""
        self._stream.close()
        for name, tail in self._tails.items():
            (folder / f"{before}{name}.log").write_bytes(self._redactor.redact_bytes(tail.value()))
