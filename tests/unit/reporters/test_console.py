import io
import os
import pty
import re
import sys
import threading
import time

import msgspec
import pytest

from devteam_action.domain.command_status import CommandStatus
from devteam_action.domain.events import (
    Activity,
    ActivityLogged,
    AttemptStarted,
    Completed,
    Failed,
    Intervened,
    RunOptions,
    StageFinished,
    StageStarted,
    Started,
)
from devteam_action.domain.findings import CriterionResult, Finding, Verification
from devteam_action.domain.results import BaseMoved, Implemented, Prepared, Published, StageFailed, Usage, Verified
from devteam_action.domain.task import Task
from devteam_action.reporters.activity_lines import activity_line
from devteam_action.reporters.console import PlainConsole, console
from devteam_action.reporters.style import in_a_row, seconds_text, writable
from tests.fakes.clock import FakeClock


def a_story(title="Add the flag"):
    results = (
        CriterionResult(criterion="test.pass", passed=True, actual="14 passed", required="all pass", duration=2.1),
        CriterionResult(
            criterion="test.coverage",
            passed=False,
            actual="62 %",
            required="≥ 80 %",
            known=3,
            findings=(
                Finding(tool="coverage", rule="gap", path="src/a.py", line=12, message="not covered"),
                *[Finding(tool="coverage", rule="", message=f"more {n}") for n in range(6)],
            ),
        ),
        CriterionResult(
            criterion="build", passed=False, measured=False, actual="", required="passes", reason="no build command"
        ),
    )
    return [
        Started(
            task=Task(id="1.1", title=title),
            options=RunOptions(tool="aider", base_branch="main"),
            why="first ready",
            timestamp="2026-01-01T00:00:00.000Z",
        ),
        StageStarted(stage="PREP"),
        StageFinished(
            stage="PREP",
            duration=0.4,
            result=Prepared(base="8c3f2e1aabb", head="x", branch="task/1-1-x", repo_path="/r", branch_created=True),
        ),
        AttemptStarted(number=1),
        an_activity("pytest -q"),
        StageFinished(
            stage="IMPLEMENT",
            duration=12.3,
            result=Implemented(
                ok=True,
                commit="3f2a91c00aa11",
                files_modified=("a",),
                lines_changed=14,
                refused=(".git/x: protected",),
                usage=Usage(tokens_sent=2200, tokens_received=33, cost_usd=0.0058),
            ),
        ),
        StageStarted(stage="VERIFY"),
        StageFinished(
            stage="VERIFY",
            duration=3.0,
            result=Verified(head="x", verification=Verification(verdict="failed", results=results)),
        ),
        Failed(
            task_id="1.1",
            code="checks-failed",
            reason="coverage is low",
            hint="devteam retry 1.1",
            timestamp="2026-01-01T00:01:05.000Z",
        ),
    ]


def an_activity(command):
    return did("bash_command", command, command=command)


def did(kind, message, **details):
    return ActivityLogged(
        activity=Activity(
            id="1", execution_id="e", project_id="p", source="s", type=kind, message=message, details=details
        )
    )


def told(events, verbosity=2):
    stream = io.StringIO()
    shown = PlainConsole(stream, verbosity=verbosity)
    for event in events:
        shown.handle(event)
    shown.close()
    return stream.getvalue()


@pytest.mark.parametrize(
    ("activity", "line"),
    [
        (did("grep_search", "S", pattern="def add", path="src"), '    search "def add" in src'),
        (did("grep_search", "S", pattern="def add"), "    search def add"),
        (did("glob_pattern", "F", pattern="*.py", path="src"), '    find   "*.py" in src'),
        (did("file_read", "R", path="a.py"), "    read   a.py"),
        (did("agent_response", "Some words"), "           Some words"),
    ],
)
def test_an_activity_is_a_line_with_what_it_was_about(activity, line):
    assert activity_line(activity.activity).text == line


def test_a_run_reads_as_a_story():
    assert told(a_story()) == (
        "1.1  Add the flag\n"
        "SELECT     first ready\n"
        "PREP       task/1-1-x, from 8c3f2e1aa (0.4 s)\n"
        "IMPLEMENT  attempt 1 of 3 with aider\n"
        "IMPLEMENT  1 file, 14 lines, commit 3f2a91c00, 2.2k sent, 33 received, $0.0058 (12 s)\n"
        "           not taken: .git/x: protected\n"
        "VERIFY     the checks are running\n"
        "  ✓ test.pass      14 passed     required all pass  2.1 s\n"
        "  ✗ test.coverage  62 %          required ≥ 80 %\n"
        "      src/a.py:12  not covered  [gap]\n"
        "      more 0\n"
        "      more 1\n"
        "      more 2\n"
        "      more 3\n"
        "      and 2 more\n"
        "      3 known before this task: not counted\n"
        "  ✗ build          not measured  required passes\n"
        "      no build command\n"
        "VERIFY     1 of 3 criteria met (3.0 s)\n"
        "✗ 1.1 ERROR checks-failed: coverage is low (1 min 05 s, 1 attempt, 2.2k sent, 33 received, $0.0058)\n"
        "  → devteam retry 1.1\n"
    )


def test_at_verbosity_1_only_ends_and_failures_are_told():
    words = [Intervened(kind="guide", text="use the flag", by="ann")]
    assert told([*a_story()[:3], *words, *a_story()[3:]], 1) == (
        "1.1  Add the flag\n"
        "PREP       task/1-1-x, from 8c3f2e1aa (0.4 s)\n"
        "IMPLEMENT  1 file, 14 lines, commit 3f2a91c00, 2.2k sent, 33 received, $0.0058 (12 s)\n"
        "  ✗ test.coverage  62 %          required ≥ 80 %\n"
        "      src/a.py:12  not covered  [gap]\n"
        "      more 0\n"
        "      more 1\n"
        "      more 2\n"
        "      more 3\n"
        "      and 2 more\n"
        "      3 known before this task: not counted\n"
        "  ✗ build          not measured  required passes\n"
        "      no build command\n"
        "VERIFY     1 of 3 criteria met (3.0 s)\n"
        "✗ 1.1 ERROR checks-failed: coverage is low (1 min 05 s, 1 attempt, 2.2k sent, 33 received, $0.0058)\n"
        "  → devteam retry 1.1\n"
    )


def test_a_checkpoint_has_attempts_of_verify():
    task = Task(id="2", title="Checkpoint: all is there", type="checkpoint")
    options = RunOptions(tool="aider", base_branch="main")
    events = [Started(task=task, options=options), AttemptStarted(number=1), StageStarted(stage="VERIFY")]
    assert told(events) == "2  Checkpoint: all is there\nVERIFY     attempt 1 (a checkpoint: no tool)\n"


def test_a_verdict_of_unverified_does_not_count_criteria():
    size = CriterionResult(criterion="diff.size", passed=True, actual="1 line", required="> 0 files", stated=False)
    verification = Verification(verdict="unverified", results=(size,))
    text = told([StageFinished(stage="VERIFY", result=Verified(head="x", verification=verification))])
    assert text.splitlines()[-1] == "VERIFY     nothing could be measured: UNVERIFIED"


def test_an_attempt_of_a_run_that_goes_on_says_its_limit_and_its_tool():
    text = told([Intervened(kind="retry", by="ann"), AttemptStarted(number=4, reason="retry", limit=6, tool="aider")])
    assert text == "trying again, as ann asked\nIMPLEMENT  attempt 4 of 6 with aider\n"


def test_an_attempt_of_a_checkpoint_that_goes_on_is_one_of_verify():
    events = [AttemptStarted(number=2, reason="retry", limit=4), StageStarted(stage="VERIFY")]
    assert told(events) == "VERIFY     attempt 2 (a checkpoint: no tool)\n"


def test_new_options_of_a_run_that_goes_on_are_those_that_its_attempts_name():
    options = RunOptions(tool="command", base_branch="main", max_attempts=5)
    text = told([Intervened(kind="retry", by="ann", options=options), AttemptStarted(number=4, reason="retry")])
    assert text == "trying again, as ann asked\nIMPLEMENT  attempt 4 of 5 with command\n"


def test_an_attempt_beyond_the_known_limit_names_none():
    assert told([*a_story()[:1], AttemptStarted(number=4)]).splitlines()[-1] == "IMPLEMENT  attempt 4 with aider"


def test_more_verbosity_tells_more():
    assert "SELECT     first ready" not in told(a_story(), 1)
    assert "pytest -q" not in told(a_story(), 2)
    assert "    $      pytest -q\n" in told(a_story(), 3)
    assert "more 5" in told(a_story(), 3)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (Completed(task_id="1"), "✓ 1 COMPLETED"),
        (Completed(task_id="1", status="WAITING", waiting_for="review"), "● 1 WAITING for review"),
        (
            Failed(task_id="1", status="STOPPED", code="stopped", reason="by a person"),
            "✗ 1 STOPPED stopped: by a person",
        ),
        (Intervened(kind="guide", text="use\nthe flag", by="ann"), "guidance from ann: use the flag"),
        (
            Intervened(kind="guide", text="no", by="ann", receipt="next-attempt"),
            "guidance from ann (for the next attempt): no",
        ),
        (Intervened(kind="guide", text="no", receipt="refused"), "guidance (refused): no"),
        (Intervened(kind="retry", by="somebody"), "trying again"),
        (Intervened(kind="retry", by="{0}"), "trying again, as {0} asked"),
        (Intervened(kind="resume"), "going on at the unfinished stage"),
        (Intervened(kind="resume", by="ann"), "resumed by ann, at the unfinished stage"),
        (Intervened(kind="stop"), "asked to stop"),
        (Intervened(kind="takeover"), "taken over from a run that is gone"),
        (Intervened(kind="refresh", text="main has moved"), "brought up to the newest base: main has moved"),
        (Intervened(kind="adopt", by="ann"), "ann takes over the commits that are on the branch"),
        (Intervened(kind="skip", by="ann", text="not now"), "skipped by ann: not now"),
        (
            StageFinished(stage="PREP", result=StageFailed(code="dirty", reason="a file is changed")),
            "PREP       dirty: a file is changed",
        ),
        (
            StageFinished(stage="PREP", result=StageFailed(code="setup-failed", reason="exit code 1\n    a\n\n    b")),
            "PREP       setup-failed: exit code 1; a; b",
        ),
        (
            StageFinished(stage="IMPLEMENT", result=Implemented(ok=False, reason="timed-out", message="30 min")),
            "IMPLEMENT  timed-out: 30 min",
        ),
        (StageFinished(stage="IMPLEMENT", result=Implemented(ok=True)), "IMPLEMENT  nothing changed"),
        (
            StageFinished(stage="PUBLISH", result=Published(head="x", pushed=True, pull_request=7)),
            "PUBLISH    on its branch, pushed, pull request #7",
        ),
        (
            StageFinished(stage="PUBLISH", result=BaseMoved(base="abc", head="x")),
            "PUBLISH    the base moved to abc: merged in, to be verified again",
        ),
        (
            StageFinished(stage="VERIFY", result=Verified(head="x", verification=Verification(verdict="unverified"))),
            "VERIFY     nothing could be measured: UNVERIFIED",
        ),
    ],
)
def test_each_ending_has_its_sentence(event, text):
    assert told([event]) == f"{text}\n"


def test_a_silent_stage_says_that_it_lives_until_it_is_over():
    stream = io.StringIO()
    shown = PlainConsole(stream, quiet_s=0.05)
    shown.handle(StageStarted(stage="IMPLEMENT"))
    shown.handle(an_activity("pytest -q"))
    time.sleep(0.3)
    shown.handle(StageFinished(stage="IMPLEMENT", result=Implemented(ok=True)))
    shown.close()
    said = stream.getvalue()
    time.sleep(0.15)
    assert re.search(r"    … IMPLEMENT for 0\.\d s: 1 line so far, the last: \$ +pytest -q\n", said)
    assert said.count("…") <= 4  # less and less often
    assert stream.getvalue() == said


def test_at_verbosity_1_a_silent_stage_stays_silent():
    stream = io.StringIO()
    shown = PlainConsole(stream, verbosity=1, quiet_s=0.02)
    shown.handle(StageStarted(stage="IMPLEMENT"))
    time.sleep(0.15)
    shown.close()
    assert stream.getvalue() == ""


def test_hostile_text_has_no_power_over_the_terminal():
    text = told([*a_story("t\x1b]0;owned\x07\x1b[2J\nfake: ✓ COMPLETED\u202e"), an_activity("rm\x1b[1A\r-rf")], 3)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert text.splitlines()[0].rstrip("\N{REPLACEMENT CHARACTER}") == "1.1  t fake: ✓ COMPLETED"


def test_an_encoding_without_the_signs_gets_others():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    PlainConsole(stream).handle(Completed(task_id="1"))
    assert raw.getvalue() == b"+ 1 COMPLETED\n"
    assert writable("✗ é", "latin-1") == "x ?"


@pytest.mark.parametrize(
    ("text", "row"), [("a\nb", "a; b"), ("why:\n  a\n", "why: a"), ("\n", ""), ("a", "a"), ("a;\r\nb", "a; b")]
)
def test_lines_that_are_put_in_a_row_can_be_told_apart(text, row):
    assert in_a_row(text) == row


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (59.4, "59 s"), (65, "1 min 05 s"), (3720, "1 h 02 min")]
)
def test_times_are_short(seconds, text):
    assert seconds_text(seconds) == text


@pytest.mark.parametrize("off", [{"NO_COLOR": "1"}, {"CI": "true"}, {"TERM": "dumb"}])
def test_decoration_can_be_turned_off_on_a_terminal(off):
    leader, follower = pty.openpty()
    with os.fdopen(leader, "rb"), os.fdopen(follower, "w") as stream:
        assert isinstance(console(stream, {"TERM": "xterm", **off}), PlainConsole)


def test_a_file_is_no_terminal(tmp_path):
    with (tmp_path / "out").open("w") as stream:
        assert isinstance(console(stream, {"TERM": "xterm"}), PlainConsole)


def test_the_live_view_tells_the_same_story_and_leaves_the_terminal_as_it_was():
    pytest.importorskip("rich", reason="the live view needs rich")
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w", encoding="utf-8") as stream:
        shown = console(stream, {"TERM": "xterm-256color"}, verbosity=3)
        assert not isinstance(shown, PlainConsole)
        for event in a_story("[red]markup[/red] \x1b]0;owned\x07"):
            shown.handle(event)
        shown.close()
        shown.close()
    raw = _all_of(leader)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", raw)
    assert "[red]markup[/red]" in text
    assert "✗ 1.1 ERROR checks-failed: coverage is low" in text.replace("\r\n", " ").replace("  ", " ")
    assert "○ PUBLISH" in text
    assert "\x1b]0;" not in raw
    assert raw.rfind("\x1b[?25h") > raw.rfind("\x1b[?25l")  # the cursor is back


@pytest.fixture
def live(monkeypatch):
    """A live view on a terminal with a clock of the test's, and what the terminal got of it in the end."""
    monkeypatch.setenv("COLUMNS", "200")
    pytest.importorskip("rich", reason="the live view needs rich")
    from devteam_action.reporters.live import LiveConsole

    leader, follower = pty.openpty()
    clock = FakeClock()
    got = []
    reader = threading.Thread(target=lambda: got.append(_all_of(leader)))
    reader.start()
    with os.fdopen(follower, "w", encoding="utf-8") as stream:

        def seen_of(events, *, batch=(), verbosity=3, seconds=0.0):
            shown = LiveConsole(stream, verbosity=verbosity, clock=clock.monotonic)
            for event in events:
                shown.handle(event)
            clock.advance(seconds)
            if batch:
                shown.handle_activities(batch)
            shown.close()
            stream.close()
            reader.join()
            return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", got[0])

        yield seen_of
    reader.join()


BEGUN = [*a_story()[:3], StageStarted(stage="IMPLEMENT")]


def test_at_verbosity_3_the_live_view_shows_every_activity_of_a_burst(live):
    burst = [did("agent_response", f"word {number} of many") for number in range(2000)]
    text = live(BEGUN, batch=burst)
    assert re.findall(r"word (\d+) of many\r\n", text)[:2000] == [str(number) for number in range(2000)]
    assert "2000 lines" in text


def test_below_it_the_live_view_shows_the_status_of_a_command_however_much_comes_with_it(live):
    status = CommandStatus(name="prime", state="RUNNING")
    told_of = did(status.type, status.text, **status.details)
    said = ActivityLogged(activity=msgspec.structs.replace(told_of.activity, verbosity=status.verbosity))
    text = live(BEGUN, batch=[said, *[did("agent_response", "hidden words")] * 100], verbosity=2)
    assert "PRIME: RUNNING\r\n" in text
    assert "hidden words\r\n    " not in text


def test_the_panel_counts_time_lines_and_what_the_tool_says_that_it_costs(live):
    tokens = did("progress", "Tokens: 2.2k sent, 33 received.", sent="2.2k", received="33", cost=0.004)
    text = live(BEGUN, batch=[tokens], seconds=75)
    assert "IMPLEMENT 1 min 15 s" in text
    assert re.search(r"\$0\.0040 · 1 line\b", text)


def test_what_an_attempt_cost_counts_once_when_it_is_over(live):
    tokens = did("progress", "Tokens: 2.2k sent, 33 received.", sent="2.2k", received="33", cost=0.0058)
    ended = StageFinished(
        stage="IMPLEMENT",
        result=Implemented(ok=True, usage=Usage(tokens_sent=2200, tokens_received=33, cost_usd=0.0058)),
    )
    text = live([*BEGUN, tokens, ended, StageStarted(stage="VERIFY")])
    assert "2.2k sent, 33 received · $0.0058" in text
    assert "$0.0116" not in text


def _all_of(descriptor):
    data = b""
    while True:
        try:
            chunk = os.read(descriptor, 65536)
        except OSError:
            break
        if not chunk:
            break
        data += chunk
    os.close(descriptor)
    return data.decode()


def test_rich_is_imported_for_a_live_view_alone():
    import subprocess

    script = "import sys, devteam_action.reporters.console; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_pull_request_is_named_and_what_becomes_of_the_ci():
    prepared = Prepared(base="8c3f2e1aa0", head="h", branch="task/1-x", repo_path="/w", pull_request=7)
    published = Published(
        head="t", pushed=True, pull_request=7, ci="The CI waits for an approval.", ci_link="https://x"
    )
    text = told([StageFinished(stage="PREP", result=prepared), StageFinished(stage="PUBLISH", result=published)])
    assert text == (
        "PREP       task/1-x, as it was, pull request #7\n"
        "PUBLISH    on its branch, pushed, pull request #7\n"
        "           The CI waits for an approval. https://x\n"
    )


def test_where_there_is_no_pull_request_the_reason_and_the_link_are_told():
    published = Published(head="t", pushed=True, note="not permitted", link="https://x/compare/main...task/1-x")
    assert told([StageFinished(stage="PUBLISH", result=published)]).endswith(
        "           no pull request: not permitted: https://x/compare/main...task/1-x\n"
    )


def test_the_commands_of_a_server_at_the_three_verbosities():
    def stands(**how):
        status = CommandStatus(name="prime", **how)
        activity = msgspec.structs.replace(
            an_activity("").activity, type=status.type, message=status.text, details=status.details,
            verbosity=status.verbosity, source="scar",
        )  # fmt: skip
        return ActivityLogged(activity=activity)

    events = [
        stands(state="QUEUED", queued_s=2),
        stands(state="RUNNING", queued_s=3.2),
        an_activity("git log --oneline"),
        stands(state="COMPLETED", queued_s=3.2, run_s=12.1, messages=13, tool_calls=10),
        stands(state="FAILED", run_s=0.4, cause="ended without output"),
    ]
    assert told(events, 1) == "    PRIME: RUNNING\n    PRIME: COMPLETED\n    PRIME: FAILED\n"
    assert told(events, 2) == (
        "    PRIME: QUEUED (2 s queued)\n"
        "    PRIME: RUNNING (3 s queued)\n"
        "    PRIME: COMPLETED (12 s, 3 s queued, 13 messages, 10 tool calls)\n"
        "    PRIME: FAILED (0.4 s, ended without output)\n"
    )
    assert told(events, 3).splitlines()[2] == "    $      git log --oneline"
