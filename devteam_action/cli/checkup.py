"""What `doctor` found out about one thing, and how a list of such findings is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct

from devteam_action.errors import DevteamError

State = Literal["well", "missing", "not-allowed", "bad-input", "unknown"]
_SIGNS: dict[State, str] = {"well": "✓", "missing": "✗", "not-allowed": "✗", "bad-input": "✗", "unknown": "–"}
_EXIT: dict[State, int] = {"bad-input": 2, "missing": 4, "not-allowed": 3}
_OF_EXIT: dict[int, State] = {code: state for state, code in _EXIT.items()}


class Checkup(Struct, frozen=True, kw_only=True):
    """`said` is what was found, `fix` the one change that mends it; `unknown` could not be tried, and fails nothing."""

    area: str
    name: str
    state: State
    said: str
    fix: str = ""


def exit_code(found: Sequence[Checkup]) -> int:
    """0 when nothing is wrong; else that of the first kind of: something is missing, forbidden, not understood."""
    states = {each.state for each in found}
    order: tuple[State, ...] = ("missing", "not-allowed", "bad-input")
    return next((_EXIT[state] for state in order if state in states), 0)


def tried(area: str, name: str, attempt: Callable[[], str]) -> Checkup:
    """The finding of an `attempt`, which returns what people should know or raises the error that has the fix."""
    try:
        return Checkup(area=area, name=name, state="well", said=attempt())
    except DevteamError as error:
        return ill(area, name, error)


def ill(area: str, name: str, error: DevteamError) -> Checkup:
    """An error as a finding."""
    state = _OF_EXIT.get(error.exit_code, "missing")
    return Checkup(area=area, name=name, state=state, said=error.message, fix=error.remedy)


def not_committed(name: str, path: str, *, area: str, has_remote: bool) -> Checkup:
    """A file that is in the working tree alone, where nobody but its author reads it."""
    push = " && git push" if has_remote else ""
    fix = f"`git add {path} && git commit -m 'Add {path}'{push}`"
    return Checkup(area=area, name=name, state="missing", said=f"{path} is written, not committed yet", fix=fix)


def told(found: Sequence[Checkup]) -> str:
    """The table for people: one line each, and below what is not well the change that mends it."""
    widths = {each.area: max(len(other.name) for other in found if other.area == each.area) for each in found}
    lines: list[str] = []
    area = ""
    for each in found:
        if each.area != area:
            lines += ["", each.area] if lines else [each.area]
            area = each.area
        said = each.said.replace("\n", " ")
        lines.append(f"  {_SIGNS[each.state]} {each.name:<{widths[area]}}  {said}")
        if each.fix and each.state != "well":
            lines += [f"      {line}" for line in f"fix: {each.fix}".splitlines()]
    wrong = sum(each.state not in ("well", "unknown") for each in found)
    untried = sum(each.state == "unknown" for each in found)
    end = "all is well" if not wrong else f"{wrong} to mend"
    return "\n".join([*lines, "", end + (f", {untried} to look at" if untried else "")])
