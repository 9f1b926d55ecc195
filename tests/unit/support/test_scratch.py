"""What a killed process left is found by its name; nothing else is touched."""

import os
import subprocess
import sys
import tempfile

from devteam_action.support.scratch import abandoned, prefix


def dead_process() -> int:
    child = subprocess.Popen((sys.executable, "-c", ""))
    child.wait()
    return child.pid


def test_only_folders_of_dead_processes_are_abandoned(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    mine = prefix("copy").replace(str(os.getpid()), str(dead_process()))
    dead = tmp_path / f"{mine}abc"
    dead.mkdir()
    (tmp_path / f"{prefix('copy')}abc").mkdir()
    (tmp_path / "devteam-test-tools-0").mkdir()
    (tmp_path / "devteam-notes").mkdir()
    (tmp_path / f"devteam-copy-00000000-{dead_process()}-abc").mkdir()
    (tmp_path / f"{mine}link").symlink_to(tmp_path / "devteam-notes")
    assert abandoned() == [dead]


def test_the_name_says_whose_it_is():
    assert f"-{os.getpid()}-" in prefix("verify")
