import threading
import time

from devteam_action.domain.activity import Classifier
from devteam_action.pipeline.activity_stream import ActivityStream
from devteam_action.pipeline.bus import Bus
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
