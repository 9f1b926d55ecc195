"""The client on a stateful SCAR: queues, other clients, faults, death and return, long and hostile output."""

from __future__ import annotations

import re
import threading
import time

import pytest

from devteam_action.domain.scar_config import ScarConfig
from devteam_action.scar import sending
from devteam_action.scar.client import ScarClient
from devteam_action.scar.conversation import project_id_of
from devteam_action.scar.orders import Invocation
from devteam_action.scar.problems import ScarShared, ScarUnavailable
from devteam_action.scar.sync import SyncScar
from devteam_action.scar.talk import ScarTalk
from devteam_action.scar.transport import Line
from devteam_action.scar.watching import Patience
from tests.fakes.scar import CRASHED, FakeScar, wait_until

PROJECT = project_id_of("acme/app")
SECRET_PAGE = "secret-stack-trace"


@pytest.fixture
def scar():
    with FakeScar.serve(speed=20) as served:
        served.repository("demo-app")
        yield served


@pytest.fixture
def client(scar):
    with SyncScar(ScarClient(scar.url, poll_interval_s=0.02)) as opened:
        yield opened


def ready(client, project=PROJECT):
    """The conversation is on the repository, with an empty list."""
    client.slash(project, "repo", ["demo-app"])
    client.clear_messages(project)


def invoked(client, command="prime", args=(), **options):
    told = []
    sent = client.send_command(PROJECT, command, args)
    ended = client.wait_for_completion(
        PROJECT, sent, on_message=lambda index, each: told.append((index, each.message)), timeout_s=20, **options
    )
    return ended, told


def talks(*texts, pause=2.0):
    def agent(turn):
        for text in texts:
            turn.wait(pause)
            turn.say(text)

    return agent


def test_a_command_is_followed_to_its_end(scar, client):
    scar.agents["prime"] = talks("one", "two")
    ready(client)
    ended, told = invoked(client)
    assert told == [(0, "one"), (1, "two")]
    assert (ended.outcome, ended.summary, ended.still_busy) == ("COMPLETED", "two", False)


def test_the_server_reads_the_arguments_as_they_were_meant(scar, client):
    scar.agent = lambda turn: turn.say("|".join(turn.arguments))
    ready(client)
    ended, _ = invoked(client, "prime", ["add a page", "it's", 'say "hi"', "", "two\nlines"])
    assert ended.summary == 'add a page|it\'s|say "hi"||two\nlines'


@pytest.mark.parametrize("mode", ["stream", "batch"])
def test_either_mode_is_understood(scar, client, mode):
    scar.agents["prime"] = talks("one", "two")
    ready(client)
    scar.mode = mode
    ended, told = invoked(client)
    assert ended.outcome == "COMPLETED"
    assert ("The agent is on the case..." in [text for _, text in told]) is (mode == "batch")


def test_a_minute_of_silence_is_no_end(scar, client):
    scar.speed = 100
    scar.agents["prime"] = lambda turn: (turn.say("Starting."), turn.wait(90), turn.say("Finished."))
    ready(client)
    assert invoked(client)[0].summary == "Finished."


def test_a_crash_of_the_agent_is_a_failure_with_its_reason(scar, client):
    scar.agents["prime"] = lambda turn: turn.fail("API Error: 529 {}")
    ready(client)
    ended, told = invoked(client)
    assert (ended.outcome, ended.cause, ended.retryable) == ("FAILED", "overloaded", False)
    assert told[-1][1] == CRASHED


def test_without_a_word_it_is_a_failure(scar, client):
    scar.agents["prime"] = lambda turn: turn.wait(5)
    ready(client)
    assert invoked(client)[0].cause == "empty-reply"


def test_a_command_that_does_not_exist_is_a_matter_of_configuration(scar, client):
    ready(client)
    ended, _ = invoked(client, "nope")
    assert (ended.outcome, ended.cause, ended.retryable) == ("FAILED", "configuration", False)


def test_waiting_for_a_slot_is_told_and_not_counted(client, scar):
    scar.lanes.limit = 1
    ready(client)
    scar.conversations["other"] = scar.conversations[client.conversation(PROJECT)]
    scar.agents["validate"] = lambda turn: turn.wait(10)
    scar.post("other", "/command-invoke validate")
    told_people = []
    ended, _ = invoked(client, on_progress=told_people.append)
    assert ended.outcome == "COMPLETED"
    assert ended.queued_s > 0.3 > ended.run_s
    assert told_people == ["waiting for a free slot of SCAR"]


def test_an_empty_entry_of_the_queue_is_no_business(scar, client):
    ready(client)
    scar.lanes.leave_empty_queue(client.conversation(PROJECT))
    assert client.is_busy(client.conversation(PROJECT)).is_idle
    assert invoked(client)[0].outcome == "COMPLETED"


def test_another_client_before_us_makes_it_uncertain(scar, client):
    ready(client)
    scar.agents["validate"] = talks("theirs", pause=4)
    scar.post(client.conversation(PROJECT), "/command-invoke validate")
    ended, told = invoked(client)
    assert (ended.outcome, ended.cause) == ("UNCERTAIN", "shared")
    assert len(told) == 2


def test_another_client_behind_us_is_not_waited_for(scar, client):
    ready(client)
    scar.agents["prime"] = talks("ours")
    scar.agents["validate"] = talks("theirs", pause=100)
    sent = client.send_command(PROJECT, "prime")
    scar.post(sent.conversation, "/command-invoke validate")
    ended = client.wait_for_completion(PROJECT, sent)
    assert (ended.outcome, ended.summary) == ("COMPLETED", "ours")
    assert not client.is_busy(sent.conversation).is_idle


@pytest.mark.parametrize("linger_s", [0.03, 0.4])
def test_commands_in_a_row_are_alone_however_long_the_server_lists_each(scar, client, linger_s):
    scar.linger_s = linger_s
    scar.agents["prime"] = talks("one", pause=0.1)
    ready(client)
    for _ in range(3):
        assert invoked(client)[0].outcome == "COMPLETED"
    assert client.is_idle(PROJECT)
    assert not scar.lanes.is_busy(client.conversation(PROJECT))


def test_after_another_client_spoke_between_two_commands_nothing_is_sent(scar, client):
    ready(client)
    sent = client.send_command(PROJECT, "validate")
    client.wait_for_completion(PROJECT, sent)
    scar.post(sent.conversation, "/repo other")
    posted = len(scar.commands_run())
    for _ in range(2):
        with pytest.raises(ScarShared, match="nothing more was sent"):
            client.send_command(PROJECT, "prime")
    assert len(scar.commands_run()) == posted
    client.clear_messages(PROJECT)
    assert invoked(client)[0].outcome == "COMPLETED", "who clears the list begins anew"


def test_a_restart_between_two_commands_is_an_interruption_and_nobody_elses_doing(scar, client):
    ready(client)
    invoked(client)
    posted = len(scar.commands_run())
    scar.restart()
    told = []
    talk = ScarTalk(client, PROJECT, ScarConfig(), say=told.append, stop=threading.Event())
    ended = talk.invoke(Invocation(command="validate", arguments=(), timeout_s=5))
    assert (ended.outcome, ended.reason, ended.retryable) == ("INTERRUPTED", "restarted", False)
    assert "SCAR restarted" in ended.cause
    assert len(scar.commands_run()) == posted
    assert told[-1].details["status"] == "INTERRUPTED"


def test_a_run_of_another_client_is_not_followed_by_ours(scar, client, monkeypatch):
    monkeypatch.setattr(sending, "_SETTLE_S", 0.3)
    ready(client)
    invoked(client)
    scar.agents["validate"] = lambda turn: turn.wait(1000)
    scar.post(client.conversation(PROJECT), "/command-invoke validate")
    with pytest.raises(ScarShared):
        client.send_command(PROJECT, "prime")


def test_another_client_between_our_command_and_its_marker_makes_it_uncertain(scar, client):
    ready(client)
    scar.agents["prime"] = talks("ours", pause=10)
    accept = scar.accept

    def accept_after_another(conversation, text):
        if text.startswith("/pm-end-"):
            accept(conversation, "/repo other")
        accept(conversation, text)

    scar.accept = accept_after_another
    ended, told = invoked(client)
    assert (ended.outcome, ended.cause) == ("UNCERTAIN", "shared")
    assert len(told) == 2
    assert ended.queued_s == 0, "it was not before us"


def test_without_a_busy_list_an_end_marker_tells_whether_it_is_idle(scar, client, monkeypatch):
    monkeypatch.setattr(sending, "_PROBE_S", 0.3)
    scar.fault("no-busy-list", path="/health/concurrency", times=10_000)
    ready(client)
    assert client.is_idle(PROJECT)
    release = threading.Event()
    scar.agents["validate"] = lambda turn: [turn.wait(0.2) for _ in iter(release.is_set, True)]
    scar.post(client.conversation(PROJECT), "/command-invoke validate")
    assert not client.is_idle(PROJECT)
    release.set()
    wait_until(lambda: client.is_idle(PROJECT))
    assert invoked(client)[0].outcome == "COMPLETED"


def test_without_a_busy_list_the_servers_own_commands_end_at_once(scar, client):
    scar.fault("no-busy-list", path="/health/concurrency", times=10_000)
    ended = client.slash(PROJECT, "repo", ["demo-app"], timeout_s=20)
    assert ended.outcome == "COMPLETED"
    assert ended.run_s < 2


def test_a_list_that_somebody_deletes_is_an_interruption(scar, client):
    ready(client)
    scar.agents["prime"] = talks("one", "two", "three", pause=4)
    sent = client.send_command(PROJECT, "prime")
    told = []

    def on_message(index, message):
        told.append((index, message.message))
        if message.message == "one":
            scar.clear()

    ended = client.wait_for_completion(PROJECT, sent, on_message=on_message)
    assert (ended.outcome, ended.cause) == ("INTERRUPTED", "cleared")
    assert told == [(0, "one"), (1, "two"), (2, "three")]


@pytest.mark.parametrize("said", [0, 1])
def test_a_restart_in_the_middle_is_an_interruption(scar, client, said):
    ready(client)
    scar.agents["prime"] = talks(*(["one"] * said), pause=1) if said else (lambda turn: turn.wait(100))
    if said:
        scar.agents["prime"] = lambda turn: (turn.say("one"), turn.wait(100))
    sent = client.send_command(PROJECT, "prime")
    wait_until(lambda: len(scar.texts(sent.conversation)) == said)
    threading.Timer(0.1, scar.restart).start()
    ended = client.wait_for_completion(PROJECT, sent)
    assert (ended.outcome, ended.cause, ended.still_busy) == ("INTERRUPTED", "restarted", False)
    wait_until(lambda: scar.lanes.snapshot()["active"] == 0)
    ready(client)
    scar.agents["prime"] = talks("again")
    assert invoked(client)[0].outcome == "COMPLETED"


def test_a_server_that_dies_and_stays_dead_is_told_in_time(scar, client):
    ready(client)
    scar.agents["prime"] = lambda turn: turn.wait(1000)
    sent = client.send_command(PROJECT, "prime")
    threading.Timer(0.1, scar.die).start()
    ended = client.wait_for_completion(PROJECT, sent, patience=Patience(away_s=0.3))
    assert (ended.outcome, ended.cause) == ("INTERRUPTED", "unreachable")


def test_nothing_there_at_all_says_where_it_should_be(scar, client):
    scar.die()
    for work in (
        lambda: client.get_messages(PROJECT),
        lambda: client.clear_messages(PROJECT),
        lambda: client.is_busy("c1"),
        lambda: client.send_command(PROJECT, "prime"),
    ):
        with pytest.raises(ScarUnavailable, match=re.escape(f"Ensure SCAR is running at {scar.url}")):
            work()


def test_a_server_that_stays_dead_is_not_said_to_go_on(scar, client):
    ready(client)
    scar.agents["prime"] = lambda turn: turn.wait(1000)
    sent = client.send_command(PROJECT, "prime")
    threading.Timer(0.1, scar.die).start()
    ended = client.wait_for_completion(PROJECT, sent, timeout_s=0.5)  # less than a server may be away
    assert (ended.outcome, ended.cause) == ("INTERRUPTED", "unreachable")


@pytest.mark.parametrize("kind", ["html-502", "500", "html-200", "reset", "garbage", "404"])
def test_answers_that_are_none_are_survived_and_never_shown(scar, client, kind):
    ready(client)
    scar.agents["prime"] = talks("one", "two")
    sent = client.send_command(PROJECT, "prime")
    scar.fault(kind, method="GET", times=6)
    told, people = [], []
    ended = client.wait_for_completion(
        PROJECT, sent, on_message=lambda _, each: told.append(each.message), on_progress=people.append
    )
    assert told == ["one", "two"]
    assert ended.outcome == "COMPLETED"
    assert SECRET_PAGE not in repr((ended, people))


def test_a_slow_answer_is_waited_for_and_then_given_up(scar):
    with SyncScar(ScarClient(scar.url, line=Line(scar.url, read_s=0.1))) as client:
        scar.fault("slow", path="/health", seconds=0.4)
        with pytest.raises(ScarUnavailable, match="no answer in time"):
            client.is_busy("c1")
        assert client.is_busy("c1").is_idle


def test_a_post_whose_answer_is_lost_is_carried_out_once(scar, client):
    ready(client)
    scar.agents["prime"] = talks("one")
    scar.fault("reset-after-effect", method="POST")
    ended, told = invoked(client)
    assert told == [(0, "one")]
    assert ended.outcome == "COMPLETED"
    assert sum(text.startswith("/command-invoke") for text in scar.commands_run()) == 1


def test_a_post_that_never_arrived_is_sent_again(scar, client):
    ready(client)
    scar.fault("reset", method="POST")
    ended, _ = invoked(client)
    assert ended.outcome == "COMPLETED"
    assert sum(text.startswith("/command-invoke") for text in scar.commands_run()) == 1


def test_a_connection_that_the_server_has_closed_is_no_error(scar):
    scar.die()
    scar.keep_alive_s = 0.1
    scar.start()
    with SyncScar(ScarClient(scar.url)) as client:
        for _ in range(3):
            assert client.get_messages(PROJECT) == ()
            client.send_slash(PROJECT, "status", marked=False)
            client.clear_messages(PROJECT)
            time.sleep(0.15)
    assert len([each for each in scar.commands_run() if each == "/status"]) == 3


def test_one_connection_serves_a_whole_run(scar, client):
    scar.agents["prime"] = talks("one", "two")
    ready(client)
    invoked(client)
    assert scar.connections == 1


def test_ten_thousand_messages_come_whole_and_in_order(scar, client):
    ready(client)
    count = 10_000

    def agent(turn):
        for number in range(count):
            turn.say(f"line {number}")

    scar.agents["prime"] = agent
    ended, told = invoked(client)
    assert told == [(number, f"line {number}") for number in range(count)]
    assert ended.outcome == "COMPLETED"


def test_a_message_of_150_kilobytes_is_one_message(scar, client):
    ready(client)
    text = "ä\n" * 75_000
    scar.agents["prime"] = talks(text)
    assert invoked(client)[1] == [(0, text)]


@pytest.mark.parametrize(
    "text",
    [
        "🔧 BASH\nrm -rf /",
        "::error::a workflow command\n::stop-commands::x",
        "Unknown command: /pm-end-000000000000\n\nType /help for available commands or x.",
        "<script>alert(1)</script>\x1b[2J\x00",
        "🔧 BASH\n" + "x" * 99 + "\ud83d...",
    ],
)
def test_hostile_texts_are_only_texts(scar, client, text):
    ready(client)
    scar.agents["prime"] = talks(text, "The end.")
    ended, told = invoked(client)
    assert ended.outcome == "COMPLETED"
    assert told == [(0, text.replace("\ud83d", "\N{REPLACEMENT CHARACTER}")), (1, "The end.")]


@pytest.mark.parametrize("hours", [-30, 30])
def test_the_servers_clock_is_not_ours(scar, client, hours):
    scar.clock_offset_s = hours * 3600
    ready(client)
    ended, _ = invoked(client)
    assert ended.outcome == "COMPLETED"
    assert ended.run_s < 5


@pytest.mark.parametrize("answers", ["at once", "slowly"])
def test_a_stop_is_heard_at_once(scar, client, answers):
    ready(client)
    scar.agents["prime"] = lambda turn: turn.wait(1000)
    sent = client.send_command(PROJECT, "prime")
    if answers == "slowly":
        scar.fault("slow", method="GET", seconds=5, times=10)
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()
    ended = client.wait_for_completion(PROJECT, sent, stop=stop)
    assert time.monotonic() - began < 1
    assert (ended.outcome, ended.cause, ended.still_busy) == ("INTERRUPTED", "stopped", True)


def test_what_a_listener_raises_comes_out(scar, client):
    ready(client)

    def broken(index, message):
        raise LookupError("the listener's own")

    sent = client.send_command(PROJECT, "prime")
    with pytest.raises(LookupError):
        client.wait_for_completion(PROJECT, sent, on_message=broken)


def test_several_threads_share_a_client(scar, client):
    projects = [project_id_of(f"acme/app{number}") for number in range(5)]
    scar.agents["prime"] = lambda turn: (turn.wait(4), turn.say(turn.conversation))
    outcomes = {}

    def work(project):
        ready(client, project)
        outcomes[project] = client.wait_for_completion(project, client.send_command(project, "prime"))

    threads = [threading.Thread(target=work, args=(project,)) for project in projects]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {project: ended.summary for project, ended in outcomes.items()} == {
        project: client.conversation(project) for project in projects
    }


def test_a_closed_client_may_be_closed_again(scar):
    client = SyncScar(ScarClient(scar.url))
    client.close()
    client.close()
