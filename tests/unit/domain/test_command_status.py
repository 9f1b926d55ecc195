"""What people see of a command that SCAR runs for us."""

import msgspec
import pytest

from devteam_action.domain.command_status import CommandStatus, facts_of, is_status, status_of
from devteam_action.domain.events import Activity

TABLE = [
    ("RUNNING", "PRIME: RUNNING", "progress", 1),
    ("QUEUED", "PRIME: QUEUED", "progress", 2),
    ("QUIET", "PRIME: QUIET", "progress", 2),
    ("COMPLETED", "PRIME: COMPLETED", "progress", 1),
    ("FAILED", "PRIME: FAILED", "error", 1),
    ("TIMED_OUT", "PRIME: TIMED_OUT", "error", 1),
    ("INTERRUPTED", "PRIME: INTERRUPTED", "error", 1),
    ("UNCERTAIN", "PRIME: UNCERTAIN", "error", 1),
    ("STOPPED", "PRIME: STOPPED", "error", 1),
]


@pytest.mark.parametrize(("state", "text", "kind", "verbosity"), TABLE)
def test_start_and_end_are_for_everybody_and_what_is_between_for_those_who_ask(state, text, kind, verbosity):
    status = CommandStatus(name="prime", state=state)
    assert (status.text, status.type, status.verbosity) == (text, kind, verbosity)


def an_activity(status):
    return Activity(
        id="1", execution_id="r", project_id="p", source="scar",
        type=status.type, message=status.text, details=status.details, verbosity=status.verbosity,
    )  # fmt: skip


def test_times_and_counts_are_told_in_words():
    status = CommandStatus(name="prime", state="COMPLETED", queued_s=3.2, run_s=12.04, messages=13, tool_calls=1)
    assert facts_of(status) == ["12 s", "3 s queued", "13 messages", "1 tool call"]
    assert is_status(an_activity(status))
    assert status_of(an_activity(status)) == msgspec.structs.replace(status, run_s=12.0)


def test_a_failure_tells_its_cause_and_nothing_that_is_not_known():
    status = CommandStatus(name="prime", state="FAILED", run_s=2.5, cause="ended without output")
    assert facts_of(status) == ["2.5 s", "ended without output"]
    assert status.details == {"name": "prime", "status": "FAILED", "runSeconds": 2.5, "cause": "ended without output"}


def test_an_activity_of_a_tool_is_no_status():
    imitated = msgspec.structs.replace(an_activity(CommandStatus(name="prime", state="COMPLETED")), verbosity=3)
    assert not is_status(imitated)
    assert status_of(imitated) is None
