"""Whether a push or a pull request starts a workflow, from the text of its file."""

from __future__ import annotations

from typing import cast

_BY_PUSHES = frozenset({"push", "pull_request", "pull_request_target"})
_LARGEST = 200_000  # bytes; GitHub's own limit for a workflow file is not told, and nobody writes longer ones


def concerns_pushes(content: bytes | None) -> bool:
    """Whether one of our pushes or pull requests may start it; True where that cannot be told."""
    import yaml

    if content is None or len(content) > _LARGEST:
        return True
    try:
        read = cast("object", yaml.safe_load(content))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError):
        return True
    entries = cast("dict[object, object]", read) if isinstance(read, dict) else {}
    triggers = entries.get("on", entries.get(True))  # YAML 1.1 reads a bare `on` as true
    named = [triggers] if isinstance(triggers, str) else triggers
    if not isinstance(named, dict | list):
        return True
    return any(str(each) in _BY_PUSHES for each in cast("list[object]", named))
