"""What git says when a state write fails, as it was recorded from git 2.39, and what we make of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from devteam_action.git_io.state_branch.answers import Answer, import_answer, push_answer, reason
from devteam_action.git_io.state_branch.fast_import import Commit, stream
from devteam_action.git_io.state_branch.reads import TrackedReads
from devteam_action.support.process import Completed
from tests.fakes.memory_store import MemorySnapshot


def completed(text: str, code: int = 1) -> Completed:
    return Completed(argv=("git", "push"), code=code, stdout=b"", stderr=text.encode(), duration_s=0.1)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("!\tabc:refs/heads/devteam/state\t[rejected] (stale info)", "lost"),
        ("!\tabc:refs/heads/devteam/state\t[rejected] (fetch first)", "lost"),
        ("!\tabc:refs/heads/devteam/state\t[remote rejected] (failed to update ref)", "lost"),
        ("remote: error: cannot lock ref 'refs/heads/devteam/state': is at a but expected b", "lost"),
        ("!\tabc:refs/heads/devteam/state\t[remote rejected] (incorrect old value provided)", "lost"),
        ("!\tabc:refs/heads/devteam/state\t[remote rejected] (pre-receive hook declined)", "refused"),
        ("!\tabc:refs/heads/devteam/state\t[remote rejected] (protected branch hook declined)", "refused"),
        ("remote: Permission to o/r.git denied to somebody.\nfatal: The requested URL returned error: 403", "refused"),
        ("git@host: Permission denied (publickey).\nfatal: Could not read from remote repository.", "refused"),
        ("fatal: Authentication failed for 'https://host/o/r.git/'", "refused"),
        ("fatal: could not read Username for 'https://host': terminal prompts disabled", "refused"),
        ("error: remote unpack failed: unable to create temporary object directory", "no-space"),
        ("remote: fatal: write error: No space left on device", "no-space"),
        ("fatal: unable to access 'https://host/': Could not resolve host: host", "unknown"),
        ("fatal: the remote end hung up unexpectedly", "unknown"),
        ("", "unknown"),
    ],
)
def test_what_a_failed_push_means(text: str, answer: Answer) -> None:
    assert push_answer(completed(text)) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("warning: Not updating refs/heads/devteam/state (new tip a does not contain b)", "lost"),
        ("error: cannot lock ref 'refs/heads/devteam/state'", "lost"),
        ("fatal: write error: No space left on device", "no-space"),
        ("fatal: Unable to create temporary file: Permission denied", "no-space"),
    ],
)
def test_what_a_failed_import_means(text: str, answer: Answer) -> None:
    assert import_answer(completed(text)) == answer


def test_the_reason_is_the_telling_lines_only() -> None:
    assert reason(completed("Enumerating objects\nfatal: no\nhint: x\nremote: because")) == "fatal: no; remote: because"
    assert reason(completed("just this")) == "just this"
    assert "code 1" in reason(completed(""))


def test_a_timeout_is_named_as_one() -> None:
    late = Completed(argv=("git",), code=-2, stdout=b"", stderr=b"", duration_s=60.2, ended="timed-out")
    assert reason(late) == "no answer within 60 s"


def test_any_path_and_any_bytes_survive_an_import(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path)], check=True)
    files = {
        '"quoted"': b"1",
        "a b": b"",
        "new\nline\\": b"\n\n",
        "é/ü": b"data 3\nxyz\ndone\n",
        "z": bytes(range(256)),
    }
    commit = Commit(ref="refs/heads/s", parent="", message="m\n", when="2026-01-01T00:00:00.000Z", changes=files)

    def git(*args: str, stdin: bytes = b"") -> bytes:
        return subprocess.run(["git", "-C", str(tmp_path), *args], input=stdin, capture_output=True, check=True).stdout

    made = git("fast-import", "--quiet", "--done", stdin=stream(commit)).decode().strip()
    assert made == git("rev-parse", "refs/heads/s").decode().strip()
    assert set(git("ls-tree", "-rz", "--name-only", made).decode().split("\0")) == {*files, ""}
    for path, content in files.items():
        assert git("cat-file", "blob", f"{made}:{path}") == content
    gone = Commit(
        ref="refs/x", parent=made, message="m", when=commit.when, changes=dict.fromkeys(files), temporary=True
    )
    empty = git("fast-import", "--quiet", "--done", stdin=stream(gone)).decode().strip()
    assert git("ls-tree", "-r", empty) == b""
    assert git("for-each-ref", "refs/x") == b""


@pytest.mark.parametrize(
    ("changed", "is_concerned"),
    [
        ("read", True),
        ("listed/x", True),
        ("written/deep/file", True),
        ("written", True),
        ("read/below", True),
        ("other", False),
        ("listedx", False),
        ("written/deep/other", False),
    ],
)
def test_only_what_was_read_listed_or_is_written_concerns_a_change(changed: str, is_concerned: bool) -> None:
    reads = TrackedReads(MemorySnapshot("v", {}))
    reads.get("read")
    reads.paths("listed/")
    assert reads.concerned_by([changed], ["written/deep/file"]) == is_concerned
