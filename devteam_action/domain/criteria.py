"""Which criteria a task is judged by, and what value each requires (CONTRACT: criteria and checks)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from devteam_action.domain.config import Config
from devteam_action.domain.findings import CriterionResult, Verdict
from devteam_action.domain.task import Task
from devteam_action.errors import CriterionError

Operator = Literal["≥", "≤", ">", "<", "="]

_ASCII: dict[str, Operator] = {">=": "≥", "<=": "≤", "==": "=", "≥": "≥", "≤": "≤", ">": ">", "<": "<", "=": "="}
_OPERATOR = re.compile(r"\s*(>=|<=|==|≥|≤|>|<|=)\s*(.*)\Z", re.DOTALL)
_SIGN = re.compile(r"\s*([^\w\s.\"'`/-]{1,3})")  # what stands where an operator would, when it is none we know
_NUMBER = re.compile(r"([+-]?\d{1,15}(?:[.,]\d{1,9})?)\s*(%|[^\W\d_]{1,20})?\Z")
_YES = frozenset({"true", "yes", "on", "pass", "passes", "passed", "clean", "green", "all", "ok", "required"})
_NO = frozenset({"false", "no", "off"})


class Rule(Struct, frozen=True, kw_only=True):
    """What a required value of one criterion may look like.

    `units` are the words that may follow the number (the first is meant when there is none),
    `plain` what a plain value means: "yes" only words like `pass`, "any" free text, "none" nothing.
    `default` is the requirement of a plain yes.
    """

    units: tuple[str, ...] = ()
    plain: Literal["yes", "any", "none"] = "yes"
    default: str = ""


_COUNT = ("errors", "error", "findings", "finding", "problems", "problem", "issues", "issue", "warnings", "warning")
_SAME = {"line": "lines", "file": "files", "failure": "failures", "failed": "failures"}
_FAILURES = ("failures", "failure", "failed")
RULES: Mapping[str, Rule] = {
    "test.pass": Rule(units=("%", *_FAILURES), default="= 100%"),
    "test.coverage": Rule(units=("%",), plain="none"),
    "test.coverage.total": Rule(units=("%",), plain="none"),
    "type.strict": Rule(units=_COUNT, default="≤ 0 errors"),
    "lint.clean": Rule(units=_COUNT, default="≤ 0 errors"),
    "doc.updated": Rule(plain="any"),
    "build": Rule(default="exit code 0"),
    "diff.scope": Rule(units=_COUNT, default="≤ 0 findings"),
    "diff.size": Rule(units=("lines", "line", "files", "file"), plain="none"),
    "secrets.clean": Rule(units=_COUNT, default="≤ 0 findings"),
    "test.bites": Rule(units=("%",)),
}
_COMMAND = Rule(default="exit code 0")

# Criteria that prove nothing about the code by themselves: a document is named by the shape of the list, a diff is
# no proof of anything but itself.
_NAMED_BY_THE_LIST = frozenset({"doc.updated"})


class Required(Struct, frozen=True, kw_only=True):
    """A required value: `operator` and `number` with `unit`, or (`operator` None) the plain `text`."""

    criterion: str
    text: str
    operator: Operator | None = None
    number: float = 0
    unit: str = ""

    def accepts(self, actual: float) -> bool:
        """Whether a measured number is good enough; a plain requirement accepts no number but 0 findings."""
        match self.operator:
            case "≥":
                return actual >= self.number
            case "≤":
                return actual <= self.number
            case ">":
                return actual > self.number
            case "<":
                return actual < self.number
            case "=":
                return actual == self.number
            case None:
                return actual == 0


class Wanted(Struct, frozen=True, kw_only=True):
    """One criterion of a task; `stated` when a person wrote it, else it was detected in the repository."""

    name: str
    required: Required
    stated: bool = True


def parse_required(criterion: str, text: str, *, commands: Collection[str] = (), place: str = "") -> Required:
    """The meaning of a required value as written; raises CriterionError that begins with `place`.

    A number without an operator is a floor for percentages and a ceiling for counts.
    """
    where = f"{place}: " if place else ""
    rule = _rule(criterion, commands, where)
    said = text.strip()
    found = _OPERATOR.match(said)
    number = _NUMBER.match(found[2].strip() if found else said)
    if number and rule.units and (number[2] or "").lower() in _allowed(rule):
        unit = (number[2] or rule.units[0]).lower()
        operator = _ASCII[found[1]] if found else ("≥" if unit == "%" else "≤")
        value = float(number[1].replace(",", "."))
        shown = f"{operator} {number[1]}{'' if unit in ('', '%') else ' '}{unit}"
        return Required(criterion=criterion, text=shown, operator=operator, number=value, unit=_SAME.get(unit, unit))
    plain = found[2].strip() if found and found[1] in ("=", "==") else said
    if (found is None or plain != said) and not _SIGN.match(plain):
        if rule.plain == "any" and plain:
            return Required(criterion=criterion, text="updated" if plain.lower() in _YES else plain)
        if rule.plain == "yes" and plain.lower() in _YES:
            return _plain_yes(criterion, rule)
    raise CriterionError(f"{where}`{criterion}: {_short(text)}` is no required value", remedy=_expected(rule))


def _rule(criterion: str, commands: Collection[str], where: str) -> Rule:
    rule = _COMMAND if criterion in commands else RULES.get(criterion)
    if rule is None:
        raise CriterionError(
            f"{where}unknown criterion `{_short(criterion)}`",
            remedy=f"known criteria: {', '.join(sorted({*RULES, *commands}))}; others are names under `commands:`",
        )
    return rule


def _plain_yes(criterion: str, rule: Rule) -> Required:
    if _OPERATOR.match(rule.default):
        return parse_required(criterion, rule.default)
    return Required(criterion=criterion, text=rule.default or "yes")


def _allowed(rule: Rule) -> Collection[str]:
    return (*rule.units, "")


def _expected(rule: Rule) -> str:
    number = "one of ≥ ≤ > < = (or >= <=) and a number"
    units = ", ".join(dict.fromkeys(unit for unit in rule.units if unit))
    shapes = [f"{number} with a unit ({units})" if units else number] if rule.units else []
    if rule.plain == "yes":
        shapes.append("a plain `pass`")
    if rule.plain == "any":
        shapes.append("a file's path")
    return f"expected {' or '.join(shapes)}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def criteria_for(task: Task, config: Config, detected: Iterable[str]) -> tuple[Wanted, ...]:
    """The criteria of a task: its own, else the config's, else the detected ones and a diff that is not empty.

    `off` (or `false`) as a value takes a criterion away. The document that a list's `Document … in FILE` names, and
    `touches:`, come on top of the others, for they say nothing about the code. Raises CriterionError.
    """
    own = {name: (value, f"{task.source.path}:{task.source.line}") for name, value in task.criteria.items()}
    configured = {name: (_as_text(value), f"criteria.{name}") for name, value in config.criteria.items()}
    off = {name for source in (configured, own) for name, (value, _) in source.items() if value.strip().lower() in _NO}
    extra = {name: said for name, said in own.items() if name in _NAMED_BY_THE_LIST and name not in off}
    if task.touches:
        extra.setdefault("diff.scope", ("pass", "touches"))
    stated = _first_with_a_say(own, configured, off)
    wanted = [
        Wanted(name=name, required=parse_required(name, value, commands=config.commands, place=place))
        for name, (value, place) in {**stated, **extra}.items()
    ]
    # A name that is switched off must be known too, or a misspelt one would switch off nothing.
    for name in off:
        _rule(name, config.commands, f"{own[name][1] if name in own else f'criteria.{name}'}: ")
    if stated:
        return tuple(wanted)
    named = {one.name for one in wanted}
    found = [name for name in dict.fromkeys(detected) if name not in off and name not in named]
    implied = [
        Wanted(name=name, required=parse_required(name, "pass", commands=config.commands), stated=False)
        for name in found
    ]
    if task.type != "checkpoint" and "diff.size" not in off:
        implied.append(Wanted(name="diff.size", required=parse_required("diff.size", "> 0 files"), stated=False))
    return (*wanted, *implied)


def _first_with_a_say(
    own: Mapping[str, tuple[str, str]], configured: Mapping[str, tuple[str, str]], off: Collection[str]
) -> dict[str, tuple[str, str]]:
    if any(name not in _NAMED_BY_THE_LIST for name in own if name not in off):
        return {name: said for name, said in own.items() if name not in off}
    return {name: said for name, said in configured.items() if name not in off}


def _as_text(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "pass" if value else "off"
    return str(value)


def verdict(results: Sequence[CriterionResult]) -> Verdict:
    """`failed` when a criterion failed; `unverified` when nothing but an implied diff was measured; else `passed`."""
    if any(not result.passed for result in results):
        return "failed"
    proof = [result for result in results if result.measured and (result.stated or result.criterion != "diff.size")]
    return "passed" if proof else "unverified"
