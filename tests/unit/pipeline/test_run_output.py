"""What a run leaves of its tools' words: whole, in order, bounded."""

import json

from devteam_action.domain.command_status import CommandStatus
from devteam_action.domain.events import Activity, ActivityLogged
from devteam_action.pipeline.run_output import RunOutput, unpacked


def did(number, message, *, details=None, verbosity=3):
    return ActivityLogged(
        activity=Activity(
            id=f"r-{number}", execution_id="r", project_id="o/r", source="scar", type="agent_response",
            message=message, details=details or {}, sequence_number=number, verbosity=verbosity,
        )
    )  # fmt: skip


def test_everything_that_was_seen_is_there_in_order():
    output = RunOutput()
    output.handle_activities([did(0, "one"), did(1, "b", details={"lines": ["🔧 BASH", "a", "b"]})])
    output.handle(did(2, "three"))
    (piece,) = output.pieces()
    assert unpacked(piece.output).decode() == "one\n🔧 BASH\na\nb\nthree\n"
    shown = [json.loads(line) for line in unpacked(piece.activities).splitlines()]
    assert [each["activity"]["sequenceNumber"] for each in shown] == [0, 1, 2]
    assert {each["type"] for each in shown} == {"ACTIVITY"}


def test_the_status_of_a_command_is_an_activity_and_no_output_of_the_tool():
    status = CommandStatus(name="prime", state="RUNNING")
    output = RunOutput()
    output.handle(did(0, status.text, details=status.details, verbosity=1))
    (piece,) = output.pieces()
    assert unpacked(piece.output) == b""
    assert b"PRIME: RUNNING" in unpacked(piece.activities)


def test_a_piece_that_could_not_be_stored_is_given_again_and_a_stored_one_is_not():
    output = RunOutput()
    output.handle(did(0, "one"))
    assert output.pieces() == output.pieces()
    output.handle(did(1, "two"))
    assert [unpacked(each.output) for each in output.pieces()] == [b"one\n", b"two\n"]
    output.stored(2)
    assert output.pieces() == ()


def test_a_flood_stays_small_and_keeps_its_beginning_and_its_end():
    output = RunOutput(most_bytes=20_000)
    for number in range(50_000):
        output.handle_activities([did(number, f"line {number} {hash(('salt', number)):x}")])
    (piece,) = output.pieces()
    assert len(piece.output) < 60_000
    assert len(piece.activities) < 60_000
    lines = unpacked(piece.output).decode().splitlines()
    assert lines[0].startswith("line 0 ")
    assert lines[-1].startswith("line 49999 ")
    (note,) = [line for line in lines if line.startswith("[...")]
    assert note == f"[... {50_000 - len(lines) + 1} lines left out ...]"


def test_one_endless_line_is_bounded_too():
    output = RunOutput(most_bytes=20_000)
    for number in range(300):
        output.handle(did(number, "x" * 1_000_000))
    (piece,) = output.pieces()
    assert len(unpacked(piece.output)) < 2_000_000


def test_a_damaged_file_is_empty():
    assert unpacked(b"no gzip") == b""
