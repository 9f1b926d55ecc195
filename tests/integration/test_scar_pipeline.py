"""The tool against a SCAR of ours, in this process: what is said, marked and taken in."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import pytest

from devteam_action.domain.config import ToolConfig
from devteam_action.domain.scar_config import ScarConfig
from devteam_action.domain.task import Task
from devteam_action.errors import DevteamError
from devteam_action.pipeline.exchange import Conversation
from devteam_action.pipeline.ports import ToolJob
from devteam_action.scar.orders import Assignment, invocations
from devteam_action.scar.problems import ScarUnavailable
from devteam_action.scar.tool import ScarTool
from tests.fakes.scar import FakeScar

BRANCH = "task/1-1-1-words"


class Ground:
    """A server, a remote of names and commits, and a state that marks."""

    def __init__(self, scar):
        self.scar = scar
        self.heads = {"main": "b0", BRANCH: "h1"}
        self.said, self.marks, self.brought = [], [], []
        self.stop = threading.Event()
        self.conversations = self.exchange = self
        scar.repository("app")

    @contextlib.contextmanager
    def hold(self, conversation):
        yield Conversation(conversation=conversation)

    def mark_busy(self, conversation):
        self.marks.append("busy")

    def mark_idle(self, conversation):
        self.marks.append("idle")

    def remember(self, conversation, *, left, branches):
        self.marks.append(left)

    address = "https://host.invalid/me/app.git"

    def push_branch(self, *, known=()):
        return self.heads[BRANCH]

    def remote_heads(self):
        return dict(self.heads)

    def fetch(self, branches):
        return True

    def descends(self, commit, base):
        return commit != base

    def meeting(self, one, other):
        return "b0"

    def bring(self, commit, into, *, without="", since=""):
        self.brought.append(commit)
        return True

    def run(self, what="implement", say=None, **settings):
        config = ScarConfig(base_url=self.scar.url, poll_interval=0.02, timeout_seconds=5, **settings)
        job = ToolJob(
            task=Task(id="1.1.1", title="Words"), attempt=1, brief="Write hello.", tree=Path("/nowhere"),
            scratch=Path("/nowhere"), files=(), env={}, config=ToolConfig(), root=Path("/nowhere"), project="me/app",
            run_id="r1", base="b0", head="h1", branch=BRANCH, base_branch="main", exchange=self, conversations=self,
            say=say or self.said.append,
        )  # fmt: skip
        return getattr(ScarTool(config, {}), what)(job, lambda stream, line: None, self.stop)

    def pushes(self, turn):
        self.heads[BRANCH] = "h2"
        turn.tool("Bash", "git push")
        turn.say("Pushed.")

    @property
    def told(self):
        return [each.text for each in self.said]


@pytest.fixture
def ground():
    with FakeScar.serve() as scar:
        yield Ground(scar)


def test_each_message_is_said_whole_with_its_number_and_each_command_with_its_state(ground):
    ground.scar.agents["execute-github"] = ground.pushes
    outcome = ground.run(commands=("prime", "execute-github"))
    assert (outcome.status, outcome.onto) == ("finished", "h2")
    assert ground.brought == ["h2"]
    assert ground.marks == ["busy", "h2", "idle"]
    assert ground.told == [
        "/repo: Switched to: app", "✓ Loaded 7 commands", "Ready to work!",
        "PRIME: RUNNING", "Done: prime", "PRIME: COMPLETED",
        "EXECUTE-GITHUB: RUNNING", "🔧 BASH\ngit push", "Pushed.", "EXECUTE-GITHUB: COMPLETED",
    ]  # fmt: skip
    numbers = [each.details["messageIndex"] for each in ground.said if "messageIndex" in each.details]
    assert numbers == [0, 0, 1]
    assert ground.said[-1].details["toolCalls"] == 1


def test_a_closing_tool_call_is_a_warning_and_no_failure(ground):
    ground.scar.agents["prime"] = lambda turn: turn.tool("Bash", "ls")
    ground.run(commands=("prime",))
    assert any("without a closing word" in text for text in ground.told)


def test_a_stop_is_noticed_within_a_moment_and_leaves_the_mark(ground):
    def slow(turn):
        turn.say("Thinking.")
        ground.stop.set()
        turn.wait(5)

    ground.scar.agents["prime"] = slow
    assert ground.run(commands=("prime",)).status == "stopped"
    assert ground.marks == ["busy"]
    assert ground.told[-2] == "PRIME: STOPPED"
    assert "cannot be told to stop" in ground.told[-1]
    assert "`devteam resume`" in ground.told[-1]


@pytest.mark.parametrize("kind", ["reset", "500"])
def test_a_command_that_cannot_be_sent_has_an_end_in_the_log(ground, kind):
    def prime(turn):
        turn.wait(0.3)  # its marker is there by then
        ground.scar.fault(kind, method="POST", times=99)
        turn.say("Primed.")

    ground.scar.agents["prime"] = prime
    with pytest.raises(DevteamError):
        ground.run(commands=("prime", "validate"))
    assert ground.told[-2:] == ["VALIDATE: RUNNING", "VALIDATE: FAILED"]
    assert ground.said[-1].details["cause"]


def test_a_listener_that_breaks_does_not_leave_a_command_running_in_the_log(ground):
    def say(said):
        if said.text == "Primed.":
            raise LookupError("the listener's own")
        ground.said.append(said)

    ground.scar.agents["prime"] = lambda turn: turn.say("Primed.")
    with pytest.raises(LookupError):
        ground.run(commands=("prime",), say=say)
    assert ground.told[-1] == "PRIME: INTERRUPTED"


def test_another_client_between_two_commands_ends_it_before_more_is_sent(ground):
    def prime(turn):
        turn.wait(0.3)
        ground.scar.post(turn.conversation, "/repo other")
        turn.say("Primed.")

    ground.scar.agents["prime"] = prime
    outcome = ground.run(commands=("prime", "execute-github"))
    assert (outcome.status, outcome.reason, outcome.retryable) == ("failed", "scar-uncertain", False)
    assert "another client used the conversation" in outcome.message
    assert not any("execute-github" in text for text in ground.scar.commands_run())
    assert ground.told[-1] == "EXECUTE-GITHUB: UNCERTAIN"


def test_without_the_busy_list_the_end_marker_tells(ground):
    ground.scar.fault("404", path="/health/concurrency", times=999)
    ground.scar.agents["prime"] = ground.pushes
    assert ground.run(commands=("prime",)).onto == "h2"
    assert ground.marks[-1] == "idle"


def test_a_server_that_is_gone_before_a_command_is_said_so(ground):
    ground.push_branch = lambda known=(): (ground.scar.die(), "h1")[1]
    with pytest.raises(ScarUnavailable, match="SCAR is not available"):
        ground.run()


def test_a_plan_is_words_alone(ground):
    ground.scar.agents["plan-feature"] = lambda turn: turn.say("1. Write it.")
    outcome = ground.run("plan")
    assert (outcome.status, outcome.message) == ("finished", "1. Write it.")
    assert ground.brought == []


def test_a_planner_is_told_to_push_nothing():
    wanted = Assignment(run_id="r1", task_id="1.1.1", branch=BRANCH, brief="Write hello.", only_plan=True)
    _, plan = invocations(ScarConfig(), wanted, ("prime", "plan-feature"))
    assert "push nothing" in plan.arguments[0]
    assert "devteam-run:r1" in plan.arguments[0]
