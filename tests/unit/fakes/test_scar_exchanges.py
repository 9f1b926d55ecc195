"""The fake SCAR answers the recorded exchanges byte for byte, and keeps the measured rules."""

from __future__ import annotations

import http.client
import json
import re
from urllib.parse import urlsplit

import pytest

from tests.fakes.scar import FakeScar, Turn, recordings, wait_until
from tests.fakes.scar.prompts import filled, tokens

needs_recordings = pytest.mark.skipif(not recordings.is_there(), reason="the recorded runs are not beside the checkout")
STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
TOO_LONG = json.dumps({"conversationId": "w1", "message": "x" * 102_400})


@pytest.fixture
def scar():
    with FakeScar.serve(speed=100) as served:
        yield served


@pytest.fixture
def wire(scar):
    with Wire(scar) as opened:
        yield opened


class Wire:
    """One plain connection, so that no client library helps."""

    def __init__(self, scar: FakeScar) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(scar.url).netloc, timeout=5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def ask(self, method, path, body=b"", headers=None):
        self.connection.request(method, path, body or None, headers or {})
        answer = self.connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


@needs_recordings
def test_every_recorded_exchange_is_answered_byte_for_byte(scar, wire):
    data = json.loads((recordings.FOLDER / "http-exchanges.json").read_text(encoding="utf-8"))
    stamp = "2026-11-20T21:19:17.877Z"
    for exchange in data["exchanges"]:
        method, path, body, headers = exchange["request"]
        if body.startswith("(a body over"):
            body = TOO_LONG
        if method in ("POST", "PUT") and "content-type" not in headers:
            headers = {"Content-Type": "application/json", **headers}
        if path == "/test/messages/w1" and method == "GET":
            wait_until(lambda: bool(scar.texts("w1")))
            scar.stamp("w1", stamp)
        status, given, answered = wire.ask(method, path, body.encode(), headers)
        assert status == exchange["status"], path
        for name, value in exchange["headers"].items():
            assert given[name] == value, (method, path, body[:40], name)
        wanted = exchange["body"]
        if wanted.startswith("(html error page) "):
            text = answered.decode().replace("&#39;", "'").replace("&quot;", '"')
            said = wanted.removeprefix("(html error page) ").replace("&#39;", "'")
            assert f"<pre>{said}" in text
        else:
            assert answered == wanted.encode()


def test_a_conversation_is_busy_before_the_post_is_answered_until_after_its_last_message(scar, wire):
    held = []
    scar.linger_s = 0.2

    def agent(turn: Turn) -> None:
        turn.wait(10)
        turn.say("one")
        held.append(scar.lanes.is_busy("c1"))

    scar.repository("demo-app")
    scar.agent = agent
    for text in ("/repo demo-app", "/command-invoke prime"):
        wire.ask("POST", "/test/message", json.dumps({"conversationId": "c1", "message": text}).encode(), JSON)
        assert busy(wire) == ["c1"]
    wait_until(lambda: "one" in scar.texts("c1"))
    assert busy(wire) == ["c1"]
    wait_until(lambda: busy(wire) == [])
    assert held == [True]


def test_above_the_limit_everything_waits_and_an_empty_queue_may_be_shown():
    with FakeScar.serve(speed=100, limit=1) as scar, Wire(scar) as wire:
        scar.repository("demo-app")
        scar.agent = lambda turn: turn.wait(20)
        for name, text in (("c1", "/repo demo-app"), ("c1", "/command-invoke prime"), ("c2", "/status")):
            wire.ask("POST", "/test/message", json.dumps({"conversationId": name, "message": text}).encode(), JSON)
        scar.lanes.leave_empty_queue("c3")
        shown = json.loads(wire.ask("GET", "/health/concurrency")[2])
        assert shown["activeConversationIds"] == ["c1"]
        assert {"conversationId": "c2", "queuedMessages": 1} in shown["queuedByConversation"]
        assert {"conversationId": "c3", "queuedMessages": 0} in shown["queuedByConversation"]
        wait_until(lambda: bool(scar.texts("c2")))


def test_an_empty_id_in_the_path_clears_everyone(scar, wire):
    scar.append("c1", "one")
    scar.append("c2", "two")
    wire.ask("DELETE", "/test/messages/")
    assert scar.texts("c1") == scar.texts("c2") == []


def test_an_id_in_the_path_clears_that_conversation_alone(scar, wire):
    scar.append("c1", "one")
    scar.append("c2", "two")
    wire.ask("DELETE", "/test/messages/c1")
    assert (scar.texts("c1"), scar.texts("c2")) == ([], ["two"])


@pytest.mark.parametrize(("size", "status"), [(102_400, 200), (102_401, 413)])
def test_a_body_has_so_many_bytes_and_no_more(wire, size, status):
    frame = json.dumps({"conversationId": "c1", "message": ""})
    body = json.dumps({"conversationId": "c1", "message": "x" * (size - len(frame))}).encode()
    assert len(body) == size
    assert wire.ask("POST", "/test/message", body, JSON)[0] == status


def test_a_restart_forgets_the_mode(scar, wire):
    scar.repository("demo-app")
    wire.ask("PUT", "/test/mode", b'{"mode": "batch"}', JSON)
    for is_batch in (True, False):
        for text in ("/repo demo-app", "/command-invoke prime"):
            scar.post("c1", text)
        wait_until(lambda: not scar.lanes.is_busy("c1"))
        assert ("The agent is on the case..." in scar.texts("c1")) is is_batch
        if is_batch:
            scar.restart()


def test_a_restart_loses_messages_and_queue_and_keeps_the_codebase(scar):
    scar.repository("demo-app")
    scar.post("c1", "/repo demo-app")
    wait_until(lambda: bool(scar.texts("c1")))
    url = scar.url
    scar.restart()
    assert scar.url == url
    assert scar.texts("c1") == []
    scar.post("c1", "/command-invoke prime")
    wait_until(lambda: scar.texts("c1") == ["Done: prime"])


@pytest.mark.parametrize(
    ("wanted", "answer"),
    [
        ("demo-app", "Switched to: demo-app"),
        ("dem", "Switched to: demo-app"),
        ("2048-game", "Repository not found: 2048-game"),
        ("3d-app", "Switched to: demo-app"),
        ("not-there", "Repository not found: not-there"),
    ],
)
def test_a_name_is_an_index_first_and_a_prefix_last(scar, wanted, answer):
    for name in ("aaa", "bbb", "demo-app", "3d-app-x"):
        scar.repository(name)
    scar.slash.codebases.pop("3d-app-x")
    scar.post("c1", f"/repo {wanted}")
    wait_until(lambda: bool(scar.texts("c1")))
    assert scar.texts("c1")[0].startswith(answer)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"one two" three', ["one two", "three"]),
        ('"it\'s ok" x', ["it's ok", "x"]),
        ("'say \"hi\"' x", ['say "hi"', "x"]),
        (r'"a\"b" c', ["a\\", 'b"', "c"]),
        ('"" x', ["", "x"]),
        ('"one\ntwo" x', ["one\ntwo", "x"]),
        ('"tail', ['"tail']),
        ('--flag="x y" z', ['--flag="x', 'y"', "z"]),
        ("“a b” c", ["“a", "b”", "c"]),
    ],
)
def test_arguments_are_split_as_measured(text, expected):
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("template", "arguments", "expected"),
    [
        ("[$1] [$2]", ["one", "two"], "[one] [two]"),
        ("[$1] [$2]", ["$2", "two"], "[two] [two]"),
        ("[$1]", ["a$$b"], "[a$b]"),
        ("[$1]", ["$&"], "[$1]"),
        ("x[$1]y", ["$'"], "x[]y]y"),
        ("[$1]", [r"\$"], "[$]"),
        ("[$10]", ["one"], "[one0]"),
        ("[$3]", ["one"], "[$3]"),
        ("$ARGUMENTS", ["a b", "c"], "a b c"),
    ],
)
def test_placeholders_are_filled_as_measured(template, arguments, expected):
    assert filled(template, arguments) == expected


JSON = {"Content-Type": "application/json"}


def busy(wire: Wire) -> list[str]:
    return json.loads(wire.ask("GET", "/health/concurrency")[2])["activeConversationIds"]
