"""Whether two globs can meet on a path."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devteam_action.domain.overlap import overlaps


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("src/a.py", "src/a.py"),
        ("src/**", "src/a/b.py"),
        ("src", "src/a/b.py"),
        ("src/", "src/a.py"),
        ("./src/a.py", "src/a.py"),
        ("src/*.py", "src/a.*"),
        ("**/test_*.py", "tests/unit/**"),
        ("*.md", "docs/guide.md"),
        ("a/**/z", "a/z"),
        ("a/*/c/**", "a/b/*/d"),
        ("src/a?.py", "src/ab.py"),
        ("src/[ab].py", "src/b.py"),
        ("app/[id]/page.svelte", "app/[id]/page.svelte"),
        ("src/*.{ts,tsx}", "src/button.tsx"),
        ("{src/a,lib}/x.py", "src/a/x.py"),
        ("SRC/a.py", "src/A.py"),
        ("src\\a.py", "src/a.py"),
        ("*", "anything/at/all"),
        ("!docs/**", "docs/a.md"),
        ("a" * 500, "b"),
    ],
)
def test_globs_that_can_name_one_path_overlap_whichever_comes_first(one: str, other: str):
    assert overlaps([one], [other])
    assert overlaps([other], [one])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("src/a.py", "src/b.py"),
        ("src/**", "tests/**"),
        ("src/*.py", "src/*.ts"),
        ("src/a*", "src/b*"),
        ("src/a/**", "src/ab/**"),
        ("src/a?.py", "src/a.py"),
        ("README.md", "docs/README.md"),
        ("app/page.tsx", "app/layout.tsx"),
    ],
)
def test_globs_that_share_no_path_do_not_overlap(one: str, other: str):
    assert not overlaps([one], [other])
    assert not overlaps([other], [one])


def test_one_common_pair_is_enough_for_two_lists():
    assert overlaps(["docs/**", "src/a.py"], ["tests/**", "src/*.py"])
    assert not overlaps(["docs/**", "src/a.py"], ["tests/**", "src/*.ts"])


@given(
    path=st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=4),
    choices=st.lists(st.sampled_from(["keep", "*", "?", "**", "head*", "*tail"]), min_size=8, max_size=8),
)
def test_two_globs_made_from_one_path_always_overlap(path: list[str], choices: list[str]):
    def blurred(picks: list[str]) -> str:
        made: list[str] = []
        for part, pick in zip(path, picks, strict=False):
            shapes = {"keep": part, "?": "?" * len(part), "head*": part[:1] + "*", "*tail": "*" + part[1:]}
            made.append(shapes.get(pick, pick))
        return "/".join(made)

    assert overlaps([blurred(choices[:4])], [blurred(choices[4:])])


def test_patterns_made_to_backtrack_are_answered_at_once():
    assert not overlaps(["*a" * 150 + "b/x"], ["*a" * 150 + "c/x"])
