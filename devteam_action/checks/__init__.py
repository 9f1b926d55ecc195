"""The checks: one file and one line here each. Made when chosen; nothing heavy is imported before a check runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from devteam_action.checks.change_checks import DiffScope, DiffSize, DocUpdated
from devteam_action.checks.mypy_types import MypyTypes
from devteam_action.checks.named_command import NamedCommand, NotYet
from devteam_action.checks.place import Check
from devteam_action.checks.pyright_types import PyrightTypes
from devteam_action.checks.python_tests import PythonTests
from devteam_action.checks.ruff_lint import RuffLint
from devteam_action.checks.secrets_scan import SecretsScan

CHECKS: Mapping[str, Callable[[], Check]] = {
    "pytest": PythonTests,
    "ruff": RuffLint,
    "mypy": MypyTypes,
    "pyright": lambda: PyrightTypes("pyright"),
    "basedpyright": lambda: PyrightTypes("basedpyright"),
    "scope": DiffScope,
    "size": DiffSize,
    "docs": DocUpdated,
    "secrets": SecretsScan,
    "bites": NotYet,
}
_FOR_CRITERION = {
    "test.pass": "pytest",
    "test.coverage": "pytest",
    "test.coverage.total": "pytest",
    "lint.clean": "ruff",
    "diff.scope": "scope",
    "diff.size": "size",
    "doc.updated": "docs",
    "secrets.clean": "secrets",
    "test.bites": "bites",
}


def checks_for(criteria: Iterable[str], type_checkers: Iterable[str], commands: Collection[str]) -> tuple[Check, ...]:
    """The checks that measure the criteria, each once; a name that is bound to a command is that command's."""
    chosen: dict[str, Check] = {}
    for criterion in criteria:
        own = type_checkers if criterion == "type.strict" else (_FOR_CRITERION.get(criterion, ""),)
        for name in ("",) if criterion in commands else own:
            check = CHECKS[name]() if name else NamedCommand(criterion)
            chosen.setdefault(check.name, check)
    return tuple(chosen.values())
