"""`devteam init`: what a repository has afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from devteam_action.cli.starter_files import Wishes, starter_files, workflow_text
from devteam_action.configuration.reading import parse_config
from tests.fakes.github import FakeGitHub
from tests.project import LIST, Project

ROOT = Path(__file__).parents[2]
WORKFLOW = ".github/workflows/devteam.yml"
SPECKIT = "## Phase 1: Setup\n\n- [ ] T001 Make the folder src\n- [ ] T002 [P] Write src/a.py\n"
CHECKLIST = "# To do\n\n- [ ] 1. First thing\n- [ ] 2. Second thing\n"


@pytest.fixture
def bare(tmp_path: Path) -> Project:
    """A repository with nothing in it, not even a commit."""
    root = tmp_path / "new"
    root.mkdir()
    made = Project(tmp_path, root, {"WORKSPACE_DIR": str(tmp_path / "work")})
    made.git("init", "-q", "-b", "main")
    return made


def states(outcome: object) -> dict[str, str]:
    return {each["path"]: each["state"] for each in outcome.json["files"]}  # type: ignore[attr-defined]


def test_an_empty_repository_gets_workflow_configuration_and_a_list_without_a_problem(bare):
    assert states(bare.devteam("init", "--json").ok()) == {
        WORKFLOW: "written",
        ".devteam.yml": "written",
        LIST: "written",
    }
    assert (bare.root / WORKFLOW).read_text() == (ROOT / "examples" / "devteam.yml").read_text()
    bare.git("add", "-A")
    bare.git("commit", "-q", "-m", "start")
    assert bare.devteam("lint").ok().out == "no problem found\n"
    assert bare.devteam("next", "--json").ok().json["task"]["id"] == "1.1.1"


def test_a_second_time_changes_nothing(bare):
    bare.devteam("init").ok()
    bare.git("add", "-A")
    assert set(states(bare.devteam("init", "--json").ok()).values()) == {"unchanged"}
    assert bare.git("status", "--porcelain", "--untracked-files=all").splitlines() == [
        "A  .devteam.yml",
        "A  .github/workflows/devteam.yml",
        f"A  {LIST}",
    ]


def test_what_is_still_to_be_committed_is_said_a_second_time_too(bare):
    wanted = f"`git add {WORKFLOW} .devteam.yml {LIST} && git commit"
    for _ in range(2):
        assert wanted in bare.devteam("init", "--json").ok().json["next"][-1]
    bare.git("add", "-A")
    bare.git("commit", "-q", "-m", "start")
    assert "git add" not in bare.devteam("init", "--json").ok().json["next"][-1]


@pytest.mark.parametrize(
    ("tool", "steps", "needed"),
    [
        ("command", 3, "`tools.command.argv`"),
        ("scar", 4, "Register a runner with the label `scar`"),
        ("replay", 2, "Switch on"),
    ],
)
def test_what_another_tool_needs_is_written_and_no_key_of_a_model_is_asked_for(bare, tool, steps, needed):
    told = bare.devteam("init", "--tool", tool, "--json").ok().json["next"]
    assert len(told) == steps
    assert needed in told[0]
    assert "OPENAI_API_KEY" not in str(told)
    config = parse_config((bare.root / ".devteam.yml").read_bytes(), ".devteam.yml")
    if tool == "command":
        assert config.tools["command"].argv
    elif tool == "replay":
        assert config.tools["replay"].patches
    else:
        assert config.scar.base_url
        assert (bare.root / WORKFLOW).read_text() == (ROOT / "examples" / "scar-self-hosted.yml").read_text()
    assert "npm" not in (bare.root / ".devteam.yml").read_text()


def test_what_is_there_is_left_alone_until_it_is_forced(bare):
    bare.write({WORKFLOW: "name: mine\n", ".devteam.yml": "tool: command\n", LIST: CHECKLIST})
    assert states(bare.devteam("init", "--json").ok()) == {WORKFLOW: "kept", ".devteam.yml": "kept"}
    assert (bare.root / WORKFLOW).read_text() == "name: mine\n"
    forced = states(bare.devteam("init", "--force", "--json").ok())
    assert forced == {WORKFLOW: "overwritten", ".devteam.yml": "overwritten"}
    assert (bare.root / LIST).read_text() == CHECKLIST


def test_a_task_list_without_tasks_is_not_written_over_by_force(bare):
    bare.write({LIST: "nothing yet\n"})
    bare.devteam("init", "--force").ok()
    assert (bare.root / LIST).read_text() == "nothing yet\n"


@pytest.mark.parametrize(
    ("arguments", "form"),
    [
        ((), "devteam"),
        (("--public",), "hardened"),
        (("--hardened",), "hardened"),
        (("--minimal",), "devteam"),
    ],
)
def test_a_public_repository_gets_the_hardened_form(bare, arguments, form):
    bare.devteam("init", *arguments).ok()
    assert (bare.root / WORKFLOW).read_text() == (ROOT / "examples" / f"{form}.yml").read_text()


@pytest.mark.parametrize(("private", "form"), [(True, "devteam"), (False, "hardened")])
def test_who_has_a_token_need_not_say_that_it_is_public(bare, tmp_path, private, form):
    with FakeGitHub.serve(tmp_path / "github") as github:
        repo = github.repository("acme/app", private=private)
        env = {"GITHUB_API_URL": github.url, "GITHUB_SERVER_URL": github.server_url, "GH_TOKEN": repo.job_token()}
        bare.git("remote", "add", "origin", f"{github.server_url}/acme/app.git")
        bare.devteam("init", env=env).ok()
    assert (bare.root / WORKFLOW).read_text() == (ROOT / "examples" / f"{form}.yml").read_text()


def test_the_secret_is_the_one_that_the_model_needs(bare):
    outcome = bare.devteam("init", "--model", "anthropic/claude-sonnet-4", "--json").ok()
    assert "ANTHROPIC_API_KEY: ${{ secrets.ANTHROPIC_API_KEY }}" in (bare.root / WORKFLOW).read_text()
    assert "ANTHROPIC_API_KEY" in outcome.json["next"][0]
    config = parse_config((bare.root / ".devteam.yml").read_bytes(), ".devteam.yml")
    assert config.tools["aider"].model == "anthropic/claude-sonnet-4"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"specs/001-login/tasks.md": SPECKIT}, ("specs/*/tasks.md",)),
        ({".kiro/specs/login/tasks.md": CHECKLIST, "TODO.md": CHECKLIST}, (".kiro/specs/*/tasks.md", "TODO.md")),
        ({"TODO.md": "buy milk\n"}, None),
        ({"tasks_list.md": CHECKLIST}, ()),
    ],
)
def test_a_list_that_is_there_is_named_and_no_other_is_written(files, found):
    contents = {path: text.encode() for path, text in files.items()}
    made = starter_files(Wishes(is_hardened=False, tool="aider"), tuple(contents), contents.get)
    config = next(each for each in made if each.path == ".devteam.yml")
    assert parse_config(config.text.encode(), config.path).tasks.path == (found or ())
    assert any(each.path == LIST for each in made) == (found is None)


def test_a_first_list_goes_where_the_configuration_looks_for_it():
    contents = {".github/devteam.yml": b"tasks: {path: plan/list.md}\n"}
    made = starter_files(Wishes(is_hardened=False, tool="aider"), tuple(contents), contents.get)
    assert [each.path for each in made] == [WORKFLOW, ".github/devteam.yml", "plan/list.md"]


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({"pyproject.toml": "[project]\nname = 'a'\n"}, "-e . pytest pytest-cov ruff"),
        (
            {"pyproject.toml": "[project.optional-dependencies]\ndev = []\ntest = []\n"},
            "-e '.[test]' pytest pytest-cov ruff",
        ),
        ({"pyproject.toml": "[tool.ruff]\n", "requirements.txt": "x"}, "-r requirements.txt pytest pytest-cov ruff"),
        ({"pyproject.toml": "not = = toml"}, "pytest pytest-cov ruff"),
        ({"setup.py": ""}, "-e . pytest pytest-cov ruff"),
        ({"package.json": "{}"}, None),
        ({}, None),
    ],
)
def test_a_python_project_gets_a_setup_for_a_machine_that_has_nothing(files, line):
    contents = {path: text.encode() for path, text in files.items()}
    made = starter_files(Wishes(is_hardened=False, tool="aider"), tuple(contents), contents.get)
    text = next(each.text for each in made if each.path == ".devteam.yml")
    wanted = () if line is None else (f"python3 -m venv .venv && .venv/bin/pip install -q {line}",)
    assert parse_config(text.encode(), ".devteam.yml").setup == wanted
    assert "setup:" in text


def test_an_action_of_ones_own_is_used_everywhere():
    own = workflow_text(Wishes(is_hardened=True, tool="aider", action="acme/devteam@" + "a" * 40))
    assert own.count("acme/devteam@" + "a" * 40) == 6
    assert "devteam-action/devteam-action@" not in own


@pytest.mark.parametrize(
    "arguments",
    [
        ("--action", "acme/x@v1\n    env: {A: b}"),
        ("--action", "acme"),
        ("--model", "x\n  env: [HOME]"),
        ("--tool", "hammer"),
        ("--hardened", "--minimal"),
        ("--public", "--minimal"),
    ],
)
def test_what_could_not_be_written_is_bad_input_and_nothing_is_written(bare, arguments):
    assert bare.devteam("init", *arguments).code == 2
    assert not (bare.root / ".github").exists()


def test_a_link_that_leads_out_of_the_repository_is_not_followed(bare, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (bare.root / ".github").symlink_to(outside)
    outcome = bare.devteam("init")
    assert outcome.code == 3, outcome.story
    assert list(outside.iterdir()) == []


def test_outside_of_a_repository_it_says_so(tmp_path):
    outcome = Project(tmp_path, tmp_path).devteam("init")
    assert outcome.code == 2
    assert "is in no git repository" in outcome.err


@pytest.mark.parametrize("url", ["git@github.com:acme/app.git", "https://github.com/acme/app"])
def test_the_next_steps_lead_to_the_settings_of_the_repository(bare, url):
    bare.git("remote", "add", "origin", url)
    secret, setting, run = bare.devteam("init", "--json").ok().json["next"]
    assert "https://github.com/acme/app/settings/secrets/actions" in secret
    assert "https://github.com/acme/app/settings/actions" in setting
    assert f"git add {WORKFLOW} .devteam.yml {LIST}" in run
