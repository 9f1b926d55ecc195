import threading
import time

from devteam_action.domain.activity import Classifier
from devteam_action.pipeline.activity_stream import ActivityStream
from devteam_action.pipeline.bus import Bus
from devteam_action.pipeline.said import Said
from devteam_action.support.redact import Redactor
from tests.fakes.clock import FakeClock


class Seen:
    def __init__(self):
        self.activities = []
        self.first = threading.Event()

    def handle(self, event):
        raise AssertionError("activities come in batches")

    def handle_activities(self, events):
        self.activities += [event.activity for event in events]
        self.first.set()

    def close(self):
        pass


def a_stream(*secrets):
    seen = Seen()
    clock = FakeClock()
    bus = Bus(customer_id="o/r", task_id="1", run_id="r", clock=clock, redactor=Redactor(secrets), sinks=[seen])
    return seen, bus, ActivityStream(bus, Classifier(execution_id="r", project_id="o/r", source="x"), clock)


def test_every_line_arrives_in_order_and_numbered_from_0():
    seen, _, stream = a_stream("some-long-secret")
    lines = [f"line {number}" for number in range(10_000)]
    for line in lines:
        stream.line("stdout", line.encode())
    stream.close()
    assert [each.message for each in seen.activities] == lines
    assert [each.sequence_number for each in seen.activities] == list(range(10_000))


def test_a_line_is_seen_within_200_ms_while_the_child_goes_on():
    seen, _, stream = a_stream("some-long-secret")
    started = time.monotonic()
    stream.line("stdout", b"hello")
    assert seen.first.wait(2)
    waited = time.monotonic() - started
    stream.close()
    assert waited < 0.2 + 0.1  # the machine's own scheduling is not ours


def test_a_secret_broken_over_lines_is_hidden_also_between_the_streams_of_others():
    seen, _, stream = a_stream("broken-secret-value")
    for name, line in [("stdout", b"see broken-sec"), ("stderr", b"noise"), ("stdout", b"ret-value done")]:
        stream.line(name, line)
    stream.close()
    assert [each.message for each in seen.activities] == ["see ***", "noise", "*** done"]


def test_a_secret_at_the_edge_of_a_full_batch_is_hidden():
    seen, _, stream = a_stream("broken-secret-value")
    for _ in range(2047):
        stream.line("stdout", b"filler")
    stream.line("stdout", b"see broken-sec")
    stream.line("stdout", b"ret-value done")
    stream.close()
    assert [each.message for each in seen.activities[-2:]] == ["see ***", "*** done"]
    assert len(seen.activities) == 2049


def test_a_secret_with_colour_in_it_is_hidden():
    seen, _, stream = a_stream("coloured-secret")
    stream.line("stdout", b"a coloured\x1b[31m-secret\x1b[0m b")
    stream.close()
    assert [each.message for each in seen.activities] == ["a *** b"]


def test_bytes_that_are_no_text_are_shown_as_far_as_they_are():
    seen, _, stream = a_stream()
    stream.line("stdout", b"caf\xe9 \xff")
    stream.line("stdout", b"")
    stream.close()
    assert [each.message for each in seen.activities] == ["caf\ufffd \ufffd"]


def test_a_line_with_line_ends_is_one_message():
    seen, _, stream = a_stream()
    stream.line("stdout", "🔧 BASH\ncat <<'X'\na\nX\necho b".encode())
    stream.line("stdout", b"done\nreally")
    stream.close()
    assert [each.type for each in seen.activities] == ["bash_command", "agent_response", "agent_response"]


def test_a_stack_trace_that_comes_slowly_is_one_activity():
    seen, _, stream = a_stream()
    for line in (b"Traceback (most recent call last):", b"  File x", b"ValueError: y"):
        stream.line("stderr", line)
        time.sleep(0.07)
    stream.close()
    assert [(each.message, len(each.details["lines"])) for each in seen.activities] == [("ValueError: y", 3)]


def test_numbers_go_on_over_the_attempts_of_a_run():
    seen, bus, stream = a_stream()
    stream.line("stdout", b"one")
    stream.close()
    again = ActivityStream(bus, Classifier(execution_id="r", project_id="o/r", source="x"), FakeClock())
    again.line("stdout", b"two")
    again.close()
    assert [(each.id, each.message) for each in seen.activities] == [("r-0", "one"), ("r-1", "two")]


def test_the_lines_of_a_message_are_activities_that_name_it_and_a_tool_call_is_one():
    seen, _, stream = a_stream()
    stream.say(Said(text="first\n\nsecond", details={"messageIndex": 0, "sentAt": "2026-01-13T00:00:00.000Z"}))
    stream.say(Said(text="🔧 BASH\ncat <<'X'\n\nX\necho done", details={"messageIndex": 1}))
    stream.close()
    assert [(each.sequence_number, each.type, each.message) for each in seen.activities] == [
        (0, "agent_response", "first"),
        (1, "agent_response", "second"),
        (2, "bash_command", "cat <<'X'\n\nX\necho done"),
    ]
    assert [each.details["messageIndex"] for each in seen.activities] == [0, 0, 1]
    assert [each.output for each in seen.activities] == [None] * 3


def test_a_message_never_runs_on_into_the_next():
    seen, _, stream = a_stream()
    for number, text in enumerate(["🔧 BASH", "not a command", "Error: it broke", "    at the end", "🔧 SKILL", "{}"]):
        stream.say(Said(text=text, details={"messageIndex": number}))
    stream.close()
    assert [(each.message, each.details["messageIndex"]) for each in seen.activities] == [
        ("BASH", 0), ("not a command", 1), ("Error: it broke", 2), ("    at the end", 3), ("SKILL", 4), ("{}", 5),
    ]  # fmt: skip


def test_a_word_of_ours_is_one_activity_of_its_type_between_the_tools_words_in_order():
    seen, _, stream = a_stream()
    stream.line("stdout", b"before")
    stream.say(Said(text="PRIME: RUNNING", type="progress", verbosity=1, details={"name": "prime"}))
    stream.say(Said(text="after"))
    stream.close()
    assert [(each.message, each.type, each.verbosity) for each in seen.activities] == [
        ("before", "agent_response", 3),
        ("PRIME: RUNNING", "progress", 1),
        ("after", "agent_response", 3),
    ]


def test_a_secret_in_a_message_or_in_its_details_is_hidden():
    seen, _, stream = a_stream("some-long-secret")
    stream.say(Said(text="see some-long-\nsecret", details={"cause": "some-long-secret"}))
    stream.close()
    shown = [each.message + str(each.details) for each in seen.activities]
    assert not [text for text in shown if "some-long" in text or "secret" in text]


def test_ten_thousand_messages_arrive_whole_and_in_order():
    seen, _, stream = a_stream("some-long-secret")
    for number in range(10_000):
        stream.say(Said(text=f"a {number}\nb {number}", details={"messageIndex": number}))
    stream.close()
    assert [(each.message, each.details["messageIndex"]) for each in seen.activities] == [
        (f"{letter} {number}", number) for number in range(10_000) for letter in "ab"
    ]


def test_a_whole_message_waits_for_nothing_that_may_follow():
    seen, _, stream = a_stream("some-long-secret")
    started = time.monotonic()
    stream.say(Said(text="hello"))
    assert seen.first.wait(2)
    waited = time.monotonic() - started
    stream.close()
    assert waited < 0.02 + 0.1  # the machine's own scheduling is not ours
