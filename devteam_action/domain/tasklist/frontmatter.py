"""Tells how much of a file is front matter, which holds settings and no tasks."""

from __future__ import annotations

import re

_YAML_KEY = re.compile(r"""["']?[\w.-]+["']?[ \t]*[:=](?:[ \t]|$)""")


def front_matter_length(texts: list[str]) -> int:
    """How many lines the front matter takes; a rule (`---`) at the top that no YAML or TOML follows is none."""
    marker = texts[0].rstrip() if texts else ""
    if marker not in ("---", "+++"):
        return 0
    closers = (marker, "...") if marker == "---" else (marker,)
    close = next((index for index, text in enumerate(texts) if index and text.rstrip() in closers), 0)
    first = next((text for text in texts[1:close] if not text.startswith("#")), "")
    return close + 1 if close == 1 or _YAML_KEY.match(first) else 0
