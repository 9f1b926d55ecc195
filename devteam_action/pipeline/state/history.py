"""Finished work on the state branch: run records, event segments, and retention by an index of runs a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from devteam_action.domain.execution import Execution
from devteam_action.pipeline.ports import Snapshot
from devteam_action.pipeline.run_output import Packed, unpacked
from devteam_action.pipeline.state.codec import encode, sound
from devteam_action.pipeline.state.leases import is_before, later
from devteam_action.pipeline.state.paths import (
    LEDGER,
    RUN_INDEX,
    RUNS,
    activities_file,
    events_file,
    file_name,
    output_file,
    run_folder,
)
from devteam_action.pipeline.state.records import Guidance, LedgerEntry, RunIndex, RunRecord

Change = dict[str, bytes | None]

_RESTING = ("COMPLETED", "ERROR", "STOPPED", "WAITING")  # the run is over in these
_PRUNED_AT_ONCE = 20  # a lowered keep-runs is reached in several writes, each of them short
_GIVEN_UP_S = 30 * 24 * 3600  # a run that never ended (killed, machine lost) is history after this


class _Numbered(msgspec.Struct, frozen=True, rename="camel"):
    sequence_number: int = -1


class _Logged(msgspec.Struct, frozen=True):
    activity: _Numbered = _Numbered()


_numbered = msgspec.json.Decoder(_Numbered)
_logged = msgspec.json.Decoder(_Logged)


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """What one more step of a run brings: its events as JSON lines, guidance that it took, what its tool did."""

    events: Sequence[bytes] = ()
    taken: Sequence[Guidance] = ()
    output: Sequence[Packed] = ()


def run_changes(
    snapshot: Snapshot, execution: Execution, added: Added, *, since: str, keep_runs: int, now: str
) -> Change:
    """The writes that record one more step of `execution.run_id`; events that are stored already are not stored again.

    An earlier segment is never rewritten: an append costs what it adds, however long the run is.
    """
    folder = run_folder(execution.run_id, since)
    path = f"{folder}run.json"
    before = sound(snapshot, path, RunRecord)
    known = before or RunRecord(run_id=execution.run_id, task_id=execution.task_id, started=since)
    fresh, last_sequence = _unstored(added.events, known.last_sequence)
    record = msgspec.structs.replace(
        known,
        title=execution.current_task.title,
        status=execution.status,
        branch=execution.branch,
        updated=now,
        ended=now if execution.status in _RESTING else "",
        attempts=execution.attempts,
        usage=execution.usage,
        segments=known.segments + max(bool(fresh), len(added.output)),
        last_sequence=last_sequence,
    )
    changes: Change = {path: encode(record)}
    if fresh:
        changes[events_file(folder, known.segments)] = b"".join(line + b"\n" for line in fresh)
    for number, piece in enumerate(added.output, known.segments):
        changes[activities_file(folder, number)] = piece.activities
        changes[output_file(folder, number)] = piece.output
    for word in added.taken:
        changes[f"{folder}guidance-{file_name(word.id)}.json"] = encode(word)
    if before is None and snapshot.get(path) is None:
        changes |= _counted(snapshot, folder, keep_runs, now)
    return changes


def _unstored(events: Sequence[bytes], last: int) -> tuple[list[bytes], int]:
    """The lines whose number is above `last`, and the new last; a line without a number is always stored."""
    fresh: list[bytes] = []
    highest = last
    for line in events:
        try:
            number = _numbered.decode(line).sequence_number
        except (msgspec.DecodeError, UnicodeDecodeError):
            number = -1
        if 0 <= number <= last:
            continue
        fresh.append(line.rstrip(b"\n"))
        highest = max(highest, number)
    return fresh, highest


# --- retention


def _counted(snapshot: Snapshot, folder: str, keep_runs: int, now: str) -> Change:
    """One run more in the index, and the oldest finished ones gone where there are more than `keep_runs`."""
    days = dict((sound(snapshot, RUN_INDEX, RunIndex) or RunIndex()).days)
    today = folder.removeprefix(RUNS).rsplit("/", 2)[0]
    days[today] = days.get(today, 0) + 1
    changes: Change = {}
    excess = min(sum(days.values()) - keep_runs, _PRUNED_AT_ONCE)
    for day in sorted(days):
        if excess <= 0:
            break
        runs = _runs_of(snapshot, f"{RUNS}{day}/")
        gone = [run for run in sorted(runs) if run != folder and _is_over(snapshot, run, now)][:excess]
        for run in gone:
            changes |= dict.fromkeys(runs[run])
        # The listing is the truth: a count that somebody damaged mends itself here.
        days[day] = len(runs) - len(gone) + (day == today and folder not in runs)
        excess -= len(gone)
    changes[RUN_INDEX] = encode(RunIndex(days={day: count for day, count in sorted(days.items()) if count > 0}))
    return changes


def _is_over(snapshot: Snapshot, folder: str, now: str) -> bool:
    record = sound(snapshot, f"{folder}run.json", RunRecord)
    return record is None or bool(record.ended) or is_before(later(record.updated, _GIVEN_UP_S), now)


def _runs_of(snapshot: Snapshot, prefix: str) -> dict[str, list[str]]:
    """The run folders below a day (or all days): folder with a slash to its files."""
    runs: dict[str, list[str]] = {}
    for path in snapshot.paths(prefix):
        parts = path.split("/")
        if len(parts) >= 6:
            runs.setdefault("/".join(parts[:5]) + "/", []).append(path)
    return runs


# --- reading


def recent_runs(snapshot: Snapshot, limit: int) -> tuple[RunRecord, ...]:
    """The newest runs first; a damaged record is left out."""
    found: list[RunRecord] = []
    for day in sorted({run.removeprefix(RUNS)[:10] for run in _runs_of(snapshot, RUNS)}, reverse=True):
        if len(found) >= limit:
            break
        records = (sound(snapshot, f"{run}run.json", RunRecord) for run in _runs_of(snapshot, f"{RUNS}{day}/"))
        found += sorted((each for each in records if each), key=lambda each: each.started, reverse=True)
    return tuple(found[:limit])


def stored_events(snapshot: Snapshot, run_id: str) -> tuple[bytes, ...]:
    """The JSON lines of a run, in the order they were stored, over all days it went on."""
    files = (snapshot.get(path) or b"" for path in _files_of(snapshot, run_id, ".jsonl"))
    return tuple(line for content in files for line in content.split(b"\n") if line)


def stored_activities(snapshot: Snapshot, run_id: str) -> tuple[bytes, ...]:
    """The activities of a run as JSON lines (events ACTIVITY); a line `{"leftOut": n}` stands for what is missing."""
    return tuple(_packed(snapshot, run_id, ".jsonl.gz").splitlines())


def next_activity(snapshot: Snapshot, run_id: str) -> int:
    """The number after that of the last stored activity of a run; 0 where it has none."""
    for path in reversed(_files_of(snapshot, run_id, ".jsonl.gz")):
        for line in reversed(unpacked(snapshot.get(path) or b"").splitlines()):
            try:
                number = _logged.decode(line).activity.sequence_number
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            if number >= 0:
                return number + 1
    return 0


def stored_output(snapshot: Snapshot, run_id: str) -> bytes:
    """All that the tools of a run wrote, within the bounds of `pipeline/run_output.py`."""
    return _packed(snapshot, run_id, ".txt.gz")


def _packed(snapshot: Snapshot, run_id: str, ending: str) -> bytes:
    return b"".join(unpacked(snapshot.get(path) or b"") for path in _files_of(snapshot, run_id, ending))


def _files_of(snapshot: Snapshot, run_id: str, ending: str) -> list[str]:
    name = file_name(run_id)
    folders = sorted(run for run in _runs_of(snapshot, RUNS) if run.split("/")[4] == name)
    return [path for folder in folders for path in snapshot.paths(folder) if path.endswith(ending)]


def ledger_entries(snapshot: Snapshot) -> Iterator[LedgerEntry]:
    """Every attempt ever made, by day; a damaged entry is left out."""
    days = sorted({"/".join(path.split("/")[:4]) for path in snapshot.paths(LEDGER)})
    for day in days:
        for path in snapshot.paths(f"{day}/"):
            if (entry := sound(snapshot, path, LedgerEntry)) is not None:
                yield entry
