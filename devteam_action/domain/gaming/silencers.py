"""Comments and marks that silence a tool: which criterion each weakens, and where they stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from devteam_action.domain.gaming.source import comments, constant_truth, dotted, imported_names, parsed

# Sources that the tools read: ruff lints stubs and notebooks too.
READ_BY_TOOLS = (".py", ".pyi", ".pyw", ".ipynb")

_STRICTER = r"(?:strict|(?:report|strict)\w+\s*=\s*(?:true|\"?error\"?))"
_COMMENTS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    (
        "lint.clean",
        "new-noqa",  # ruff's documentation: error suppression; `ruff: enable` ends a suppression
        re.compile(r"#\s*(?:noqa\b|(?:ruff|flake8):\s*(?!enable\b)\w|isort:\s*(?:skip|off))", re.IGNORECASE),
    ),
    (
        "type.strict",
        "new-type-ignore",  # pyright's documentation: comments; what only makes it stricter is free
        re.compile(
            r"#\s*(?:type:\s*ignore"
            rf"|(?:based)?pyright:\s*(?!{_STRICTER}(?:\s*,\s*{_STRICTER})*\s*(?:$|#))\w"
            r"|mypy:\s*(?!(?:disallow|warn|check|strict|enable)[\w-]*\s*(?:$|=\s*true\s*$))\w)",
            re.IGNORECASE,
        ),
    ),
)
# coverage.py matches the text of a line, in strings too; the colon may be missing (its documentation: excluding code).
_NO_COVER = re.compile(r"#\s*pragma[:\s]?\s*no\s*(?:cover|branch)", re.IGNORECASE)
# mypy reads these at the start of any line, in strings too (its documentation: inline configuration).
_MYPY_LINE = re.compile(
    r"^# mypy:\s*(?!(?:disallow|warn|check|strict|enable)[\w-]*\s*(?:$|=\s*true\s*$))\w", re.IGNORECASE
)
_TOLD_BY_WORD = re.compile(r"noqa|ruff|flake8|isort|ignore|pyright|mypy|pragma", re.IGNORECASE)

_SKIPS = frozenset(
    ("skip", "skipif", "skipIf", "skipUnless", "xfail", "importorskip", "expectedFailure", "SkipTest", "Skipped",
     "skipTest", "exit")
)  # fmt: skip
_SKIPPING_MODULES = frozenset({"pytest", "_pytest", "unittest", "nose"})
_SKIP_TEXT = re.compile(
    r"\bmark\.(?:skip|skipif|xfail)\b|\bpytest\.(?:skip|xfail|importorskip)\s*\(|@(?:unittest\.)?"
    r"(?:skip|skipIf|skipUnless|expectedFailure)\b|\bskipTest\s*\(|\bcollect_ignore(?:_glob)?\b"
)
_CHECKED_ONLY = frozenset({"TYPE_CHECKING", "MYPY"})


def silencers(text: str, *, is_test: bool) -> dict[tuple[str, str], list[int]]:
    """The lines with a silencer, by criterion and rule, in order; a line twice where it has two. Never raises."""
    found: dict[tuple[str, str], list[int]] = {}
    lines = text.split("\n")
    if _TOLD_BY_WORD.search(text):
        for line, comment in sorted(comments(text).items()):
            for criterion, rule, pattern in _COMMENTS:
                found.setdefault((criterion, rule), []).extend([line] * len(pattern.findall(comment)))
        mypy = found.setdefault(("type.strict", "new-type-ignore"), [])
        mypy.extend(number for number, line in enumerate(lines, 1) if _MYPY_LINE.match(line) and number not in mypy)
        # Lines of tests do not count for coverage, so there it hides nothing.
        numbered = [number for number, line in enumerate(lines, 1) if not is_test for _ in _NO_COVER.findall(line)]
        found["test.coverage", "new-no-cover"] = numbered
    tree = parsed(text)
    if tree is not None:
        found["type.strict", "new-unchecked"] = _unchecked(tree)
        # coverage.py leaves out what is under `if TYPE_CHECKING:`, by that name alone.
        found.setdefault(("test.coverage", "new-no-cover"), []).extend(_untrue_type_checking(tree))
    if is_test:
        by_text = [number for number, line in enumerate(lines, 1) for _ in _SKIP_TEXT.findall(line)]
        found["test.pass", "new-skip"] = by_text if tree is None else _skips(tree)
    elif tree is not None and _imports_testing(tree):
        found["test.pass", "new-skip"] = _skips(tree)
    return {key: sorted(places) for key, places in found.items() if places}


def imports_testing(text: str) -> bool:
    """Whether a source imports what tests are skipped with: a helper for tests, wherever it lies."""
    tree = parsed(text)
    return tree is not None and _imports_testing(tree)


def _imports_testing(tree: ast.Module) -> bool:
    return any(meaning.split(".")[0] in _SKIPPING_MODULES for meaning in imported_names(tree).values())


def _unchecked(tree: ast.Module) -> list[int]:
    """Code that the type checkers are told not to look at."""
    found: list[int] = []
    names = imported_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            marks = [mark for mark in node.decorator_list if "no_type_check" in dotted(mark, names)]
            found.extend(mark.lineno for mark in marks)
        elif isinstance(node, ast.If):
            hidden = _hidden_part(node)
            found.extend(
                inner.lineno
                for inner in hidden
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            )
    return found


def _untrue_type_checking(tree: ast.Module) -> list[int]:
    found: list[int] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound = {target.id for target in targets if isinstance(target, ast.Name)}
            if bound & _CHECKED_ONLY and constant_truth(node.value) is not False:
                found.append(node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module not in ("typing", "typing_extensions"):
            found.extend(node.lineno for alias in node.names if alias.asname == "TYPE_CHECKING")
    return found


def _hidden_part(node: ast.If) -> list[ast.stmt]:
    test, hidden = node.test, node.orelse
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, hidden = test.operand, node.body
    name = test.id if isinstance(test, ast.Name) else test.attr if isinstance(test, ast.Attribute) else ""
    return hidden if name in _CHECKED_ONLY else []


def _skips(tree: ast.Module) -> list[int]:
    """Where a test could be skipped: by any name that an import or an assignment gave to the means."""
    names = imported_names(tree)
    found: list[int] = []
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=aliases) if module.split(".")[0] in _SKIPPING_MODULES:
                # The import itself, so that a use which only the alias shows has its line as well.
                found.extend(node.lineno for alias in aliases if alias.name in _SKIPS)
            case ast.Attribute() | ast.Name(ctx=ast.Load()) if _means_skip(dotted(node, names), names):
                found.append(node.lineno)
            case ast.Attribute(attr="skipTest"):
                found.append(node.lineno)
            case ast.Name(id="collect_ignore" | "collect_ignore_glob", ctx=ast.Store()):
                found.append(node.lineno)
            case ast.Call() if _skips_by_call(node, names):
                found.append(node.lineno)
            case _:
                pass
    return found


def _means_skip(name: str, names: Mapping[str, str]) -> bool:
    parts = name.split(".")
    if len(parts) < 2 or parts[-1] not in _SKIPS:
        return parts[-1] in ("skipIf", "skipUnless", "expectedFailure", "SkipTest") and parts[0] not in names
    return parts[0] in _SKIPPING_MODULES or parts[-2] == "mark"


def _skips_by_call(node: ast.Call, names: Mapping[str, str]) -> bool:
    name = dotted(node.func, names)
    if name == "getattr" and len(node.args) > 1:
        return dotted(node.args[0], names).split(".")[0] in _SKIPPING_MODULES
    # Parameters that are none at all: pytest then skips the test.
    return name.endswith(".parametrize") and len(node.args) > 1 and constant_truth(node.args[1]) is False
