"""Which names are refused, in every disguise that a file system would see through."""

from __future__ import annotations

import pytest

from devteam_action.git_io.paths import Protected, Spellings, blocked_by, name_refusal, parents, shown


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("src/app.py", None),
        (".gitignore", None),
        ("docs/.github-notes.md", None),
        ("a b/ü/文.txt", None),
        ("gitfiles/x", None),
        (".git/config", "git's own"),
        ("sub/.git", "git's own"),
        (".GIT/hooks/post-commit", "git's own"),
        (".git./config", "git's own"),
        (".git /config", "git's own"),
        (".git::$INDEX_ALLOCATION/config", "git's own"),
        (".g\u200cit/config", "git's own"),
        ("GIT~1/config", "git's own"),
        ("../x", "outside"),
        ("/etc/passwd", "outside"),
        ("a/../b", "outside"),
        ("a//b", "outside"),
        ("a\nb", "control"),
        ("a\x1b[31m", "control"),
        ("a\u202etxt.py", "control"),
        ("caf\udce9.txt", "UTF-8"),
    ],
)
def test_a_name_is_refused_for_what_it_would_be_somewhere(path: str, reason: str | None) -> None:
    refusal = name_refusal(path)
    assert refusal is None if reason is None else reason in (refusal or "")


@pytest.mark.parametrize(
    ("path", "is_covered"),
    [
        (".git/config", True),
        (".github/workflows/ci.yml", True),
        (".GitHub/Workflows/ci.yml", True),
        (".github/actions/x/action.yml", True),
        (".github/ISSUE_TEMPLATE.md", False),
        (".github/devteam.yml", True),
        (".devteam.yml", True),
        (".devteam.yml/x", True),
        ("docs/.devteam.yml", False),
        (".gitattributes", True),
        ("deep/er/.gitattributes", True),
        (".gitmodules", True),
        (".gitignore", False),
        ("docs/tasks.md", True),
        ("docs/tasksxmd", False),
        ("secrets/a/b", True),
        ("a/generated/b.py", True),
        ("generated/b.py", True),
        ("x/one.lock", False),
        ("one.lock", True),
    ],
)
def test_protected_paths_are_found_in_any_case_and_below(path: str, is_covered: bool) -> None:
    protected = Protected(["docs/tasks.md", "secrets/", "**/generated/**", "*.lock"])
    assert protected.covers(path) is is_covered


@pytest.mark.parametrize(
    ("path", "clash"),
    [
        ("src/new.py", None),
        ("SRC/new.py", "src"),
        ("src/App.py", "src/app.py"),
        ("src/app.py", None),
        ("doc/stra\u00dfe", None),
        ("doc/cafe\u0301", "doc/caf\u00e9"),
    ],
)
def test_a_new_spelling_of_an_old_path_is_found(path: str, clash: str | None) -> None:
    assert Spellings(["src/app.py", "doc/caf\u00e9"]).clash(path) == clash


def test_a_new_path_clashes_with_one_that_was_new_before_it() -> None:
    spellings = Spellings([])
    spellings.add("New/file")
    assert spellings.clash("new/other") == "New"


@pytest.mark.parametrize(
    ("path", "blocker"),
    [("a/b", "a"), ("a", None), ("d", "d"), ("d/x", None), ("d/e/f", "d/e"), ("z", None)],
)
def test_what_stays_blocks_what_would_take_its_place(path: str, blocker: str | None) -> None:
    assert blocked_by(path, {"a", "d/e"}, {"d"}) == blocker


def test_parents_are_the_folders_above() -> None:
    assert parents("a/b/c") == ["a", "a/b"]
    assert parents("a") == []


@pytest.mark.parametrize(
    ("path", "text"), [("a/b", "a/b"), ("caf\udce9", "caf\\xe9"), ("a\nb\x1b", "a\\nb\\x1b"), ("文", "文")]
)
def test_a_shown_path_can_always_be_encoded_and_never_moves_a_cursor(path: str, text: str) -> None:
    assert shown(path) == text
    assert shown(path).encode()
