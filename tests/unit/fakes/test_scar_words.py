"""The fake's rules say, without any replay, what the real server was recorded to say."""

from __future__ import annotations

import json

import pytest

from tests.fakes.scar import CRASHED, FakeScar, Turn, recordings, wait_until

pytestmark = pytest.mark.skipif(not recordings.is_there(), reason="the recorded runs are not beside the checkout")


def by_our_rules(name, agent=None):
    """What the fake answers to the posts of a recording, and what was recorded."""
    data = json.loads((recordings.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    posts = [script.text for script in recordings.recording(name).scripts]
    with FakeScar.serve(speed=1000) as scar:
        for other in ("2048-game", "aaa", "bbb"):
            scar.repository(other)
        demo = scar.repository("demo-app", count=24)
        demo.commands["plan-feature-github"] = "ARGS first=[$1] second=[$2] third=[$3] all=[$ARGUMENTS]"
        demo.commands.update(
            {f"sc-{each}": "" for each in ("sleepbash", "error400", "empty", "maxtok", "tools", "silent")}
        )
        scar.agent = agent or scar.agent
        for text in posts:
            scar.post("c1", text)
        wait_until(lambda: not scar.lanes.is_busy("c1"))
        assert not scar.problems
        return scar.texts("c1"), [each["message"] for each in data["get"]["messages"]]


def slept(turn: Turn) -> None:
    turn.tool("Bash", "sleep 3; echo hi")
    turn.wait(3)
    turn.say("slept")


def silent(turn: Turn) -> None:
    turn.say("Starting a long build.")
    turn.tool("Bash", "sleep 25; echo built")
    turn.wait(25)
    turn.say("Build finished.")


@pytest.mark.parametrize(
    ("name", "agent"),
    [
        ("no-codebase", None),
        ("repo-missing", None),
        ("unknown-command", None),
        ("args", lambda turn: turn.say(turn.prompt)),
        ("empty", lambda turn: None),
        ("prompt-too-long", lambda turn: turn.fail("Prompt is too long")),
        ("end-marker", silent),
    ],
)
def test_the_rules_say_what_was_recorded(name, agent):
    ours, recorded = by_our_rules(name, agent)
    assert ours == recorded


def test_a_fresh_conversation_is_told_about_as_recorded():
    ours, recorded = by_our_rules("status-fresh")
    # The long help text is the server's own; ours has only the beginning of it.
    assert [ours[0], *ours[2:]] == [recorded[0], *recorded[2:]]
    assert ours[1].splitlines()[0] == recorded[1].splitlines()[0]


def test_what_is_queued_behind_a_run_is_answered_in_order():
    ours, recorded = by_our_rules("queued-on-one-conversation", slept)
    assert ours[:3] == recorded[:3]
    assert ours[3].splitlines()[:-1] == recorded[3].splitlines()[:-1]
    assert ours[3].splitlines()[-1].startswith("Active Session: ")
    assert ours[4] == recorded[4]


@pytest.mark.parametrize("name", ["tools", "misc-tools", "toolfail", "subagent"])
def test_lines_of_tools_are_cut_as_recorded(name):
    """Fed with a longer text that begins like the recorded one, the fake cuts it at the same place."""
    _, recorded = by_our_rules(name)
    tools = [text.split("\n", 1) for text in recorded if text.startswith("🔧 ")]

    def agent(turn: Turn) -> None:
        for mark, brief in tools:
            was_cut = brief.endswith("...")
            turn.tool(mark.removeprefix("🔧 "), brief.removesuffix("...") + "x" * 50 if was_cut else brief)

    with FakeScar.serve(speed=1000) as scar:
        scar.repository("demo-app")
        scar.agent = agent
        scar.post("c1", "/repo demo-app")
        scar.post("c1", "/command-invoke prime")
        wait_until(lambda: not scar.lanes.is_busy("c1"))
        assert scar.texts("c1")[1:] == [text for text in recorded if text.startswith("🔧 ")]


def test_batch_mode_joins_texts_and_hides_tools():
    def agent(turn: Turn) -> None:
        turn.say("I'll look at the project first.")
        turn.tool("Bash", "ls")
        turn.say("Now writing a test.")
        turn.wait(70)
        if turn.command == "validate":
            turn.fail("Prompt is too long")

    with FakeScar.serve(speed=1000) as scar:
        scar.repository("demo-app")
        scar.agent, scar.mode, scar.display_name = agent, "batch", "CodingAgent"
        scar.post("c1", "/repo demo-app")
        scar.post("c1", "/command-invoke prime")
        scar.post("c1", "/command-invoke validate")
        wait_until(lambda: not scar.lanes.is_busy("c1"))
        start, still = "CodingAgent is on the case...", "⏱️ Still working... (1m 0s, 1 tool calls)"
        joined = "I'll look at the project first.\n\n---\n\nNow writing a test."
        assert scar.texts("c1")[1:] == [start, still, joined, start, still, CRASHED]
