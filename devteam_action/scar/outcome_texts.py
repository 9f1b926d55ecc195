"""The measured sentences by which SCAR says how a run ended, and what each of them asks of people."""

from __future__ import annotations

from msgspec import Struct

TOOL_MARK = "🔧 "
_FIRST_WORDS = 200  # of an agent's line, as an explanation


class Cause(Struct, frozen=True, kw_only=True):
    """Why a run failed: a stable word, what to do, and whether the same may succeed at once.

    What needs time is not for us to repeat: the agent has tried again, for up to minutes, before SCAR said so.
    """

    word: str
    advice: str
    retryable: bool


OPERATOR = Cause(
    word="authentication", advice="SCAR's own credentials for the model are refused: its operator must renew them",
    retryable=False,
)  # fmt: skip
RATE_LIMIT = Cause(word="rate-limit", advice="the model's limit is reached: try again later", retryable=False)
OVERLOADED = Cause(word="overloaded", advice="the model's service is overloaded: try again later", retryable=False)
SERVICE = Cause(word="service-error", advice="the model's service failed: try again later", retryable=False)
TOO_LONG = Cause(
    word="prompt-too-long", advice="send `/reset` to the conversation, then run the task again", retryable=True
)
SESSION = Cause(word="session", advice="send `/reset` to the conversation, then run the task again", retryable=True)
TOKENS = Cause(word="token-limit", advice="ask for less at once: split the task", retryable=False)
POLICY = Cause(word="refusal", advice="the model declines this request: word the task differently", retryable=False)
DATABASE = Cause(word="database", advice="SCAR's database does not answer: look at its server", retryable=True)
SLOW = Cause(word="model-timeout", advice="the model's service was too slow: try again later", retryable=False)
CRASHED = Cause(word="crashed", advice="the agent ended with an error: SCAR's log says more", retryable=True)
LIMITS = Cause(word="agent-limit", advice="the agent hit a limit of SCAR's: split the task", retryable=False)
CONFIGURATION = Cause(
    word="configuration", advice="SCAR lacks the repository or the command: set it up there", retryable=False
)
EMPTY = Cause(
    word="empty-reply", advice="the run ended without a word (Codex does so on every error): look at SCAR's log",
    retryable=True,
)  # fmt: skip

# What the agent itself says before SCAR's line, which says *that* it failed; the wording is the agent CLI's.
_REASONS: tuple[tuple[str, Cause], ...] = (
    ("Prompt is too long", TOO_LONG),
    ("Invalid API key", OPERATOR),
    ("API Error: 401", OPERATOR),
    ("API Error: 403", OPERATOR),
    ("API Error: 429", RATE_LIMIT),
    ("API Error: 529", OVERLOADED),
    ("API Error: 5", SERVICE),
    ("API Error: Claude's response exceeded", TOKENS),
    ("API Error: Claude Code is unable to respond", POLICY),
    ("API Error: ", CRASHED),
    ("❌ Task timed out after", LIMITS),
    ("❌ Task exceeded maximum tool call limit", LIMITS),
)

# SCAR's own last line of a failed run, whole.
_LINES: dict[str, Cause] = {
    "⚠️ AI rate limit reached. Please wait a moment and try again.": RATE_LIMIT,
    "⚠️ AI service authentication error. Please check configuration.": OPERATOR,
    "⚠️ Request timed out. The AI service may be slow. Try again or use /reset.": SLOW,
    "⚠️ Database connection issue. Please try again in a moment.": DATABASE,
    "⚠️ Session error. Use /reset to start a fresh session.": SESSION,
    "⚠️ An unexpected error occurred. Try /reset to start a fresh session.": CRASHED,
}
_FRAMED = ("⚠️ AI error: ", "⚠️ Error: ")
_FRAME_END = " Try /reset if issue persists."

_REFUSALS = (
    "No codebase configured.",
    "Usage: /",
    "Unknown command: /",
    "Repository not found: ",
    "No repositories found.",
    "Failed to read command file: ",
    "Codebase not found.",
    "Failed to clone repository: ",
    "Directory already exists: ",
    "Failed: ",
    "Failed to pull: ",
)
_NOT_FOUND = ("Command '", "' not found. Use /commands to see available.")
_PROGRESS_END = " is on the case..."
_STILL = "⏱️ Still working... ("


def is_tool_line(text: str) -> bool:
    """Whether it looks like a tool call; a model can write such a line too, so nothing is decided by it."""
    return text.startswith(TOOL_MARK)


def is_progress(text: str) -> bool:
    """Batch mode's signs of life, which are no output."""
    return text.startswith(_STILL) or (text.endswith(_PROGRESS_END) and "\n" not in text and len(text) < _FIRST_WORDS)


def is_refusal(text: str) -> bool:
    """Whether SCAR declined the command without asking a model; counts only where it is all that was said."""
    return text.startswith(_REFUSALS) or (text.startswith(_NOT_FOUND[0]) and text.endswith(_NOT_FOUND[1]))


def failure_line(text: str) -> Cause | None:
    """What SCAR's own closing line says; None for any other text, though it may begin with the same sign."""
    line = text.strip()
    if line in _LINES:
        return _LINES[line]
    if line.startswith(_FRAMED) and line.endswith(_FRAME_END):
        detail = line.split(": ", 1)[1].removesuffix(_FRAME_END)
        return reason(detail) or CRASHED
    return None


def reason(text: str) -> Cause | None:
    """What the agent's line before it says."""
    return next((cause for words, cause in _REASONS if text.startswith(words)), None)


def is_agent_error(text: str) -> bool:
    """Whether a last message is the agent's error with nothing of SCAR's after it."""
    return text.startswith("API Error: ") or text.strip() == "Prompt is too long"


def first_words(text: str) -> str:
    """A message as an explanation: its first line, cut."""
    line = " ".join(text.strip().splitlines()[:1])
    return line if len(line) <= _FIRST_WORDS else f"{line[:_FIRST_WORDS]}..."
