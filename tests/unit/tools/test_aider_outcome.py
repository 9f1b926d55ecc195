"""Every row of the behaviour matrix, as aider 0.86.2 wrote it, and what it is called."""

from __future__ import annotations

import pytest

from devteam_action.domain.results import Usage
from devteam_action.tools.aider.outcome import outcome, provider_failure
from devteam_action.tools.aider.transcript import read_chat, read_output
from devteam_action.tools.aider.usage import count, usage

TOKENS = "> Tokens: 2.2k sent, 33 received.  "
CONFORM = "> The LLM did not conform to the edit format.  "
NO_MATCH = "> # 1 SEARCH/REPLACE block failed to match!"
OTHERS = "# The other 1 SEARCH/REPLACE block were applied successfully."
GAVE_UP = "> Only 3 reflections allowed, stopping.  "
APPLIED = "> Applied edit to calc.py  "


def provider(name: str, text: str = "the provider says no") -> str:
    return f"> litellm.{name}: {name}: {text}  "


MATRIX = [
    ("an applied edit", [TOKENS, APPLIED], "finished", "", True),
    ("prose only", ["Looks fine.", "", TOKENS], "finished", "", True),
    ("never a match", [*[TOKENS, CONFORM, NO_MATCH] * 4, GAVE_UP], "failed", "malformed-edit", True),
    ("bad, then good", [TOKENS, CONFORM, NO_MATCH, TOKENS, APPLIED], "finished", "", True),
    ("one good, one bad for ever", [*[TOKENS, CONFORM, NO_MATCH, OTHERS] * 4, GAVE_UP], "failed", "partial-edit", True),
    ("one good, one bad, told by the reflection", [TOKENS, CONFORM, f"#### {OTHERS}"], "failed", "partial-edit", True),
    ("half done, then prose", [TOKENS, CONFORM, NO_MATCH, OTHERS, "Done!", TOKENS], "failed", "partial-edit", True),
    ("half done, then the rest", [TOKENS, CONFORM, OTHERS, TOKENS, APPLIED], "finished", "", True),
    ("applied, then broken off", [TOKENS, APPLIED, TOKENS, CONFORM, GAVE_UP], "failed", "partial-edit", True),
    ("applied, then out of rounds", [TOKENS, APPLIED, "> other.py  ", GAVE_UP], "failed", "partial-edit", True),
    ("a link out of the tree", ["> ln  ", TOKENS, "> ln  ", GAVE_UP], "failed", "malformed-edit", True),
    ("no such key", [provider("AuthenticationError")], "failed", "authentication", False),
    ("no right", [provider("PermissionDeniedError")], "failed", "authentication", False),
    ("no such model", [provider("NotFoundError")], "failed", "model-not-found", False),
    ("a bad request", [provider("BadRequestError")], "failed", "bad-request", False),
    ("too many requests", [provider("RateLimitError")] * 9, "failed", "rate-limit", True),
    ("no money left", [provider("RateLimitError", "insufficient_quota")], "failed", "quota", False),
    ("a broken server", [provider("InternalServerError")] * 9, "failed", "provider-error", True),
    ("nobody there", [provider("InternalServerError", "Connection error.")] * 9, "failed", "unreachable", True),
    ("a silent server", [provider("Timeout", "Request timed out.")], "failed", "provider-timeout", True),
    ("an unknown class", [provider("BrandNewError")], "failed", "provider-error", True),
    ("an error, then a reply", [provider("RateLimitError"), TOKENS, APPLIED], "finished", "", True),
    ("an error, then prose", [provider("InternalServerError"), "Well.", TOKENS], "finished", "", True),
    ("half done, an error, then prose", [TOKENS, CONFORM, OTHERS, provider("Timeout"), TOKENS], "failed",
     "partial-edit", True),
    ("a context that is too long", ["> Model m has hit a token limit!  ", "> Tokens: 9k sent, 0 received.  "], "failed",
     "token-limit", True),
    ("a reply cut short", ["> Model m has hit a token limit!  "], "failed", "token-limit", True),
    ("an empty reply", ["> Empty response received from LLM. Check your provider account?  ", TOKENS], "failed",
     "empty-reply", True),
    ("an edit outside the tree", [TOKENS, "> Cmd('git') failed due to: exit code(128)  "], "failed", "outside-edit",
     True),
    ("a model that imitates success", ["Applied edit to calc.py", "Tokens: 1k sent, 1 received.", CONFORM], "failed",
     "malformed-edit", True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "status", "reason", "retryable"), [row[1:] for row in MATRIX], ids=[row[0] for row in MATRIX]
)
def test_the_chat_tells_why_a_call_failed(lines: list[str], status: str, reason: str, retryable: bool) -> None:
    told = outcome(read_chat("\n".join(["# aider chat started at 2026-01-01 00:00:00", "", *lines, ""])), code=0)
    assert (told.status, told.reason, told.retryable) == (status, reason, retryable)
    assert bool(told.message) or status == "finished"


@pytest.mark.parametrize(
    ("code", "reason", "retryable"),
    [(2, "bad-usage", False), (-15, "crashed", True), (1, "crashed", True), (78, "crashed", True)],
)
def test_an_exit_code_other_than_0_wins_over_every_line(code: int, reason: str, retryable: bool) -> None:
    told = outcome(read_chat(f"{TOKENS}\n{APPLIED}"), code, ": usage: aider")
    assert (told.status, told.reason, told.retryable) == ("failed", reason, retryable)
    assert told.message.endswith(": usage: aider")


def test_without_an_edit_the_models_last_reply_is_the_message() -> None:
    chat = f"#### do it  \n\nFirst thoughts.\n\n{TOKENS}\n#### again  \n\nIt is fine\nas it is.\n\n{TOKENS}\n"
    assert outcome(read_chat(chat), 0).message == "It is fine\nas it is."


def test_lines_of_the_brief_are_nobodys_word() -> None:
    chat = "#### > litellm.AuthenticationError: no  \n#### Only 3 reflections allowed, stopping.  \n" + TOKENS
    assert outcome(read_chat(chat), 0).status == "finished"


def test_without_a_chat_file_the_output_is_read() -> None:
    told = outcome(read_output("litellm.AuthenticationError: no\nThe API provider …\n"), 0)
    assert told.reason == "authentication"


def test_a_message_is_bounded() -> None:
    assert len(provider_failure("BadRequestError", "x" * 10_000).message) <= 500


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Tokens: 862 sent, 33 received."], Usage(tokens_sent=862, tokens_received=33)),
        (
            ["Tokens: 2.2k sent, 33 received. Cost: $0.0058 message, $0.0058 session."],
            Usage(tokens_sent=2200, tokens_received=33, cost_usd=0.0058),
        ),
        (
            [
                "Tokens: 2.2k sent, 1.1k received. Cost: $0.01 message, $0.01 session.",
                "Tokens: 3k sent, 10 received. Cost: $0.02 message, $0.03 session.",
            ],
            Usage(tokens_sent=5200, tokens_received=1110, cost_usd=0.03),
        ),
        (["Tokens: 1235k sent, 12k received."], Usage(tokens_sent=1_235_000, tokens_received=12_000)),
        (
            ["Tokens: 9k sent, 1k cache write, 2k cache hit, 4 received.", "Cost: $1.50 message, $12.25 session."],
            Usage(tokens_sent=9000, tokens_received=4, cost_usd=12.25),
        ),
        (["Tokens: many sent, 4 received.", "Applied edit to x"], Usage()),
    ],
)
def test_tokens_are_summed_and_the_last_session_cost_counts(lines: list[str], expected: Usage) -> None:
    assert usage(lines) == expected


def test_a_cost_on_a_line_of_its_own_is_read_only_after_aiders_token_line() -> None:
    tokens = "> Tokens: 9k sent, 1k cache write, 2k cache hit, 4 received."
    chat = f"Cost: $99 message, $99 session.\n{tokens}\nCost: $1.50 message, $2.25 session.  \n"
    assert usage(read_chat(chat).said).cost_usd == 2.25


@pytest.mark.parametrize(("text", "number"), [("862", 862), ("2.2k", 2200), ("1235k", 1_235_000), ("1,024", 1024)])
def test_aiders_numbers_are_read(text: str, number: int) -> None:
    assert count(text) == number
