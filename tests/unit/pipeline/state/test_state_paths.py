from __future__ import annotations

import pytest

from devteam_action.pipeline.state.paths import (
    events_file,
    file_name,
    idempotency_file,
    ledger_file,
    run_folder,
    task_file,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1.1.2", "1.1.2"),
        ("T010a", "T010a"),
        ("a/b", "a%2Fb"),
        ("..", "%2E."),
        (".", "%2E"),
        (".git", "%2Egit"),
        ("git~1", "git%7E1"),
        ("a b\n", "a%20b%0A"),
        ("100%", "100%25"),
        ("é", "%C3%A9"),
        ("", "%"),
    ],
)
def test_an_odd_id_becomes_one_plain_name(text: str, name: str) -> None:
    assert file_name(text) == name


def test_long_ids_are_cut_and_stay_different() -> None:
    first, second = file_name("x" * 500 + "1"), file_name("x" * 500 + "2")
    assert first != second
    assert len(first) == len(second) == 100


def test_every_record_has_the_place_that_the_contract_gives_it() -> None:
    assert task_file("1.1") == "tasks/1.1.json"
    assert run_folder("20261121T004512Z-ab12", "") == "runs/2026/11/21/20261121T004512Z-ab12/"
    assert run_folder("odd/id", "2026-11-20T00:00:00Z") == "runs/2026/11/20/odd%2Fid/"
    assert run_folder("odd", "never") == "runs/1970/01/01/odd/"
    assert events_file("runs/x/", 7) == "runs/x/events-000007.jsonl"
    assert ledger_file("r", 2, "2026-11-21T00:00:00Z") == "ledger/2026/11/21/r-2.json"
    assert idempotency_file("k").startswith("idempotency/82/8254c329")
