"""Which names a tool may never bring back, decided from the name alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

# What decides how the work is judged or what git runs is a person's to edit. Attributes and module files name
# programs and addresses that git acts on; workflows run with the repository's token.
DEFAULT_PROTECTED = (
    ".git/**",
    ".github/workflows/**",
    ".github/actions/**",
    ".devteam.yml",
    ".github/devteam.yml",
    "**/.gitattributes",
    "**/.gitmodules",
    "**/.lfsconfig",
)

# Characters that HFS+ drops from names, so that ".g\u200cit" is ".git" there (git: is_hfs_dotgit).
_DROPPED_BY_HFS = dict.fromkeys(
    (*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF),
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_GIT_SHORT_NAME = re.compile(r"git~\d+")


def shown(path: str) -> str:
    """The path as text that any encoder takes: undecodable bytes and control characters as escapes."""
    text = path.encode(errors="surrogateescape").decode(errors="backslashreplace")
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def name_refusal(path: str) -> str | None:
    """Why nobody may add this path, whatever it holds; None when the name is fine."""
    if any("\udc80" <= character <= "\udcff" for character in path):
        return "its name is no UTF-8"
    if _CONTROL.search(path):
        return "its name has control characters"
    parts = path.split("/")
    if path.startswith("/") or any(part in ("", ".", "..") for part in parts):
        return "it is outside the tree"
    if any(_is_dot_git(part) for part in parts):
        return "it is git's own"
    return None


def _is_dot_git(part: str) -> bool:
    # NTFS ignores trailing dots and spaces and what follows a colon, and knows .git as git~1 (git: is_ntfs_dotgit).
    plain = part.translate(_DROPPED_BY_HFS).split(":")[0].rstrip(". ").casefold()
    return plain == ".git" or _GIT_SHORT_NAME.fullmatch(plain) is not None


def is_workflow(path: str) -> bool:
    """Whether GitHub takes the file for a workflow: no token of a job can push a change of it."""
    return folded(path).startswith(".github/workflows/")


def folded(path: str) -> str:
    """One spelling for all paths that a case-folding, normalising file system takes for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def parents(path: str) -> list[str]:
    """The folders above a path, nearest last: `a/b/c` gives `a`, `a/b`."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


class Protected:
    """Paths that match one of the globs, in any spelling of case; a pattern covers what lies below it, too."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(dict.fromkeys((*DEFAULT_PROTECTED, *patterns)))
        self._compiled = re.compile("|".join(f"(?:{_translate(folded(pattern))})" for pattern in self.patterns))

    def covers(self, path: str) -> bool:
        return self._compiled.fullmatch(folded(path)) is not None


def _translate(pattern: str) -> str:
    """A glob of path segments as a regular expression: `**` crosses folders, `*` and `?` do not."""
    segments = pattern.removeprefix("./").strip("/").split("/")
    out = ""
    for number, segment in enumerate(segments):
        last = number == len(segments) - 1
        if segment == "**":
            out += ".*" if last else "(?:.*/)?"
        else:
            out += _segment(segment) + ("" if last else "/")
    return out + "(?:/.*)?"


def _segment(segment: str) -> str:
    return "".join({"*": "[^/]*", "?": "[^/]"}.get(character, re.escape(character)) for character in segment)


class Spellings:
    """Every path and folder of a tree by its folded spelling: tells when a new path is an old one in disguise."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._known: dict[str, str] = {}
        self._folders: set[str] = set()
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        for folder in reversed(parents(path)):
            if folder in self._folders:
                break
            self._folders.add(folder)
            self._known.setdefault(folded(folder), folder)
        self._known.setdefault(folded(path), path)

    def clash(self, path: str) -> str | None:
        """The known path or folder that differs from `path`, or from a folder above it, in spelling only."""
        for candidate in (*parents(path), path):
            known = self._known.get(folded(candidate))
            if known is not None and known != candidate:
                return known
        return None


def blocked_by(path: str, kept_files: set[str], kept_folders: set[str]) -> str | None:
    """The file that stays where `path` needs a folder, or `path` itself where it would replace a folder that stays."""
    if path in kept_folders:
        return path
    return next((folder for folder in parents(path) if folder in kept_files), None)


def folders_of(paths: Iterable[str]) -> set[str]:
    return {folder for path in paths for folder in parents(path)}


def is_below(path: str, tops: Sequence[str] | set[str]) -> bool:
    """Whether `path` is one of `tops`, or lies in one."""
    return path in tops or any(folder in tops for folder in parents(path))
