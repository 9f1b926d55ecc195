"""One commit as a `git fast-import` stream: blobs, trees and the commit in one process, no checkout, no index."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

NOTHING = "0" * 40
_AUTHOR = "devteam-action <devteam-action@localhost>"


class Commit(Struct, frozen=True, kw_only=True):
    """A commit to be made: `parent` is a full SHA or empty, `changes` maps a path to its content or None to delete.

    `temporary` leaves no ref behind: the objects stay, unreferenced, and the id is printed on standard output.
    """

    ref: str
    parent: str
    message: str
    when: str
    changes: Mapping[str, bytes | None]
    temporary: bool = False


def stream(commit: Commit) -> bytes:
    """The input of `git fast-import`; it prints the commit's id (git-fast-import: get-mark)."""
    seconds = int(datetime.fromisoformat(commit.when).timestamp())
    parts = [
        f"commit {commit.ref}\nmark :1\ncommitter {_AUTHOR} {seconds} +0000\n".encode(),
        _data(commit.message.encode()),
    ]
    if commit.parent:
        parts.append(f"from {commit.parent}\n".encode())
    for path, content in sorted(commit.changes.items(), key=lambda item: item[0]):
        if content is None:
            parts.append(b"D " + _path(path) + b"\n")
        else:
            parts.append(b"M 100644 inline " + _path(path) + b"\n" + _data(content))
    parts.append(b"\nget-mark :1\n")
    if commit.temporary:
        parts.append(f"reset {commit.ref}\nfrom {NOTHING}\n\n".encode())
    parts.append(b"done\n")
    return b"".join(parts)


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _path(path: str) -> bytes:
    raw = path.encode(errors="surrogateescape")
    if raw.startswith(b'"') or b"\n" in raw:
        quoted = raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
        return b'"' + quoted + b'"'
    return raw
