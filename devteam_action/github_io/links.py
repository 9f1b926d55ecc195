"""Addresses for people: they are put together here, and nobody is asked."""

from __future__ import annotations

from urllib.parse import quote, quote_plus

# Servers and browsers cut or refuse longer ones; 8,000 is what RFC 9110 §4.1 asks everybody to take.
LONGEST_URL = 8000


def file_link(web_url: str, path: str, line: int | None, revision: str) -> str:
    """Where a file of a branch or commit is read, at a line."""
    anchor = f"#L{line}" if line is not None else ""
    return f"{web_url}/blob/{quote(revision, safe='/')}/{quote(path, safe='/')}{anchor}"


def compare_link(web_url: str, base: str, branch: str, *, title: str, body: str) -> str:
    """Where a person opens the pull request that we may not; the body is cut where the address would be too long."""
    start = f"{web_url}/compare/{quote(base, safe='/')}...{quote(branch, safe='/')}?quick_pull=1"
    start += f"&title={quote_plus(title[:256], errors='replace')}"
    return f"{start}&body={_cut(body, LONGEST_URL - 1 - len(start) - len('&body='))}"


def _cut(text: str, room: int) -> str:
    """As much of the text, from its start, as is not longer than `room` when it is quoted."""
    pieces: list[str] = []
    for character in text:
        quoted = quote_plus(character, errors="replace")
        room -= len(quoted)
        if room < 0:
            break
        pieces.append(quoted)
    return "".join(pieces)
