"""What lies in a folder that a tool had to itself: looked at, never followed, never executed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

Kind = Literal["file", "symlink", "folder", "unreadable", "special"]
WHOLE_TREE = "."  # the path of the one entry that a folder gives which is gone or unreadable itself
_CHUNK = 1 << 20


class Stamp(Struct, frozen=True):
    """Equal stamps mean untouched: `changed_ns` is set by the system and by nobody else."""

    inode: int
    size: int
    modified_ns: int
    changed_ns: int
    mode: int


class Found(Struct, frozen=True):
    """One name below the folder; `folder` entries are only those that are not gone into, such as another `.git`."""

    path: str
    kind: Kind
    stamp: Stamp

    @property
    def mode(self) -> str:
        return "100755" if self.stamp.mode & stat.S_IXUSR else "100644"


def scan(root: Path) -> Iterator[Found]:
    """Everything below `root` but the `.git` at its top, in no order; a nested `.git` is one entry of kind folder."""
    pending = [""]
    while pending:
        prefix = pending.pop()
        try:
            with os.scandir(os.path.join(root, prefix)) as listing:  # noqa: PTH118  50,000 Path objects are slow
                entries = list(listing)
        except OSError:
            yield Found(prefix.removesuffix("/") or WHOLE_TREE, "unreadable", Stamp(0, 0, 0, 0, 0))
            continue
        for entry in entries:
            path = prefix + entry.name
            if path == ".git":
                continue
            try:
                found = _found(path, entry)
            except OSError:
                yield Found(path, "unreadable", Stamp(0, 0, 0, 0, 0))
                continue
            if found.kind == "folder" and entry.name != ".git":
                pending.append(f"{path}/")
            else:
                yield found


def _found(path: str, entry: os.DirEntry[str]) -> Found:
    status = entry.stat(follow_symlinks=False)
    stamp = Stamp(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_mode)
    return Found(path, _kind(status.st_mode), stamp)


def _kind(mode: int) -> Kind:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISLNK(mode):
        return "symlink"
    return "folder" if stat.S_ISDIR(mode) else "special"


class Content(Struct, frozen=True):
    """The blob id of a file, and its bytes."""

    blob: str
    data: bytes


def read_content(root: Path, path: str, *, size: int, object_format: str) -> Content | None:
    """Reads a regular file of `size` bytes without following a link in any part of its path.

    None when it is not one any more, or has another size by now: nothing is read then, however big it has become.
    """
    with _opened(root, path) as descriptor:
        if descriptor is None:
            return None
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size != size:
            return None
        chunks: list[bytes] = []
        left = size
        while left and (chunk := os.read(descriptor, min(_CHUNK, left))):
            left -= len(chunk)
            chunks.append(chunk)
        if left:
            return None
    data = b"".join(chunks)
    digest = hashlib.new(object_format, b"blob %d\0" % size, usedforsecurity=False)
    digest.update(data)
    return Content(digest.hexdigest(), data)


def read_link(root: Path, path: str, object_format: str) -> str | None:
    """The blob id of a symlink's target, as git stores it."""
    try:
        target = os.fsencode((root / path).readlink())
    except OSError:
        return None
    return hashlib.new(object_format, b"blob %d\0" % len(target) + target, usedforsecurity=False).hexdigest()


@contextlib.contextmanager
def _opened(root: Path, path: str) -> Generator[int | None]:
    """A descriptor of the file, reached folder by folder; a child that outlived its tool cannot slip a link in."""
    *folders, name = path.split("/")
    descriptors: list[int] = []
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptors.append(os.open(root, flags | os.O_DIRECTORY))
        for folder in folders:
            descriptors.append(os.open(folder, flags | os.O_DIRECTORY, dir_fd=descriptors[-1]))
        descriptors.append(os.open(name, flags | os.O_NONBLOCK, dir_fd=descriptors[-1]))
    except OSError:
        reached = None
    else:
        reached = descriptors[-1]
    try:
        yield reached
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
