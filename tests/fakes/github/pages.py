"""Lists in pages, as GitHub cuts them: 30 a page unless asked, at most 100, with a Link header."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.fakes.github.answers import Answer

if TYPE_CHECKING:
    from tests.fakes.github.fake import FakeGitHub


def cut_into_pages(fake: FakeGitHub, path: str, query: dict[str, str], answer: Answer, *, is_stale: bool) -> Answer:
    """The page that was asked for. Stale: without what was made since the last write began."""
    items: list[Any] = answer.items or []
    if is_stale:
        items = [entry for entry in items if not isinstance(entry, dict) or entry.get("id", 0) <= fake.last_write_id]
    size = min(100, max(1, _number(query.get("per_page"), 30)))
    page = max(1, _number(query.get("page"), 1))
    last = max(1, -(-len(items) // size))
    shown = items[(page - 1) * size : page * size]
    body: Any = {**(answer.body or {"total_count": len(items)}), answer.key: shown} if answer.key else shown
    wanted = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    if page >= last:
        wanted = {"prev": page - 1, "first": 1}
    if page == 1:
        wanted = {name: number for name, number in wanted.items() if name in ("next", "last")}
    links = [
        f'<{fake.url}{path}?{urlencode({**query, "page": number})}>; rel="{name}"' for name, number in wanted.items()
    ]
    return Answer(answer.status, body, {**answer.headers, **({"Link": ", ".join(links)} if links else {})})


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else default
