"""Git for trees that nobody vouches for: no attributes, no filters, no user settings, no hooks.

It shares the repository's objects, and has a git folder of its own whose `info/attributes` outranks every
`.gitattributes` (git: gitattributes, "highest precedence"), so bytes go in and out as they are and a diff sees
as text what is text. Nothing here reads a `.git` that a tool could have written.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Collection, Generator, Mapping
from pathlib import Path

from devteam_action.git_io.git import Git
from devteam_action.git_io.layout import Layout

_ATTRIBUTES = "* !text !eol !crlf !filter !ident !working-tree-encoding !diff !merge !export-subst\n"
_CONFIG = """\
[core]
\trepositoryformatversion = {version}
\tbare = true
\tfilemode = true
\tsymlinks = true
\tautocrlf = false
\tprotectHFS = true
\tprotectNTFS = true
"""
_OBJECT_FORMAT = "[extensions]\n\tobjectFormat = {name}\n"

Edits = Mapping[str, tuple[str, str] | None]  # path -> (mode, blob), or None to delete


class PlainGit:
    """Runs git plumbing on the repository's objects alone."""

    def __init__(self, git: Git, layout: Layout) -> None:
        self._git = git
        self._layout = layout
        self.folder = layout.notes / "plain.git"
        self._ready = False

    def run(
        self,
        *args: str,
        stdin: bytes = b"",
        ok: Collection[int] = (0,),
        work_tree: Path | None = None,
        index: Path | None = None,
    ) -> bytes:
        """Standard output of one git command; raises GitFailed."""
        if not self._ready:
            self._make()
        env = {
            "GIT_DIR": str(self.folder),
            "GIT_OBJECT_DIRECTORY": str(self._layout.objects),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
        }
        if work_tree is not None:
            env["GIT_WORK_TREE"] = str(work_tree)
        if index is not None:
            env["GIT_INDEX_FILE"] = str(index)
        git = self._git if work_tree is None else self._git.at(work_tree)
        return git.run(*args, stdin=stdin, ok=ok, env=env, timeout_s=600).stdout

    def text(self, *args: str, stdin: bytes = b"", index: Path | None = None) -> str:
        return self.run(*args, stdin=stdin, index=index).decode(errors="surrogateescape").removesuffix("\n")

    def entries(self, tree: str) -> dict[str, tuple[str, str]]:
        """Every path below `tree` with its mode and object."""
        found: dict[str, tuple[str, str]] = {}
        for record in self.run("ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0"):
            if record:
                about, _, path = record.partition(b"\t")
                mode, _kind, name = about.decode().split(" ")
                found[os.fsdecode(path)] = (mode, name)
        return found

    def write_blobs(self, contents: Collection[bytes]) -> None:
        """Stores the contents as they are, in one process."""
        if contents:
            stream = b"".join(b"blob\ndata %d\n%s\n" % (len(data), data) for data in contents)
            self.run("fast-import", "--quiet", "--done", stdin=stream + b"done\n")

    def edit_tree(self, tree: str, edits: Edits) -> str:
        """The tree with `edits` applied; deletions first, so a file may become a folder."""
        zero = "0" * len(self.text("rev-parse", f"{tree}^{{tree}}"))
        lines = [f"0 {zero}\t{path}\0" for path, entry in edits.items() if entry is None]
        lines += [f"{entry[0]} {entry[1]}\t{path}\0" for path, entry in edits.items() if entry is not None]
        with self.private_index() as index:
            self.run("read-tree", tree, index=index)
            self.run("update-index", "--add", "-z", "--index-info", stdin=os.fsencode("".join(lines)), index=index)
            return self.text("write-tree", index=index)

    @contextlib.contextmanager
    def private_index(self) -> Generator[Path]:
        """The path of an index file that nobody else knows."""
        if not self._ready:
            self._make()
        with tempfile.TemporaryDirectory(prefix="index-", dir=self.folder) as folder:
            yield Path(folder) / "index"

    def _make(self) -> None:
        """Lays the git folder out; again is harmless, and two at once write the same bytes."""
        other = self._layout.object_format != "sha1"
        config = _CONFIG.format(version=1 if other else 0)
        files = {
            "info/attributes": _ATTRIBUTES,
            "config": config + (_OBJECT_FORMAT.format(name=self._layout.object_format) if other else ""),
            "HEAD": "ref: refs/heads/none\n",
        }
        for folder in ("info", "refs", "objects"):
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            target = self.folder / name
            if not target.is_file() or target.read_text() != text:
                with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False) as file:
                    file.write(text)
                Path(file.name).replace(target)
        self._ready = True
