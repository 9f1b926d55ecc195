"""What the server sends is read as it is, and what is no answer of its is told."""

from __future__ import annotations

import json

import pytest

from devteam_action.scar.messages import Busy, Concurrency, ScarMessagesResponse, decode


def test_messages_keep_text_order_and_time():
    body = (
        '{"conversationId":"c1","messages":[{"conversationId":"c1","message":"🔧 BASH\\nls","timestamp":'
        '"2026-11-20T20:46:56.735Z","direction":"sent","later":1},{"conversationId":"c1","message":"two"}]}'
    ).encode()
    answered = decode(body, ScarMessagesResponse)
    assert [each.message for each in answered.messages] == ["🔧 BASH\nls", "two"]
    assert answered.messages[0].timestamp == "2026-11-20T20:46:56.735Z"


def test_a_line_that_was_cut_within_a_character_is_read():
    # 100 UTF-16 units of a command end between the halves of an emoji: JavaScript sends the first half as an escape.
    body = b'{"conversationId":"c1","messages":[{"conversationId":"c1","message":"\\ud83d..."}]}'
    assert decode(body, ScarMessagesResponse).messages[0].message == "\N{REPLACEMENT CHARACTER}..."


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"null", b'"x"', b'{"conversationId":"c1"}', b'{"conversationId":3,"messages":"no"}', b"\xff",
        b'{"conversationId":"\\ud83d","messages":3}', b'{"a":"\\ud83d' + b"[" * 100_000,
    ],
    ids=range(9),
)  # fmt: skip
def test_what_is_no_list_of_messages_is_told(body):
    with pytest.raises(ValueError):
        decode(body, ScarMessagesResponse)


@pytest.mark.parametrize(
    ("active", "queued", "expected", "is_idle", "waits"),
    [
        ([], [], Busy(active=False, queued=0), True, False),
        (["c1"], [], Busy(active=True, queued=0), False, False),
        (["c1"], [("c1", 2)], Busy(active=True, queued=2), False, False),
        ([], [("c1", 1)], Busy(active=False, queued=1), False, True),
        ([], [("c1", 0)], Busy(active=False, queued=0), True, False),
        (["c10", "c"], [("c11", 3)], Busy(active=False, queued=0), True, False),
    ],
)
def test_a_conversation_is_found_in_the_busy_list(active, queued, expected, is_idle, waits):
    rows = [{"conversationId": name, "queuedMessages": count} for name, count in queued]
    body = json.dumps({"status": "ok", "activeConversationIds": active, "queuedByConversation": rows}).encode()
    busy = decode(body, Concurrency).of("c1")
    assert busy == expected
    assert (busy.is_idle, busy.waits) == (is_idle, waits)
