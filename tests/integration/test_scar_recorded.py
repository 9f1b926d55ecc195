"""Every recorded run of the real server, replayed: the right outcome, and what a simpler rule would have said."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest

from devteam_action.scar.client import Ended, ScarClient
from devteam_action.scar.conversation import project_id_of
from devteam_action.scar.sync import SyncScar
from tests.fakes.scar import FakeScar, Recording, recording, recordings

pytestmark = pytest.mark.skipif(not recordings.is_there(), reason="the recorded runs are not beside the checkout")
PROJECT = project_id_of("acme/app")
SPEED = 40.0

# file: outcome, cause, how many messages of its own the run has
EXPECTED: dict[str, tuple[str, str, int]] = {
    "api-429": ("FAILED", "rate-limit", 2),
    "api-529": ("FAILED", "overloaded", 2),
    "args": ("COMPLETED", "", 1),
    "background-tool": ("COMPLETED", "", 2),
    "batch-empty": ("FAILED", "empty-reply", 1),
    "batch-error400": ("FAILED", "crashed", 2),
    "batch-long": ("COMPLETED", "", 3),
    "batch-tools": ("COMPLETED", "", 2),
    "codex-auth-failed": ("FAILED", "empty-reply", 0),
    "codex-tools": ("COMPLETED", "", 4),
    "empty": ("FAILED", "empty-reply", 0),
    "end-marker": ("COMPLETED", "", 3),
    "imitated-tool-line": ("COMPLETED", "", 1),
    "max-tokens": ("FAILED", "token-limit", 3),
    "misc-tools": ("COMPLETED", "", 12),
    "multiline-tool": ("COMPLETED", "", 2),
    "no-codebase": ("FAILED", "configuration", 1),
    "prompt-too-long": ("FAILED", "prompt-too-long", 2),
    "question": ("COMPLETED", "", 1),
    "queued-on-one-conversation": ("COMPLETED", "", 2),
    "refusal": ("FAILED", "refusal", 3),
    "repo-missing": ("FAILED", "configuration", 1),
    "silent-tool": ("COMPLETED", "", 3),
    "status-fresh": ("COMPLETED", "", 1),
    "subagent": ("COMPLETED", "", 3),
    "toolfail": ("COMPLETED", "", 3),
    "tools": ("COMPLETED", "", 12),
    "unknown-command": ("FAILED", "configuration", 1),
}


def test_every_recorded_run_is_in_the_table():
    assert sorted(EXPECTED) == recordings.names()


@dataclass(frozen=True)
class Replayed:
    """The run as our client saw it, and the replies to the switch before it."""

    ended: Ended
    told: list[tuple[int, str]]


def replayed(played: Recording, *, busy_list: bool = True, speed: float = SPEED) -> Replayed:
    """Sends what the recording is about, after the switch that was recorded before it."""
    told: list[tuple[int, str]] = []
    with FakeScar.serve(speed=speed) as scar, SyncScar(ScarClient(scar.url, poll_interval_s=0.02)) as client:
        scar.replay(played)
        if not busy_list:
            scar.fault("no-busy-list", path="/health/concurrency", times=10_000)
        conversation = client.conversation(PROJECT)
        if played.repo is not None and played.repo is not played.command:
            scar.post(conversation, played.repo.text)
            while scar.lanes.is_busy(conversation):
                pass
        name, _, rest = played.command.text.removeprefix("/command-invoke ").partition(" ")
        if played.command.text.startswith("/command-invoke"):
            sent = client.send_command(PROJECT, name, recorded_arguments(rest))
        else:
            words = played.command.text[1:].split()
            sent = client.send_slash(PROJECT, words[0], words[1:])
        assert sent.text == played.command.text
        ended = client.wait_for_completion(
            PROJECT, sent, on_message=lambda index, message: told.append((index, message.message)), timeout_s=30
        )
        assert not scar.problems
    return Replayed(ended, told)


def recorded_arguments(rest: str) -> list[str]:
    from tests.fakes.scar.prompts import tokens

    return tokens(rest)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_recorded_run_ends_as_it_did(name):
    played = recording(name)
    run = replayed(played)
    outcome, cause, count = EXPECTED[name]
    assert (run.ended.outcome, run.ended.cause) == (outcome, cause)
    assert not run.ended.still_busy
    texts = [text for _, text in played.command.messages]
    assert len(texts) == count
    assert run.told == list(enumerate(texts))
    assert [each.message for each in run.ended.messages] == texts


@pytest.mark.parametrize("name", [name for name in sorted(EXPECTED) if name not in ("repo-missing", "status-fresh")])
def test_without_a_busy_list_the_end_marker_tells_the_same(name):
    run = replayed(recording(name), busy_list=False, speed=200)
    assert (run.ended.outcome, run.ended.cause) == EXPECTED[name][:2]


# --- the simpler rule, for comparison


def two_quiet_polls(played: Recording, interval_s: float = 2.0) -> tuple[float, int]:
    """When the rule "no new message in two polls" calls the run over, and with how many of its messages.

    As the known client does it: polls every two seconds from the POST on, the reply to the switch counted as output.
    """
    before = len(played.repo.messages) if played.repo is not None and played.repo is not played.command else 0
    seen, quiet = 0, 0
    for poll in itertools.count():
        now = poll * interval_s
        count = before + sum(1 for at, _ in played.command.messages if at <= now)
        quiet = 0 if count > seen else quiet + 1
        seen = count
        if quiet >= 2:
            return now, seen - before
    raise AssertionError


def test_silence_would_have_been_wrong_for_most():
    """The table to look at is printed with `-s`."""
    right = 0
    for name, (outcome, cause, count) in EXPECTED.items():
        played = recording(name)
        at, seen = two_quiet_polls(played)
        is_right = outcome == "COMPLETED" and seen == count and at >= played.command.ends_s
        right += is_right
        print(
            f"{name:28} {outcome:10} {cause:16} {count:3} messages, {played.command.ends_s:5.1f} s"
            f" | two quiet polls: completed at {at:4.1f} s with {seen:2} {'right' if is_right else 'WRONG'}"
        )
    print(f"two quiet polls: {right} of {len(EXPECTED)} (ours: each row is a test of its own, above)")
    assert right < len(EXPECTED) / 2
