"""What a task may change and how it is proved, as its block says it in every dialect; and lines that nearly say it.

    touches: src/**, tests/**                                  limits the paths that the task may change
    criteria: test.coverage ≥ 80%; type.strict = 0 errors      criteria and their required values, as written
    - test.coverage: ≥80%                                      the same, one to a bullet

All of it is our extension to the dialects. A limit that is missed lets a task change anything, so whatever looks like
one and is none is told by `lint`.
"""

from __future__ import annotations

import re

from msgspec import Struct

_CRITERION = re.compile(
    r"(test\.pass|test\.coverage(?:\.total)?|test\.bites|type\.strict|lint\.clean|doc\.updated|diff\.scope|diff\.size"
    r"|secrets\.clean)\b`?\s*(?::\s*(\S.*)|([≥≤<>=].*)|$)"
)
_NAMED_VALUE = re.compile(r"`?([A-Za-z][\w.-]*)`?\s*:?\s*(.*)$", re.DOTALL)
_KEY = re.compile(
    r"(?P<open>[*_`]*)(?P<word>[A-Za-z]{5,10})(?P<close>[*_`]*)\s*(?P<colon>:[*_`]*)?\s*(?P<rest>.*)$", re.DOTALL
)
_INITIALS = frozenset("tTcC*_`")
_MEANT = {
    **dict.fromkeys(("touch", "touche", "touched", "touching", "touchs", "toches", "tuches"), "touches"),
    **dict.fromkeys(("criterion", "criterions", "criterium", "criterias", "critera", "creteria"), "criteria"),
}
_IN_TITLE = re.compile(
    r"[(\[_][*_`]{0,3}(touches(?=[*_`]{0,3}:)|criteria(?=[*_`]{0,3}:[*_`]{0,3}\s?`?(?:test|type|lint|doc|diff|secrets)\.))",
    re.IGNORECASE,
)
_EXAMPLE = {"touches": "touches: src/**, docs/menu.md", "criteria": "criteria: test.coverage ≥ 90%; lint.clean"}


class Limit(Struct, frozen=True, gc=False):
    """What one line limits or demands; `message` and `fix` are for what cannot be read in it, empty when all can be."""

    touches: tuple[str, ...] = ()
    criteria: tuple[tuple[str, str], ...] = ()
    message: str = ""
    fix: str = ""

    @property
    def says_something(self) -> bool:
        return bool(self.touches or self.criteria)


class Miss(Struct, frozen=True, gc=False):
    """Text that looks like a limit or a dependency and is read as neither; `line` is 0 for the item's own line."""

    line: int
    message: str
    fix: str


def read_limit(text: str, *, is_bullet: bool = False) -> Limit | None:
    """The limit that a line is (or nearly is: then it says nothing but its message); None for any other line.

    A criterion without a value (`lint.clean`) is one as a bullet only: elsewhere it may be the end of a sentence.
    """
    if text[:1] in _INITIALS and (found := _KEY.match(text)):
        word = found["word"].lower()
        key = _MEANT.get(word, word)
        if key in _EXAMPLE:
            return _of_key(found, word, key)
    one = stated_criterion(text)
    return Limit(criteria=(one,)) if one and (one[1] or is_bullet) else None


def stated_criterion(text: str) -> tuple[str, str] | None:
    """The criterion and value when `text` is nothing but one (`test.coverage: ≥80%`), else None."""
    found = _CRITERION.match(text.strip(" `*_")) if "." in text else None
    return (found[1], (found[2] or found[3] or "").strip(" `*_")) if found else None


def miss_in_title(text: str) -> Miss | None:
    """What is wrong with a title that has `(touches: …)` or `_Criteria: …_` in it, where neither is read."""
    found = _IN_TITLE.search(text) if ":" in text else None
    return Miss(0, f"`{found[1]}:` is not read in a title", _on_its_own(found[1].lower())) if found else None


def _of_key(found: re.Match[str], word: str, key: str) -> Limit | None:
    rest = found["rest"].strip()
    if not found["colon"]:
        parts = _globs(rest)
        is_meant = word == "touches" and bool(parts) and all("/" in part or "*" in part for part in parts)
        return Limit(message="`touches` without a colon is not read", fix=_on_its_own(key)) if is_meant else None
    if word != key:
        return Limit(message=f"`{word}:` is not read", fix=_on_its_own(key))
    if found["open"].strip("`") and not found["close"] and found["colon"] == ":":
        return Limit(message=f"`{key}:` is not read in emphasis with all that it says", fix=_on_its_own(key))
    return _touches(rest) if key == "touches" else _criteria(rest)


def _touches(rest: str) -> Limit:
    globs = _globs(rest)
    if not globs:
        return Limit(message="`touches:` has no path behind it", fix=_on_its_own("touches"))
    if rest.endswith(","):
        return Limit(globs, message="`touches:` ends in a comma: the next line is not read", fix=_on_its_own("touches"))
    return Limit(globs)


def _criteria(rest: str) -> Limit:
    found: list[tuple[str, str]] = []
    wrong: list[str] = []
    for part in filter(None, map(str.strip, rest.split(";"))):
        if named := _NAMED_VALUE.match(part):
            found.append((named[1], named[2].strip(" `")))
        else:
            wrong.append(part)
    if wrong:
        message = f"`criteria:` has `{wrong[0][:60]}`, which begins with no criterion's name"
        return Limit(criteria=tuple(found), message=message, fix=_on_its_own("criteria"))
    if not found:
        return Limit(message="`criteria:` has no criterion behind it", fix=_on_its_own("criteria"))
    return Limit(criteria=tuple(found))


def _globs(text: str) -> tuple[str, ...]:
    return tuple(glob for part in re.split(r"[,\s]+", text) if (glob := part.strip("`")))


def _on_its_own(key: str) -> str:
    return f"write `{_EXAMPLE[key]}`, on one line of its own below the item"
