"""The edge of the command line: every failure is one error line with its exit code, whatever the terminal."""

from __future__ import annotations

import errno
import inspect
import json
import os
import subprocess
import time

import pytest

from devteam_action import cli, errors
from devteam_action.cli.failures import refused
from devteam_action.errors import DevteamError, GitFailed
from devteam_action.support.process import Completed
from tests.project import HELLO_AND_WORLD, TWO_TASKS, Project

SECRET = "correct-horse-battery-7"
ERRORS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, DevteamError)]
EXIT_CODES = {
    "BadInput": 2, "UsageError": 2, "ConfigError": 2, "TaskListError": 2, "UnknownTask": 2, "DependencyOpen": 2,
    "CriterionError": 2, "RepositoryError": 2, "GitFailed": 2, "StateDamaged": 2, "PipelineStopped": 1, "StageError": 1,
    "NotAllowed": 3, "Missing": 4, "SystemRefused": 4, "ToolMissing": 4, "RemoteUnreachable": 4, "SetupFailed": 1,
    "StateNotWritten": 4, "StateConflict": 5, "ConversationTaken": 5, "DevteamError": 70,
}  # fmt: skip


@pytest.fixture
def failing(monkeypatch):
    """`devteam next`, run in this process, with a verb that raises the given error."""

    def run(error: BaseException, *options: str) -> int:
        def verb(args: object, context: object) -> None:
            raise error

        monkeypatch.setattr("devteam_action.cli.select.next_task", verb)
        return cli.main(("next", *options))

    return run


def an_error(kind: type[DevteamError]) -> DevteamError:
    if issubclass(kind, GitFailed):
        done = Completed(
            argv=("git", "push"), code=1, stdout=b"", stderr=b"error: no\nerror: never", duration_s=0.1, ended="exited"
        )
        return kind(done, remedy="look")
    return kind("it is wrong", remedy="mend it")


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_each_error_has_the_exit_code_of_the_contract_and_one_line(failing, capsys, kind):
    assert failing(an_error(kind)) == EXIT_CODES[kind.__name__]
    told = capsys.readouterr()
    assert told.out == ""
    assert [line[:6] for line in told.err.splitlines() if line.startswith("error")] == ["error:"]
    assert told.err.splitlines()[-1].startswith("  next: ")


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_with_json_each_error_is_one_document(failing, capsys, kind):
    error = an_error(kind)
    assert failing(error, "--json") == EXIT_CODES[kind.__name__]
    document = json.loads(capsys.readouterr().out)
    assert document["success"] is False
    assert document["error"] == {
        "code": kind.code,
        "message": error.message,
        "hint": error.remedy,
        "retryable": kind.exit_code in (4, 5),
    }


def test_the_words_that_programs_match_on_differ():
    codes = [kind.code for kind in ERRORS]
    assert len(set(codes)) == len(codes)


USAGE = {
    "no command": ((), "COMMAND", "devteam --help"),
    "unknown command": (("runn",), "there is no command `runn`", "did you mean `run`?"),
    "unknown option": (("next", "--fast"), "--fast", "options stand after the command"),
    "option before the command": (("--no-fetch", "next"), "--no-fetch", "options stand after the command"),
    "shortened option": (("run", "--dry"), "--dry", "--help"),
    "missing argument": (("prep",), "TASK", "devteam prep --help"),
    "no number": (("run", "--max-attempts", "many"), "a whole number of at least 1, got 'many'", "devteam run --help"),
    "zero": (("run", "--max-tasks", "0"), "a whole number of at least 1, got '0'", "devteam run --help"),
    "no money": (("run", "--max-cost", "-1"), "an amount in USD, got '-1'", "devteam run --help"),
    "nan": (("run", "--max-cost", "nan"), "an amount in USD, got 'nan'", "devteam run --help"),
    "unknown choice": (("run", "--deliver", "fax"), "'fax'", "devteam run --help"),
    "two places": (("inject", "x", "--before", "1", "--after", "2"), "--after", "devteam inject --help"),
    "no text": (("guide", "1.1.1", "a\udcffb"), "text: 'a\ufffdb' is not UTF-8", "UTF-8"),
}


@pytest.mark.parametrize("name", USAGE)
def test_a_wrong_command_line_is_bad_input(capsys, name):
    words, said, cure = USAGE[name]
    assert cli.main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert said in told.err.splitlines()[0]
    assert cure in told.err.splitlines()[1]
    assert len(told.err.splitlines()) == 2


def test_a_wrong_command_line_is_one_document_for_programs(capsys):
    assert cli.main(("run", "--json", "--max-attempts", "x")) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage"


@pytest.mark.parametrize("words", [("--help",), ("run", "--help"), ("--version",)])
def test_help_is_no_error(capsys, words):
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code in (0, None)
    assert "devteam" in capsys.readouterr().out


def test_a_bug_is_a_report_to_paste_without_traceback_and_secrets(failing, capsys, monkeypatch):
    monkeypatch.setenv("MY_API_TOKEN", SECRET)
    assert failing(RuntimeError(f"cannot use {SECRET} here")) == 70
    told = capsys.readouterr().err
    assert told.startswith("error: this is a bug in devteam")
    assert "RuntimeError: cannot use *** here" in told
    assert "cli/__init__.py:" in told, "it says where"
    assert "Traceback" not in told
    assert SECRET not in told
    assert str(errors.__file__).rpartition("/")[0] not in told, "no path of this machine"


def test_a_bug_is_one_document_for_programs_without_secrets(failing, capsys, monkeypatch):
    monkeypatch.setenv("MY_API_TOKEN", SECRET)
    assert failing(RuntimeError(f"cannot use {SECRET} here"), "--json") == 70
    document = json.loads(capsys.readouterr().out)
    assert document["error"]["code"] == "bug"
    assert document["error"]["message"] == "RuntimeError: cannot use *** here"


def test_an_error_tells_no_secret_and_drives_no_terminal(failing, capsys, monkeypatch):
    monkeypatch.setenv("MY_API_TOKEN", SECRET)
    failing(errors.ConfigError(f"x: {SECRET}\x1b]0;owned\x07\x1b[2J", remedy=f"not {SECRET}"), "--json")
    told = capsys.readouterr()
    assert SECRET not in told.out + told.err
    assert "\x1b" not in told.out + told.err


def test_debug_shows_the_traceback_and_keeps_the_exit_code(failing, capsys):
    assert failing(errors.NotAllowed("no"), "--debug") == 3
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "error: no" in told
    assert failing(RuntimeError("ours"), "--debug") == 70


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOSPC, "disk space"), (errno.EACCES, "right"), (errno.EROFS, "read-only")]
)
def test_what_the_system_refuses_is_no_bug_of_ours(failing, capsys, number, said):
    assert failing(OSError(number, os.strerror(number), "/some/where")) == 4
    told = capsys.readouterr().err
    assert told.startswith(f"error: /some/where: {os.strerror(number)}\n")
    assert said in told


def test_other_system_errors_are_bugs_of_ours():
    assert refused(FileNotFoundError(errno.ENOENT, "No such file", "x")) is None
    assert refused(ValueError("x")) is None


def test_interrupted_says_so_and_exits_130(failing, capsys):
    assert failing(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "interrupted\n"


# --- what surrounds the process


def test_a_reader_that_has_seen_enough_is_no_error(project):
    here = project("1.1 A\n" + "".join(f"1.1.{n} Task {n}.\n" for n in range(1, 3001)))
    done = shell(here, '"$0" "$@" | head -n 1', "tasks")
    assert done.stdout.decode().splitlines() == ["→ 1.1.1  Task 1."]
    assert done.stderr == b""


def test_a_run_whose_listener_goes_away_is_finished_nevertheless(project):
    here = project(patches=HELLO_AND_WORLD)
    shell(here, '"$0" "$@" 2>&1 >/dev/null | head -n 1', "run")
    deadline = time.monotonic() + 30
    while here.devteam("status", "1.1.1", "--json").ok().json["executions"][0]["status"] != "WAITING":
        assert time.monotonic() < deadline, here.devteam("status").story
        time.sleep(0.2)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_titles_in_any_script_are_shown_everywhere(project, encoding):
    here = project("1.1 A\n1.1.1 Grüße 世界 🚀.\n")
    env = {"PYTHONIOENCODING": encoding, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = here.devteam("next", env=env).ok()
    assert "Grüße 世界 🚀" in done.out, "what is piped is UTF-8"
    assert here.devteam("next", "--json", env=env).ok().json["task"]["title"] == "Grüße 世界 🚀."


def test_a_terminal_that_knows_less_gets_question_marks(project):
    here = project("1.1 A\n1.1.1 Grüße 世界.\n")
    shown = on_a_terminal(here, "next", PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert "next: 1.1.1  Gr??e ??." in shown
    assert "Traceback" not in shown


def test_no_color_means_no_escape_sequences(project):
    here = project(TWO_TASKS, patches=HELLO_AND_WORLD)
    assert "\x1b" not in on_a_terminal(here, "run", NO_COLOR="1", TERM="xterm-256color", CI="1")
    piped = here.devteam("run", "1.1.1", env={"FORCE_COLOR": "", "NO_COLOR": ""}).ok()
    assert "\x1b" not in piped.out + piped.err


def test_a_folder_that_is_gone_is_said(project):
    here = project()
    done = shell(here, 'mkdir gone && cd gone && rmdir ../gone && "$0" "$@"', "next")
    assert done.returncode == 2
    assert done.stderr.decode().startswith("error: the current folder is gone")


def test_a_folder_whose_name_is_no_text_is_refused(project):
    here = project(patches=HELLO_AND_WORLD)
    other = here.folder / os.fsdecode(b"caf\xe9")
    here.root.rename(other)
    moved = Project(here.folder, other, here.env)
    done = moved.devteam("run", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "repository")
    assert "caf\\udce9' has a name that is no UTF-8" in done.json["error"]["message"]
    assert "rename the folder" in done.err


def shell(here: Project, script: str, *command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ("sh", "-c", script, *here.argv(*command)),
        cwd=here.root,
        env={**os.environ, **here.env},
        capture_output=True,
        check=False,
        timeout=60,
    )


def on_a_terminal(here: Project, *command: str, **env: str) -> str:
    """What the command writes to a real terminal (a pseudo one)."""
    import pty

    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        here.argv(*command),
        cwd=here.root,
        env={**os.environ, **here.env, **env},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux: the other end is closed
            break
        if not chunk:
            break
        seen += chunk
    child.wait(timeout=60)
    os.close(ours)
    return seen.decode(errors="replace")
