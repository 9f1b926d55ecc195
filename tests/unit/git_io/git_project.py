"""A small real repository to work on, with its own home and its own git settings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec

from devteam_action.domain.results import Prepared
from devteam_action.git_io.workspace import GitWorkspace
from devteam_action.pipeline.ports import TakenBack

BRANCH = "task/1-1-1-add-a-flag"
WORK = "1.1.1 Add a flag\n\nDevTeam-Task: 1.1.1\nDevTeam-Run: run-1\n"
LIST = "docs/tasks.md"
FILES = {
    "src/app.py": "one = 1\ntwo = 2\nthree = 3\n",
    "src/other.py": "other = 1\n",
    LIST: "- [ ] 1.1.1 Add a flag\n- [ ] 1.1.2 Next\n",
    ".gitignore": "*.pyc\nbuild/\n",
    "tools/run.sh": "#!/bin/sh\n",
}


class GitProject:
    """`root` is the checkout on `main` with one commit, `remote()` makes a bare remote called origin."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.root = place / "project"
        home = place / "home"
        home.mkdir(parents=True)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        self.root.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "Project Person")
        self.git("config", "user.email", "person@example.org")
        self.save("Start", FILES)
        (self.root / "tools/run.sh").chmod(0o755)
        (self.root / "link").symlink_to("src/app.py")
        self.save("Start, with a program and a link", {})

    def git(self, *args: str, cwd: Path | None = None, stdin: bytes | None = None) -> str:
        """Plain git, as a person would run it."""
        done = subprocess.run(
            ("git", *args), cwd=cwd or self.root, env=self.env, input=stdin, capture_output=True, check=False
        )
        assert done.returncode == 0, f"git {args}: {done.stdout!r} {done.stderr!r}"
        return done.stdout.decode(errors="surrogateescape").strip()

    def write(self, files: dict[str, str], folder: Path | None = None) -> None:
        for name, text in files.items():
            path = (folder or self.root) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def save(self, message: str, files: dict[str, str], folder: Path | None = None) -> str:
        """Writes, adds and commits; the new commit."""
        self.write(files, folder)
        self.git("add", "--all", cwd=folder)
        self.git("commit", "--quiet", "--message", message, cwd=folder)
        return self.head("HEAD", folder)

    def head(self, ref: str = "HEAD", folder: Path | None = None) -> str:
        return self.git("rev-parse", ref, cwd=folder)

    def status(self, folder: Path | str | None = None) -> str:
        return self.git("status", "--porcelain", cwd=Path(folder) if folder else None)

    def remote(self) -> Path:
        bare = self.place / "remote.git"
        self.git("clone", "--quiet", "--bare", str(self.root), str(bare))
        self.git("remote", "add", "origin", str(bare))
        self.git("fetch", "--quiet", "origin")
        return bare

    def workspace(
        self,
        *,
        in_place: bool = False,
        remote: str = "",
        setup: tuple[str, ...] = (),
        protected: tuple[str, ...] = (LIST,),
    ) -> GitWorkspace:
        return GitWorkspace(
            self.root,
            remote=remote,
            base_branch="main",
            work_root=self.place / "work",
            in_place=in_place,
            protected=protected,
            setup=setup,
            setup_env=self.env,
            git_env=self.env,
        )

    def prepared(self, workspace: GitWorkspace) -> Prepared:
        return workspace.prepare(BRANCH, "main", expected_head=None, progress=quiet)

    def now(self, prepared: Prepared) -> Prepared:
        """The same branch, where it stands now: what the engine hands on from step to step."""
        return msgspec.structs.replace(prepared, head=self.head(prepared.branch))

    def tool_run(self, workspace: GitWorkspace, prepared: Prepared, tool: Callable[[Path], object]) -> TakenBack:
        """Lets `tool` loose on a copy and takes back what it did."""
        with workspace.copy(prepared) as copy:
            tool(copy)
            return workspace.take_back(copy, prepared)

    def worked(self, workspace: GitWorkspace, prepared: Prepared, files: dict[str, str], message: str = WORK) -> str:
        """A commit of ours with these files."""
        prepared = self.now(prepared)
        taken = self.tool_run(workspace, prepared, lambda copy: self.write(files, copy))
        assert taken.refused == ()
        return workspace.commit(prepared, taken.tree, message)


def quiet(_sentence: str) -> None:
    pass
