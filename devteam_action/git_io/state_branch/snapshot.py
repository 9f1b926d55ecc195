"""The state branch at one commit, read lazily: a listing is one `ls-tree`, its files are one `cat-file --batch`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from devteam_action.support.process import Completed

_BATCH = 4096  # files read ahead at most when one of a listing is asked for
_KEEP_BYTES = 64 * 2**10  # larger contents are not carried from one commit to the next
_KEEP_FILES = 4096


class RunGit(Protocol):
    def __call__(self, *args: str, stdin: bytes = b"") -> Completed: ...


# Called with the version, a prefix that was listed, and the ids of the blobs below it that are going to be read.
BeforeBatch = Callable[[str, str, Sequence[str]], None]
Listing = Mapping[str, str]  # path -> blob id


class BranchSnapshot:
    """What `version` holds; an empty version holds nothing. Contents and listings are remembered.

    Asking for one file of a listing reads its siblings of the same kind (`.json` apart from `.jsonl`) too.
    `before_batch` is told their object ids first: a partial clone fetches them at once then, and not one by one.
    """

    def __init__(
        self,
        git: RunGit,
        version: str,
        *,
        contents: Mapping[str, bytes | None] | None = None,
        listings: Mapping[str, Listing] | None = None,
        before_batch: BeforeBatch | None = None,
    ) -> None:
        self._git = git
        self._version = version
        self._contents: dict[str, bytes | None] = dict(contents or {})
        self._listings: dict[str, Listing] = dict(listings or {})
        self._before_batch = before_batch

    @property
    def version(self) -> str:
        return self._version

    def get(self, path: str) -> bytes | None:
        if not self._version or "\n" in path:
            return None
        if path not in self._contents:
            self._read(path)
        return self._contents[path]

    def paths(self, prefix: str = "") -> Sequence[str]:
        if not self._version:
            return ()
        if prefix not in self._listings:
            folder = prefix[: prefix.rfind("/") + 1]
            where = ("--", folder) if folder else ()
            out = self._git("ls-tree", "-r", "-z", "--full-tree", self._version, *where).stdout
            listed = dict(sorted(_entries(out)))
            self._listings[prefix] = {path: blob for path, blob in listed.items() if path.startswith(prefix)}
        return tuple(self._listings[prefix])

    def advanced(self, version: str, changes: Mapping[str, bytes | None]) -> BranchSnapshot:
        """The snapshot after our own commit of `changes` on this one."""
        small = {path: content for path, content in changes.items() if content is None or len(content) <= _KEEP_BYTES}
        return self._successor(version, changes, known=small)

    def moved(self, version: str, changed: Iterable[str]) -> BranchSnapshot:
        """The snapshot after other writers' commits, which changed these paths."""
        return self._successor(version, changed, known={})

    def _successor(self, version: str, changed: Iterable[str], *, known: Mapping[str, bytes | None]) -> BranchSnapshot:
        gone = set(changed)
        kept = {
            path: content
            for path, content in self._contents.items()
            if path not in gone and (content is None or len(content) <= _KEEP_BYTES)
        }
        contents = {**kept, **known}
        return BranchSnapshot(
            self._git,
            version,
            contents=contents if len(contents) <= _KEEP_FILES else dict(known),
            listings={
                prefix: paths
                for prefix, paths in self._listings.items()
                if not any(path.startswith(prefix) for path in gone)
            },
            before_batch=self._before_batch,
        )

    def _read(self, path: str) -> None:
        wanted = self._read_ahead(path)
        lines = "".join(f"{name}\n" for name in wanted.values())
        out = self._git("cat-file", "--batch", stdin=lines.encode(errors="surrogateescape")).stdout
        for name, content in zip(wanted, _batch(out), strict=True):
            self._contents[name] = content

    def _read_ahead(self, path: str) -> dict[str, str]:
        """What to read when `path` is asked for: path to the name that git knows it by."""
        kind = path.rpartition(".")[2]
        for prefix, listing in self._listings.items():
            if path in listing and len(listing) <= _BATCH:
                wanted = {
                    name: blob
                    for name, blob in listing.items()
                    if name not in self._contents and name.rpartition(".")[2] == kind
                }
                if self._before_batch is not None:
                    self._before_batch(self._version, prefix, list(wanted.values()))
                return wanted
        return {path: f"{self._version}:{path}"}


def _entries(out: bytes) -> Iterable[tuple[str, str]]:
    for entry in out.split(b"\0"):
        about, _, name = entry.partition(b"\t")
        fields = about.split(b" ")
        if name and fields[1] == b"blob":
            yield name.decode(errors="surrogateescape"), fields[2].decode()


def _batch(out: bytes) -> list[bytes | None]:
    """The contents in the output of `git cat-file --batch`; None for what is missing or no file."""
    contents: list[bytes | None] = []
    at = 0
    while at < len(out):
        end = out.index(b"\n", at)
        header = out[at:end].rsplit(b" ", 2)
        at = end + 1
        if len(header) < 3 or not header[2].isdigit():
            contents.append(None)
            continue
        size = int(header[2])
        contents.append(out[at : at + size] if header[1] == b"blob" else None)
        at += size + 1
    return contents
