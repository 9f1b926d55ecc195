"""Bytes as they come, cut into lines, and kept within bounds."""

from __future__ import annotations

from collections import deque

_LONGEST_LINE = 8 * 2**20  # a line without an end is handed on in pieces of this size, or memory would have no bound


class LineSplitter:
    """Turns chunks into lines without their ends (`\\n`, `\\r\\n`); linear in time for lines of any length."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that `chunk` completes."""
        *lines, last = chunk.split(b"\n")
        if lines:
            lines[0] = b"".join((*self._parts, lines[0]))
            self._parts.clear()
            self._size = 0
        if last:
            self._parts.append(last)
            self._size += len(last)
        if self._size >= _LONGEST_LINE:
            lines.append(self.rest())
        return [line.removesuffix(b"\r") for line in lines]

    def rest(self) -> bytes:
        """What came after the last line end; empty when nothing did."""
        line = b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        return line.removesuffix(b"\r")


class Tail:
    """Keeps the first and the last half of at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self._head = bytearray()
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self.dropped = 0

    def add(self, chunk: bytes) -> None:
        space = self._half - len(self._head)
        if space > 0:
            self._head += chunk[:space]
            chunk = chunk[space:]
        if not chunk:
            return
        self._chunks.append(chunk)
        self._size += len(chunk)
        while self._size - len(self._chunks[0]) >= self._half:
            gone = len(self._chunks.popleft())
            self._size -= gone
            self.dropped += gone

    def value(self) -> bytes:
        """What was kept, with a line in the middle that says how much was not."""
        gap = f"\n[... {self.dropped} bytes not kept ...]\n".encode() if self.dropped else b""
        return bytes(self._head) + gap + b"".join(self._chunks)
