"""The pictures of the README: small, legible, from nowhere else; and what the script that draws one of them keeps."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
PICTURES = sorted((ROOT / "docs" / "images").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"

SAID = """\
  · an example repository in /tmp/x; its tasks are done by recorded patches
1.1.1  Add `total`.
SELECT     the first of the list
PREP       task/1-1-1, from abc (0.1 s)
✓ 1.1.1 COMPLETED (6.0 s, 1 attempt)
1.1.2  Let `take` refuse <more> & less.
VERIFY     the checks are running
  · checking: ruff
  ✗ lint.clean     1 error    required ≤ 0 errors  0.1 s
VERIFY     3 of 5 criteria met (2.8 s)
✓ 1.1.2 COMPLETED (7.1 s, 2 attempts)

3 of 3 tasks done (100.0 %)
"""


@pytest.fixture(scope="module")
def make_picture():
    spec = importlib.util.spec_from_file_location("make_picture", ROOT / "docs" / "make_picture.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_small_and_asks_no_other_host(path):
    text = path.read_text()
    root = ElementTree.fromstring(text)
    assert root.find(f"{SVG}title").text
    assert len(text.encode()) <= 60_000
    assert not re.search(r"url\(|@import|@font-face|<script|<image|href", text)
    assert set(re.findall(r"https?://[^\"]+", text)) == {"http://www.w3.org/2000/svg"}


def test_the_picture_of_a_run_has_at_most_sixty_lines():
    run = ElementTree.parse(ROOT / "docs" / "images" / "run.svg").getroot()
    assert 30 <= len(run.findall(f"{SVG}text")) <= 60


def test_one_task_is_shown_whole_and_the_others_folded(make_picture):
    assert list(make_picture.folded(SAID.splitlines())) == [
        "1.1.1  Add `total`.",
        "  ⋮",
        "✓ 1.1.1 COMPLETED (6.0 s, 1 attempt)",
        "1.1.2  Let `take` refuse <more> & less.",
        "  ✗ lint.clean     1 error    required ≤ 0 errors  0.1 s",
        "VERIFY     3 of 5 criteria met (2.8 s)",
        "✓ 1.1.2 COMPLETED (7.1 s, 2 attempts)",
        "",
        "3 of 3 tasks done (100.0 %)",
    ]


@pytest.mark.parametrize("line", SAID.splitlines())
def test_colours_change_no_character_of_a_line(make_picture, line):
    assert "".join(text for text, _, _ in make_picture.styled(line)) == line


def test_the_drawing_says_what_was_said(make_picture):
    lines = list(make_picture.folded(SAID.splitlines()))
    drawn = ElementTree.fromstring(make_picture.picture([list(make_picture.styled(line)) for line in lines]))
    words = [" ".join("".join(text.itertext()).split()) for text in drawn.findall(f"{SVG}text")]
    said = [re.sub(r"\s+", "", line) for line in lines if line]
    assert [re.sub(r"\s+", "", word) for word in words[1:]] == said
