"""A refusal for lack of rights names the line to add."""

from __future__ import annotations

import pytest

from devteam_action.github_io.rights import remedy_for, wanted_rights


@pytest.mark.parametrize(
    ("header", "otherwise", "lines"),
    [
        ("pull_requests=write", (), ("pull-requests: write",)),
        ("contents=write,workflows=write; contents=write", (), ("contents: write",)),
        ("issues=write; pull_requests=write", ("pull-requests: write",), ("pull-requests: write",)),
        ("issues=write; pull_requests=write", (), ("issues: write",)),
        ("metadata=read,checks=write", (), ("checks: write",)),
        ("administration=read", (), ("administration: read",)),
        ("", ("checks: write",), ("checks: write",)),
        ("metadata=read", ("checks: write",), ("checks: write",)),
        ("x; \x1b[31m=write, contents", (), ()),
    ],
)
def test_the_accepted_rights_become_lines_of_a_workflow(header, otherwise, lines):
    assert wanted_rights(header, otherwise) == lines


def test_the_remedy_is_yaml_to_paste():
    assert remedy_for(("checks: write", "contents: read")).endswith("permissions:\n  checks: write\n  contents: read")


def test_a_right_that_no_workflow_gives_needs_another_token():
    assert "GitHub App" in remedy_for(("administration: read",))
    assert "permissions:\n" not in remedy_for(("administration: read",))
