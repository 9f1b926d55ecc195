"""Whether two path globs can name the same file, decided without looking at any file.

The answer errs towards yes: two tasks that wrongly wait for each other lose some time, two that wrongly run side by
side make a merge conflict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

# Longer patterns are no honest globs, and comparing them costs the product of their lengths.
_LONGEST = 400

_ANY = "any character"
_MANY = "any run of characters"
_DEEP = "**"
_GROUP = re.compile(r"\[[^\]]*\]|\{[^}]*\}")
_GROUP_OVER_SEGMENTS = re.compile(r"\{[^}]*/")


def overlaps(left: Sequence[str], right: Sequence[str]) -> bool:
    """True unless no path can match both a glob of `left` and a glob of `right`.

    `*` and `?` stay inside a path segment, `**` crosses segments; `[…]` and `{…}` count as any text. A glob names
    what is below it too (`src` covers `src/a.py`), one with a wildcard and no `/` is meant at any depth, and case is
    ignored, as some file systems do. Negated globs (`!x`) narrow nothing here.
    """
    lefts = [_segments(glob) for glob in left if not glob.startswith("!")] or [[_DEEP]]
    rights = [_segments(glob) for glob in right if not glob.startswith("!")] or [[_DEEP]]
    return any(_meet(one, other, many=_DEEP, same=_segments_meet) for one in lefts for other in rights)


def _segments(glob: str) -> list[str]:
    if len(glob) > _LONGEST:
        return [_DEEP]
    path = glob.strip().replace("\\", "/").casefold()
    if group := _GROUP_OVER_SEGMENTS.search(path):
        path = path[: group.start()].rpartition("/")[0] + "/**"
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if "/" not in path and any(char in path for char in "*?[{"):
        parts.insert(0, _DEEP)
    return [*parts, _DEEP]


def _segments_meet(one: str, other: str) -> bool:
    return one == other or _meet(_letters(one), _letters(other), many=_MANY, same=_letters_meet)


def _letters(segment: str) -> list[str]:
    wild = {"*": _MANY, "?": _ANY}
    return [wild.get(letter, letter) for letter in _GROUP.sub("*", segment)]


def _letters_meet(one: str, other: str) -> bool:
    return one == other or _ANY in (one, other)


def _meet(one: Sequence[str], other: Sequence[str], *, many: str, same: Callable[[str, str], bool]) -> bool:
    """Whether some word is matched by both patterns; `many` stands for any number of letters, none included.

    One row a letter of `one`: `row[j]` says that a word is matched by `one` to this letter and `other` to its jth.
    """
    row = [True]
    for theirs in other:
        row.append(row[-1] and theirs == many)
    for mine in one:
        above, row = row, [row[0] and mine == many]
        for j, theirs in enumerate(other):
            if many in (mine, theirs):  # it stands for nothing, or swallows what is opposite and goes on
                row.append(above[j + 1] or row[j])
            else:
                row.append(above[j] and same(mine, theirs))
    return row[-1]
