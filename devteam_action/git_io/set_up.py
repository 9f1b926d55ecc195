"""The end of PREP: the setup commands are done, and it is noted what belongs in the folder besides tracked files."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from devteam_action.git_io.fresh_files import Folder, freshen, is_remembered, note, remember
from devteam_action.git_io.plain_git import PlainGit
from devteam_action.git_io.setup_commands import run_setup
from devteam_action.git_io.working_folder import Progress


def set_up(
    folder: Folder,
    commands: Sequence[str],
    *,
    plain: PlainGit,
    env: Mapping[str, str],
    in_place: bool,
    is_new: bool,
    progress: Progress,
    stop: threading.Event | None,
) -> None:
    """Afterwards the commands have succeeded in the folder, and what they left there stays when it is made fresh.

    A new folder (`is_new`) has nothing beside the tracked files. In place, uncommitted files are the user's or an
    earlier step's: whatever is there when PREP ends stays too. In a worktree of ours only the setup puts files beside
    the tracked ones, so what else is found goes before it runs again.
    """
    if is_new:
        note(folder.notes, ())

    def clear() -> None:
        if is_remembered(folder.notes) and not in_place:
            freshen(folder, (), progress)

    run_setup(
        commands,
        folder.git.directory,
        git=plain,
        head=folder.head,
        notes=folder.notes,
        env=env,
        progress=progress,
        stop=stop,
        before=clear,
        after=lambda: remember(folder.git, folder.notes),
    )
    if in_place or not is_remembered(folder.notes):
        remember(folder.git, folder.notes)


def forget(notes: Path, *more: str) -> None:
    """The folder is gone, and with it what was done and noted there; `more` names other notes that go."""
    for name in ("setup", "untracked", *more):
        (notes / name).unlink(missing_ok=True)
