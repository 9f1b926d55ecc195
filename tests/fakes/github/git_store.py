"""One bare repository of the fake, as git itself keeps it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.github.models import ZERO

HOOK = Path(__file__).with_name("update_hook.sh")
_IDENTITY = "GitHub <noreply@github.com>"


class GitFailed(RuntimeError):
    """Git said no; its own words."""


@dataclass(frozen=True)
class GitStore:
    path: Path

    @classmethod
    def create(cls, path: Path, default_branch: str) -> GitStore:
        store = cls(path)
        path.mkdir(parents=True)
        store.run("init", "--quiet", "--bare", "--template=", f"--initial-branch={default_branch}", ".")
        settings = {
            "http.receivepack": "true",
            "uploadpack.allowAnySHA1InWant": "true",
            "uploadpack.allowFilter": "true",
            "receive.autogc": "false",
            "receive.denyDeleteCurrent": "ignore",
            "gc.auto": "0",
        }
        text = "".join(
            f"[{name.split('.')[0]}]\n\t{name.split('.')[1]} = {value}\n" for name, value in settings.items()
        )
        with (path / "config").open("a") as config:
            config.write(text)
        (path / "hooks").mkdir(exist_ok=True)
        for name, source in (("update", HOOK), ("post-receive", HOOK.with_name("post_receive_hook.sh"))):
            hook = path / "hooks" / name
            hook.write_text(source.read_text())
            hook.chmod(0o755)
        return store

    def run(self, *args: str, given: str | bytes | None = None, extra: Mapping[str, str] | None = None) -> str:
        """What git prints, without the last newline."""
        done = self._done(args, given, extra)
        if done.returncode:
            raise GitFailed(f"git {' '.join(args)}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode(errors="replace").rstrip("\n")

    def read(self, blob: str) -> bytes:
        """The content of a blob (`SHA` or `COMMIT:PATH`)."""
        return self._done(("cat-file", "blob", blob), None, None).stdout

    def says(self, *args: str) -> bool:
        """Whether git ends with 0."""
        return self._done(args, None, None).returncode == 0

    def sha(self, name: str) -> str | None:
        """The commit of a branch, tag, ref or (full or short) id."""
        for ref in (f"refs/heads/{name}", f"refs/tags/{name}", name):
            done = self._done(("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"), None, None)
            if done.returncode == 0:
                return done.stdout.decode().strip()
        return None

    def branch(self, name: str) -> str | None:
        done = self._done(("rev-parse", "--verify", "--quiet", f"refs/heads/{name}"), None, None)
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def refs(self, prefix: str = "refs/heads") -> dict[str, str]:
        text = self.run("for-each-ref", "--format=%(refname) %(objectname)", prefix)
        return dict(line.split(" ", 1) for line in text.splitlines())

    def set_ref(self, ref: str, sha: str | None) -> None:
        if sha is None or sha == ZERO:
            self.run("update-ref", "-d", ref)
        else:
            self.run("update-ref", ref, sha)

    def count(self, base: str, head: str) -> int:
        """How many commits `head` has that `base` has not."""
        return int(self.run("rev-list", "--count", f"{base}..{head}"))

    def is_ancestor(self, older: str, newer: str) -> bool:
        return self.says("merge-base", "--is-ancestor", older, newer)

    def merged_tree(self, base: str, head: str) -> str | None:
        """The tree of a merge without conflicts."""
        done = self._done(("merge-tree", "--write-tree", base, head), None, None)
        return done.stdout.decode().split("\n")[0].strip() if done.returncode == 0 else None

    def new_commit(self, tree: str, parents: list[str], message: str, author: str, when: int) -> str:
        name, _, mail = (author if "<" in author else person(author)).partition(" <")
        more = {
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": mail.rstrip(">"),
            "GIT_AUTHOR_DATE": f"{when} +0000",
            "GIT_COMMITTER_NAME": "GitHub",
            "GIT_COMMITTER_EMAIL": "noreply@github.com",
            "GIT_COMMITTER_DATE": f"{when} +0000",
        }
        flags = [part for parent in parents for part in ("-p", parent)]
        return self.run("commit-tree", tree, *flags, "-F", "-", given=message, extra=more)

    def commit_files(
        self,
        branch: str,
        files: Mapping[str, str | bytes | None],
        *,
        parent: str | None,
        message: str,
        login: str,
        when: int,
    ) -> str:
        """One commit with these files (None removes one) on the branch, made from `parent`; its id."""
        who = f"{person(login)} {when} +0000"
        parts: list[bytes] = [
            f"commit refs/heads/{branch}\nauthor {who}\ncommitter {who}\n".encode(),
            _data(message.encode()),
        ]
        if parent:
            parts.append(f"from {parent}\n".encode())
        for path, content in files.items():
            if content is None:
                parts.append(f"D {path}\n".encode())
                continue
            mode = "100755" if isinstance(content, str) and content.startswith("#!") else "100644"
            parts += [
                f"M {mode} inline {path}\n".encode(),
                _data(content.encode() if isinstance(content, str) else content),
            ]
        self.run("fast-import", "--quiet", "--force", given=b"".join([*parts, b"\ndone\n"]))
        made = self.branch(branch)
        assert made is not None
        return made

    def _done(
        self, args: tuple[str, ...], given: str | bytes | None, extra: Mapping[str, str] | None
    ) -> subprocess.CompletedProcess[bytes]:
        content = given.encode() if isinstance(given, str) else given
        variables = {**environment(self.path), **(extra or {})}
        return subprocess.run(
            ["git", *args], cwd=self.path, input=content or b"", env=variables, capture_output=True, check=False
        )


def environment(home: Path) -> dict[str, str]:
    """Nobody's settings reach the fake's git."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "LC_ALL": "C",
    }


def person(login: str) -> str:
    """The name and address under which GitHub would let a login commit."""
    return _IDENTITY if login == "web-flow" else f"{login} <{login}@users.noreply.github.com>"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
