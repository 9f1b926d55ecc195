"""Files and dependencies are found as people write them, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from devteam_action.domain.tasklist.references import extract, parse
from devteam_action.domain.tasklist.text import find_files


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("[src/a.jsx](src/a.jsx:77)", ("src/a.jsx",)),
        ("open apps/(app)/[id]/+page.svelte now", ("apps/(app)/[id]/+page.svelte",)),
        ("[page](apps/(app)/[id]/p.ts#L3-L9)", ("apps/(app)/[id]/p.ts",)),
        ("`conftest.py` and conftest.py", ("conftest.py",)),
        ("(see src/oven/heat.py).", ("src/oven/heat.py",)),
        ("**src/a.py**, docs/x.md:12-14; `a/b.py:3`", ("src/a.py", "docs/x.md", "a/b.py")),
        ("[m](Makefile) [a](#b) [p](https://x.org/y.md)", ("Makefile",)),
        ("POST /prep and/or GET /a/b.json", ()),
        ("https://example.org/a/b.html Node.js/Express.js", ()),
        ("`np.array` `user.name` `application/json` `src/`", ()),
        ("[x](../../src/a.js)", ("src/a.js",)),
    ],
)
def test_files_are_links_paths_and_names_in_code(text: str, files: tuple[str, ...]) -> None:
    assert find_files(text) == files


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1.3 Services", ["id 1.3"]),
        ("1.6, 1.7", ["id 1.6", "id 1.7"]),
        ("[3.3,5.2]", ["id 3.3", "id 5.2"]),
        ("1.1–1.10", ["range 1.1 1.10"]),
        ("Task 1.1-1.3 and 2.1", ["range 1.1 1.3", "id 2.1"]),
        ("3", ["id 3"]),
        ("Phase 1 complete", ["phase 1"]),
        ("Stages 1-2", ["phase 1", "phase 2"]),
        ("[]", []),
        ("None", []),
        ("none (can start now)", []),
        ("", []),
        ("[src/config.js](src/config.js), [1.2](#section)", ["id 1.2"]),
        ("1.1.1 1.1.2/1.1.3", ["id 1.1.1", "id 1.1.2", "id 1.1.3"]),
        ("3 weeks of rain", ["unresolved"]),
        ("None, a dry shed", ["unresolved"]),
        ("src/config.js, `conftest.py`", []),
    ],
)
def test_a_dependency_text_names_ids_ranges_and_phases(text: str, found: list[str]) -> None:
    said = [" ".join(filter(None, (each.kind, each.first, each.last))) for each in parse(text, 1)]

    assert [" ".join(dict.fromkeys(each.split())) for each in said] == found


def test_a_dependency_part_is_cut_out_with_the_links_in_it() -> None:
    title, said = extract("Gate (Dependencies: [s/c.js](s/c.js:7), 1.1) the tab")

    assert (title, [each.strip() for each in said]) == ("Gate the tab", ["[s/c.js](s/c.js:7), 1.1"])
