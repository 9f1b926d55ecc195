import re
from pathlib import Path

import pytest

from devteam_action.actions.inputs import ActionInputs, read_inputs, read_job
from devteam_action.errors import BadInput

PACKAGE = Path(__file__).parents[3] / "devteam_action"


def given(**values):
    return {f"DEVTEAM_INPUT_{name.upper()}": value for name, value in values.items()}


def test_every_input_is_read_from_its_own_variable():
    inputs = read_inputs(
        given(
            command="run",
            task="1.2.A",
            until="T010a",
            max_tasks="3",
            tool="aider",
            model="openai/gpt-4o",
            base_branch="release/2",
            verbosity="3",
            max_attempts="2",
            max_cost_usd="2.50",
            scar_url="https://scar.example.org:8443/x",
            config="ci/.devteam.yml",
            github_token="ghs_abc",
            dry_run="True",
            dispatch_workflow="ci.yml",
        )
    )
    assert inputs == ActionInputs(
        command="run",
        task="1.2.A",
        until="T010a",
        max_tasks=3,
        tool="aider",
        model="openai/gpt-4o",
        base_branch="release/2",
        verbosity=3,
        max_attempts=2,
        max_cost_usd=2.5,
        scar_url="https://scar.example.org:8443/x",
        config="ci/.devteam.yml",
        github_token="ghs_abc",
        dry_run=True,
        dispatch_workflow="ci.yml",
    )


def test_empty_inputs_and_those_of_white_space_are_not_given():
    assert read_inputs(given(command="", task=" ", max_tasks="\n", dry_run="")) == ActionInputs() == read_inputs({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("command", "deploy"),
        ("task", "../../etc"),
        ("task", "1.2; rm -rf /"),
        ("task", "-x"),
        ("until", "a" * 65),
        ("max-tasks", "0"),
        ("max-tasks", "-1"),
        ("max-tasks", "1e9"),
        ("max-tasks", "³"),
        ("tool", "--yes-always"),
        ("base-branch", "main\nx"),
        ("base-branch", "-delete"),
        ("verbosity", "4"),
        ("max-attempts", "many"),
        ("max-cost-usd", "nan"),
        ("max-cost-usd", "-1"),
        ("max-cost-usd", "inf"),
        ("max-cost-usd", "1,5"),
        ("scar-url", "file:///etc/passwd"),
        ("scar-url", "https://"),
        ("scar-url", "https://a b"),
        ("scar-url", "https://[x"),
        ("config", "a\x00b"),
        ("dry-run", "yes"),
        ("dispatch-workflow", "x" * 256),
    ],
)
def test_a_wrong_input_is_named_with_its_value(name, value):
    with pytest.raises(BadInput, match=f"input `{name}`: '") as caught:
        read_inputs(given(**{name.replace("-", "_"): value}))
    assert caught.value.exit_code == 2
    assert "\n" not in caught.value.message


def test_all_wrong_inputs_are_named_at_once():
    with pytest.raises(BadInput, match=r"`command`.*`verbosity`.*`dry-run`"):
        read_inputs(given(command="x", verbosity="9", dry_run="maybe"))


def test_a_wrong_token_is_refused_and_never_shown():
    with pytest.raises(BadInput, match="input `github-token`") as caught:
        read_inputs(given(github_token="ghs_abc\r\nX-Evil: 1"))
    assert "ghs_abc" not in caught.value.message
    assert "ghs_abc" not in repr(read_inputs(given(github_token="ghs_abc")))


def test_variables_that_only_act_sets_are_not_read():
    assert read_inputs({"INPUT_COMMAND": "run", "INPUT_TASK": "1.1", "INPUT_MAX-TASKS": "2"}) == ActionInputs()


def test_no_module_names_such_a_variable():
    wrong = re.compile(r"(?<![A-Z_])INPUT_[A-Z{]")
    named = [path.name for path in PACKAGE.rglob("*.py") if wrong.search(path.read_text())]
    assert not named
    assert wrong.search('environ["INPUT_TASK"]')
    assert wrong.search('f"INPUT_{name}"')


def test_the_facts_of_a_job_are_read():
    job = read_job(
        {
            "GITHUB_REPOSITORY": "acme/app",
            "GITHUB_API_URL": "https://ghe.example.org/api/v3/",
            "GITHUB_SERVER_URL": "https://ghe.example.org/",
            "GITHUB_RUN_ID": "42",
            "GITHUB_RUN_ATTEMPT": "3",
            "GITHUB_OUTPUT": "/tmp/out",
            "GITHUB_STEP_SUMMARY": "",
            "DEVTEAM_JOB": "control",
        }
    )
    assert (job.api_url, job.graphql_url) == ("https://ghe.example.org/api/v3", "https://ghe.example.org/api/graphql")
    assert job.run_url == "https://ghe.example.org/acme/app/actions/runs/42"
    assert (job.run_attempt, job.output, job.summary, job.job) == (3, Path("/tmp/out"), None, "control")


def test_outside_of_a_job_the_facts_are_those_of_github_com():
    job = read_job({})
    assert (job.api_url, job.graphql_url) == ("https://api.github.com", "https://api.github.com/graphql")
    assert (job.server_url, job.run_url, job.run_attempt) == ("https://github.com", "", 1)


def test_a_job_of_another_name_is_refused():
    with pytest.raises(BadInput, match="DEVTEAM_JOB"):
        read_job({"DEVTEAM_JOB": "both"})
