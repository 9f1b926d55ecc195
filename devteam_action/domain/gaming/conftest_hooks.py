"""Hooks of pytest that a change brings: they can make any test green, or leave it out."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from devteam_action.domain.change import Change
from devteam_action.domain.findings import Finding
from devteam_action.domain.gaming.source import dotted, parsed, same
from devteam_action.domain.gate_config import is_named
from devteam_action.domain.task import Task
from devteam_action.domain.testfiles import is_collected_file, is_test_file

# Hooks that say something or offer something, and decide nothing (pytest's reference: hooks).
_HARMLESS = frozenset(
    {
        "pytest_report_header",
        "pytest_assertrepr_compare",
        "pytest_make_parametrize_id",
        "pytest_terminal_summary",
        "pytest_markeval_namespace",
        "pytest_html_report_title",
    }
)
# Hooks that are harmless as long as they call nothing but these.
_DECLARING = {
    "pytest_configure": frozenset({"addinivalue_line", "register_profile", "load_profile"}),
    "pytest_addoption": frozenset({"addoption", "addini", "getgroup"}),
}
_HOOK_TEXT = re.compile(
    r"pytest_(?:runtest|collect|report_tests|session|ignore|pycollect|itemcoll|configure|load|cmdline)\w*"
)


_CONFTESTS = ("conftest.py", "tests/conftest.py", "test/conftest.py", "src/conftest.py")
_CONFIGURED = ("pyproject.toml", "pytest.ini", "pytest.toml", "setup.cfg", "tox.ini")
_PLUGIN_OPTION = re.compile(r"(?<![\w-])-p[\s,=\"']*([A-Za-z_][\w.]*)")
_REGISTERING = ("pytest_plugins", "pluginmanager.register")


def new_hooks(
    task: Task, change: Change, base: Callable[[str], str | None], head: Callable[[str], str | None]
) -> list[Finding]:
    """The hooks in tests and their helpers that the base has not, or has in other words.

    Free are fixtures, hooks that only declare or report, and a hook that moved. A task that names the file wants the
    hook: a warning.
    """
    plugins = _plugin_paths(base)
    files = [file for file in change.files if file.path in plugins or is_test_file(file.path)]
    files = [file for file in files if file.path.endswith(".py")]
    known: set[str] = set()
    for file in files:
        old = parsed(base(change.base_path(file.path))) if file.kind != "added" else None
        known.update(same(node) for _, node in _hooks(old)) if old else None
    for file in change.files:  # a hook that moved away from a file that is gone
        if file.kind == "deleted" and file.path.endswith("conftest.py") and (old := parsed(base(file.path))):
            known.update(same(node) for _, node in _hooks(old))
    found: list[Finding] = []
    for file in files:
        text = head(file.path) if file.kind != "deleted" else None
        if text is None or (tree := parsed(text)) is None:
            continue
        hooks = [*_hooks(tree), *_from_elsewhere(tree, file.path, head)]
        if is_collected_file(file.path):  # pytest takes no hook from a test module, but plugins that it names
            hooks = [(name, node) for name, node in hooks if name in _REGISTERING]
        lines = text.split("\n")
        for name, node in hooks:
            if same(node) in known:
                continue
            line: int = getattr(node, "lineno", 1)
            found.append(
                Finding(
                    tool="gaming",
                    rule="new-hook",
                    message=f"`{name}` can change which tests run and how they end: leave it to fixtures, "
                    "or name the file in the task",
                    path=file.path,
                    line=line,
                    severity="warning" if is_named(task, file.path) else "error",
                    line_text=lines[line - 1].strip()[:200] if line <= len(lines) else "",
                )
            )
    return found


def _plugin_paths(base: Callable[[str], str | None]) -> frozenset[str]:
    """The modules that the base has pytest load as plugins, or whose names its conftests take over, as paths."""
    modules: set[str] = set()
    for path in _CONFTESTS:
        tree = parsed(base(path))
        for node in ast.walk(tree) if tree else ():
            match node:
                case ast.Assign(targets=[ast.Name(id="pytest_plugins")], value=value):
                    texts = (one.value for one in ast.walk(value) if isinstance(one, ast.Constant))
                    modules.update(text for text in texts if isinstance(text, str))
                case ast.ImportFrom(module=str(module), level=0, names=[ast.alias(name="*")]):
                    modules.add(module)
                case _:
                    pass
    for path in _CONFIGURED:
        modules.update(_PLUGIN_OPTION.findall(base(path) or ""))
    paths = [module.replace(".", "/") for module in modules]
    return frozenset(f"{root}{path}{end}" for path in paths for root in ("", "src/") for end in (".py", "/__init__.py"))


def _hooks(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Whatever binds a name of pytest's own prefix, at any depth: an object of hooks can be registered as well."""
    whole = {id(target): node for node in ast.walk(tree) if isinstance(node, ast.Assign) for target in node.targets}
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if name.startswith("pytest_") and not _is_harmless(node):
                    yield name, node
            case ast.Name(id=name, ctx=ast.Store()) if name.startswith("pytest_"):
                yield name, whole.get(id(node), node)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                for alias in aliases:
                    bound = alias.asname or alias.name
                    is_hook = isinstance(node, ast.ImportFrom) or alias.asname is not None
                    if is_hook and bound.startswith("pytest_") and bound not in _HARMLESS:
                        yield bound, node
            case ast.Constant(value=str(text)) if _HOOK_TEXT.fullmatch(text):
                yield text, node
            case ast.Call() if dotted(node.func, {}).endswith("pluginmanager.register"):
                yield "pluginmanager.register", node
            case _:
                pass


def _is_harmless(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    if node.name in _HARMLESS:
        return True
    if any(dotted(mark, {}).endswith("fixture") or "fixture" in same(mark) for mark in node.decorator_list):
        return True
    allowed = _DECLARING.get(node.name)
    if allowed is None:
        return False
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            called = inner.func.attr if isinstance(inner.func, ast.Attribute) else dotted(inner.func, {})
            # `dest` can be that of an option of pytest's own.
            if called not in allowed or any(word.arg in ("dest", None) for word in inner.keywords):
                return False
        elif isinstance(inner, ast.Attribute | ast.Subscript) and not isinstance(inner.ctx, ast.Load):
            return False
    return True


def _from_elsewhere(tree: ast.Module, path: str, head: Callable[[str], str | None]) -> Iterator[tuple[str, ast.AST]]:
    """Hooks that `from helpers import *` brings, one step far."""
    for node in tree.body:
        if not (isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)):
            continue
        folder = PurePosixPath(path).parent
        for _ in range(node.level - 1):
            folder = folder.parent
        inside = "/".join((node.module or "").split("."))
        roots = (folder,) if node.level else (folder, PurePosixPath(), PurePosixPath("src"))
        for root in roots:
            for ending in (f"{inside}.py", f"{inside}/__init__.py"):
                other = parsed(head(str(root / ending)))
                if other is not None:
                    yield from ((name, node) for name, _ in _hooks(other))
