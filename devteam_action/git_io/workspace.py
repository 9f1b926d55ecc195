"""The repository that tasks are done in: the pipeline's Workspace, on real git."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

from devteam_action.domain.results import Prepared
from devteam_action.errors import RepositoryError
from devteam_action.git_io import history
from devteam_action.git_io.advancing import advance
from devteam_action.git_io.branch_start import find_start, our_head
from devteam_action.git_io.commits import make_commit
from devteam_action.git_io.copies import Copy, copy_of
from devteam_action.git_io.delivery import merge_into_base, push_branch
from devteam_action.git_io.discarding import discard
from devteam_action.git_io.fresh_files import Folder
from devteam_action.git_io.git import Credentials, Git
from devteam_action.git_io.known_branches import KnownBranches
from devteam_action.git_io.layout import Identity, locked, require_identity
from devteam_action.git_io.lost_worktrees import open_own_worktree
from devteam_action.git_io.merging import merged_tree
from devteam_action.git_io.paths import Protected
from devteam_action.git_io.set_up import forget, set_up
from devteam_action.git_io.take_back import SecretsIn, ignored_paths, take_back
from devteam_action.git_io.watched_files import Watched, WatchedWorktree
from devteam_action.git_io.working_folder import open_in_place, wait_for_index, worktree_git_dir, worktree_path
from devteam_action.pipeline.ports import Conflict, Delivered, Moved, Progress, TakenBack


class GitWorkspace(KnownBranches):
    """Satisfies `ports.Workspace`.

    `root` is the user's checkout; `remote` is empty when there is none; `work_root` holds the worktrees, unless
    `in_place`. `protected` adds globs to the built-in ones (the task lists belong there). `setup_env` is the whole
    environment of the `setup:` commands. Without `identity` the configured git user commits. A changed file in which
    `secrets_in` finds a kind that the base's version has not is not taken back from a tool.
    """

    def __init__(
        self,
        root: Path,
        *,
        remote: str,
        base_branch: str,
        work_root: Path,
        in_place: bool,
        protected: Sequence[str] = (),
        setup: Sequence[str] = (),
        setup_env: Mapping[str, str] | None = None,
        git_env: Mapping[str, str] | None = None,
        identity: Identity | None = None,
        credentials: Credentials | None = None,
        secrets_in: SecretsIn = lambda content: frozenset(),
    ) -> None:
        super().__init__(Git(root, env=git_env, credentials=credentials), remote=remote, in_place=in_place)
        self.root = root
        self.base_branch = base_branch
        self.work_root = work_root
        self._protected = Protected(protected)
        self._setup = tuple(setup)
        self._setup_env = dict(setup_env or {})
        self._identity = identity
        self._secrets_in = secrets_in
        self._copies: dict[Path, Copy] = {}

    # --- PREP ------------------------------------------------------------------------------------------------

    def prepare(
        self,
        branch: str,
        base_branch: str,
        *,
        expected_head: str | None,
        pinned_base: str | None = None,
        progress: Progress,
        stop: threading.Event | None = None,
        left: str = "",
    ) -> Prepared:
        """Afterwards the branch exists, and is checked out in the folder of the answer with its setup done.

        `expected_head` is the last head that we recorded; commits of ours beyond it are kept, anybody else's raise
        StateConflict. A second call changes nothing and answers the same. Raises RepositoryError, SetupFailed.
        """
        notes = self.layout.branch_notes(branch)
        if self._identity is None:
            require_identity(self.git)
        with locked(notes):
            start = find_start(
                self.git, branch, base_branch, remote=self.remote, expected=expected_head, pinned_base=pinned_base,
                newest=self.is_followed(base_branch), left=left,
            )  # fmt: skip
            made = notes / "made-here"
            if start.current is None:
                made.touch()
            folder = self._folder(branch)
            if is_new := not self.in_place and not folder.exists():
                forget(notes)
            if self.in_place:
                open_in_place(self.git, self.layout.git_dir, branch, start)
            else:
                open_own_worktree(self.git, folder, branch, start, progress, work_root=self.work_root)
            git = Git(folder, env=self.git.source)
            judged = Folder(git=git, notes=notes, branch=branch, base=start.base, head=start.head)
            set_up(
                judged,
                self._setup,
                plain=self.plain,
                env=self._setup_env,
                in_place=self.in_place,
                is_new=is_new,
                progress=progress,
                stop=stop,
            )
            return Prepared(
                base=start.base,
                head=start.head,
                branch=branch,
                repo_path=str(folder),
                branch_created=made.exists(),
            )

    def start(self, prepared: Prepared, message: str) -> str:
        """An empty commit on the task branch, for a branch that has none of its own; its new head."""
        head = our_head(self.git, prepared.branch, prepared.head)
        commit = make_commit(self.git, history.tree_of(self.git, head), [head], message, self._author)
        return self._advance(prepared, head, commit)

    def discard(self, branch: str, *, here_only: bool = False) -> str | None:
        """Removes branch and worktree; the backup ref, None when there was no branch. The remote's may have one too."""
        notes = self.layout.branch_notes(branch)
        with locked(notes):
            folder = None if self.in_place else self._folder(branch)
            remote = "" if here_only else self.remote
            backup = discard(self.git, branch, folder, base_branch=self.base_branch, remote=remote)
            forget(notes, "made-here")
            return backup

    # --- IMPLEMENT -------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def copy(self, prepared: Prepared) -> Generator[Path]:
        """A throw-away copy of the branch's head; files as they are stored (no line-end conversion, no filters)."""
        with copy_of(
            self.plain, self.layout, our_head(self.git, prepared.branch, prepared.head), prepared.branch
        ) as copy:
            self._copies[copy.path] = copy
            try:
                yield copy.path
            finally:
                del self._copies[copy.path]

    def take_back(self, copy: Path, prepared: Prepared) -> TakenBack:
        """What the tool did in a copy of this workspace, as a tree on top of the head that it was made from."""
        made = self._copies.get(copy) or Copy(copy, our_head(self.git, prepared.branch, prepared.head), {})
        return take_back(
            self.plain,
            made,
            protected=self._protected,
            ignored=ignored_paths(self.git, self.layout.common),
            secrets_in=self._secrets_in,
            object_format=self.layout.object_format,
        )

    def commit(self, prepared: Prepared, tree: str, message: str, *, onto: str = "") -> str:
        """Commits `tree` on the task branch, and brings the working directory there; no hook runs.

        The head as it is when it has that tree (and `onto`, merged in) already. StateConflict when it was moved.
        """
        head = our_head(self.git, prepared.branch, prepared.head)
        known = not onto or history.is_ancestor(self.git, onto, head)
        if known and history.tree_of(self.git, head) == history.tree_of(self.git, tree):
            return head
        parents = [head] if known else [head, onto]  # ours first: what is ours is told by the first parents
        return self._advance(prepared, head, make_commit(self.git, tree, parents, message, self._author))

    def replace_file(self, prepared: Prepared, path: str, content: bytes, message: str) -> str:
        """Commits one file's new content; the head as it is when it has that content already."""
        head = our_head(self.git, prepared.branch, prepared.head)
        if self.read(head, path) == content:
            return head
        mode, _ = self.plain.entries(head).get(path, ("100644", ""))
        blob = self.plain.run("hash-object", "-w", "--stdin", "--no-filters", stdin=content).decode().strip()
        return self.commit(prepared, self.plain.edit_tree(head, {path: (mode, blob)}), message)

    # --- VERIFY ----------------------------------------------------------------------------------------------

    def freshen(self, prepared: Prepared, head: str, progress: Progress) -> Watched:
        """The working directory is as `head` and the setup have it; the answer, called, tells what changed since.

        Raises StateConflict when another commit is checked out there.
        """
        notes = self.layout.branch_notes(prepared.branch)
        git = Git(Path(prepared.repo_path), env=self.git.source)  # no credentials where tests have run
        with locked(notes):
            wait_for_index(worktree_git_dir(git.directory) or self.layout.git_dir)
            folder = Folder(git=git, notes=notes, branch=prepared.branch, base=prepared.base, head=head)
            return WatchedWorktree(folder, self.plain.entries(head), progress)

    # --- PUBLISH ---------------------------------------------------------------------------------------------

    def merge_in_base(
        self, prepared: Prepared, base_branch: str, *, keep: str, message: str = ""
    ) -> Moved | Conflict | None:
        """Merges a newer base into the task branch; None when it has it already, Conflict when people must merge.

        Of the file `keep` (the task list) the base's version stands where both changed it.
        """
        head = our_head(self.git, prepared.branch, prepared.head)
        tip = self.base_tip(base_branch)
        if tip is None:
            raise RepositoryError(f"the base branch {base_branch} is gone", remedy="restore it, then run again")
        if history.is_ancestor(self.git, tip, head):
            return None
        git = self.git.at(Path(prepared.repo_path))
        merged = merged_tree(git, self.plain, head, tip, keep=keep, remote=self.remote)
        if merged.conflicts:
            return Conflict(files=merged.conflicts)
        text = message or f"Merge {base_branch} into {prepared.branch}\n\nDevTeam-Base: {tip}\n"
        commit = make_commit(self.git, merged.tree, [head, tip], text, self._author)
        return Moved(base=tip, head=self._advance(prepared, head, commit))

    def deliver(
        self, prepared: Prepared, base_branch: str, head: str, *, merge: bool, push: bool, expected_remote: str | None
    ) -> Delivered:
        """Pushes the task branch (`push`, where there is a remote), fast-forwards the local base branch (`merge`).

        In this order: others can refuse the push, and a base branch that has moved already is hard to take back.
        """
        pushed = push and push_branch(self.git, self.remote, prepared.branch, head, expected=expected_remote)
        if merge:
            merge_into_base(self.git, base_branch, head)
        return Delivered(head=head, merged=merge, pushed=pushed)

    # --- inside ----------------------------------------------------------------------------------------------

    @property
    def _author(self) -> Mapping[str, str]:
        return self._identity.environment if self._identity else {}

    def _folder(self, branch: str) -> Path:
        return self.root if self.in_place else worktree_path(self.work_root, self.root, self.layout, branch)

    def _advance(self, prepared: Prepared, old: str, new: str) -> str:
        return advance(
            self.git, self.layout, prepared.branch, Path(prepared.repo_path), old, new, in_place=self.in_place
        )
