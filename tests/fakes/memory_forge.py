"""Pull requests on a bare repository, with the rules of the real forge that the pipeline meets.

All it knows is in one file beside the repository: processes that are killed and started again see the same. People's
deeds (`merge`, `close`) are methods, too.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from devteam_action.errors import BadInput, Missing, NotAllowed
from devteam_action.pipeline.forge import CiState, NoPullRequest, PullRequest

_ENV = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PATH": os.environ["PATH"]}
_WHO = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in
        (("NAME", "ann"), ("EMAIL", "ann@example.invalid"))}  # fmt: skip


class Pull(Struct, kw_only=True):
    number: int
    branch: str
    base: str
    title: str = ""
    body: str = ""
    state: Literal["open", "closed", "merged"] = "open"
    is_draft: bool = True
    labels: list[str] = []


class Known(Struct, kw_only=True):
    pulls: list[Pull] = []
    refuses: str = ""  # why nobody of ours may open pull requests
    is_down: bool = False


class MemoryForge:
    """Satisfies pipeline.forge.Forge for the repository `bare`."""

    def __init__(self, bare: Path) -> None:
        self.bare = bare
        self._file = bare / "forge.json"
        self.calls: list[str] = []

    # --- what the pipeline asks

    def open(self, branch: str, base: str, *, title: str, body: str) -> PullRequest | NoPullRequest:
        known = self._asked("open")
        found = next((each for each in known.pulls if each.branch == branch and each.state == "open"), None)
        if found is not None:
            return self._seen(found)
        if known.refuses:
            return NoPullRequest(reason=known.refuses, link=f"https://forge.invalid/compare/{base}...{branch}")
        if not self._git("rev-list", f"{base}..{branch}"):
            raise BadInput(f"No commits between {base} and {branch}")
        made = Pull(number=len(known.pulls) + 1, branch=branch, base=base, title=title, body=body, labels=["devteam"])
        known.pulls.append(made)
        self._keep(known)
        return self._seen(made)

    def find(self, branch: str) -> PullRequest | None:
        pulls = [each for each in self._asked("find").pulls if each.branch == branch]
        return self._seen(pulls[-1]) if pulls else None

    def get(self, number: int) -> PullRequest:
        return self._seen(self._asked("get").pulls[number - 1])

    def make_ready(self, pull_request: PullRequest) -> None:
        self._change("make_ready", pull_request.number, is_draft=False)

    def ask_for_a_person(self, number: int, *, wanted: bool) -> None:
        labels = [each for each in self.pull(number).labels if each != "needs-human"]
        self._change("ask_for_a_person", number, labels=[*labels, "needs-human"] if wanted else labels)

    def set_base(self, number: int, base: str) -> None:
        self._change("set_base", number, base=base)

    def file_link(self, path: str, line: int | None, revision: str) -> str:
        return f"https://forge.invalid/blob/{revision}/{path}" + (f"#L{line}" if line else "")

    def ci_after_push(self, branch: str, head: str, read: Callable[[str], bytes | None]) -> CiState:
        self._asked("ci_after_push")
        assert self._git("rev-parse", f"refs/heads/{branch}") == head
        assert read("no such file") is None
        assert self._git("cat-file", "-t", head) == "commit"
        return CiState(state="none-configured", text="This repository has no CI of its own.")

    # --- what people do, and see

    def pulls(self) -> list[Pull]:
        return self._known().pulls

    def pull(self, number: int) -> Pull:
        return self.pulls()[number - 1]

    def refuse(self, reason: str) -> None:
        self._keep(msgspec.structs.replace(self._known(), refuses=reason))

    def go_down(self, *, is_down: bool = True) -> None:
        self._keep(msgspec.structs.replace(self._known(), is_down=is_down))

    def close(self, number: int) -> None:
        self._change("", number, state="closed")

    def merge(self, number: int, *, squash: bool = False, delete: bool = False) -> None:
        """As a person's click does it; raises NotAllowed where the button is grey: a draft, a conflict, not open."""
        pull = self.pull(number)
        if pull.state != "open" or pull.is_draft:
            raise NotAllowed(f"#{number} is {'a draft' if pull.is_draft else pull.state}")
        tree = self._git("merge-tree", "--write-tree", pull.base, pull.branch, fails=NotAllowed).split("\n")[0]
        parents = ("-p", pull.base) if squash else ("-p", pull.base, "-p", pull.branch)
        commit = self._git("commit-tree", tree, *parents, "-m", f"Merge #{number}")
        self._git("update-ref", f"refs/heads/{pull.base}", commit)
        self._change("", number, state="merged")
        if delete:
            self.delete_branch(pull.branch)

    def delete_branch(self, branch: str) -> None:
        """GitHub moves the pull requests that were based on a deleted branch to what that was merged into."""
        self._git("update-ref", "-d", f"refs/heads/{branch}")
        for each in self.pulls():
            if each.base == branch and each.state == "open":
                gone = next(pull for pull in self.pulls() if pull.branch == branch)
                self._change("", each.number, base=gone.base)

    # --- inside

    def _asked(self, call: str) -> Known:
        self.calls.append(call)
        known = self._known()
        if known.is_down:
            raise Missing("the forge does not answer")
        return known

    def _change(self, call: str, number: int, **fields: object) -> None:
        known = self._asked(call) if call else self._known()
        known.pulls[number - 1] = msgspec.structs.replace(known.pulls[number - 1], **fields)
        self._keep(known)

    def _known(self) -> Known:
        return msgspec.json.decode(self._file.read_bytes(), type=Known) if self._file.exists() else Known()

    def _keep(self, known: Known) -> None:
        beside = self._file.with_suffix(".new")
        beside.write_bytes(msgspec.json.encode(known))
        beside.replace(self._file)
        # A child, so that a test can kill its process between the forge's deed and what the process makes of it.
        self._git("update-ref", "refs/pull/changed", "HEAD")

    def _seen(self, pull: Pull) -> PullRequest:
        return PullRequest(
            number=pull.number,
            url=f"https://forge.invalid/pull/{pull.number}",
            branch=pull.branch,
            base=pull.base,
            head=self._git("rev-parse", "--verify", "--quiet", f"refs/heads/{pull.branch}") or "",
            node_id=f"PR_{pull.number}",
            state=pull.state,
            is_draft=pull.is_draft,
        )

    def _git(self, *args: str, fails: type[Exception] | None = None) -> str:
        done = subprocess.run(
            ("git", *args), cwd=self.bare, env={**_ENV, **_WHO}, capture_output=True, text=True, check=False
        )
        if done.returncode and fails is not None:
            raise fails(done.stdout + done.stderr)
        return done.stdout.strip()
