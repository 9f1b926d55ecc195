"""Sixteen writers on one remote: the compare-and-swap under the load that it is promised for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.bench.state_writers import BRANCH, new_remote, race

WRITERS, UPDATES = 16, 25


@pytest.mark.timeout(180)
def test_sixteen_processes_with_twenty_five_updates_each_lose_none_of_the_four_hundred(tmp_path: Path) -> None:
    remote = new_remote(tmp_path)
    race("store", remote, tmp_path, writers=WRITERS, updates=UPDATES, timeout_s=120)

    def git(*args: str) -> str:
        return subprocess.run(["git", "-C", str(remote), *args], check=True, capture_output=True, text=True).stdout

    assert git("show", f"{BRANCH}:all") == str(WRITERS * UPDATES)
    for number in range(WRITERS):
        assert git("show", f"{BRANCH}:writers/store-{number}") == str(UPDATES)
    assert git("rev-list", "--count", BRANCH).strip() == str(1 + WRITERS * UPDATES)
