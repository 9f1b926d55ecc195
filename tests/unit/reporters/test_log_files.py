import json
import logging
import os
import threading

import msgspec
import pytest

from devteam_action.domain.events import Activity, ActivityLogged, Completed, StageStarted
from devteam_action.reporters.follow import follow, follow_newest
from devteam_action.reporters.log_files import LogFiles, ServerLog, log_paths, next_activity
from devteam_action.support.redact import Redactor


def an_activity(number=0, message="Applied edit to a.py", verbosity=3):
    return ActivityLogged(
        run_id="r1",
        task_id="1.1",
        timestamp=f"2026-01-01T00:00:{number:02}.000Z",
        activity=Activity(
            id=f"r1-{number}",
            execution_id="r1",
            project_id="p",
            source="aider",
            type="agent_response",
            message=message,
            sequence_number=number,
            verbosity=verbosity,
        ),
    )


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_workflow_and_activities_go_to_logs_of_their_own_with_the_run_on_every_line(tmp_path):
    logs = LogFiles(tmp_path / "logs", "1.1")
    logs.handle(StageStarted(stage="PREP", run_id="r1"))
    logs.handle(an_activity(0))
    logs.handle_activities([an_activity(1), an_activity(2)])
    logs.close()
    assert [line["type"] for line in lines_of(tmp_path / "logs" / "task-1.1.log")] == ["STAGE_STARTED"]
    activities = lines_of(tmp_path / "logs" / "task-1.1-exec.log")
    assert [line["activity"]["sequenceNumber"] for line in activities] == [0, 1, 2]
    assert {line["runId"] for line in activities} == {"r1"}


@pytest.mark.parametrize("last", ["short", "x" * 1_200_000, "y" * (2**18 - 300), "é" * 2**17], ids=len)
def test_the_next_number_is_known_from_the_log_however_long_its_last_line_is(tmp_path, last):
    logs = LogFiles(tmp_path, "1")
    logs.handle_activities([an_activity(number) for number in range(7)])
    logs.handle(an_activity(7, last))
    logs.close()
    assert next_activity(logs.paths.execution, "r1") == 8
    with logs.paths.execution.open("ab") as file:
        file.write(b'{"type":"ACTIVITY","runId":"r1","activity":{"sequenceNumber":99')  # torn by a kill
    assert next_activity(logs.paths.execution, "r1") == 8
    assert next_activity(logs.paths.execution, "another run") == 0
    assert next_activity(tmp_path / "no.log", "r1") == 0


def test_the_next_number_is_known_when_the_log_was_just_turned_over(tmp_path):
    for number in range(30):
        logs = LogFiles(tmp_path, "1", exec_limit=2000)
        logs.handle(an_activity(number))
        logs.close()
        assert next_activity(logs.paths.execution, "r1") == number + 1
    logs.paths.execution.write_bytes(b'{"level":"warning","message":"the log reached 2000 bytes"}\n')
    assert next_activity(logs.paths.execution, "r1") > 20


def test_a_hostile_task_id_names_a_file_in_the_folder(tmp_path):
    for task_id in ("../../etc/x", "..", "", "a/b\\c\0d", "x" * 5000):
        LogFiles(tmp_path / "logs", task_id).close()
        assert all(path.parent == tmp_path for path in (log_paths(tmp_path, task_id).workflow,))
    assert [each.name for each in tmp_path.iterdir()] == ["logs"]


def test_a_full_execution_log_is_moved_aside_and_says_so(tmp_path):
    logs = LogFiles(tmp_path, "1", exec_limit=2000)
    for number in range(30):
        logs.handle(an_activity(number))
    logs.close()
    now, before = tmp_path / "task-1-exec.log", tmp_path / "task-1-exec.log.1"
    assert now.stat().st_size <= 2000 + 300
    assert before.stat().st_size <= 2000 + 300
    first, *rest = lines_of(now)
    assert (first["type"], first["level"], first["runId"]) == ("execution-log", "warning", "r1")
    assert "task-1-exec.log.1" in first["message"]
    assert rest[-1]["activity"]["sequenceNumber"] == 29


def test_the_server_log_keeps_its_level_and_no_secret(tmp_path):
    handler = ServerLog(tmp_path, Redactor(["my-secret-value"]), run_id="r1", level="warning")
    logger = logging.Logger("x")
    logger.addHandler(handler)
    logger.info("not wanted")
    try:
        raise ValueError("with my-secret-value")
    except ValueError:
        logger.exception("it %s", "failed")
    handler.close()
    (line,) = lines_of(tmp_path / "server.log")
    assert line["message"] == "it failed: ValueError: with ***"
    assert (line["level"], line["runId"], line["timestamp"][-1]) == ("error", "r1", "Z")


def test_an_unknown_level_is_info(tmp_path):
    handler = ServerLog(tmp_path, Redactor(), level="LOUD")
    handler.close()
    assert handler.level == logging.INFO


def test_logs_are_told_in_order_of_time_at_the_verbosity_asked_for(tmp_path):
    logs = LogFiles(tmp_path, "1")
    logs.handle(StageStarted(stage="VERIFY", run_id="r1", timestamp="2026-01-01T00:00:05.000Z"))
    logs.handle_activities([an_activity(1, "early"), an_activity(9, "late", verbosity=1)])
    logs.close()
    paths = [logs.paths.workflow, logs.paths.execution, tmp_path / "missing.log"]
    assert list(follow(paths, 3, once=True)) == [
        "00:00:01             early",
        "00:00:05  VERIFY     the checks are running",
        "00:00:09             late",
    ]
    assert [line[10:].strip() for line in follow(paths, 2, once=True)] == ["VERIFY     the checks are running", "late"]


def test_damaged_lines_in_a_log_are_passed_over(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b'garbage\n{"type":"NEW_KIND"}\n{"level":"warning","message":"a\\u001b[31m note"}\n{"torn')
    assert list(follow([path], once=True)) == ["WARNING: a note"]


def test_following_goes_on_through_a_file_that_is_turned_over(tmp_path):
    logs = LogFiles(tmp_path, "1", exec_limit=1500)
    stop = threading.Event()
    told = []
    everything = threading.Event()

    def read():
        for line in follow([logs.paths.execution], 3, stop=stop):
            told.append(line)
            if "number 4" in line:
                everything.set()

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(5):
        logs.handle(an_activity(number, f"number {number} {'x' * 300}"))
        stop.wait(0.25)  # more often than the reader looks, nothing is promised
    assert everything.wait(5)
    stop.set()
    reader.join(5)
    assert [line.split()[2] for line in told if " number " in line] == ["0", "1", "2", "3", "4"]
    logs.handle(Completed(run_id="r1"))
    logs.close()


class Reader:
    """`devteam logs --follow` without a task, in a thread; what it has told so far."""

    def __init__(self, folder):
        self.told = []
        self._news = threading.Condition()
        self._stop = threading.Event()
        self._lines = follow_newest(lambda: tuple(folder.glob("task-*-exec.log")), 3, stop=self._stop)
        self._thread = threading.Thread(target=self._read)

    def _read(self):
        for line in self._lines:
            with self._news:
                self.told.append(" ".join(line.split()[-2:]))
                self._news.notify_all()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(5)

    def sees(self, words):
        with self._news:
            return self._news.wait_for(lambda: words in self.told, 5)


def of_task(task_id, number, message):
    return msgspec.structs.replace(an_activity(number, message), task_id=task_id, run_id=f"run-{task_id}")


def test_following_without_a_task_waits_for_the_first_run_and_goes_on_with_each_next_task(tmp_path):
    folder = tmp_path / "logs"
    with Reader(folder) as reader:
        for number, task_id in ((0, "1.1"), (2, "1.2")):
            logs = LogFiles(folder, task_id)
            logs.handle(of_task(task_id, number, f"begins {task_id}"))
            assert reader.sees(f"begins {task_id}"), reader.told
            logs.handle(of_task(task_id, number + 1, f"ends {task_id}"))
            logs.close()
    assert reader.told == ["task 1.1", "begins 1.1", "ends 1.1", "task 1.2", "begins 1.2", "ends 1.2"]


def test_of_a_task_that_was_done_before_only_what_comes_now_is_told(tmp_path):
    old, newest = LogFiles(tmp_path, "1.1"), LogFiles(tmp_path, "1.2")
    old.handle(of_task("1.1", 0, "long ago"))
    newest.handle(of_task("1.2", 0, "just now"))
    os.utime(old.paths.execution, (0, 0))
    with Reader(tmp_path) as reader:
        assert reader.sees("just now")
        old.handle(of_task("1.1", 1, "tried again"))
        assert reader.sees("tried again"), reader.told
    old.close()
    newest.close()
    assert reader.told == ["task 1.2", "just now", "task 1.1", "tried again"]
