"""What `python -m tests.fakes.github` prints to be pasted works as it stands, in a shell that knows of nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The commands on the screen by the first word of their heading, while the fake is served."""
    said = tmp_path / "screen.txt"
    with said.open("wb") as out:
        argv = (sys.executable, "-m", "tests.fakes.github", "--folder", str(tmp_path / "github"))
        served = subprocess.Popen(argv, cwd=ROOT, stdout=out)
    try:
        deadline = time.monotonic() + 60
        while "Every request is shown" not in said.read_text():
            assert time.monotonic() < deadline, said.read_text()
            assert served.poll() is None, said.read_text()
            time.sleep(0.05)
        blocks = said.read_text().partition("Every request")[0].split("\n# ")[1:]
        yield {block.split(" ", 1)[0] + block.split(" ", 2)[1]: block.partition("\n")[2] for block in blocks}
    finally:
        served.terminate()
        served.wait()


def pasted(text: str, folder: Path) -> str:
    """What a shell says to it that has neither an environment of ours nor a folder of its own."""
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder / "home")}
    done = subprocess.run(
        ("sh", "-e"), input=text, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def test_what_is_printed_can_be_pasted_into_an_empty_shell(screen: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    pasted(screen["lookat"], tmp_path)
    assert "proved, waiting for review on pull request #2" in pasted(screen["theaction"], tmp_path)
    event = tmp_path / "github/events/comment.json"
    said = pasted(f"cd app\n{screen['acomment'].split('# merge')[0]}", tmp_path)
    assert "1.1.1  WAITING for review" in said
    kept = json.loads(event.read_text())  # our answer came after it, and is no event
    assert (kept["comment"]["body"], kept["comment"]["user"]["login"]) == ("/devteam status", "octo")
    assert '"merged": true' in pasted(screen["mergethe"].partition("\nRequests are")[0], tmp_path)
