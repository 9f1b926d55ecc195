import threading

import msgspec
import pytest

from devteam_action.domain.events import ActivityLogged, Completed, Failed, Progressed, StageStarted, encode
from devteam_action.errors import StateDamaged, StateNotWritten
from devteam_action.pipeline.bus import Bus
from devteam_action.pipeline.journal import Journal, read
from devteam_action.support.redact import Redactor
from tests.fakes.clock import FakeClock


class Seen:
    def __init__(self):
        self.events = []
        self.is_closed = False

    def handle(self, event):
        self.events.append(event)

    def close(self):
        self.is_closed = True


class Broken:
    def __init__(self):
        self.asked = 0

    def handle(self, event):
        self.asked += 1
        raise RuntimeError("the screen fell off")

    def close(self):
        raise RuntimeError("still off")


def a_bus(*sinks, journal=None, secrets=(), **more):
    return Bus(
        customer_id="o/r",
        task_id="1.1",
        run_id="r1",
        clock=FakeClock(),
        redactor=Redactor(secrets),
        sinks=sinks,
        journal=journal,
        **more,
    )


def test_an_event_is_numbered_stamped_and_redacted_for_everybody(tmp_path):
    seen = Seen()
    journal = Journal.open(tmp_path / "r1.jsonl")
    bus = a_bus(seen, journal=journal, secrets=["my-secret"])
    first = bus.emit(StageStarted(stage="PREP"))
    second = bus.emit(Failed(code="x", reason="my-secret leaked"))
    assert (first.sequence_number, second.sequence_number) == (0, 1)
    assert (second.run_id, second.task_id, second.customer_id) == ("r1", "1.1", "o/r")
    assert second.timestamp == "2026-01-01T00:00:00.000Z"
    assert second.reason == "*** leaked"
    assert seen.events == [first, second] == read(tmp_path / "r1.jsonl")


def test_a_reporter_that_fails_is_told_about_once_and_never_fails_the_run(caplog):
    broken, seen = Broken(), Seen()
    bus = a_bus(broken, seen)
    bus.emit(StageStarted(stage="PREP"))
    bus.emit(StageStarted(stage="VERIFY"))
    bus.close()
    assert (broken.asked, len(seen.events), seen.is_closed) == (1, 2, True)
    assert [record.getMessage() for record in caplog.records] == [
        "the reporter Broken failed and is off for the rest of this run"
    ]


def test_a_reporter_that_cannot_close_keeps_no_other_from_it(caplog):
    broken, seen = Broken(), Seen()
    a_bus(broken, seen).close()
    assert seen.is_closed
    assert "could not finish" in caplog.text


def test_what_the_journal_cannot_take_nobody_sees(tmp_path):
    seen = Seen()
    journal = Journal.open(tmp_path / "j")
    bus = a_bus(seen, journal=journal)
    journal.close()
    with pytest.raises(StateNotWritten, match="journal"):
        bus.emit(StageStarted(stage="PREP"))
    assert seen.events == []


def test_progress_follows_the_stages_never_falls_and_leaves_100_to_the_end():
    seen = Seen()
    bus = a_bus(seen)
    for stage, fraction in [
        ("PREP", 0.5),
        ("PREP", 1.0),
        ("IMPLEMENT", 0.5),
        ("VERIFY", 1.0),
        ("IMPLEMENT", 0.1),  # a second attempt
        ("PUBLISH", 1.0),
        ("PUBLISH", 7.0),
    ]:
        bus.progress(stage, fraction)
    assert [event.progress for event in seen.events] == [5, 10, 40, 95, 99]
    assert bus.emit(Progressed(progress=100)).progress == 99
    assert bus.emit(Progressed(progress=3)).progress == 99


def test_a_resumed_run_goes_on_with_its_numbers_and_progress():
    bus = a_bus(start_sequence=7, start_progress=70)
    assert bus.emit(StageStarted(stage="VERIFY")).sequence_number == 7
    assert bus.progress("PREP", 1.0).progress == 70


def test_events_of_many_threads_get_each_number_once_and_in_one_order():
    seen = Seen()
    bus = a_bus(seen)
    threads = [
        threading.Thread(target=lambda: [bus.emit(StageStarted(stage="VERIFY")) for _ in range(200)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.sequence_number for event in seen.events] == list(range(800))


def test_activities_are_not_in_the_journal(tmp_path):
    from devteam_action.domain.events import Activity

    journal = Journal.open(tmp_path / "j")
    bus = a_bus(journal=journal)
    activity = Activity(id="a", execution_id="e", project_id="p", source="s", type="progress", message="m")
    bus.emit(ActivityLogged(activity=activity))
    bus.emit_activities([activity])
    assert len(journal) == 0


def test_a_journal_cuts_off_the_line_that_a_kill_tore_and_goes_on(tmp_path):
    path = tmp_path / "deep" / "r.jsonl"
    journal = Journal.open(path)
    journal.append(encode(StageStarted(stage="PREP")))
    journal.close()
    with path.open("ab") as file:
        file.write(b'{"type":"STAGE_STA')
    assert len(read(path)) == 1
    journal = Journal.open(path)
    journal.append(encode(Completed()))
    assert [type(event) for event in read(path)] == [StageStarted, Completed]
    assert journal.new_since(1) == [encode(Completed())]


def test_a_journal_with_garbage_inside_says_where(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_bytes(encode(Completed()) + b"\ngarbage\n" + encode(Completed()) + b"\n")
    with pytest.raises(StateDamaged, match=r"r\.jsonl:2"):
        read(path)


def test_a_journal_that_is_not_there_is_empty_and_a_folder_is_none(tmp_path):
    assert read(tmp_path / "none") == []
    with pytest.raises(StateNotWritten):
        Journal.open(tmp_path)


def test_a_tag_that_is_also_a_secret_does_not_break_the_event():
    event = a_bus(secrets=["COMPLETED", "STAGE_STARTED"]).emit(StageStarted(stage="PREP"))
    assert msgspec.json.decode(encode(event))["type"] == "STAGE_STARTED"
