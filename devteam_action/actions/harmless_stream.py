"""A stream in which the runner finds no command, for what a job prints beside the muzzled one.

The runner reads stdout and stderr as two pipes and says nothing of their order: what `Muzzle` turns off on one of them
may still be on, or on again, when a line of the other is read. Standard library only.
"""

from __future__ import annotations

import threading
from typing import TextIO

from devteam_action.actions.workflow_commands import harmless_line


class HarmlessStream:
    """What is written goes to `stream` line by line, each made harmless; an unfinished one waits for its end.

    `close` writes what is left; the stream itself stays open. Safe for several threads.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._rest = ""

    def write(self, text: str) -> int:
        with self._lock:
            whole, end, self._rest = f"{self._rest}{text}".rpartition("\n")
            if end:
                self._stream.write("".join(f"{harmless_line(line)}\n" for line in whole.split("\n")))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        with self._lock:
            if self._rest:
                self._stream.write(f"{harmless_line(self._rest)}\n")
            self._rest = ""
            self._stream.flush()

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def encoding(self) -> str:
        return self._stream.encoding

    @property
    def errors(self) -> str | None:
        return self._stream.errors
