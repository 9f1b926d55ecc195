"""The house keeps its shape: which room may import which, what stays out of a quick start, how large a module is."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "devteam_action"
ADAPTERS = ("tools", "checks", "git_io", "github_io", "scar", "reporters")
SHARED = ("support", "errors", "render")
# room -> what it may import of ours; app is the composition root, cli is above everything.
MAY = {
    "domain": ("domain", "errors"),
    "support": ("support", "errors"),
    "render": ("render", "support", "domain", "errors"),
    "pipeline": ("pipeline", "domain", *SHARED),
    **{room: (room, "pipeline", "domain", *SHARED) for room in ADAPTERS},
    # What a job of GitHub Actions gives and takes: event files, environment files, workflow commands.
    "actions": ("actions", "domain", *SHARED),
    "settings": ("domain", "errors"),
    "configuration": ("configuration", "domain", "errors"),
    "project": ("settings", "configuration", "git_io", "pipeline", "domain", *SHARED),
    "toolbox": ("tools", "scar", "pipeline", "domain", *SHARED),
    "app": ("on_github", "project", "toolbox", "settings", "configuration", *ADAPTERS, "pipeline", "domain", *SHARED),
    "on_github": ("project", "settings", "configuration", "actions", *ADAPTERS, "pipeline", "domain", *SHARED),
}
FREE = ("cli", "example", "__init__", "__main__")
HEAVY = {
    "github": ("github_io/",),
    "httpx": ("scar/",),
    "git": ("git_io/",),
    "jinja2": ("render/",),
    "rich": ("reporters/",),
    "yaml": ("configuration/yaml_lines.py", "github_io/triggers.py"),
    "junitparser": ("checks/",),
    "psutil": ("support/",),
}

# Modules that are as a whole imported late, by the one function that needs them.
LATE_MODULES = ("reporters/live.py", "configuration/yaml_lines.py", "render/sandbox.py")


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "example" not in path.relative_to(PACKAGE).parts[:1])


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Every imported module, and whether it is imported at module level at run time."""
    tree = ast.parse(path.read_text())
    deep = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) not in deep
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, id(node) not in deep
            if node.module == "devteam_action":
                yield from ((f"devteam_action.{alias.name}", id(node) not in deep) for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room in FREE:
        return
    if room == "errors":
        allowed: tuple[str, ...] = ("support",)  # for types alone
    else:
        assert room in MAY, f"{room} is a room that nobody planned: give it a place in MAY"
        allowed = MAY[room]
    for name, _ in imports(path):
        parts = name.split(".")
        if parts[0] == "devteam_action" and len(parts) > 1 and not parts[1].startswith("__"):
            assert parts[1] in allowed, f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_libraries_stay_in_their_room_and_are_imported_late(path):
    where = path.relative_to(PACKAGE).as_posix()
    for name, is_early in imports(path):
        library = name.split(".")[0]
        if library in HEAVY:
            is_late = not is_early or where in LATE_MODULES
            assert where.startswith(HEAVY[library]), f"{where} imports {library}"
            assert is_late, f"{where} imports {library} early"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_small(path):
    assert len(path.read_text().splitlines()) <= 250, "a file that wants to be 250 lines is two"


def test_printing_and_exiting_happen_in_the_command_line_alone():
    for path in modules():
        # The launcher is no part of our process: aider's own Python runs it.
        if path.relative_to(PACKAGE).parts[0] in ("cli", "__main__.py") or path.name == "launcher.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            assert called not in ("print", "sys.exit", "exit", "quit"), f"{path.relative_to(ROOT)}:{node.lineno}"


def test_the_time_is_asked_for_in_one_place():
    for path in modules():
        if path.name != "clock.py":
            assert "datetime.now(" not in path.read_text(), path.relative_to(ROOT)


@pytest.mark.parametrize("arguments", [("--help",), ("next", "--json"), ("lint",), ("matrix",), ("tasks",)])
def test_a_quick_command_imports_nothing_heavy(project, arguments):
    here = project()
    script = (
        "import sys; from devteam_action.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "heavy = {'github', 'httpx', 'git', 'jinja2', 'rich', 'junitparser', 'unidiff', 'asyncio', 'hypothesis'}\n"
        "found = heavy & {name.split('.')[0] for name in sys.modules}\n"
        "sys.exit(f'imported: {found}' if found else 0)"
    )
    done = subprocess.run(
        (sys.executable, "-c", script, *arguments), cwd=here.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
