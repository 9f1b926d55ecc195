"""Which jobs look for commands that nobody answered, and which comments are such."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from devteam_action.actions.grammar import SHAPES, Command, read_command
from devteam_action.actions.inputs import JobFacts
from devteam_action.actions.payloads import CommandComment
from devteam_action.actions.route import Answer, Verb
from devteam_action.cli.job.lost import is_due, looks_for_lost
from devteam_action.settings import read_environment

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TEN_MINUTES, HALF_A_MINUTE = timedelta(minutes=10), timedelta(seconds=30)


def comment(body: str, ago: timedelta = TEN_MINUTES, **more: object) -> CommandComment:
    facts = {"author": "ann", "url": "", "is_pull_request": False, "is_bot": False, "is_edited": False, **more}
    return CommandComment(id=1, number=2, body=body, created_at=(NOW - ago).isoformat(), **facts)


@pytest.mark.parametrize(
    ("job", "event", "variables", "wanted", "looks"),
    [
        ("", "workflow_dispatch", {}, Verb(argv=("run",)), True),
        ("work", "schedule", {}, Verb(argv=("run", "1.1")), True),
        ("work", "push", {}, Verb(argv=("resume", "1.1")), True),
        ("work", "workflow_dispatch", {}, Verb(argv=("run", "--dry-run")), False),
        ("work", "workflow_dispatch", {}, Verb(argv=("matrix",)), False),
        ("work", "workflow_dispatch", {}, Verb(argv=("status",)), False),
        ("work", "pull_request", {}, Verb(argv=("run",)), False),
        ("control", "issue_comment", {}, Answer(command=Command("skip"), comment=comment("/devteam skip 1")), False),
        ("work", "issue_comment", {}, Answer(command=Command("run"), comment=comment("/devteam run")), True),
        ("", "issue_comment", {}, Answer(command=Command("status"), comment=comment("/devteam status")), False),
        ("work", "workflow_dispatch", {"DEVTEAM_HAND_OVER": "/tmp/x"}, Verb(argv=("run",)), False),
        ("work", "workflow_dispatch", {"DEVTEAM_TAKE_IN": "/tmp/x"}, Verb(argv=("run",)), False),
    ],
)
def test_only_a_job_that_can_work_alone_looks_for_lost_commands(job, event, variables, wanted, looks):
    facts = JobFacts(event_name=event, job=job)
    assert looks_for_lost(wanted, facts, read_environment(variables)) is looks


@pytest.mark.parametrize("name", SHAPES)
def test_what_stops_or_asks_was_about_its_moment_and_is_not_found_again(name):
    texts = {"guide": "guide 1.1 x", "inject": "inject x", "approve": "approve abcdef1"}
    text = f"/devteam {texts.get(name, f'{name} 1.1' if name != 'help' else 'help')}"
    assert isinstance(read_command(text), Command)
    assert is_due(comment(text), NOW) == (name not in ("stop", "status", "help"))


@pytest.mark.parametrize(
    "said",
    [
        comment("/devteam run", HALF_A_MINUTE),
        comment("/devteam run", is_bot=True),
        comment("/devteam run", is_edited=True),
        comment("/devteam rnu"),
        comment("thanks"),
    ],
)
def test_what_is_new_or_no_command_is_left_alone(said):
    assert not is_due(said, NOW)
