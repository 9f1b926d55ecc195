import os
import resource
import subprocess
import sys
import threading

import pytest

from devteam_action.errors import StateConflict
from devteam_action.support.files import append_synced
from devteam_action.support.locks import file_lock


def opened(path):
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def test_lines_are_added_one_after_another(tmp_path):
    descriptor = opened(tmp_path / "log")
    append_synced(descriptor, b"a\n")
    append_synced(descriptor, b"b\n")
    os.close(descriptor)
    assert (tmp_path / "log").read_bytes() == b"a\nb\n"


def test_a_line_that_does_not_fit_on_the_disk_leaves_no_half_behind(tmp_path):
    script = (
        "import os, resource, signal, sys; from devteam_action.support.files import append_synced\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "file = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT); append_synced(file, b'123456\\n')\n"
        "try: append_synced(file, b'1234567890\\n')\n"
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
