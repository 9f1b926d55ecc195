"""action.yml against the contract, against itself, and against what the installer and GitHub make of it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from devteam_action.actions import install

ROOT = Path(__file__).parents[2]
# CONTRACT: on GitHub.
INPUTS = (
    *("command", "task", "until", "max-tasks", "tool", "model", "base-branch", "verbosity", "max-attempts"),
    *("max-cost-usd", "scar-url", "config", "github-token", "dry-run", "dispatch-workflow"),
)
OUTPUTS = (
    *("status", "task-id", "branch", "pull-request", "check-run", "has-more", "matrix", "result", "cost-usd"),
    "logs",
)


@pytest.fixture(scope="module")
def action():
    return yaml.safe_load((ROOT / "action.yml").read_text())


@pytest.fixture(scope="module")
def steps(action):
    return {step["id"]: step for step in action["runs"]["steps"]}


def variable(name: str) -> str:
    return f"DEVTEAM_INPUT_{name.upper().replace('-', '_')}"


def test_inputs_and_outputs_are_the_contracts(action):
    assert tuple(action["inputs"]) == INPUTS
    assert tuple(action["outputs"]) == OUTPUTS
    for each in (*action["inputs"].values(), *action["outputs"].values()):
        assert each["description"].strip().endswith((".", "…"))
    assert all("default" in each and not each.get("required") for each in action["inputs"].values())


def test_every_input_reaches_the_run(steps):
    given = steps["run"]["env"]
    assert given == {"DEVTEAM_PYTHON": "${{ steps.install.outputs.python }}"} | {
        variable(name): f"${{{{ inputs.{name} }}}}" for name in INPUTS
    }


def test_every_output_comes_from_the_run(action):
    assert {name: each["value"] for name, each in action["outputs"].items()} == {
        name: f"${{{{ steps.run.outputs.{name} }}}}" for name in OUTPUTS
    }


def test_the_other_steps_get_inputs_under_the_same_names(steps):
    for step in steps.values():
        for name, value in step.get("env", {}).items():
            if found := re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", value):
                assert name == variable(found[1]), f"{step['id']}: {name}"


def test_no_text_of_a_user_becomes_code(action):
    for step in action["runs"]["steps"]:
        assert "${{" not in step["run"], step["id"]
        assert "uses" not in step, "an action inside is somebody else's code with our token"


def test_no_name_is_read_that_a_real_runner_does_not_set():
    """act sets INPUT_… in the steps of a composite action; GitHub does not (actions/runner#665)."""
    for path in (ROOT / "devteam_action").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not node.value.startswith("INPUT_"), f"{path.name}:{node.lineno}"


def test_nothing_of_the_workspace_can_stand_in_for_our_modules(action):
    """`-I`: the folder that a step runs in is the user's repository, and holds what a tool wrote."""
    for step in action["runs"]["steps"]:
        started = re.findall(r"exec \S+ (.*)", step["run"])
        assert started, f"{step['id']}: signals must reach the program, not a shell that waits for it"
        assert all(words.startswith("-I ") for words in started)
        assert step["shell"] == "bash"


def test_only_the_end_is_told_whatever_happened(steps):
    assert [name for name, step in steps.items() if "always()" in step.get("if", "")] == ["finish"]
    assert "if" not in steps["gate"]
    assert steps["install"]["if"] == steps["run"]["if"] == "steps.gate.outputs.go == 'true'"


def test_the_programs_that_come_before_the_installation_are_ours_alone(steps):
    wanted = [re.findall(r"\$GITHUB_ACTION_PATH/([\w/.]+)", steps[name]["run"]) for name in ("gate", "install")]
    assert wanted == [["devteam_action/actions/gate.py"], ["devteam_action/actions/install.py"]]
    for path in {inner for (start,) in wanted for inner in reached(ROOT / start)}:
        for name in imported(path):
            top = name.partition(".")[0]
            assert top in sys.stdlib_module_names or top == "devteam_action", f"{path.name} imports {name}"


@pytest.mark.parametrize("name", ["gate", "install"])
def test_what_an_old_python_starts_is_readable_to_it(name):
    """`python3` of ubuntu-22.04 is 3.10; these two files must get as far as the sentence that says what is needed."""
    ast.parse((ROOT / "devteam_action" / "actions" / f"{name}.py").read_text(), feature_version=(3, 7))


def reached(path: Path) -> set[Path]:
    """The file and those of ours that it imports at run time, and they in turn."""
    found, waiting = set[Path](), [path]
    while waiting:
        path = waiting.pop()
        found.add(path)
        for name in imported(path):
            inner = ROOT / f"{name.replace('.', '/')}.py"
            if inner.is_file() and inner not in found:
                waiting.append(inner)
    return found


def imported(path: Path) -> list[str]:
    tree = ast.parse(path.read_text())
    late = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    nodes = [node for node in ast.walk(tree) if id(node) not in late]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return [*names, *(node.module or "" for node in nodes if isinstance(node, ast.ImportFrom))]


# --- the locks


def locked(path: Path) -> dict[str, list[str]]:
    """The hashes by distribution."""
    found: dict[str, list[str]] = {}
    for block in re.split(r"\n(?=\S)", path.read_text()):
        if name := re.match(r"([\w.-]+)==", block):
            found[name[1].lower()] = re.findall(r"--hash=sha256:([0-9a-f]{64})", block)
    return found


def test_the_lock_has_every_dependency_by_hash():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = locked(install.LOCK)
    for wanted in project["dependencies"]:
        name = re.match(r"[\w.-]+", wanted)
        assert name, wanted
        assert name[0].lower().replace("_", "-") in lock, f"{wanted}: run `bash requirements/lock`"
    assert all(lock.values()), "a distribution without a hash"
    assert set(locked(install.UV_LOCK)) == {"uv"}
    assert all(locked(install.UV_LOCK).values())


def test_the_lock_is_as_new_as_the_dependencies_ask_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    text = install.LOCK.read_text()
    for wanted in project["dependencies"]:
        name, least = wanted.lower().split(">=")
        found = re.search(rf"^{re.escape(name)}==([\d.]+)", text, re.MULTILINE)
        assert found, name
        assert _number(found[1]) >= _number(least), wanted


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").iterdir()), ids=lambda path: path.name)
def test_no_index_is_named(path):
    text = path.read_text()
    assert not re.search(r"https?:|index-url [^\\]|--index|find-links", text.replace("--no-emit-index-url", ""))
