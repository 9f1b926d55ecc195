import json
import re
import time
import traceback
from pathlib import Path

import pytest

from devteam_action.domain.activity import Classifier, display
from devteam_action.domain.activity_rules import RULES, known_form
from devteam_action.domain.events import Activity

RECORDED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "scar"


def a_classifier():
    return Classifier(execution_id="run", project_id="o/r", source="tool")


def classified(*lines):
    classifier = a_classifier()
    return [*classifier.feed(lines), *classifier.flush()]


FORMS = [
    ("Running command: `pytest -q`", "bash_command", {"command": "pytest -q"}),
    ("Reading file: `src/a.py`", "file_read", {"path": "src/a.py"}),
    ("Writing file: `src/a b.py`", "file_write", {"path": "src/a b.py"}),
    ("Editing file: `src/a.py`", "file_edit", {"path": "src/a.py"}),
    ('Searching: pattern "def add" in `src`', "grep_search", {"pattern": "def add", "path": "src"}),
    ('Searching: pattern "a "quoted" one" in `src`', "grep_search", {"pattern": 'a "quoted" one', "path": "src"}),
    ('Finding files: pattern "**/*.py"', "glob_pattern", {"pattern": "**/*.py"}),
    ('Finding files: pattern "*.py" in `src`', "glob_pattern", {"pattern": "*.py", "path": "src"}),
    ("Tool: WebFetch with {url}", "tool_invocation", {"tool": "WebFetch", "input": "{url}"}),
    ("Error: it broke", "error", {"error": "it broke"}),
    ("fatal: not a git repository", "error", {"error": "not a git repository"}),
    ("ValueError: bad", "error", {"error_type": "ValueError"}),
    ("litellm.AuthenticationError: no", "error", {"error_type": "litellm.AuthenticationError"}),
    ("⚠️ AI rate limit reached.", "error", {"error": "AI rate limit reached."}),
    ("75%", "progress", {"percent": 75.0}),
    ("Progress: 12.5% of all", "progress", {"percent": 12.5}),
    ("100%", "progress", {"percent": 100.0}),
    ("⏱️ Still working... (1m 0s, 1 tool calls)", "progress", {}),
    ("CodingAgent is on the case...", "progress", {}),
    ("Applied edit to src/a.py", "file_edit", {"path": "src/a.py"}),
    ("Creating empty file src/new.py", "file_write", {"path": "src/new.py"}),
    ("Added src/a.py to the chat.", "file_read", {"path": "src/a.py"}),
    ("$ ls -la", "bash_command", {"command": "ls -la"}),
    (
        "Tokens: 2.2k sent, 33 received. Cost: $0.0058 message, $0.0058 session.",
        "progress",
        {"sent": "2.2k", "received": "33", "cost": 0.0058},
    ),
]


@pytest.mark.parametrize(("line", "kind", "details"), FORMS)
def test_a_line_of_a_known_form_says_what_it_is(line, kind, details):
    assert [(each.type, each.message, each.details) for each in classified(line)] == [(kind, line, details)]


@pytest.mark.parametrize(
    "line",
    [
        "I'll look first.",
        "The price is 75% lower",
        "  indented",
        "$",
        "250%",
        "# Heading",
        "Reading file: src/a.py",
        "🔧",
    ],
)
def test_anything_else_is_the_agents_word_whole(line):
    assert [(each.type, each.message) for each in classified(line)] == [("agent_response", line)]


def test_blank_lines_are_none_and_no_other_is_lost():
    lines = ["one", "", "  ", "two", "\t", "three"]
    assert [each.message for each in classified(*lines)] == ["one", "two", "three"]


def test_a_stack_trace_is_one_activity_with_all_its_lines():
    trace = [
        "Traceback (most recent call last):",
        '  File "a.py", line 1, in <module>',
        "    1/0",
        "ZeroDivisionError: division by zero",
        "During handling of the above exception, another exception occurred:",
        "Traceback (most recent call last):",
        '  File "a.py", line 3, in <module>',
        "RuntimeError: second",
    ]
    first, second, third = classified("before", *trace, "after")
    assert (first.message, third.message) == ("before", "after")
    assert (second.type, second.message) == ("error", "RuntimeError: second")
    assert second.details == {"error_type": "RuntimeError", "lines": trace}


def test_a_javascript_stack_belongs_to_its_error():
    lines = ["TypeError: x is undefined", "    at f (a.js:1:2)", "    at g (b.js:3:4)"]
    only, after = classified(*lines, "next")
    assert (only.type, only.details["lines"], after.message) == ("error", lines, "next")


STACKS = {
    "java": """\
Exception in thread "main" java.lang.IllegalStateException: boom
\tat a.B.c(B.java:1)
\tSuppressed: java.io.IOException: close
\t\tat a.B.d(B.java:2)
Caused by: java.io.IOException: x
\t... 3 more""",
    "java, a nested class": "com.acme.App$NoStockException: none left\n\tat com.acme.App.take(App.java:7)",
    "a browser": "Uncaught TypeError: x is undefined\n    at f (a.js:1:2)",
    "a promise": "Uncaught (in promise) Error: no\n    at f (a.js:1:2)",
    "node's warning": "(node:12) UnhandledPromiseRejectionWarning: Error: x\n    at a (b.js:1:1)",
    "node, with the error's fields": """\
Error: Cannot find module 'x'
    at Module._load (node:internal/modules/cjs/loader:1:2) {
  code: 'MODULE_NOT_FOUND',
  [cause]: Error: inner
      at b (c.js:1:1)
}""",
    "rust": """\
thread 'main' panicked at src/main.rs:2:5:
assertion `left == right` failed
  left: 1
 right: 2
stack backtrace:
   0: rust_begin_unwind
             at /rustc/1/library/std/src/panicking.rs:645:5
  10: core::ops::function::FnOnce::call_once
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.""",
    "rust, as it was": """\
thread 'main' panicked at 'index out of bounds', src/main.rs:1:1
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace""",
    "go": """\
panic: runtime error: index out of range [5] with length 3 [recovered]
\tpanic: again
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]

goroutine 1 [running]:
testing.tRunner.func1.2({0x4f1a20, 0xc0000})
\t/usr/local/go/src/testing/testing.go:1631 +0x24a
main.(*Stock).Take(0xc00001, 0x5)
\t/src/stock.go:9 +0x1d
main.Map[...](...)
\t/src/map.go:3
created by main.main in goroutine 1
\t/src/main.go:12 +0x1d""",
    "go, a deadlock": "fatal error: all are asleep!\ngoroutine 1 [chan receive]:\nmain.main()\n\t/a.go",
}


@pytest.mark.parametrize("name", STACKS)
def test_a_stack_of_any_common_runtime_is_one_activity_and_the_next_line_another(name):
    lines = [line for line in STACKS[name].split("\n") if line]
    before, only, after, last = classified("before", *lines, "see main.go (line 3)", "  done")
    assert (only.type, only.details["lines"]) == ("error", lines)
    assert [each.message for each in (before, after, last)] == ["before", "see main.go (line 3)", "  done"]


def test_a_rust_panic_says_what_it_was_about():
    only, _ = classified("thread 'main' panicked at src/main.rs:2:5:", "no stock", "after")
    assert (only.message, only.details["error"]) == ("thread 'main' panicked at src/main.rs:2:5: no stock", "no stock")


def a_group(*inner):
    """What Python itself prints of an exception group."""
    try:
        raise ExceptionGroup("several", [*inner])
    except ExceptionGroup as error:
        return "".join(traceback.format_exception(error)).splitlines()


@pytest.mark.parametrize(
    "inner",
    [
        [ValueError("1")],
        [ValueError("1\nand more"), TypeError("2")],
        [ExceptionGroup("inner", [KeyError("k")]), TypeError("after an inner one")],
        [TypeError("before"), ExceptionGroup("inner", [KeyError("k"), OSError("o")])],
    ],
    ids=["one", "two", "an inner one first", "an inner one last"],
)
def test_an_exception_group_is_one_activity_and_takes_no_other_line(inner):
    lines = a_group(*inner)
    only, *others = classified(*lines, "after", "| a | table |")
    assert [each.message for each in others] == ["after", "| a | table |"]
    assert only.details["lines"] == lines
    assert only.message == f"ExceptionGroup: several ({len(inner)} sub-exception{'s' if len(inner) > 1 else ''})"
    assert only.details["error_type"] == "ExceptionGroup"


def test_an_exception_group_that_follows_from_another_exception_is_one_with_it():
    try:
        try:
            raise KeyError("first")
        except KeyError as error:
            raise ExceptionGroup("several", [ValueError("1")]) from error
    except ExceptionGroup as error:
        lines = [line for line in "".join(traceback.format_exception(error)).splitlines() if line]
    only, after = classified(*lines, "after")
    assert (only.details["lines"], after.message) == (lines, "after")
    assert only.message == "ExceptionGroup: several (1 sub-exception)"


def test_two_traces_that_have_nothing_to_do_with_one_another_are_two():
    trace = ["Traceback (most recent call last):", '  File "a.py", line 1', "ValueError: 1"]
    assert [each.details["lines"] for each in classified(*trace, *trace)] == [trace, trace]


def test_a_stack_that_never_ends_is_cut_and_nothing_is_lost():
    lines = ["Traceback (most recent call last):", *["  deeper"] * 5000]
    drafts = classified(*lines)
    assert sum(len(each.details.get("lines", [1])) for each in drafts) == len(lines)
    assert len(drafts) > 1


def test_a_command_of_many_lines_in_one_message_is_one_activity():
    message = "🔧 BASH\ncat <<'X'\nline 1\n\nX\necho done"
    (only,) = a_classifier().message(message)
    assert (only.type, only.details["command"]) == ("bash_command", "cat <<'X'\nline 1\n\nX\necho done")
    assert only.details["lines"] == message.split("\n")


def test_where_only_lines_are_known_a_command_goes_on_while_it_is_unfinished():
    lines = ["🔧 BASH", "cat <<'X'", "line 1", "X", "the answer", "🔧 READ", "Reading: /a.py", "🔧 BASH", "ls", "ok"]
    assert [(each.type, each.message) for each in classified(*lines)] == [
        ("bash_command", "cat <<'X'\nline 1\nX"),
        ("agent_response", "the answer"),
        ("file_read", "Reading: /a.py"),
        ("bash_command", "ls"),
        ("agent_response", "ok"),
    ]


def test_a_line_that_a_program_overwrote_shows_its_last_state_and_keeps_the_others():
    (only,) = classified("10%\r55%\r100%")
    assert (only.type, only.message, only.details) == (
        "progress",
        "100%",
        {"percent": 100.0, "lines": ["10%", "55%", "100%"]},
    )


def test_numbers_and_names_are_those_of_the_execution():
    classifier = a_classifier()
    activities = classifier.activities(classifier.feed(["a", "b"]), range(4, 6), "2026-01-01T00:00:00.000Z")
    assert [(each.id, each.sequence_number, each.execution_id) for each in activities] == [
        ("run-4", 4, "run"),
        ("run-5", 5, "run"),
    ]


def test_only_the_display_cuts():
    words = "x" * 500
    (draft,) = classified(words)
    activity = Activity(
        id="1", execution_id="e", project_id="p", source="s", type="agent_response", message=draft.message
    )
    assert draft.message == words
    assert display(activity) == "x" * 200 + "..."


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded SCAR runs are not beside this checkout")
@pytest.mark.parametrize("name", ["tools", "misc-tools", "multiline-tool", "codex-tools", "subagent"])
def test_every_tool_call_of_a_recorded_run_is_one_activity(name):
    recorded = json.loads((RECORDED / f"{name}.json").read_text())["get"]
    messages = [each["message"] for each in recorded.get("body", recorded)["messages"]]
    for message in messages:
        drafts = a_classifier().message(message)
        if message.startswith("🔧 "):
            assert len(drafts) == 1
            assert drafts[0].type != "agent_response"
        else:
            assert len(drafts) == len([line for line in message.splitlines() if line.strip()])


@pytest.mark.parametrize("name", [rule.name for rule in RULES])
def test_a_rule_takes_time_linear_in_the_line(name):
    """Eight times the line in at most twelve times the time (1.5 of linear), for lines made to hurt."""
    rule = next(rule for rule in RULES if rule.name == name)
    words = re.findall(r"[A-Za-z$⚠❌⏱]{1,20}(?: [a-z]{1,10})?:? ?[`\"]?", rule.pattern.pattern.replace("\\", ""))[:4]
    for piece in (*words, '" in `', "`", "` ", "1", " ", "a", ". to the chat ", "❌", "a is on the case..."):

        def cost(size, piece=piece):
            line = "".join(words) + piece * (size // len(piece)) + "\x00"
            best = 9e9
            for _ in range(3):
                start = time.process_time()
                rule.pattern.match(line)
                known_form(line)
                best = min(best, time.process_time() - start)
            return best

        assert cost(8 * 2**16) <= 12 * cost(2**16) + 0.02, piece
