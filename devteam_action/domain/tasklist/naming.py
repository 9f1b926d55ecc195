"""The name of a task's branch (CONTRACT 1): computed once; afterwards the recorded one wins."""

from __future__ import annotations

import re
import unicodedata

from devteam_action.domain.task import Task
from devteam_action.domain.tasklist.text import find_paths

_LONGEST = 50
_LONGEST_ID = 60
_PREPOSITIONS = frozenset(
    re.findall(
        r"\w+",
        "about above across after against along among around as at before behind below between by for from in "
        "inside into of off on onto out over per since through to toward towards under until up upon via with "
        "within without ",
    )
)


def branch_name(task: Task) -> str:
    """`task/<id>-<slug>`, a ref that `git check-ref-format` accepts whatever the title and id say."""
    return _with_slug(_dashed(task.id)[:_LONGEST_ID].strip("-") or "unnamed", slug(task.title))


def slug(title: str) -> str:
    """The words of a title up to its first file path, `[a-z0-9-]`, at most 50 characters, or empty."""
    paths = find_paths(title)
    words = [word for word in _dashed(title[: paths[0][0]] if paths else title).lower().split("-") if word]
    short: list[str] = []
    length = -1
    for word in words:
        length += 1 + len(word)
        if length > _LONGEST:
            break
        short.append(word)
    if words and not short:
        return words[0][:_LONGEST]
    while short and short[-1] in _PREPOSITIONS:
        short.pop()
    return "-".join(short)


def _with_slug(task_id: str, words: str) -> str:
    return f"task/{task_id}-{words}" if words else f"task/{task_id}"


def _dashed(text: str) -> str:
    """Letters without their accents, digits, and a dash for every run of anything else."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain)
