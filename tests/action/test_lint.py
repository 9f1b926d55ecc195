"""Workflows, action and scripts before GitHub sees them: other people's linters, and rules of our own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
STUBS = sorted(ROOT.glob("tests/action/stubs/*/action.yml"))
ACTIONS = [ROOT / "action.yml", *STUBS]
EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.y*ml") if re.search(r"^jobs:", path.read_text(), re.M))
OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOWS = [*OURS, *EXAMPLES]
SCRIPTS = [
    ROOT / ".ci" / "run",
    ROOT / "requirements" / "lock",
    *(path for folder in ("devteam_action", "tests", "examples") for path in sorted((ROOT / folder).rglob("*.sh"))),
]
# Of a commit of each action it is known that the tag named behind it points there.
PINNED = re.compile(r"uses: (?P<action>[\w./-]+)@(?P<sha>[0-9a-f]{40}) # (?P<version>v\d+\.\d+\.\d+)$")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def run(program: str, *args: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    argv = (str(PROGRAMS / program), *args)
    return subprocess.run(argv, input=given, capture_output=True, text=True, cwd=ROOT, check=False)


def jobs(path: Path) -> Mapping[str, Any]:
    return yaml.safe_load(path.read_text())["jobs"]


def steps(path: Path) -> Iterator[Mapping[str, Any]]:
    loaded = yaml.safe_load(path.read_text())
    if "runs" in loaded:
        yield from loaded["runs"]["steps"]
    for job in loaded.get("jobs", {}).values():
        yield from job.get("steps", ())


# --- linters of others


def test_zizmor_finds_nothing():
    paths = [name(path) for path in (ROOT / "action.yml", *WORKFLOWS)]
    done = run("zizmor", "--offline", "--no-progress", "--config", ".github/zizmor.yml", *paths)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("schema", "paths"), [("actions", ACTIONS), ("workflows", WORKFLOWS)])
def test_the_schema_of_github_is_kept(schema, paths):
    done = run("check-jsonschema", "--builtin-schema", f"vendor.github-{schema}", *map(name, paths))
    assert done.returncode == 0, done.stdout + done.stderr


def test_scripts_pass_shellcheck():
    done = run("shellcheck", "--format=gcc", *map(name, SCRIPTS))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", [*ACTIONS, *WORKFLOWS], ids=name)
def test_what_steps_run_passes_shellcheck(path):
    for step in steps(path):
        if step.get("run") and step.get("shell", "bash") == "bash":
            given = f"set -e\n{step['run']}"  # as GitHub starts it
            done = run("shellcheck", "--format=gcc", "--shell=bash", "-", given=given)
            assert done.returncode == 0, f"{name(path)}: {step['run']}\n{done.stdout}"


# --- rules of our own


@pytest.mark.parametrize("path", [*ACTIONS, *WORKFLOWS], ids=name)
def test_no_expression_becomes_code(path):
    for step in steps(path):
        assert "${{" not in step.get("run", ""), f"{name(path)}: {step['run']}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=name)
def test_actions_of_others_are_pinned_with_the_version_beside(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        used = re.search(r"^[^#]*\buses: (\S+)", line)
        if used and not used[1].startswith(("./", "devteam-action/devteam-action@v")):
            assert PINNED.search(line), f"{name(path)}:{number}: {line.strip()}"


def test_one_version_of_an_action_is_one_commit():
    found: dict[tuple[str, str], str] = {}
    for path in WORKFLOWS:
        for pin in map(PINNED.search, path.read_text().splitlines()):
            if pin:
                known = found.setdefault((pin["action"], pin["version"]), pin["sha"])
                assert known == pin["sha"], f"{name(path)}: {pin[0]}"
    assert found


@pytest.mark.parametrize("path", WORKFLOWS, ids=name)
def test_no_checkout_keeps_its_token(path):
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step.get("with", {}).get("persist-credentials") is False, name(path)


@pytest.mark.parametrize("path", WORKFLOWS, ids=name)
def test_rights_are_given_by_name_and_to_jobs(path):
    loaded = yaml.safe_load(path.read_text())
    top = loaded.get("permissions")
    assert isinstance(top, dict), f"{name(path)}: without `permissions:` a job has what the repository's default gives"
    assert set(top.values()) <= {"read"}, f"{name(path)}: a right to write is a job's"
    for job, content in loaded["jobs"].items():
        rights = content.get("permissions", top)
        assert isinstance(rights, dict), f"{name(path)}: {job}"
        assert "timeout-minutes" in content, f"{name(path)}: {job} may last six hours"


@pytest.mark.parametrize("path", WORKFLOWS, ids=name)
def test_an_action_of_ours_gets_no_input_that_it_does_not_know(path):
    known = set(yaml.safe_load((ROOT / "action.yml").read_text())["inputs"])
    for step in steps(path):
        if re.match(r"devteam-action/devteam-action@|\./$|\./action$", step.get("uses", "")):
            assert set(step.get("with", {})) <= known, name(path)


@pytest.mark.parametrize("path", EXAMPLES, ids=name)
def test_an_output_that_an_example_reads_is_one_of_ours(path):
    known = set(yaml.safe_load((ROOT / "action.yml").read_text())["outputs"])
    assert set(re.findall(r"steps\.devteam\.outputs\.([\w-]+)", path.read_text())) <= known


@pytest.mark.parametrize("path", EXAMPLES, ids=name)
def test_a_model_key_is_given_to_the_step_alone_that_uses_the_action(path):
    loaded = yaml.safe_load(path.read_text())
    for place in (loaded, *loaded["jobs"].values()):
        assert not re.search(r"secrets\.", str(place.get("env", "")) + str(place.get("defaults", "")))
    for step in steps(path):
        if "secrets." in str(step):
            assert step.get("uses", "").startswith("devteam-action/devteam-action@"), f"{name(path)}: {step}"


def test_there_are_workflows_and_examples_to_look_at():
    assert {path.name for path in OURS} >= {"ci.yml", "self-test.yml", "release.yml"}
    assert {path.name for path in EXAMPLES} >= {"devteam.yml", "hardened.yml", "matrix.yml", "verify-only.yml"}
