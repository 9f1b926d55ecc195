"""Which handler answers a path: templates as in GitHub's OpenAPI, with parts that may hold slashes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from tests.fakes.github.answers import Answer, Call

_SLASHED = {"ref", "path", "basehead", "branch"}
Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """`needs`: GitHub's own notation of rights, `issues=write; pull_requests=write` (`;` or, `,` and)."""

    method: str
    template: str
    handler: Handler
    needs: str
    pattern: re.Pattern[str]


ROUTES: list[Route] = []


def route(method: str, template: str, needs: str = "metadata=read") -> Callable[[Handler], Handler]:
    """Registers a handler; the template is also the key of the operation in the OpenAPI text."""

    def register(handler: Handler) -> Handler:
        ROUTES.append(Route(method, template, handler, needs, _pattern(template)))
        ROUTES.sort(key=lambda entry: -len(re.sub(r"\{\w+\}", "", entry.template)))
        return handler

    return register


def match(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The most literal route for a raw path, and its decoded parts."""
    for entry in ROUTES:
        if entry.method == method and (hit := entry.pattern.fullmatch(path)):
            return entry, {name: unquote(value) for name, value in hit.groupdict().items()}
    return None


def _pattern(template: str) -> re.Pattern[str]:
    def part(hit: re.Match[str]) -> str:
        return f"(?P<{hit[1]}>{'.+' if hit[1] in _SLASHED else '[^/]+'})"

    return re.compile(re.sub(r"\\\{(\w+)\\\}", part, re.escape(template)))
