import resource
import subprocess
import sys
import threading

import pytest

from devteam_action.errors import StateConflict
from devteam_action.support.files import append_line, write_atomically
from devteam_action.support.locks import file_lock


def test_a_file_is_replaced_whole_and_no_temporary_one_stays(tmp_path):
    path = tmp_path / "new" / "file.json"
    write_atomically(path, b"one")
    write_atomically(path, b"two", mode=0o600)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["file.json"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.mkdir()  # a folder cannot be replaced by a file
    with pytest.raises(OSError):
        write_atomically(path, b"x")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_lines_are_added_one_after_another(tmp_path):
    append_line(tmp_path / "log", b"a")
    append_line(tmp_path / "log", b"b")
    assert (tmp_path / "log").read_bytes() == b"a\nb\n"


def test_a_line_that_does_not_fit_on_the_disk_leaves_no_half_behind(tmp_path):
    script = (
        "import resource, signal, sys; from pathlib import Path; from devteam_action.support.files import append_line\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "path = Path(sys.argv[1]); append_line(path, b'123456')\n"
        "try: append_line(path, b'1234567890')\n"
        "except OSError: print('refused')\n"
    )
    assert resource.RLIMIT_FSIZE is not None
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "log")], capture_output=True, text=True)
    assert (done.stdout, (tmp_path / "log").read_bytes()) == ("refused\n", b"123456\n")


def test_a_lock_lets_one_in_at_a_time_and_says_who_is_refused(tmp_path):
    with (
        file_lock(tmp_path / "lock"),
        pytest.raises(StateConflict, match="the tool is in use"),
        file_lock(tmp_path / "lock", what="the tool"),
    ):
        pass
    with file_lock(tmp_path / "lock"):
        pass  # given back


def test_a_lock_can_be_waited_for(tmp_path):
    entered = threading.Event()

    def second():
        with file_lock(tmp_path / "lock", wait_s=5):
            entered.set()

    thread = threading.Thread(target=second)
    with file_lock(tmp_path / "lock"):
        thread.start()
        assert not entered.wait(0.15)
    thread.join(5)
    assert entered.is_set()
