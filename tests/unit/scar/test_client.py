"""The client against canned answers: each answer of the server, and each way to have none."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
import respx

from devteam_action.errors import BadInput, ConfigError
from devteam_action.scar import sending
from devteam_action.scar.client import ScarClient, Sent
from devteam_action.scar.problems import ScarRefused, ScarStrange, ScarUnavailable, ScarUnsure
from devteam_action.scar.transport import Line
from devteam_action.scar.watching import Patience

URL = "http://scar.invalid:3000"
PROJECT = "a1"
CONVERSATION = "pm-project-a1"
MESSAGES = f"/test/messages/{CONVERSATION}"
PAGE = "<!DOCTYPE html><pre>Error: secret-stack-trace at /srv/scar</pre>"
IDLE = {"activeConversationIds": [], "queuedByConversation": []}
RUNS = {"activeConversationIds": [CONVERSATION], "queuedByConversation": []}
DROPPED = httpx.RemoteProtocolError("Server disconnected without sending a response.")


@pytest.fixture
def scar():
    with respx.mock(base_url=URL, assert_all_called=False) as router:
        yield router


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(sending, "_REFUSED_AGAIN_S", (0.0, 0.0))


def listed(*texts, **headers):
    rows = [{"conversationId": CONVERSATION, "message": text, "timestamp": "t", "direction": "sent"} for text in texts]
    return httpx.Response(200, json={"conversationId": CONVERSATION, "messages": rows}, headers=headers)


def accepted(request):
    return httpx.Response(200, json={"success": True, **json.loads(request.content)})


def using(work, **options):
    """Runs `work(client)` in a loop of its own."""

    async def run():
        async with ScarClient(URL, poll_interval_s=0.001, **options) as client:
            return await work(client)

    return asyncio.run(run())


def sent(**fields):
    return Sent(project_id=PROJECT, conversation=CONVERSATION, text="/command-invoke prime", **fields)


def waited(sent_message=None, **options):
    """How it ended, and what was told on the way."""
    told = []

    def work(client):
        return client.wait_for_completion(
            PROJECT,
            sent_message or sent(),
            on_message=lambda index, each: told.append((index, each.message)),
            **options,
        )

    return using(work), told


# --- reading


def test_messages_are_read(scar):
    scar.get(MESSAGES).mock(return_value=listed("one", "two"))
    assert [each.message for each in using(lambda client: client.get_messages(PROJECT))] == ["one", "two"]


def test_a_conversation_without_messages_is_empty(scar):
    scar.get(MESSAGES).mock(return_value=listed())
    assert using(lambda client: client.get_messages(PROJECT)) == ()


def test_our_own_messages_would_not_be_taken_for_scars(scar):
    rows = [{"conversationId": CONVERSATION, "message": way, "direction": way} for way in ("received", "sent")]
    scar.get(MESSAGES).mock(return_value=httpx.Response(200, json={"conversationId": CONVERSATION, "messages": rows}))
    assert [each.message for each in using(lambda client: client.get_messages(PROJECT))] == ["sent"]


def test_an_unchanged_list_costs_no_body(scar):
    tags = []

    def answer(request):
        tags.append(request.headers.get("if-none-match"))
        return httpx.Response(304, headers={"etag": 'W/"1"'}) if tags[-1] else listed("one", etag='W/"1"')

    scar.get(MESSAGES).mock(side_effect=answer)

    async def twice(client):
        first, second = await client.get_messages(PROJECT), await client.get_messages(PROJECT)
        return first, second, client.line.received

    first, second, received = using(twice)
    assert first == second
    assert len(first) == 1
    assert tags == [None, 'W/"1"']
    assert received < 200


def test_after_a_delete_the_etag_is_forgotten(scar):
    tags = []

    def answer(request):
        tags.append(request.headers.get("if-none-match"))
        return listed("one", etag='W/"1"')

    scar.get(MESSAGES).mock(side_effect=answer)
    scar.delete(MESSAGES).mock(return_value=httpx.Response(200, json={"success": True}))

    async def work(client):
        await client.get_messages(PROJECT)
        await client.clear_messages(PROJECT)
        await client.get_messages(PROJECT)

    using(work)
    assert tags == [None, None]


def test_a_get_on_a_dropped_connection_is_repeated_once(scar):
    scar.get(MESSAGES).mock(side_effect=[DROPPED, listed("one")])
    assert len(using(lambda client: client.get_messages(PROJECT))) == 1
    route = scar.get("/health/concurrency").mock(side_effect=DROPPED)
    with pytest.raises(ScarUnavailable):
        using(lambda client: client.is_busy(CONVERSATION))
    assert route.call_count == 2


def test_a_delete_on_a_dropped_connection_is_repeated_once(scar):
    route = scar.delete(MESSAGES).mock(side_effect=[DROPPED, httpx.Response(200, json={"success": True})])
    using(lambda client: client.clear_messages(PROJECT))
    assert route.call_count == 2


@pytest.mark.parametrize(
    ("problem", "calls"),
    [(httpx.ConnectError("refused"), 1), (httpx.ConnectTimeout("slow"), 1), (httpx.ReadTimeout("slow"), 1)],
)
def test_an_unreachable_server_is_said_to_be_that(scar, problem, calls):
    route = scar.get(MESSAGES).mock(side_effect=problem)
    with pytest.raises(ScarUnavailable) as raised:
        using(lambda client: client.get_messages(PROJECT))
    assert raised.value.message.startswith(f"SCAR is not available. Ensure SCAR is running at {URL}")
    assert raised.value.exit_code == 4
    assert route.call_count == calls
    scar.delete(MESSAGES).mock(side_effect=problem)
    with pytest.raises(ScarUnavailable):
        using(lambda client: client.clear_messages(PROJECT))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(502, html=PAGE), ScarStrange),
        (httpx.Response(404, html=PAGE), ScarStrange),
        (httpx.Response(200, html=PAGE), ScarStrange),
        (httpx.Response(400, html=PAGE), ScarStrange),
        (httpx.Response(500, json={"error": "Internal server error"}), ScarStrange),
        (httpx.Response(302, headers={"location": "http://elsewhere.invalid/"}), ScarStrange),
        (httpx.Response(200, json={"messages": 3}), ScarStrange),
        (httpx.Response(200, content=b"{", headers={"content-type": "application/json"}), ScarStrange),
        (httpx.Response(304), ScarStrange),
        (httpx.Response(400, json={"error": "no\n way"}), ScarRefused),
    ],
)
def test_an_answer_that_is_none_of_scars_is_told_without_its_page(scar, answer, kind):
    scar.get(MESSAGES).mock(return_value=answer)
    with pytest.raises(kind) as raised:
        using(lambda client: client.get_messages(PROJECT))
    assert "secret" not in f"{raised.value.message}{raised.value.remedy}"
    assert "<" not in raised.value.message
    assert "\n" not in raised.value.message


def test_an_answer_without_end_is_cut_off(scar):
    scar.get(MESSAGES).mock(return_value=listed("x" * 5000))
    with pytest.raises(ScarStrange, match="more than 1,000 bytes"):
        using(lambda client: client.get_messages(PROJECT), line=Line(URL, limit=1000))


@pytest.mark.parametrize("url", ["", "localhost:3000", "ftp://x", "http://"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ConfigError):
        ScarClient(url)


def test_a_login_in_the_address_is_not_shown():
    assert ScarClient("http://me:pass@scar.invalid:3001/base/").base_url == "http://scar.invalid:3001/base"


# --- sending


def posted(scar):
    return [json.loads(call.request.content)["message"] for call in scar.calls if call.request.method == "POST"]


def sending_answers(scar, post, *, busy=RUNS, messages=None):
    scar.get("/health/concurrency").mock(return_value=httpx.Response(200, json=busy))
    scar.get(MESSAGES).mock(side_effect=messages or (lambda _: listed("old")))
    return scar.post("/test/message").mock(side_effect=post)


def test_a_command_is_sent_once_with_a_marker_behind_it(scar):
    sending_answers(scar, accepted)
    given = using(lambda client: client.send_command(PROJECT, "prime", ["a b"]))
    command, marker = posted(scar)
    assert command == given.text == '/command-invoke prime "a b"'
    assert given.marker == f"Unknown command: {marker}"
    assert (given.baseline, given.ahead) == (1, 0)
    assert given.anchor is not None
    assert given.anchor.message == "old"


def test_every_marker_is_another(scar):
    sending_answers(scar, accepted)
    for _ in range(2):
        using(lambda client: client.send_command(PROJECT, "prime"))
    markers = posted(scar)[1::2]
    assert len(set(markers)) == 2


def test_the_servers_own_command_ends_by_its_marker_too(scar):
    sending_answers(scar, accepted)
    given = using(lambda client: client.send_slash(PROJECT, "repo", ["app"]))
    command, marker = posted(scar)
    assert (command, given.marker) == ("/repo app", f"Unknown command: {marker}")


def test_a_refused_connection_delivered_nothing_so_it_is_sent_again(scar):
    route = sending_answers(scar, [httpx.ConnectError("refused"), httpx.Response(200, json={"success": True})])
    using(lambda client: client.send_slash(PROJECT, "repo", ["app"], marked=False))
    assert route.call_count == 2
    route = sending_answers(scar, httpx.ConnectError("refused"))
    with pytest.raises(ScarUnavailable):
        using(lambda client: client.send_slash(PROJECT, "repo", ["app"], marked=False))
    assert route.call_count == 5


@pytest.mark.parametrize("problem", [DROPPED, httpx.ReadTimeout("slow"), httpx.WriteError("x"), httpx.ReadError("x")])
@pytest.mark.parametrize(
    ("busy", "after", "posts"),
    [
        pytest.param(RUNS, ("old",), 1, id="it runs"),
        pytest.param(IDLE, ("old", "new"), 1, id="it has answered"),
        pytest.param(IDLE, ("old",), 2, id="it was not taken"),
    ],
)
def test_after_a_lost_answer_it_looks_before_it_sends_again(scar, problem, busy, after, posts):
    lists = iter([listed("old"), listed(*after), listed(*after), listed(*after)])
    route = sending_answers(
        scar, [problem, httpx.Response(200, json={"success": True})], busy=busy, messages=lambda _: next(lists)
    )
    using(lambda client: client.send_slash(PROJECT, "repo", ["app"], marked=False))
    assert route.call_count == posts


def test_when_looking_tells_nothing_it_is_not_sent_again(scar):
    route = sending_answers(scar, DROPPED)
    scar.get("/health/concurrency").mock(return_value=httpx.Response(404, html=PAGE))
    with pytest.raises(ScarUnsure, match="not sent twice"):
        using(lambda client: client.send_command(PROJECT, "prime"))
    assert route.call_count == 1


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (httpx.Response(413, html=PAGE), ScarRefused, "size"),
        (httpx.Response(400, html=PAGE), ScarRefused, "could not read"),
        (httpx.Response(400, json={"error": "must be strings"}), ScarRefused, "must be strings"),
        (httpx.Response(400, json=["x"]), ScarRefused, "no reason"),
        (httpx.Response(400, content=b"{", headers={"content-type": "application/json"}), ScarRefused, "no reason"),
        (httpx.Response(500, json={"error": "Internal server error"}), ScarStrange, "500"),
        (httpx.Response(200, json={"hello": 1}), ScarStrange, "receipt"),
        (httpx.Response(200, json={"success": False}), ScarStrange, "receipt"),
    ],
)
def test_a_post_that_is_answered_badly_is_not_repeated(scar, answer, kind, words):
    route = sending_answers(scar, [answer])
    with pytest.raises(kind, match=words) as raised:
        using(lambda client: client.send_command(PROJECT, "prime"))
    assert "secret" not in raised.value.message
    assert route.call_count == 1


def test_too_long_a_message_is_refused_before_anything_is_sent(scar):
    with pytest.raises(BadInput):
        using(lambda client: client.send_command(PROJECT, "prime", ["x" * 200_000]))
    assert not scar.calls


@pytest.mark.parametrize("problem", [DROPPED, [httpx.Response(502, html=PAGE)], [httpx.Response(413, html=PAGE)]])
def test_a_marker_that_was_not_taken_for_certain_is_not_counted_on(scar, problem):
    answers = iter([httpx.Response(200, json={"success": True}), problem])

    def post(_):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer[0] if isinstance(answer, list) else answer

    sending_answers(scar, post)
    assert using(lambda client: client.send_command(PROJECT, "prime")).marker == ""


@pytest.mark.parametrize(
    ("active", "queued", "ahead"),
    [([], 0, 0), ([CONVERSATION], 0, 0), ([], 1, 0), ([CONVERSATION], 1, 1), ([CONVERSATION], 2, 2), ([], 2, 1)],
)
def test_it_is_known_whether_others_are_before_us(scar, active, queued, ahead):
    busy = {
        "activeConversationIds": active,
        "queuedByConversation": [{"conversationId": CONVERSATION, "queuedMessages": queued}],
    }
    sending_answers(scar, accepted, busy=busy)
    assert using(lambda client: client.send_command(PROJECT, "prime")).ahead == ahead


def test_without_a_busy_list_nobody_is_known_to_be_before_us(scar):
    sending_answers(scar, accepted)
    scar.get("/health/concurrency").mock(return_value=httpx.Response(404, html=PAGE))
    assert using(lambda client: client.send_command(PROJECT, "prime")).ahead == 0


# --- waiting


def polls(scar, *rounds):
    """Each round is (busy list, messages); exceptions are raised, the last round goes on for ever."""

    def of(place):
        left = [each[place] for each in rounds]

        def answer(_):
            value = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(value, Exception):
                raise value
            return value if isinstance(value, httpx.Response) else httpx.Response(200, json=value)

        return answer

    scar.get("/health/concurrency").mock(side_effect=of(0))
    scar.get(MESSAGES).mock(side_effect=of(1))


def test_messages_are_told_as_they_come_until_it_is_over(scar):
    polls(scar, (RUNS, listed()), (RUNS, listed("one")), (RUNS, listed("one")), (IDLE, listed("one", "two")))
    ended, told = waited()
    assert told == [(0, "one"), (1, "two")]
    assert (ended.outcome, ended.summary, ended.still_busy) == ("COMPLETED", "two", False)
    assert [each.message for each in ended.messages] == ["one", "two"]


def test_the_busy_list_is_read_before_the_messages(scar):
    polls(scar, (RUNS, listed("one")), (IDLE, listed("one")))
    waited()
    assert [call.request.url.path for call in scar.calls] == ["/health/concurrency", MESSAGES] * 2


def test_messages_can_be_streamed(scar):
    polls(scar, (RUNS, listed("one")), (IDLE, listed("one", "two")))
    endings = []

    async def work(client):
        stream = client.stream_messages_incremental(PROJECT, sent(), on_ended=endings.append)
        return [(each.index, each.message.message) async for each in stream]

    assert using(work) == [(0, "one"), (1, "two")]
    assert [each.outcome for each in endings] == ["COMPLETED"]


def test_an_error_in_the_text_is_a_failure(scar):
    crashed = "⚠️ Error: Claude Code process exited with code 1. Try /reset if issue persists."
    polls(scar, (IDLE, listed("Prompt is too long", crashed)))
    ended, _ = waited()
    assert (ended.outcome, ended.cause, ended.explanation) == ("FAILED", "prompt-too-long", "Prompt is too long")


def test_no_word_at_all_is_a_failure(scar):
    polls(scar, (RUNS, listed()), (IDLE, listed()))
    ended, _ = waited()
    assert (ended.outcome, ended.cause) == ("FAILED", "empty-reply")


def test_a_network_error_between_two_polls_is_survived(scar):
    polls(
        scar,
        (RUNS, listed("one")),
        (httpx.ConnectError("x"), httpx.ConnectError("x")),
        (httpx.ReadTimeout("x"), httpx.ReadTimeout("x")),
        (httpx.Response(502, html=PAGE), httpx.Response(502, html=PAGE)),
        (IDLE, listed("one", "two")),
    )
    told_people = []
    ended, told = waited(on_progress=told_people.append)
    assert told == [(0, "one"), (1, "two")]
    assert ended.outcome == "COMPLETED"
    assert told_people == ["SCAR does not answer; waiting for it"]


def test_a_restart_is_an_interruption(scar):
    polls(scar, (RUNS, listed("one")), (httpx.ConnectError("x"), httpx.ConnectError("x")), (IDLE, listed()))
    ended, _ = waited()
    assert (ended.outcome, ended.cause, ended.retryable) == ("INTERRUPTED", "restarted", False)


def test_a_server_that_stays_away_is_an_interruption(scar):
    polls(scar, (RUNS, listed("one")), (httpx.ConnectError("x"), httpx.ConnectError("x")))
    ended, _ = waited(patience=Patience(away_s=0.05))
    assert (ended.outcome, ended.cause, ended.still_busy) == ("INTERRUPTED", "unreachable", True)


def test_a_list_that_shrank_is_an_interruption(scar):
    polls(scar, (RUNS, listed("one", "two")), (RUNS, listed("three")), (IDLE, listed("three", "four")))
    ended, told = waited()
    assert (ended.outcome, ended.cause) == ("INTERRUPTED", "restarted")
    assert [text for _, text in told] == ["one", "two", "three", "four"]


def test_too_long_a_run_is_timed_out_and_still_busy(scar):
    polls(scar, (RUNS, listed("one")))
    ended, _ = waited(timeout_s=0.05)
    assert (ended.outcome, ended.still_busy) == ("TIMED_OUT", True)


def test_the_clients_own_patience_holds_where_none_is_given(scar):
    polls(scar, (RUNS, listed("one")))
    assert using(lambda client: client.wait_for_completion(PROJECT, sent()), timeout_s=0.05).outcome == "TIMED_OUT"


def test_the_queue_is_told_and_not_counted(scar):
    waits = {
        "activeConversationIds": [],
        "queuedByConversation": [{"conversationId": CONVERSATION, "queuedMessages": 1}],
    }
    polls(scar, *[(waits, listed())] * 20, (RUNS, listed()), (IDLE, listed("one")))
    told_people = []
    ended, _ = waited(on_progress=told_people.append, timeout_s=5)
    assert told_people == ["waiting for a free slot of SCAR"]
    assert ended.queued_s > 0.01


def test_long_silence_is_told_now_and_then():
    told_people = []
    now = iter(range(0, 10_000, 7))

    async def run():
        client = ScarClient(URL, poll_interval_s=1, clock=lambda: float(next(now)))
        await client.wait_for_completion(PROJECT, sent(), timeout_s=200, on_progress=told_people.append)
        await client.close()

    with respx.mock(base_url=URL) as router:
        polls(router, (RUNS, listed("one")))
        asyncio.run(run())
    assert told_people
    assert all(text.startswith("working, quiet for ") for text in told_people)
    assert len(told_people) <= 7


class Told:
    """A stop that somebody sets after so many looks at it."""

    def __init__(self, after):
        self.left = after

    def is_set(self):
        self.left -= 1
        return self.left < 0


def test_a_stop_of_ours_ends_the_waiting_and_not_the_run(scar):
    polls(scar, (RUNS, listed("one")))
    ended, _ = waited(stop=Told(3))
    assert (ended.outcome, ended.cause, ended.still_busy) == ("INTERRUPTED", "stopped", True)
    assert not [call for call in scar.calls if call.request.method != "GET"]


def test_without_busy_list_and_marker_a_long_silence_is_uncertain(scar):
    polls(scar, (httpx.Response(404, html=PAGE), listed("one")))
    ended, _ = waited(patience=Patience(quiet_s=0.05))
    assert (ended.outcome, ended.cause) == ("UNCERTAIN", "silent")


def test_a_run_behind_anothers_is_uncertain(scar):
    polls(scar, (IDLE, listed("theirs", "ours")))
    ended, _ = waited(sent(ahead=1))
    assert (ended.outcome, ended.cause) == ("UNCERTAIN", "shared")


def test_waiting_goes_on_after_a_restart_of_ours(scar):
    """What was sent is all that is needed: the same numbers come again."""
    polls(scar, (IDLE, listed("old", "one", "two", "Unknown command: /pm-end-1\n\nx")))
    for _ in range(2):
        ended, told = waited(sent(baseline=1, marker="Unknown command: /pm-end-1"))
        assert told == [(0, "one"), (1, "two")]
        assert ended.outcome == "COMPLETED"


def test_another_projects_message_is_not_waited_for(scar):
    with pytest.raises(ValueError, match="not the conversation"):
        using(lambda client: client.wait_for_completion("other", sent()))


def test_projects_at_the_same_time_do_not_mix(scar):
    for name in ("a1", "a2"):
        rows = [
            {"conversationId": f"pm-project-{name}", "message": f"{name} says", "timestamp": "t", "direction": "sent"}
        ]
        scar.get(f"/test/messages/pm-project-{name}").mock(
            return_value=httpx.Response(200, json={"conversationId": f"pm-project-{name}", "messages": rows})
        )
    scar.get("/health/concurrency").mock(return_value=httpx.Response(200, json=IDLE))

    async def both(client):
        runs = [
            client.wait_for_completion(name, Sent(project_id=name, conversation=f"pm-project-{name}", text="x"))
            for name in ("a1", "a2")
        ]
        return [ended.summary for ended in await asyncio.gather(*runs)]

    assert using(both) == ["a1 says", "a2 says"]
