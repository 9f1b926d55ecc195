"""What a run leaves of its tools' words: whole, in order, bounded."""

import json
import random
import re

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


def test_one_endless_line_is_cut_and_takes_the_place_of_no_other():
    output = RunOutput()
    output.handle(did(0, "é" + "x" * 1_200_000, details={"path": "a.py"}))
    output.handle(did(1, "trace", details={"lines": [f"{number} " + "y" * 1000 for number in range(800)]}))
    output.handle_activities([did(number, f"line {number}") for number in range(2, 5002)])
    output.handle(did(5002, "z" * 600_000))
    (piece,) = output.pieces()
    lines = unpacked(piece.output).decode().splitlines()
    assert [line for line in lines if line.startswith("line ")] == [f"line {number}" for number in range(2, 5002)]
    assert lines[0].startswith("éxxx")
    cut = re.fullmatch(r"éx+ \[\.\.\. (\d+) more bytes of this line are left out\]", lines[0])
    assert cut is not None
    assert int(cut[1]) + lines[0].index(" ") == 1_200_002
    assert lines[-1].startswith("zzz")
    seen = [json.loads(line)["activity"] for line in unpacked(piece.activities).splitlines()]
    assert [each["sequenceNumber"] for each in seen] == list(range(5003))
    assert seen[0]["details"]["path"] == "a.py"
    assert seen[0]["details"]["bytesLeftOut"] > 1_100_000
    assert seen[1]["details"]["lines"][0].startswith("0 yyy")
    assert len(seen[1]["details"]["lines"]) < 10


def test_a_long_message_is_whole_where_there_is_room_and_cut_where_there_is_none():
    words = random.Random(1)
    output = RunOutput()
    for number in range(8):
        output.handle_activities([did(2 * number, words.randbytes(75_000).hex()), did(2 * number + 1, "a line")])
    (piece,) = output.pieces()
    lines = unpacked(piece.output).decode().splitlines()
    assert len(lines[0]) == 150_000
    assert "bytes of this line are left out" in lines[14]
    assert [line for line in lines if line == "a line"] == ["a line"] * 8
    assert len(piece.output) < 700_000


def test_a_damaged_file_is_empty():
    assert unpacked(b"no gzip") == b""
