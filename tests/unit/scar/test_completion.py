"""How a run ended, as a table: from what was seen to outcome and cause."""

from __future__ import annotations

import pytest

from devteam_action.scar.completion import verdict
from devteam_action.scar.messages import ScarMessage

CRASHED = "⚠️ Error: Claude Code process exited with code 1. Try /reset if issue persists."


def messages(*texts: str) -> list[ScarMessage]:
    return [ScarMessage("c1", text) for text in texts]


@pytest.mark.parametrize(
    ("told", "outcome", "cause", "retryable"),
    [
        ((), "FAILED", "empty-reply", True),
        (("  \n",), "FAILED", "empty-reply", True),
        (("The agent is on the case...",), "FAILED", "empty-reply", True),
        (("The agent is on the case...", "⏱️ Still working... (1m 0s, 1 tool calls)"), "FAILED", "empty-reply", True),
        (("The agent is on the case...", "All done."), "COMPLETED", "", False),
        (("All done.",), "COMPLETED", "", False),
        (("Starting.", "🔧 BASH\nls"), "COMPLETED", "", False),
        (("Prompt is too long", CRASHED), "FAILED", "prompt-too-long", True),
        (("Invalid API key · Fix external API key", CRASHED), "FAILED", "authentication", False),
        (('API Error: 429 {"type":"error"}', CRASHED), "FAILED", "rate-limit", False),
        (("API Error: 529 {}", CRASHED), "FAILED", "overloaded", False),
        (("API Error: 500 {}", CRASHED), "FAILED", "service-error", False),
        (
            ("cut", "API Error: Claude's response exceeded the 32000 output token maximum. x", CRASHED),
            "FAILED",
            "token-limit",
            False,
        ),
        (
            ("No.", "API Error: Claude Code is unable to respond to this request, x", CRASHED),
            "FAILED",
            "refusal",
            False,
        ),
        (("working", CRASHED), "FAILED", "crashed", True),
        ((CRASHED,), "FAILED", "crashed", True),
        (("⚠️ AI rate limit reached. Please wait a moment and try again.",), "FAILED", "rate-limit", False),
        (("x", "⚠️ AI service authentication error. Please check configuration."), "FAILED", "authentication", False),
        (
            ("x", "⚠️ Request timed out. The AI service may be slow. Try again or use /reset."),
            "FAILED",
            "model-timeout",
            False,
        ),
        (("x", "⚠️ Database connection issue. Please try again in a moment."), "FAILED", "database", True),
        (("x", "⚠️ Session error. Use /reset to start a fresh session."), "FAILED", "session", True),
        (("x", "⚠️ AI error: two\nlines. Try /reset if issue persists."), "FAILED", "crashed", True),
        (("x", "⚠️ Error: Prompt is too long. Try /reset if issue persists."), "FAILED", "prompt-too-long", True),
        (("x", "⚠️ An unexpected error occurred. Try /reset to start a fresh session."), "FAILED", "crashed", True),
        (("x", "❌ Task timed out after 20 minutes. The session has been terminated."), "FAILED", "agent-limit", False),
        (
            ("x", "❌ Task exceeded maximum tool call limit (200). x", "⚠️ Error: x. Try /reset if issue persists."),
            "FAILED",
            "agent-limit",
            False,
        ),
        (("x", "❌ Something new"), "FAILED", "crashed", True),
        (("x", "API Error: 500 {}"), "FAILED", "service-error", False),
        (("x", "API Error: Connection error."), "FAILED", "crashed", True),
        (("x", "Prompt is too long"), "FAILED", "prompt-too-long", True),
        (("No codebase configured. Use /clone for a new repo or /repos to list x.",), "FAILED", "configuration", False),
        (("Command 'nope' not found. Use /commands to see available.",), "FAILED", "configuration", False),
        (("Usage: /command-invoke <name> [args...]",), "FAILED", "configuration", False),
        (("Unknown command: /nope\n\nType /help for available commands or x.",), "FAILED", "configuration", False),
        (("Repository not found: x\n\nUse /repos to see available repositories.",), "FAILED", "configuration", False),
        # Models use these signs and words in good answers too.
        (("⚠️ Error: is what the page showed; fixed.", "⚠️ Note: one test is slow."), "COMPLETED", "", False),
        ((CRASHED, "I wrote that sentence into the log."), "COMPLETED", "", False),
        (("Looking.", "Repository not found: that was the bug, and it is fixed."), "COMPLETED", "", False),
        (("API Error: 500 was in the log.", "Fixed."), "COMPLETED", "", False),
    ],
)
def test_the_last_messages_say_how_it_ended(told, outcome, cause, retryable):
    told_so = verdict("idle", messages(*told))
    assert (told_so.outcome, told_so.cause, told_so.retryable) == (outcome, cause, retryable)
    assert bool(told_so.explanation) == bool(told_so.advice) == (outcome == "FAILED")


@pytest.mark.parametrize(
    ("end", "outcome", "cause"),
    [
        ("marker", "COMPLETED", ""),
        ("timeout", "TIMED_OUT", "timed-out"),
        ("queue-timeout", "TIMED_OUT", "queued-too-long"),
        ("stopped", "INTERRUPTED", "stopped"),
        ("restarted", "INTERRUPTED", "restarted"),
        ("unreachable", "INTERRUPTED", "unreachable"),
        ("cleared", "INTERRUPTED", "cleared"),
        ("quiet", "UNCERTAIN", "silent"),
    ],
)
def test_only_a_known_end_completes(end, outcome, cause):
    told = verdict(end, messages("All done."))
    assert (told.outcome, told.cause) == (outcome, cause)


def test_a_last_word_that_may_be_anothers_is_uncertain():
    told = verdict("idle", messages("All done."), is_shared=True)
    assert (told.outcome, told.cause, told.summary) == ("UNCERTAIN", "shared", "All done.")


def test_a_failure_stays_one_after_a_long_silence():
    assert verdict("quiet", messages("x", CRASHED)).outcome == "FAILED"


@pytest.mark.parametrize(
    ("last", "warning"),
    [
        ("🔧 BASH\nls", "tool call"),
        ("⚠️ Note: slow.", "warning sign"),
        ("Which database should I use?", "question"),
        ("Done.", ""),
    ],
)
def test_an_odd_ending_is_pointed_out(last, warning):
    warnings = verdict("idle", messages("x", last)).warnings
    assert warning in " ".join(warnings)
    assert bool(warnings) == bool(warning)


def test_the_summary_is_the_last_word_that_is_no_tool_call():
    assert verdict("idle", messages("one", "two", "🔧 BASH\nls")).summary == "two"
    assert verdict("idle", messages("🔧 BASH\nls")).summary == ""


@pytest.mark.parametrize(
    ("before", "explanation"),
    [
        ("Credit balance is too low", "Credit balance is too low"),
        ("API Error: 529 {}", "API Error: 529 {}"),
        ("🔧 BASH\nls", CRASHED),
        ("The agent is on the case...", CRASHED),
    ],
)
def test_what_the_agent_said_before_it_broke_is_the_reason(before, explanation):
    assert verdict("idle", messages(before, CRASHED)).explanation == explanation


def test_an_explanation_is_one_short_line():
    told = verdict("idle", messages("API Error: 500 " + "x" * 500 + "\nsecond", CRASHED))
    assert "\n" not in told.explanation
    assert len(told.explanation) <= 203
