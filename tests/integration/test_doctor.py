"""`devteam doctor`: what is wrong is found, with the change that mends it, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from devteam_action.cli.checkup import Checkup, exit_code, told
from tests.fakes.github import FakeGitHub
from tests.project import CHECKED_BY_GREP, HELLO_AND_WORLD, LIST, TWO_TASKS, Outcome, Project

ROOT = Path(__file__).parents[2]
WORKFLOW = ".github/workflows/devteam.yml"
EXAMPLE = (ROOT / "examples" / "devteam.yml").read_text()
PINNED = EXAMPLE.replace("devteam-action/devteam-action@v1", "devteam-action/devteam-action@" + "a" * 40)


def found(outcome: Outcome) -> dict[str, dict[str, Any]]:
    """The findings by their names; those about one file are one."""
    return {each["name"]: each for each in outcome.json["checks"]}


@pytest.fixture
def well(project) -> Project:
    return project(patches=HELLO_AND_WORLD, files={WORKFLOW: PINNED}, remote=True)


def test_a_healthy_project_is_well_and_unchanged(well):
    outcome = well.devteam("doctor", "--json").ok()
    states = {name: each["state"] for name, each in found(outcome).items()}
    assert states == {
        "identity": "well",
        "remote": "well",
        "push, own branches": "well",
        "push, task branches": "well",
        "configuration": "well",
        "task list": "well",
        "state branch": "well",
        "replay": "well",
        WORKFLOW: "well",
        "token": "unknown",
    }
    assert well.git("ls-remote", "origin").count("refs/") == 1
    assert well.git("for-each-ref", "--format=%(refname)", "refs/heads") == "refs/heads/main"
    assert well.git("status", "--porcelain") == ""


def test_a_remote_that_takes_no_task_branches_is_found_out(well):
    hook = well.folder / "origin.git" / "hooks" / "update"
    hook.write_text(
        '#!/bin/sh\ncase "$1" in refs/heads/task/*) echo "task branches are protected" >&2; exit 1;; esac\n'
    )
    hook.chmod(0o755)
    outcome = well.devteam("doctor", "--json")
    assert outcome.code == 3
    wrong = found(outcome)["push, task branches"]
    assert "task branches are protected" in wrong["said"]
    assert "Settings → Rules" in wrong["fix"]
    assert found(outcome)["push, own branches"]["state"] == "well"


def test_a_branch_that_cannot_be_taken_away_again_is_named(well):
    well.git("config", "receive.denyDeletes", "true", cwd=well.folder / "origin.git")
    outcome = well.devteam("doctor", "--json")
    assert "cannot be deleted" in found(outcome)["push, own branches"]["said"]


def test_a_host_that_nobody_calls_a_github_is_sent_no_token_and_told_so(well):
    well.git("config", "remote.origin.url", "https://gitlab.invalid/acme/app.git")
    told = found(well.devteam("doctor", "--json", env={"GH_TOKEN": "ghp_notforyou1234567890"}))["token"]
    assert told["state"] == "unknown"
    assert "gitlab.invalid" in told["said"]
    assert "GH_HOST" in told["said"]


def test_a_remote_that_is_gone_is_missing_and_nothing_is_pushed(well):
    well.git("remote", "set-url", "origin", (well.folder / "gone.git").as_uri())
    outcome = well.devteam("doctor", "--json")
    assert outcome.code == 4
    assert found(outcome)["remote"]["state"] == "missing"
    assert "push, own branches" not in found(outcome)


def test_without_a_remote_nothing_is_wrong(project):
    outcome = project(files={WORKFLOW: PINNED}).devteam("doctor", "--json").ok()
    assert found(outcome)["remote"]["state"] == "unknown"


def test_nobody_is_asked_where_nobody_shall_be(well):
    well.git("remote", "set-url", "origin", (well.folder / "gone.git").as_uri())
    assert found(well.devteam("doctor", "--no-fetch", "--json"))["remote"]["state"] == "unknown"


def test_a_missing_identity_is_told_with_the_commands(well):
    gone = {f"GIT_{who}_{what}": "" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    wrong = found(well.devteam("doctor", "--json", env=gone))["identity"]
    assert wrong["state"] == "bad-input"
    assert "git config user.name" in wrong["fix"]


@pytest.mark.parametrize(
    ("files", "name", "words"),
    [
        ({LIST: TWO_TASKS + "1.1.2 Again.\n"}, "task list", "1.1.2"),
        ({LIST: "nothing\n"}, "task list", "no task"),
        ({".devteam.yml": CHECKED_BY_GREP + "speed: fast\n"}, "repository", "speed"),
        ({".devteam.yml": "tool: aider\n"}, "aider", "OPENAI_API_KEY"),
    ],
)
def test_what_is_wrong_with_list_config_and_tool_is_said(well, files, name, words):
    well.commit(files)
    outcome = well.devteam("doctor", "--json")
    wrong = found(outcome)[name]
    assert outcome.code == (4 if name == "aider" else 2)
    assert words in wrong["said"]
    assert wrong["fix"]


def changed(old: str, new: str) -> str:
    assert old in PINNED
    return PINNED.replace(old, new)


WRONG_FILES = {
    "concurrency at the top": (changed("jobs:\n", "concurrency: x\n\njobs:\n"), "not-allowed", "cancel-in-progress"),
    "a right that is lacking": (changed("checks: write", "checks: read"), "not-allowed", "checks: write"),
    "credentials that stay": (changed("persist-credentials: false", "fetch-depth: 0"), "not-allowed", "persist-cred"),
    "an action by its tag": (changed("checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8", "checkout@v5"),
                             "not-allowed", "uses: actions/checkout@<SHA"),
    "ours by its tag": (EXAMPLE, "unknown", "uses: devteam-action/devteam-action@<SHA"),
    "no comments": (changed("  issue_comment:", "  discussion_comment:"), "unknown", "`issue_comment:` below `on:`"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_workflow_file_that_would_fail_is_told_with_its_mending(well, name):
    text, state, fix = WRONG_FILES[name]
    well.commit({WORKFLOW: text})
    outcome = well.devteam("doctor", "--json")
    findings = [each for each in outcome.json["checks"] if each["area"] == "workflows" and each["state"] != "well"]
    assert {each["state"] for each in findings} == {state}
    assert any(fix in each["fix"] for each in findings)
    assert outcome.code == (3 if state == "not-allowed" else 0)


@pytest.mark.parametrize("name", ["devteam", "hardened", "matrix", "verify-only", "scar-self-hosted"])
def test_the_examples_have_nothing_wrong(well, name):
    well.commit({WORKFLOW: (ROOT / "examples" / f"{name}.yml").read_text()})
    outcome = well.devteam("doctor", "--json").ok()
    assert {each["state"] for each in outcome.json["checks"] if each["area"] == "workflows"} <= {"well", "unknown"}


def test_what_init_has_written_is_only_to_be_committed(project):
    here = project(TWO_TASKS, config="", files={"README.md": "x\n"})
    here.git("rm", "-q", "--cached", ".devteam.yml", LIST)
    here.git("commit", "-q", "-m", "before")
    here.devteam("init").ok()
    told = found(here.devteam("doctor", "--json"))
    for name, path in (("workflow", WORKFLOW), ("configuration", ".devteam.yml"), ("task list", LIST)):
        assert (told[name]["state"], told[name]["said"]) == ("missing", f"{path} is written, not committed yet")
        assert told[name]["fix"].startswith(f"`git add {path} && git commit")
    here.git("add", "-A")
    here.git("commit", "-q", "-m", "after")
    checks = here.devteam("doctor", "--json").json["checks"]
    assert sum("can be moved" in each["said"] for each in checks) == 1
    assert not [each for each in checks if "job" in each["name"]]


def test_no_workflow_is_missing_and_one_of_another_kind_does_not_count(project):
    here = project(files={".github/workflows/ci.yml": "on: push\njobs: {x: {steps: [{uses: actions/checkout@v5}]}}\n"})
    outcome = here.devteam("doctor", "--json")
    assert outcome.code == 4
    assert found(outcome)["workflow"]["fix"] == "`devteam init` adds one"


# --- on GitHub


@pytest.fixture
def github(tmp_path):
    with FakeGitHub.serve(tmp_path / "github") as fake:
        yield fake


@pytest.fixture
def hosted(github, tmp_path):
    """A clone of a repository on GitHub; `examine(token)` is what the doctor finds with it."""
    repo = github.repository(
        "acme/app", files={LIST: TWO_TASKS, ".devteam.yml": CHECKED_BY_GREP, WORKFLOW: PINNED}, default_branch="main"
    )

    def examine(token: str, *, job: bool = True) -> Outcome:
        root = tmp_path / "clone"
        env = {
            "GITHUB_API_URL": github.url,
            "GITHUB_GRAPHQL_URL": github.graphql_url,
            "GITHUB_SERVER_URL": github.server_url,
            "GITHUB_REPOSITORY": "acme/app",
            "GH_TOKEN": token,
            "GIT_TOKEN": token,
            "WORKSPACE_DIR": str(tmp_path / "work"),
            **({"GITHUB_ACTIONS": "true"} if job else {}),
        }
        here = Project(tmp_path, root, env)
        if not root.exists():
            root.mkdir()
            here.git("init", "-q", "-b", "main")
            here.git("remote", "add", "origin", f"{github.server_url}/acme/app.git")
            header = f"http.{github.server_url}/.extraheader=Authorization: Basic "
            import base64

            basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
            here.git("-c", header + basic, "pull", "-q", "origin", "main")
        return here.devteam("doctor", "--json")

    return repo, examine


def test_a_job_with_every_right_is_well_and_leaves_no_trace(github, hosted):
    repo, examine = hosted
    before = repo.git("for-each-ref")
    states = {name: each["state"] for name, each in found(examine(repo.job_token()).ok()).items()}
    rights = ("pull-requests: write", "issues: write", "checks: write", "actions: write")
    assert {states[name] for name in (*rights, "repository", "push, own branches", "push, task branches")} == {"well"}
    assert states["jobs open pull requests"] == "unknown"
    assert (repo.pulls(), repo.git("for-each-ref")) == ([], before)
    assert github.violations == []


@pytest.mark.parametrize("right", ["pull_requests", "issues", "checks", "actions", "contents"])
def test_a_right_that_the_job_lacks_is_told_with_its_line(hosted, right):
    repo, examine = hosted
    lacking = {right: "read"} | ({"pull_requests": "read"} if right == "issues" else {})
    outcome = examine(repo.job_token(**lacking))
    assert outcome.code == 3, outcome.story
    name = "push, own branches" if right == "contents" else f"{right.replace('_', '-')}: write"
    wrong = found(outcome)[name]
    assert wrong["state"] == "not-allowed"
    assert f"{right.replace('_', '-')}: write" in wrong["fix"]


def test_a_repository_that_forbids_pull_requests_of_jobs_says_where_the_switch_is(github, tmp_path, hosted):
    repo, examine = hosted
    repo.actions_may_open_pulls = False
    outcome = examine(repo.job_token())
    assert outcome.code == 3
    assert "Allow GitHub Actions to create and approve pull requests" in found(outcome)["pull-requests: write"]["fix"]


def test_a_person_who_administers_is_told_the_switch_and_no_check_runs(hosted):
    repo, examine = hosted
    states = found(examine(repo.personal_token("octo", "admin"), job=False).ok())
    assert states["jobs open pull requests"]["state"] == "well"
    assert states["checks: write"]["state"] == "unknown"


def test_a_token_that_is_not_accepted_is_one_finding(hosted):
    repo, examine = hosted
    examine(repo.job_token())
    outcome = examine("ghs_" + "0" * 36)
    assert outcome.code in (3, 4)
    assert found(outcome)["repository"]["state"] in ("missing", "not-allowed")
    assert "ghs_0" not in outcome.out


# --- how it is told


def test_the_table_has_a_sign_and_a_fix_for_each():
    text = told([
        Checkup(area="git", name="identity", state="well", said="fine"),
        Checkup(area="git", name="remote", state="missing", said="gone", fix="a\nb"),
        Checkup(area="GitHub", name="ci", state="unknown", said="who knows", fix="look"),
    ])  # fmt: skip
    assert text.splitlines() == [
        "git",
        "  ✓ identity  fine",
        "  ✗ remote    gone",
        "      fix: a",
        "      b",
        "",
        "GitHub",
        "  – ci  who knows",
        "      fix: look",
        "",
        "1 to mend, 1 to look at",
    ]


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ((), 0),
        (("well", "unknown"), 0),
        (("well", "bad-input"), 2),
        (("not-allowed", "bad-input"), 3),
        (("not-allowed", "missing", "bad-input"), 4),
    ],
)
def test_the_exit_code_is_that_of_what_is_worst(states, code):
    assert exit_code([Checkup(area="x", name="x", state=state, said="x") for state in states]) == code
