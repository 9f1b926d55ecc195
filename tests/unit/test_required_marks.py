"""A test that CI must run cannot slip through as a skip (tests/README.md: marks)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUITE = """
import pytest

@pytest.fixture
def gone(): pytest.skip("no aider here")

@pytest.mark.needs_aider
def test_whose_fixture_skips(gone): pass

@pytest.mark.needs_aider
def test_that_skips_itself(): pytest.skip("no aider here")

@pytest.mark.needs_aider
def test_that_passes(): pass

def test_that_may_be_skipped(gone): pass
"""
READER = """
import pytest

@pytest.mark.needs_openapi
def test_that_reads_them(): raise SystemExit("it was started without them")
"""


@pytest.mark.parametrize(
    ("required", "code", "said"),
    [
        ("browser", 0, "1 passed, 3 skipped"),
        ("aider", 1, "1 failed, 1 passed, 1 skipped, 1 error"),
    ],
)
def test_a_required_test_that_is_skipped_is_an_error(required, code, said, tmp_path):
    done = run_suite(tmp_path, SUITE, required)
    assert (done.returncode, said in done.stdout) == (code, True), done.stdout
    if code:
        assert "is marked needs_aider, which must not be skipped here. Skipped: no aider here" in done.stdout


@pytest.mark.parametrize(("required", "code", "said"), [("", 0, "1 skipped"), ("aider,openapi", 1, "1 error")])
def test_without_githubs_texts_what_reads_them_is_skipped_and_where_they_are_required_an_error(
    required, code, said, tmp_path
):
    (tmp_path / "conftest.py").write_text("from tests import originals\noriginals.missing = lambda: 'no texts here'\n")
    done = run_suite(tmp_path, READER, required)
    assert (done.returncode, said in done.stdout, "no texts here" in done.stdout) == (code, True, True), done.stdout


def run_suite(tmp_path, suite, required):
    (tmp_path / "test_suite.py").write_text(suite)
    marks = "  needs_aider: as in the project\n  needs_openapi: ditto\n"
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nmarkers =\n{marks}")
    argv = ("-q", "-rs", "-p", "tests.conftest", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(tmp_path))
    return subprocess.run(
        (sys.executable, "-m", "pytest", *argv, str(tmp_path)),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DEVTEAM_REQUIRE": required},
        capture_output=True,
        text=True,
        check=False,
    )
