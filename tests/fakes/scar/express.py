"""Answers as Express gives them: compact JSON with a weak ETag, error pages in HTML, 304 without a body."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

_PAGE = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n'
    "<body>\n<pre>{}</pre>\n</body>\n</html>\n"
)
_FRAME = "<br> &nbsp; &nbsp;at "
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Answer:
    """A status, a body, and its headers without those that the connection adds."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    etag: str = ""


def stringified(value: object) -> bytes:
    """JSON as JavaScript writes it: no blanks, UTF-8, and half a surrogate pair as an escape."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


def json_answer(value: object, status: int = 200) -> Answer:
    body = stringified(value)
    digest = base64.b64encode(hashlib.sha1(body).digest()).decode()[:27]
    return Answer(status, body, etag=f'W/"{len(body):x}-{digest}"')


def page(status: int, text: str, *, length: int = 0) -> Answer:
    """An error page; with `length` it holds a stack trace and is as long as the measured one."""
    escaped = html.escape(text).replace("&#x27;", "&#39;")
    body = _PAGE.format(escaped).encode()
    if len(body) < length:
        room = length - len(body) - len(_FRAME)
        body = _PAGE.format(
            f"{escaped}{_FRAME}{'parse (node_modules/body-parser) ' * 40}"[: len(escaped) + len(_FRAME) + room]
        ).encode()
    return Answer(status, body, content_type="text/html; charset=utf-8")


def is_unchanged(answer: Answer, headers: Mapping[str, str]) -> bool:
    """Whether `If-None-Match` names the answer: weakly, in a list, or by `*`; `no-cache` wins over it."""
    asked = headers.get("if-none-match", "")
    if not asked or not answer.etag or answer.status != 200 or "no-cache" in headers.get("cache-control", ""):
        return False
    plain = answer.etag.removeprefix("W/")
    return any(each.strip().removeprefix("W/") in (plain, "*") for each in asked.split(","))
