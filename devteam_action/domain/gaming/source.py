"""Python source that may be hostile: parsed where it can be, and read as lines where it cannot."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator, Mapping

_LONGEST = 2_000_000  # characters; longer than any source that people write, and quick enough to parse
_BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


def parsed(text: str | None) -> ast.Module | None:
    """The syntax tree, or None when there is none; never raises."""
    if text is None or len(text) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in the tree's source is no line of ours
            return ast.parse(text)
    except _BROKEN:
        return None


def comments(text: str) -> dict[int, str]:
    """The comment on each line that has one; every whole line where the text is no Python that we can read."""
    lines = text.split("\n")
    if parsed(text) is not None:
        try:
            tokens = tokenize.generate_tokens(io.StringIO(text).readline)
            return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
        except (tokenize.TokenError, *_BROKEN):
            pass
    return dict(enumerate(lines, 1))


def dotted(node: ast.AST, names: Mapping[str, str]) -> str:
    """What an expression names (`p.mark.skip` after `import pytest as p` is `pytest.mark.skip`); "" for any other."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join((names.get(node.id, node.id), *reversed(parts)))


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Every name that an import or a plain assignment of a dotted name binds anywhere, and what it stands for."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute | ast.Name):
            meaning = dotted(node.value, names)
            if meaning.split(".")[0] in {name.split(".")[0] for name in names.values()}:
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        names.setdefault(target.id, meaning)
    return names


def same(node: ast.AST) -> str:
    """A text that is equal for equal code, whatever its comments and layout; never raises."""
    try:
        return ast.dump(node)
    except _BROKEN:
        return f"too deep, at line {getattr(node, 'lineno', 0)}"


def constant_truth(node: ast.expr) -> bool | None:
    """Whether an expression is always true or always false, as far as it can be seen; None when it depends."""
    match node:
        case ast.Constant():
            return bool(node.value)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return bool(elements)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = constant_truth(operand) if not isinstance(operand, ast.UnaryOp) else None
            return None if inner is None else not inner
        case ast.BoolOp(op=operation, values=values):
            decides = isinstance(operation, ast.Or)
            return (
                decides if any(isinstance(one, ast.Constant) and bool(one.value) is decides for one in values) else None
            )
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]) if isinstance(left, ast.Constant):
            return left.value == right.value if isinstance(right, ast.Constant) else None
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return False
        case _:
            return None


def live_statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that can run: nothing after a `return` or `raise`, nothing under `if False`; others unopened."""
    for node in body:
        if isinstance(node, ast.If):
            truth = constant_truth(node.test)
            if truth is not None:
                yield from live_statements(node.body if truth else node.orelse)
                continue
        yield node
        if isinstance(node, ast.Return | ast.Raise | ast.Continue | ast.Break):
            return
