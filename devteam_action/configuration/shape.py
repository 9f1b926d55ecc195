"""Where a configuration is not of the shape that `domain/config.py` gives it, in words for people."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import cast

from msgspec import Struct, inspect

from devteam_action.configuration.yaml_lines import Place
from devteam_action.domain.config import Config


class Misfit(Struct, frozen=True):
    """One thing that does not fit: `what` says it, `fix` says what could stand there."""

    at: Place
    what: str
    fix: str


def misfits(plain: object) -> Iterator[Misfit]:
    """Every misfit of a whole configuration, in the order of the file."""
    return _check(plain, inspect.type_info(Config), ())


def bare(kind: inspect.Type) -> inspect.Type:
    """The type without the description that a key has."""
    return kind.type if isinstance(kind, inspect.Metadata) else kind


def expected(kind: inspect.Type) -> str:
    """What may stand where `kind` is wanted."""
    match kind:
        case inspect.StrType():
            return "text"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType(ge=low):
            return f"a whole number of at least {low}" if low is not None else "a whole number"
        case inspect.FloatType(gt=above, ge=low):
            return "a number" + (
                f" above {above:g}" if above is not None else f" of at least {low:g}" if low is not None else ""
            )
        case inspect.LiteralType(values=values):
            return f"{'one of ' if len(values) > 1 else ''}{', '.join(sorted(str(value) for value in values))}"
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return f"a list of {expected(item)}"
        case inspect.DictType(value_type=value):
            return f"`name: …` lines, with {expected(value)} each"
        case inspect.StructType():
            return "`key: value` lines"
        case inspect.UnionType(types=types):
            return " or ".join(expected(each) for each in types if not isinstance(each, inspect.NoneType))
        case _:
            return "another value"


def _check(value: object, kind: inspect.Type, at: Place) -> Iterator[Misfit]:
    match kind:
        case inspect.StructType():
            yield from _check_section(value, kind, at)
        case inspect.DictType(value_type=inner) if isinstance(value, dict):
            for key, each in cast("dict[str, object]", value).items():
                yield from _check(each, inner, (*at, key))
        case inspect.VarTupleType(item_type=inner) if isinstance(value, list):
            for number, each in enumerate(cast("list[object]", value)):
                yield from _check(each, inner, (*at, number))
        case inspect.UnionType(types=types):
            found = [list(_check(value, each, at)) for each in types]
            if all(found):
                # A list whose items are wrong is told by its items, anything else by what may stand there.
                yield from next((each for each in found if each[0].at != at), [_wrong(value, kind, at)])
        case _ if not _fits(value, kind):
            yield _wrong(value, kind, at)
        case _:
            pass


def _check_section(value: object, kind: inspect.StructType, at: Place) -> Iterator[Misfit]:
    if not isinstance(value, dict):
        yield _wrong(value, kind, at)
        return
    known = {field.encode_name: bare(field.type) for field in kind.fields}
    for key, each in cast("dict[str, object]", value).items():
        if key in known:
            yield from _check(each, known[key], (*at, key))
            continue
        close = difflib.get_close_matches(key.lower().replace("_", "-"), known, n=1)
        meant = f"did you mean `{close[0]}`? " if close else ""
        section = f"`{dotted(at)}` may have" if at else "the top level may have"
        yield Misfit((*at, key), f"unknown key `{dotted((*at, key))}`", f"{meant}{section}: {', '.join(sorted(known))}")


def _fits(value: object, kind: inspect.Type) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case inspect.StrType():
            return isinstance(value, str)
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.IntType(ge=low):
            return is_number and isinstance(value, int) and (low is None or value >= low)
        case inspect.FloatType(gt=above, ge=low):
            number = float(cast("float", value)) if is_number else 0.0
            return is_number and (above is None or number > above) and (low is None or number >= low)
        case inspect.LiteralType(values=values):
            return value in values
        case inspect.NoneType():
            return value is None
        case _:
            return False


def _wrong(value: object, kind: inspect.Type, at: Place) -> Misfit:
    what = f"{dotted(at) or 'the file'}: expected {expected(kind)}, got {_said(value)}"
    return Misfit(at, what, _fix(value, kind, at))


def _fix(value: object, kind: inspect.Type, at: Place) -> str:
    match value, kind:
        case str(), inspect.VarTupleType():
            return f'write it in brackets: `{dotted(at[-1:])}: ["{_short(value)}"]` is a list of one'
        case bool() | int() | float(), inspect.StrType():
            return f'put it in quotes: "{_said(value)}"'
        case None, _ if at and isinstance(at[-1], int):
            return "write something after the dash, or remove it"
        case _, inspect.StructType(fields=fields):
            return f"its keys are: {', '.join(sorted(field.encode_name for field in fields))}"
        case _, inspect.DictType(value_type=inspect.StructType(fields=fields)):
            return f"below each name, the keys are: {', '.join(sorted(field.encode_name for field in fields))}"
        case _:
            return f"write {expected(kind)}"


def dotted(at: Place) -> str:
    """A place as people write it: `tools.aider.model`, `setup[1]` (counted from 1)."""
    text = ""
    for step in at:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _said(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return f"'{_short(value)}'"
        case dict():
            return "a section"
        case list():
            return "a list"
        case _:
            return str(value)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
