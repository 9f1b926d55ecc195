"""What one job does, for every kind of event, input and command."""

from __future__ import annotations

import msgspec
import pytest

from devteam_action.actions.grammar import Command, Hint
from devteam_action.actions.inputs import ActionInputs
from devteam_action.actions.payloads import CommandComment, Dispatch, Ignored, PullRequestChange, Schedule
from devteam_action.actions.route import (
    AfterMerge,
    Answer,
    Judge,
    Nothing,
    Verb,
    Would,
    comment_argv,
    guidance_for,
    plan,
)
from devteam_action.errors import BadInput

AUTO = ActionInputs()
CHANGE = PullRequestChange(
    action="opened",
    number=7,
    title="1.1.1 Words",
    author="ann",
    head_ref="task/1-1-1-words",
    head_sha="a" * 40,
    head_repository_id=1,
    base_ref="main",
    base_sha="b" * 40,
    is_fork=False,
    is_merged=False,
    is_draft=True,
)


def comment(body: str, **more: object) -> CommandComment:
    said = CommandComment(
        id=11, number=7, body=body, author="ann", created_at="2026-11-20T10:00:00Z", url="", is_pull_request=True,
        is_bot=False, is_edited=False,
    )  # fmt: skip
    return msgspec.structs.replace(said, **more)


def change(**more: object) -> PullRequestChange:
    return msgspec.structs.replace(CHANGE, **more)


@pytest.mark.parametrize(
    ("event", "job", "kind"),
    [
        (Dispatch(), "", Verb),
        (Dispatch(), "work", Verb),
        (Dispatch(), "control", Nothing),
        (Schedule(), "", Verb),
        (Schedule(), "control", Nothing),
        (Ignored(reason="no"), "", Nothing),
        (change(), "", Judge),
        (change(action="synchronize"), "work", Judge),
        (change(action="reopened"), "", Judge),
        (change(), "control", Nothing),
        (change(is_fork=True), "", Judge),
        (change(head_ref="feature"), "", Nothing),
        (change(head_ref="feature", action="closed", is_merged=True), "", Nothing),
        (change(action="closed", is_merged=True), "", AfterMerge),
        (change(action="closed"), "", AfterMerge),
        (change(action="closed", is_fork=True, is_merged=True), "", Nothing),
        (comment("/devteam run"), "", Answer),
        (comment("/devteam run"), "work", Answer),
        (comment("/devteam run"), "control", Nothing),
        (comment("/devteam stop"), "control", Answer),
        (comment("/devteam stop"), "work", Nothing),
        (comment("/devteam guide more tests"), "control", Answer),
        (comment("/devteam guide more tests"), "work", Answer),
        (comment("/devteam resume"), "control", Answer),
        (comment("/devteam resume"), "work", Answer),
        (comment("> /devteam run"), "", Nothing),
        (comment("thanks"), "", Nothing),
        (comment("/devteam rnu"), "", Nothing),  # the gate has hinted
        (comment("/devteam run", is_bot=True), "", Nothing),
        (comment("/devteam run", is_edited=True), "", Nothing),
    ],
)
def test_each_event_has_one_plan(event, job, kind):
    assert isinstance(plan(event, AUTO, job), kind)


@pytest.mark.parametrize("event", [Dispatch(), Schedule(), Ignored(reason="push"), comment("/devteam stop"), CHANGE])
def test_an_explicit_command_decides_whatever_the_event_is(event):
    assert plan(event, ActionInputs(command="run", task="1.2"), "work") == Verb(argv=("run", "1.2"))


@pytest.mark.parametrize(
    ("inputs", "argv"),
    [
        (ActionInputs(), ("run",)),
        (ActionInputs(max_tasks=3), ("run", "--max-tasks", "3")),
        (ActionInputs(task="1.1", max_tasks=3), ("run", "1.1")),
        (ActionInputs(until="2.1"), ("run", "--until", "2.1")),
        (ActionInputs(dry_run=True), ("run", "--dry-run")),
        (
            ActionInputs(tool="replay", max_attempts=2, max_cost_usd=0.5),
            ("run", "--tool", "replay", "--max-attempts", "2", "--max-cost", "0.5"),
        ),
        (ActionInputs(command="retry", task="1.1"), ("retry", "1.1")),
        (ActionInputs(command="resume", task="1.1", tool="aider"), ("resume", "1.1", "--tool", "aider")),
        (ActionInputs(command="skip", task="1.1"), ("skip", "1.1")),
        (ActionInputs(command="stop"), ("stop",)),
        (ActionInputs(command="verify", task="1.1"), ("verify", "1.1")),
        (ActionInputs(command="status"), ("status",)),
        (ActionInputs(command="matrix"), ("matrix",)),
        (ActionInputs(command="doctor"), ("doctor",)),
    ],
)
def test_inputs_become_a_command_line(inputs, argv):
    assert plan(Dispatch(), inputs, "") == Verb(argv=argv)


@pytest.mark.parametrize("command", ["retry", "resume", "skip", "verify"])
def test_a_command_that_needs_a_task_says_so(command):
    with pytest.raises(BadInput, match="needs a task"):
        plan(Dispatch(), ActionInputs(command=command), "")


def test_verify_of_a_pull_request_needs_no_task():
    assert plan(CHANGE, ActionInputs(command="verify"), "") == Judge(change=CHANGE)


@pytest.mark.parametrize(
    ("command", "own", "argv"),
    [
        (Command("run"), "1.1", ("run",)),
        (Command("run", task="1.2"), "", ("run", "1.2")),
        (Command("run", until="1.4"), "", ("run", "--until", "1.4")),
        (Command("run", task="1.2", until="1.4"), "", ("run", "1.2", "--until", "1.4")),
        (Command("status"), "", ("status",)),
        (Command("status"), "1.1", ("status", "1.1")),
        (Command("stop"), "", ("stop",)),
        (Command("stop"), "1.1", ("stop", "1.1")),
        (Command("stop", reason="--down"), "1.1", ("stop", "--reason=--down", "1.1")),
        (Command("retry"), "1.1", ("retry", "1.1")),
        (Command("retry", task="2"), "1.1", ("retry", "2")),
        (Command("adopt"), "1.1", ("resume", "1.1", "--adopt")),
        (Command("skip", task="1.3", reason="--later"), "", ("skip", "--", "1.3", "--later")),
        (Command("inject", text="--help\nmore"), "", ("inject", "--description=more", "--", "--help")),
    ],
)
def test_a_command_becomes_a_command_line(command, own, argv):
    assert comment_argv(command, own, AUTO) == argv


def test_the_limits_of_the_workflow_hold_for_a_run_by_comment_too():
    inputs = ActionInputs(max_tasks=2, tool="replay", task="9", until="9")
    assert comment_argv(Command("run"), "", inputs) == ("run", "--max-tasks", "2", "--tool", "replay")
    assert comment_argv(Command("run", task="1.1"), "", inputs) == ("run", "1.1", "--tool", "replay")


@pytest.mark.parametrize("event", [Dispatch(), CHANGE, change(action="closed", is_merged=True), Ignored(reason="push")])
@pytest.mark.parametrize(
    "command", ["auto", "run", "retry", "resume", "stop", "skip", "verify", "matrix", "status", "doctor"]
)
def test_a_dry_run_is_a_look_or_a_sentence_whatever_the_event_and_the_command(event, command):
    wanted = plan(event, ActionInputs(command=command, task="1.1", dry_run=True), "")
    match wanted:
        case Verb(argv=argv):
            assert argv[0] in ("status", "matrix") or "--dry-run" in argv
        case Would(what=what):
            assert what.startswith("would ")
        case _:
            assert isinstance(wanted, Nothing)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("run 1.2 until 1.4", Verb(argv=("run", "1.2", "--until", "1.4", "--dry-run"))),
        ("status 1.1", Verb(argv=("status", "1.1"))),
        ("skip 1.1", Would(what="would carry out `/devteam skip` of ann on #7")),
        ("guide use sets", Would(what="would carry out `/devteam guide` of ann on #7")),
        ("help", Would(what="would carry out `/devteam help` of ann on #7")),
    ],
)
def test_a_command_in_a_comment_is_dry_too(said, wanted):
    assert plan(comment(f"/devteam {said}"), ActionInputs(dry_run=True), "") == wanted


@pytest.mark.parametrize("name", ["retry", "resume", "adopt", "skip"])
def test_off_a_pull_request_the_task_must_be_named(name):
    assert isinstance(comment_argv(Command(name), "", AUTO), Hint)


def test_guidance_on_a_task_is_for_it_and_elsewhere_names_one():
    assert guidance_for(Command("guide", text="1.2 is fine"), "1.1") == ("1.1", "1.2 is fine")
    assert guidance_for(Command("guide", text="1.2 use sets"), "") == ("1.2", "use sets")
    assert isinstance(guidance_for(Command("guide", text="use sets"), ""), Hint)
