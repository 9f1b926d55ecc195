"""A task branch as files: made by the job that may only read, taken in by the one that may write.

Whoever wrote the files is not trusted. What comes in is looked at in a repository of its own, which borrows the
objects of the real one; the real one gets nothing until everything was found to be as it must be.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from devteam_action.errors import GitFailed, Missing, RepositoryError
from devteam_action.git_io.bundle_rules import Rules, broken_rule
from devteam_action.git_io.fetching import complete_history, fetch_branch
from devteam_action.git_io.git import Git
from devteam_action.git_io.history import head_of, is_ancestor
from devteam_action.git_io.layout import find_layout
from devteam_action.pipeline.hand_over import HandedFile, Manifest, Refused
from devteam_action.support.scratch import prefix

MANIFEST, BUNDLE, EVENTS = "manifest.json", "work.bundle", "events.jsonl"
LARGEST: Mapping[str, int] = {MANIFEST: 64_000, BUNDLE: 100_000_000, EVENTS: 50_000_000}
_TAKEN_IN = "refs/devteam/taken-in"
_QUARANTINE = "refs/heads/handed"
# git: transfer.fsckObjects refuses malformed trees, `.git` in any spelling, and hostile .gitmodules.
_QUIETLY = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
_CHECKED = ("-c", "transfer.fsckObjects=true", "-c", "fetch.fsckObjects=true", "-c", "protocol.file.allow=always")


class TakenIn(Struct, frozen=True, kw_only=True):
    """A hand-over whose branch stands in the repository now; `events` are its lines, which nobody has read yet."""

    manifest: Manifest
    events: bytes


def export(git: Git, manifest: Manifest, events: bytes, out: Path) -> None:
    """Writes the hand-over of `manifest.branch` into the folder `out`; its `files` are filled in, the manifest last.

    Raises RepositoryError when the branch is not at `manifest.head`, or has nothing beyond its base.
    """
    if head_of(git, f"refs/heads/{manifest.branch}") != manifest.head:
        raise RepositoryError(f"{manifest.branch} is not at {manifest.head[:12]} any more", remedy="run again")
    if manifest.base == manifest.head:
        raise RepositoryError(f"{manifest.branch} has no commit beyond its base: there is nothing to hand over")
    out.mkdir(parents=True, exist_ok=True)
    (out / MANIFEST).unlink(missing_ok=True)  # cut off from here on, the folder is no hand-over
    git.run("bundle", "create", "--quiet", str(out / BUNDLE), f"refs/heads/{manifest.branch}", f"^{manifest.base}",
            timeout_s=600)  # fmt: skip
    (out / EVENTS).write_bytes(events)
    files = {name: _described((out / name).read_bytes()) for name in (BUNDLE, EVENTS)}
    for name, described in files.items():
        if described.size > LARGEST[name]:
            raise RepositoryError(f"{name} has {described.size} bytes, more than the {LARGEST[name]} that are taken in")
    whole = msgspec.structs.replace(manifest, files=files)
    (out / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=2))


def take_in(folder: Path, git: Git, *, remote: str, base_head: str, rules: Rules) -> TakenIn | Refused:
    """The branch of a hand-over, moved in this repository to what was handed over; or why nothing was.

    `base_head` is the real base branch. What stands on the task branch, here or on `remote`, must be contained in the
    handed head. Raises Missing when this clone has not enough history to judge, RemoteUnreachable.
    """
    read = _read(folder)
    if isinstance(read, Refused):
        return read
    manifest, bundle, events = read
    if git.run("check-ref-format", f"refs/heads/{manifest.branch}", ok=(0, 1)).code:
        return Refused(code="branch", reason=f"{manifest.branch} is no name of a branch")
    complete_history(git, remote)
    if remote:
        fetch_branch(git, remote, manifest.branch)
    if git.text("rev-parse", "--is-shallow-repository") == "true":
        raise Missing("this clone is shallow: what was handed over cannot be judged", remedy="set `fetch-depth: 0`")
    if not is_ancestor(git, manifest.base, base_head):
        return Refused(code="base", reason=f"{manifest.base[:12]} is not on the base branch {manifest.base_branch}")
    with tempfile.TemporaryDirectory(prefix=prefix("quarantine")) as place:
        quarantine = _quarantine(Path(place), git, base_head)
        (Path(place) / BUNDLE).write_bytes(bundle)
        refused = _unbundle(quarantine, Path(place) / BUNDLE, manifest) or _not_forward(
            git, quarantine, manifest, remote
        )
        refused = refused or broken_rule(quarantine, manifest, _known(git, manifest, remote), rules)
        refused = refused or _accept(git, quarantine, manifest)
        if refused is not None:
            return refused
    return TakenIn(manifest=manifest, events=events)


def _described(data: bytes) -> HandedFile:
    return HandedFile(size=len(data), sha256=hashlib.sha256(data).hexdigest())


def _read(folder: Path) -> tuple[Manifest, bytes, bytes] | Refused:
    """The three files, each read once: what was measured is what is used."""
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    if names != sorted(LARGEST):
        return Refused(code="files", reason=f"a hand-over has {', '.join(sorted(LARGEST))}, this has {names[:9]}")
    found: dict[str, bytes] = {}
    for name, largest in LARGEST.items():
        data = _bytes_of(folder / name, largest)
        if data is None:
            return Refused(code="files", reason=f"{name} is no regular file of at most {largest} bytes")
        found[name] = data
    try:
        manifest = msgspec.json.decode(found[MANIFEST], type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Refused(code="manifest", reason=f"{MANIFEST}: {str(error)[:200]}")
    if manifest.files != {name: _described(found[name]) for name in (BUNDLE, EVENTS)}:
        return Refused(code="digest", reason=f"{BUNDLE} or {EVENTS} is not what {MANIFEST} says")
    return manifest, found[BUNDLE], found[EVENTS]


def _bytes_of(path: Path, largest: int) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        data = file.read(largest + 1)
    return data if len(data) <= largest else None


def _quarantine(place: Path, git: Git, base_head: str) -> Git:
    """A repository beside ours that borrows its objects and knows its base branch."""
    layout = find_layout(git)
    folder = place / "quarantine.git"
    git.at(place).run(
        "init", "--quiet", "--bare", "--template=", f"--object-format={layout.object_format}", str(folder)
    )
    (folder / "objects" / "info").mkdir(parents=True, exist_ok=True)
    (folder / "objects" / "info" / "alternates").write_text(f"{layout.objects}\n")
    quarantine = git.at(place, git_dir=folder)
    quarantine.run("update-ref", "refs/heads/base", base_head)
    return quarantine


def _unbundle(quarantine: Git, bundle: Path, manifest: Manifest) -> Refused | None:
    """Brings the one branch of the bundle into the quarantine."""
    ref = f"refs/heads/{manifest.branch}"
    try:
        heads = quarantine.lines("bundle", "list-heads", str(bundle), timeout_s=60)
        if heads != [f"{manifest.head} {ref}"]:
            return Refused(code="bundle", reason=f"the bundle holds {heads[:3]}, not {ref} at {manifest.head[:12]}")
        quarantine.run("bundle", "verify", "--quiet", str(bundle), timeout_s=120)
        quarantine.run("fetch", *_QUIETLY, str(bundle), f"{ref}:{_QUARANTINE}", timeout_s=600)
    except GitFailed as error:
        return _not_sound(error)
    return None


def _known(git: Git, manifest: Manifest, remote: str) -> tuple[str, ...]:
    """Where the task branch stands already."""
    places = (f"refs/heads/{manifest.branch}", f"refs/remotes/{remote}/{manifest.branch}" if remote else "")
    return tuple(head for head in (head_of(git, place) for place in places if place) if head)


def _not_forward(git: Git, quarantine: Git, manifest: Manifest, remote: str) -> Refused | None:
    for head in _known(git, manifest, remote):
        if not is_ancestor(quarantine, head, manifest.head):
            return Refused(
                code="branch", reason=f"{manifest.branch} stands at {head[:12]}, which the work does not contain"
            )
    return None


def _accept(git: Git, quarantine: Git, manifest: Manifest) -> Refused | None:
    """Fetches the branch over; here every object is checked, which git does not do when it reads a bundle."""
    folder = quarantine.text("rev-parse", "--absolute-git-dir")
    kept = f"{_TAKEN_IN}/{manifest.run_id}"
    try:
        git.run(*_CHECKED, "fetch", *_QUIETLY, folder, f"+{_QUARANTINE}:{kept}", timeout_s=600)
    except GitFailed as error:
        return _not_sound(error)
    ref = f"refs/heads/{manifest.branch}"
    git.run("update-ref", "-m", "devteam: taken in", ref, manifest.head, head_of(git, ref) or "")
    return None


def _not_sound(error: GitFailed) -> Refused:
    said = error.completed.stderr.decode(errors="replace").strip() or "git could not read it"
    return Refused(code="bundle", reason=f"the bundle is not sound: {said[:500]}")
