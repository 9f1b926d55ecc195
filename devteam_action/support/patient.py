"""A stream whose reader may go away: whoever stops listening does not stop the work."""

from __future__ import annotations

import os
from typing import TextIO


class PatientStream:
    """Writes to `stream` as long as somebody reads it; afterwards what is written is lost, and nothing is raised."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            self._give_up()
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._give_up()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def encoding(self) -> str:
        return self._stream.encoding

    def _give_up(self) -> None:
        # The text that could not be written waits in a buffer; here it goes where nothing is refused.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)
