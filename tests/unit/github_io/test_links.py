"""Addresses for people."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from devteam_action.github_io.links import LONGEST_URL, compare_link, file_link

WEB = "https://github.com/acme/app"


def test_a_file_is_linked_at_its_line():
    assert file_link(WEB, "src/a.py", 7, "task/x") == f"{WEB}/blob/task/x/src/a.py#L7"
    assert file_link(WEB, "src/a.py", None, "abc") == f"{WEB}/blob/abc/src/a.py"


def test_a_path_cannot_leave_the_address():
    link = file_link(WEB, "a b/[id]#1?.py", 1, "main")
    assert link == f"{WEB}/blob/main/a%20b/%5Bid%5D%231%3F.py#L1"


def test_the_form_of_a_pull_request_is_filled_in():
    link = compare_link(WEB, "main", "task/1-1-x", title="1.1 A & B", body="- [x] done\n#2")
    parts = urlsplit(link)
    assert parts.path == "/acme/app/compare/main...task/1-1-x"
    assert parse_qs(parts.query) == {"quick_pull": ["1"], "title": ["1.1 A & B"], "body": ["- [x] done\n#2"]}


def test_a_long_body_is_cut_at_a_character_so_that_the_address_stays_short():
    link = compare_link(WEB, "main", "task/x", title="t", body="ä€𝄞" * 5000)
    assert LONGEST_URL - 12 <= len(link) < LONGEST_URL
    (body,) = parse_qs(urlsplit(link).query)["body"]
    assert ("ä€𝄞" * 5000).startswith(body)


def test_half_a_character_pair_does_no_harm():
    assert "%3F" in compare_link(WEB, "main", "x", title="\ud800", body="\ud800")
