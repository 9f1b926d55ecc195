"""The steps carried out, against a server, a remote and a state that a test scripts."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import pytest

from devteam_action.domain.scar_config import ScarConfig
from devteam_action.errors import ConversationTaken, Missing, RemoteUnreachable
from devteam_action.pipeline.exchange import Conversation
from devteam_action.scar.errand import Errand, last_words
from devteam_action.scar.intake import Intake
from devteam_action.scar.orders import Assignment, invocations, repository_of
from devteam_action.scar.replies import is_cloned, number_of, switch
from devteam_action.scar.sequence import CommandEnded, Switch, implementing, planning

BRANCH = "task/1-1-1-words"
SWITCHED = "Switched to: app\n✓ Loaded 23 commands\n\nReady to work!"
DONE = CommandEnded(outcome="COMPLETED", texts=("All done.",))
ASSIGNMENT = Assignment(run_id="r1", task_id="1.1.1", branch=BRANCH, brief="Write hello.")


def answers(text):
    return CommandEnded(outcome="COMPLETED", texts=(text,))


class World:
    """All that an errand touches; `log` is the order in which it did."""

    def __init__(self, *, commands=("prime", "execute-github"), repository="app"):
        self.log = []
        self.told = []
        self.idle = [True]
        self.replies = {f"repo {repository}": [answers(SWITCHED)]}
        self.ends = {}
        self.heads = {"main": "b0", BRANCH: "h1"}
        self.contains = {"h2": {"h1", "b0"}, "n1": {"b0"}}
        self.pushes = {}  # command -> the remote's branches after it
        self.held = Conversation(conversation="c1", run_id="r1", task_id="1.1.1")
        self.remembered = []
        self.meets = "b0"
        self.conflicts = False
        self.is_busy = False
        self.stop = threading.Event()
        self.commands = commands
        self.switch = Switch(repository=repository, clone_url="https://host.invalid/me/app.git")

    # Talk
    conversation = "c1"

    def is_idle(self):
        answer = self.idle[0] if len(self.idle) == 1 else self.idle.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def tell(self, sentence):
        self.told.append(sentence)

    def clear(self):
        self.log.append("clear")

    def ask(self, name, *arguments):
        text = " ".join((name, *arguments))
        self.log.append(f"/{text}")
        known = self.replies.get(text)
        if not known:
            return answers(f"Repository not found: {text}\n\nUse /repos to see available repositories.")
        return known[0] if len(known) == 1 else known.pop(0)

    def invoke(self, invocation):
        self.log.append(invocation.command)
        self.heads = self.pushes.get(invocation.command, self.heads)
        end = self.ends.get(invocation.command, DONE)
        if isinstance(end, Exception):
            raise end
        return end

    # Conversations
    @contextlib.contextmanager
    def hold(self, conversation):
        self.log.append("hold")
        try:
            yield self.held
        finally:
            self.log.append("give back")

    def mark_busy(self, conversation):
        self.log.append("busy")
        self.is_busy = True

    def mark_idle(self, conversation):
        self.log.append("idle")
        self.is_busy = False

    def remember(self, conversation, *, left, branches):
        self.remembered.append((left, tuple(branches)))

    # Exchange
    address = "https://host.invalid/me/app.git"

    def push_branch(self, *, known=()):
        self.log.append("push")
        return self.heads[BRANCH]

    def remote_heads(self):
        if isinstance(self.heads, Exception):
            raise self.heads
        return self.heads

    def fetch(self, branches):
        return True

    def descends(self, commit, base):
        return base in self.contains.get(commit, set())

    def meeting(self, one, other):
        return self.meets

    def bring(self, commit, into, *, without="", since=""):
        self.log.append(f"bring {commit} since {since}" if since else f"bring {commit}")
        return not self.conflicts

    def run(self, *, only_plan=False):
        intake = Intake(
            self, branch=BRANCH, task_id="1.1.1", head="h1", base="b0", base_branch="main", without=ASSIGNMENT.plan
        )
        orders = invocations(ScarConfig(), ASSIGNMENT, self.commands)
        steps = planning(self.switch, orders) if only_plan else implementing(self.switch, orders)
        return Errand(self, self, intake, self.stop).run(steps, Path("/nowhere"))


def arriving(**heads):
    return {"main": "b0", BRANCH: "h1", **heads}


def test_a_task_from_an_idle_conversation_to_the_work_that_came():
    world = World()
    world.pushes = {"execute-github": arriving(**{BRANCH: "h2"})}
    outcome = world.run()
    assert (outcome.status, outcome.onto, outcome.message) == ("finished", "h2", "All done.")
    assert world.log == [
        "hold", "clear", "push", "busy", "/repo app", "prime", "execute-github", "bring h2", "idle", "give back",
    ]  # fmt: skip
    assert world.remembered == [("h2", ())]


def test_a_new_branch_is_taken_in_as_ours_alone():
    world = World()
    world.pushes = {"execute-github": arriving(**{"feature-1-1-1": "n1"})}
    outcome = world.run()
    assert (outcome.status, outcome.onto) == ("finished", "")
    assert world.remembered == [("", ("feature-1-1-1",))]


@pytest.mark.parametrize("cause", ["repo", "clone", "repos"])
@pytest.mark.parametrize("outcome", ["TIMED_OUT", "UNCERTAIN", "INTERRUPTED", "STOPPED"])
def test_a_reply_of_a_command_that_has_not_ended_is_not_believed(cause, outcome):
    world = World(repository="2048-game")
    late = {
        "repo": SWITCHED.replace("app", "2048-game"),
        "clone": "Repository cloned successfully!",
        "repos": "1. 2048-game",
    }
    world.replies = {
        "repo 2048-game": [
            answers("Switched to: other\n✓ Loaded 3 commands" if cause == "repos" else "Repository not found: x")
        ],
        "clone https://host.invalid/me/app.git": [answers("Failed to clone repository: x")],
    }
    asked = {"repo": "repo 2048-game", "clone": "clone https://host.invalid/me/app.git", "repos": "repos"}[cause]
    world.replies[asked] = [CommandEnded(outcome=outcome, cause="because", texts=(late[cause],))]
    ended = world.run()
    assert ended.status != "finished"
    assert "prime" not in world.log
    assert "/repo 1" not in world.log


@pytest.mark.parametrize("busy", ["", "2026-01-01T00:00:00.000Z"])
def test_a_busy_conversation_gets_nothing_queued(busy):
    world = World()
    world.idle = [False]
    world.held = Conversation(conversation="c1", busy=busy)
    with pytest.raises(ConversationTaken, match="still busy"):
        world.run()
    assert world.log == ["hold", "give back"]


def test_a_mark_of_ours_is_lifted_when_the_server_says_idle():
    world = World()
    world.held = Conversation(conversation="c1", busy="2026-01-01T00:00:00.000Z")
    world.run()
    assert world.log[:3] == ["hold", "idle", "clear"]


def test_nothing_moved_is_no_success():
    outcome = World().run()
    assert (outcome.status, outcome.reason, outcome.retryable) == ("failed", "nothing-arrived", True)
    assert "SCAR ended, nothing arrived" in outcome.message
    assert "All done." in outcome.message


@pytest.mark.parametrize(
    ("heads", "reason", "told"),
    [
        ({"a-1-1-1": "n1", "b-1-1-1": "h2"}, "several-arrived", "a-1-1-1, b-1-1-1"),
        ({BRANCH: "n1"}, "branch-rewritten", "by force"),
    ],
)
def test_what_only_a_person_can_settle_is_not_tried_again(heads, reason, told):
    world = World()
    world.pushes = {"execute-github": arriving(**heads)}
    outcome = world.run()
    assert (outcome.status, outcome.reason, outcome.retryable) == ("failed", reason, False)
    assert told in outcome.message
    assert not any(line.startswith("bring") for line in world.log)


@pytest.mark.parametrize(
    ("ended", "status", "reason", "retryable"),
    [
        ("FAILED", "failed", "scar-failed", True),
        ("TIMED_OUT", "timed-out", "timed-out", False),
        ("INTERRUPTED", "failed", "scar-interrupted", False),
        ("UNCERTAIN", "failed", "scar-uncertain", False),
        ("STOPPED", "stopped", "stopped", True),
    ],
)
def test_only_a_completed_command_is_followed_by_the_next(ended, status, reason, retryable):
    world = World()
    world.ends = {"prime": CommandEnded(outcome=ended, cause="because")}
    world.pushes = {"prime": arriving(**{BRANCH: "h2"})}
    outcome = world.run()
    assert (outcome.status, outcome.reason, outcome.retryable) == (status, reason, retryable)
    assert "execute-github" not in world.log
    assert not any(line.startswith("bring") for line in world.log), "half a work is never taken in"


def test_what_a_failed_command_has_pushed_is_told_and_remembered():
    world = World()
    world.ends = {"prime": CommandEnded(outcome="FAILED", cause="API Error: 529", advice="try again later")}
    world.pushes = {"prime": arriving(**{BRANCH: "h2"})}
    outcome = world.run()
    assert "API Error: 529: try again later (it has pushed h2" in outcome.message
    assert world.remembered == [("h2", ())]


def test_a_cause_that_will_not_go_away_is_not_retried():
    world = World()
    world.ends = {"prime": CommandEnded(outcome="FAILED", cause="Invalid API key", retryable=False)}
    assert not world.run().retryable


@pytest.mark.parametrize("idle", [False, Missing("gone")])
def test_the_mark_stays_until_the_server_says_idle(idle):
    world = World()
    world.idle = [True, idle]
    world.run()
    assert world.is_busy


@pytest.mark.parametrize(("idle", "is_told"), [(False, True), (Missing("gone"), True), (True, False)])
def test_who_stops_us_is_told_that_scar_goes_on(idle, is_told):
    world = World()
    world.idle = [True, idle]
    world.invoke = lambda invocation: (world.stop.set(), CommandEnded(outcome="STOPPED"))[1]
    assert world.run().status == "stopped"
    assert bool(world.told) is is_told
    assert all("goes on there" in sentence and "`devteam resume`" in sentence for sentence in world.told)


def test_a_stop_before_a_step_begins_nothing_more():
    world = World()
    world.stop.set()
    assert world.run().status == "stopped"
    assert world.log == ["hold", "give back"]


@pytest.mark.parametrize("where", ["prime", "execute-github"])
def test_a_server_that_goes_away_breaks_the_errand_and_leaves_its_mark(where):
    world = World()
    world.ends = {where: Missing("SCAR is not available")}
    world.idle = [True, Missing("SCAR is not available")]
    with pytest.raises(Missing):
        world.run()
    assert world.is_busy
    assert world.log[-1] == "give back"


def test_a_remote_that_goes_away_is_told():
    world = World()
    world.pushes = {"execute-github": RemoteUnreachable("gone")}
    with pytest.raises(RemoteUnreachable):
        world.run()


def test_what_an_earlier_attempt_left_counts_as_come():
    world = World()
    world.held = Conversation(conversation="c1", left="h2")
    world.heads = arriving(**{BRANCH: "h2"})
    assert world.run().onto == "h2"


def test_branches_that_never_stand_still_end_it():
    world = World()
    world.fetch = lambda branches: False
    assert world.run().reason == "still-moving"


def test_of_a_branch_that_begins_at_a_newer_base_only_its_own_work_is_taken():
    world = World()
    world.contains |= {"m2": {"b0"}}
    world.meets = "m2"
    world.pushes = {"execute-github": arriving(**{"a-1-1-1": "n1"})}
    assert world.run().status == "finished"
    assert "bring n1 since m2" in world.log


@pytest.mark.parametrize("branch", [BRANCH, "a-1-1-1"])
def test_work_that_cannot_be_told_from_a_newer_base_is_for_a_person(branch):
    world = World()
    world.contains |= {"m2": {"b0"}}
    world.meets, world.conflicts = "m2", True
    world.pushes = {"execute-github": arriving(**{branch: "h2"})}
    outcome = world.run()
    assert (outcome.reason, outcome.retryable) == ("newer-base", False)


def test_only_words_are_wanted_of_a_plan():
    world = World(commands=("prime", "plan-feature-github"))
    world.pushes = {"plan-feature-github": arriving(**{"a-1-1-1": "n1"})}
    outcome = world.run(only_plan=True)
    assert (outcome.status, outcome.message) == ("finished", "All done.")
    assert "push" not in world.log


def test_of_a_plan_the_last_commands_words_count():
    world = World(commands=("prime", "plan-feature"))
    world.ends = {"plan-feature": CommandEnded(outcome="COMPLETED", texts=())}
    assert world.run(only_plan=True).message == ""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (arriving(), arriving(**{BRANCH: "h2"}), f"git push --force origin h1:refs/heads/{BRANCH}"),
        ({"main": "b0"}, arriving(**{BRANCH: "h2"}), f"git push origin --delete {BRANCH}"),
        (arriving(), {"main": "b0"}, "stands at nothing now"),
    ],
)
def test_a_planner_that_moves_the_task_branch_is_for_a_person(before, after, told):
    world = World(commands=("plan-feature",))
    world.heads = before
    world.pushes = {"plan-feature": after}
    outcome = world.run(only_plan=True)
    assert (outcome.status, outcome.reason, outcome.retryable) == ("failed", "planner-pushed", False)
    assert told in outcome.message


# --- the repository


def test_a_missing_repository_is_cloned_and_its_name_checked():
    world = World()
    world.replies = {
        "repo app": [answers("Repository not found: app"), answers(SWITCHED)],
        "clone https://host.invalid/me/app.git": [answers("Repository cloned successfully!\n\nCodebase: app")],
    }
    world.run()
    assert [line for line in world.log if line.startswith("/")] == [
        "/repo app", "/clone https://host.invalid/me/app.git", "/repo app",
    ]  # fmt: skip


def test_a_prefix_that_fits_is_not_the_repository():
    world = World()
    world.replies = {
        "repo app": [answers("Switched to: app-old\n✓ Loaded 3 commands\n\nReady to work!"), answers(SWITCHED)],
        "clone https://host.invalid/me/app.git": [answers("Repository cloned successfully!")],
    }
    world.run()
    assert "prime" in world.log


def test_a_name_with_leading_digits_is_asked_for_by_its_number():
    world = World(repository="2048-game")
    world.replies = {
        "repo 2048-game": [answers("Switched to: other\n✓ Loaded 3 commands")],
        "repos": [answers("Repositories:\n\n1. other\n2. 2048-game\n\nUse /repo <number|name> to switch")],
        "repo 2": [answers("Switched to: 2048-game\n✓ Loaded 3 commands")],
    }
    world.run()
    assert "prime" in world.log
    assert not any("clone" in line for line in world.log)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("Switched to: app\n\nReady to work!", "scar-no-commands"),
        ("⚠️ Error: odd. Try /reset if issue persists.", "scar-repository"),
    ],
)
def test_without_the_repository_nothing_is_commanded(reply, reason):
    world = World()
    world.replies = {"repo app": [answers(reply)]}
    outcome = world.run()
    assert (outcome.reason, outcome.retryable) == (reason, False)
    assert "prime" not in world.log


def test_a_clone_that_fails_is_told_in_the_servers_words():
    world = World()
    world.replies = {"clone https://host.invalid/me/app.git": [answers("Failed to clone repository: no such host")]}
    outcome = world.run()
    assert outcome.reason == "scar-repository"
    assert "no such host" in outcome.message


def test_a_switch_that_does_not_end_is_a_timeout():
    world = World()
    world.replies = {"repo app": [CommandEnded(outcome="TIMED_OUT", cause="no answer")]}
    assert world.run().status == "timed-out"


# --- words


def test_each_command_gets_what_its_file_asks_for_and_the_runs_id():
    orders = invocations(
        ScarConfig(command_timeouts={"prime": 60}),
        ASSIGNMENT,
        ("prime", "plan-feature-github", "execute-github", "mine"),
    )
    prime, plan, execute, mine = orders
    assert prime.arguments == ("devteam-run:r1",)
    assert prime.timeout_s == 60
    assert execute.arguments == (".agents/plans/task-1-1-1-words.md", BRANCH, "devteam-run:r1")
    for order in (plan, mine):
        (text,) = order.arguments
        assert BRANCH in text
        assert "devteam-run:r1" in text
        assert "Open no pull request" in text
        assert text.endswith("Write hello.")
    assert ".agents/plans/" in plan.arguments[0]
    assert ".agents/plans/" not in mine.arguments[0]


@pytest.mark.parametrize(
    ("address", "setting", "name"),
    [
        ("https://github.com/me/app.git", "", "app"),
        ("git@github.com:app.git", "", "app"),
        ("file:///srv/my.github.io/", "", "my.github.io"),
        ("https://github.com/me/my.github.io", "", "my.github.io"),
        ("https://github.com/me/app.git", "other", "other"),
        ("", "", ""),
    ],
)
def test_the_repositorys_name_is_the_last_part_of_its_address(address, setting, name):
    assert repository_of(ScarConfig(repository=setting), address) == name


def test_replies_are_read_strictly():
    assert switch((), "app").answer == "refused"
    assert switch(("noise", "Switched to: app\n✓ Loaded 0 commands"), "app").answer == "no-commands"
    assert switch(("Switched to: app \n✓ Loaded 1 command",), "app").answer == "switched"
    assert switch(("I have Switched to: app\n✓ Loaded 1 command",), "app").answer == "refused"
    assert is_cloned(("Repository already cloned.\n\nCodebase: app",))
    assert not is_cloned(("Was Repository cloned successfully!",))
    assert number_of(("1. app-old\n2. app",), "app") == 2
    assert number_of(("1. app\n2. app",), "app") is None


def test_last_words_are_cut():
    assert last_words(()) == ""
    assert len(last_words(("x" * 1000,))) == 401


def test_several_lines_of_last_words_are_one_line_of_a_reason():
    world = World()
    world.invoke = lambda invocation: CommandEnded(outcome="COMPLETED", texts=("## Summary\n\n- Done",))
    assert world.run().message.endswith("its last words: ## Summary - Done")


def test_of_several_branches_the_task_branch_is_remembered_as_scars():
    world = World()
    world.pushes = {"execute-github": arriving(**{BRANCH: "h2", "b-1-1-1": "n1"})}
    outcome = world.run()
    assert outcome.reason == "several-arrived"
    assert f"delete all but {BRANCH}" in outcome.message
    assert world.remembered == [("h2", ())]
