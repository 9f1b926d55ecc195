"""Which tests a file holds that pytest would collect, and what each of them proves; read from the source alone."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping

from msgspec import Struct

from devteam_action.domain.gaming.source import constant_truth, dotted, live_statements, same

_PROVING = ("assert", "raises", "warns", "fail", "expect", "verify", "should", "check", "deprecated_call", "ensure")
_SWALLOWING = frozenset({"AssertionError", "Exception", "BaseException"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Proof(Struct, frozen=True, kw_only=True):
    """One test: how many assertions can fail, what else it calls, and its body as a text to compare."""

    name: str
    line: int
    asserts: int
    calls: frozenset[str]
    body: str


def collected(tree: ast.Module) -> dict[str, Proof]:
    """The tests of a file by `Class::name`, as pytest's default names have it; the last of one name counts."""
    found: dict[str, Proof] = {}
    for node in _scope(tree.body):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                _put(found, "", node)
            case ast.ClassDef():
                for name in [one for one in found if one.startswith(f"{node.name}::")]:
                    del found[name]
                if _is_collected(node, tree):
                    for inner in _scope(node.body):
                        _rebind(found, f"{node.name}::", inner)
            case _:
                _rebind(found, "", node)
    return {} if _switched_off(tree.body) else found


def _rebind(found: dict[str, Proof], owner: str, node: ast.stmt) -> None:
    """A definition puts a test there; an assignment or `del` of its name takes it away, unless it is made from it."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            _put(found, owner, node)
        case ast.Assign(targets=targets, value=value):
            names = {target.id for target in targets if isinstance(target, ast.Name)}
            used = {inner.id for inner in ast.walk(value) if isinstance(inner, ast.Name)}
            for name in names - used:
                _take(found, owner, name)
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr == "__test__" and constant_truth(value) is False:
                    _take(found, owner, dotted(target.value, {}))
        case ast.Delete(targets=targets):
            for target in targets:
                _take(found, owner, dotted(target, {}))
        case _:
            pass


def _take(found: dict[str, Proof], owner: str, name: str) -> None:
    for gone in [one for one in found if one == f"{owner}{name}" or one.startswith(f"{owner}{name}::")]:
        del found[gone]


def _put(found: dict[str, Proof], owner: str, node: _Function) -> None:
    if not node.name.startswith("test"):
        return
    if any("fixture" in same(mark) for mark in node.decorator_list):
        found.pop(f"{owner}{node.name}", None)
        return
    found[f"{owner}{node.name}"] = proof_of(node)


def _scope(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that define names of a scope, through `if`, `try` and `with`."""
    for node in live_statements(body):
        match node:
            case ast.If():
                yield from _scope(node.body)
                yield from _scope(node.orelse)
            case ast.With() | ast.AsyncWith():
                yield from _scope(node.body)
            case ast.Try():
                yield from _scope([*node.body, *node.orelse, *node.finalbody])
                for handler in node.handlers:
                    yield from _scope(handler.body)
            case _:
                yield node


def _switched_off(body: list[ast.stmt]) -> bool:
    return any(
        isinstance(node, ast.Assign)
        and constant_truth(node.value) is False
        and any(isinstance(target, ast.Name) and target.id == "__test__" for target in node.targets)
        for node in body
    )


def _is_collected(node: ast.ClassDef, tree: ast.Module, depth: int = 8) -> bool:
    """Classes whose name begins with Test and which need no arguments, and TestCases of any name."""
    if _switched_off(node.body):
        return False
    bases = [dotted(base, {}).split(".")[-1] for base in node.bases]
    if any("Test" in base or base.endswith("Case") for base in bases):
        return True
    here = {one.name: one for one in tree.body if isinstance(one, ast.ClassDef)}
    is_case = depth > 0 and any(
        base in here and here[base] is not node and _has_case(here[base], here, depth) for base in bases
    )
    needs = any(isinstance(inner, ast.FunctionDef) and inner.name in ("__init__", "__new__") for inner in node.body)
    return is_case or (node.name.startswith("Test") and not needs)


def _has_case(node: ast.ClassDef, here: Mapping[str, ast.ClassDef], depth: int) -> bool:
    bases = [dotted(base, {}).split(".")[-1] for base in node.bases]
    return any("Test" in base or base.endswith("Case") for base in bases) or (
        depth > 0 and any(base in here and _has_case(here[base], here, depth - 1) for base in bases)
    )


def proof_of(node: _Function) -> Proof:
    """What a test could fail by."""
    asserts, calls = 0, set[str]()
    for inner in _running(node.body):
        if isinstance(inner, ast.Assert):
            asserts += not _always_true(inner.test)
        elif isinstance(inner, ast.Call):
            name = dotted(inner.func, {}) or (inner.func.attr if isinstance(inner.func, ast.Attribute) else "()")
            word = name.split(".")[-1].lower().lstrip("_")
            proves = word.startswith(_PROVING)
            asserts += proves and not _asserts_nothing(inner)
            if not proves and not hasattr(builtins, name):
                calls.add(name)
    return Proof(
        name=node.name,
        line=node.lineno,
        asserts=asserts,
        calls=frozenset(calls),
        body="\n".join(same(inner) for inner in node.body),
    )


def _running(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Every node that runs and whose failure is not swallowed; without recursion, whatever the nesting."""
    waiting: list[ast.AST] = list(live_statements(body))
    while waiting:
        node = waiting.pop()
        yield node
        match node:
            case ast.Try() if any(_swallows(handler) for handler in node.handlers):
                waiting.extend(live_statements([*node.finalbody, *node.orelse]))
                waiting.extend(inner for handler in node.handlers for inner in live_statements(handler.body))
            case ast.With() | ast.AsyncWith() if any(_suppresses(item.context_expr) for item in node.items):
                pass
            case ast.Lambda() | ast.ClassDef():
                pass
            case _:
                for name, value in ast.iter_fields(node):
                    if name in ("body", "orelse", "finalbody") and isinstance(value, list):
                        waiting.extend(live_statements(value))  # pyright: ignore[reportUnknownArgumentType]
                    elif isinstance(value, ast.AST):
                        waiting.append(value)
                    elif isinstance(value, list):
                        waiting.extend(one for one in value if isinstance(one, ast.AST))  # pyright: ignore[reportUnknownVariableType]


def _swallows(handler: ast.ExceptHandler) -> bool:
    caught = [handler.type] if not isinstance(handler.type, ast.Tuple) else handler.type.elts
    names = {"BaseException" if one is None else dotted(one, {}).split(".")[-1] for one in caught}
    if not names & _SWALLOWING:
        return False
    # A handler that does anything beyond passing may well fail the test itself.
    return all(
        isinstance(one, ast.Pass | ast.Continue | ast.Return) or (isinstance(one, ast.Expr) and _says_only(one.value))
        for one in handler.body
    )


def _says_only(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or (
        isinstance(node, ast.Call) and dotted(node.func, {}).split(".")[0] in ("print", "logging", "logger", "log")
    )


def _suppresses(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or dotted(node.func, {}).split(".")[-1] != "suppress":
        return False
    return any(dotted(one, {}).split(".")[-1] in _SWALLOWING for one in node.args)


def _always_true(test: ast.expr) -> bool:
    if constant_truth(test) is not None:
        return constant_truth(test) is True
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq | ast.Is | ast.LtE | ast.GtE):
        plain = not any(isinstance(inner, ast.Call) for inner in ast.walk(test))
        return plain and len(test.comparators) == 1 and same(test.left) == same(test.comparators[0])
    return False


def _asserts_nothing(call: ast.Call) -> bool:
    """`self.assertTrue(True)`, `self.assertEqual(1, 1)`: nothing but constants."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    is_unittest = name.startswith("assert") and name[6:7].isupper()
    return is_unittest and bool(call.args) and all(isinstance(one, ast.Constant) for one in call.args)
