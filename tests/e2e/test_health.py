"""`devteam health`: what runs here need counts, and nothing else is called missing."""

from __future__ import annotations

import pytest

from tests.fakes.scar import FakeScar

COMMAND = "tool: command\ntools:\n  command: {{argv: [{}]}}\n"


@pytest.mark.parametrize(("program", "code", "said"), [("sh", 0, "available"), ("no-such-agent", 4, "is not on PATH")])
def test_the_program_of_the_configured_tool_is_looked_for(project, program, code, said):
    outcome = project(config=COMMAND.format(program)).devteam("health")
    assert outcome.code == code, outcome.story
    (row,) = [line for line in outcome.out.splitlines() if line.startswith("  command ")]
    assert said in row
    assert "aider" not in outcome.out
    assert "scar" not in outcome.out


def test_a_server_that_is_to_write_and_does_not_answer_is_an_illness(project):
    with FakeScar.serve() as scar:
        address = scar.url
    outcome = project(config="tool: scar\n").devteam("health", env={"SCAR_BASE_URL": address})
    assert (outcome.code, "is unhealthy" in outcome.out) == (4, True), outcome.story
