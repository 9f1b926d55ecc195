"""The registry of lines that we know: one rule a form, tried in order, each linear in the length of the line.

Forms of SCAR's texts and tool lines were measured on the real server; aider's on the real program (both in batch and
with colours off). A tool can imitate any of them: they are for display, never for a decision.
"""

from __future__ import annotations

import re

from msgspec import Struct

from devteam_action.domain.events import ActivityType

Detail = str | int | float | bool | list[str] | None
Details = dict[str, Detail]


class Rule(Struct, frozen=True):
    """`pattern` is matched at the start of a line; its named groups that took part become the activity's details."""

    name: str
    type: ActivityType
    pattern: re.Pattern[str]


def _rule(name: str, kind: ActivityType, pattern: str) -> Rule:
    return Rule(name, kind, re.compile(pattern))


RULES: tuple[Rule, ...] = (
    # the documented text forms
    _rule("running-command", "bash_command", r"Running command: `(?P<command>.*)`\s*$"),
    _rule("reading-file", "file_read", r"Reading file: `(?P<path>.*)`\s*$"),
    _rule("writing-file", "file_write", r"(?:Writing|Creating) file: `(?P<path>.*)`\s*$"),
    _rule("editing-file", "file_edit", r"Editing file: `(?P<path>.*)`\s*$"),
    _rule("searching", "grep_search", r"Searching: pattern \"(?P<pattern>.*?)\" in `(?P<path>[^`]*)`\s*$"),
    _rule("searching-all", "grep_search", r"Searching: pattern \"(?P<pattern>.*)\"\s*$"),
    _rule("finding-files", "glob_pattern", r"Finding files: pattern \"(?P<pattern>[^\"]*)\"(?: in `(?P<path>[^`]*)`)?"),
    _rule("tool-with", "tool_invocation", r"Tool: (?P<tool>[^\s:]{1,200}) with (?P<input>.*)"),
    _rule("tool", "tool_invocation", r"Tool: (?P<tool>[^\s:]{1,200})\s*$"),
    # aider, and our own tools' words
    _rule("applied-edit", "file_edit", r"Applied (?:edit|patch) to (?P<path>.*)"),
    _rule("new-file", "file_write", r"Creating empty file (?P<path>.*)"),
    _rule("added-to-chat", "file_read", r"Added (?P<path>.*) to the chat\.?\s*$"),
    _rule("commit", "tool_invocation", r"Commit (?P<commit>[0-9a-f]{7,40}) (?P<input>.*)"),
    _rule(
        "tokens",
        "progress",
        r"Tokens: (?P<sent>[\d.,]{1,20}[kM]?) sent.{0,200}?(?P<received>[\d.,]{1,20}[kM]?) received\."
        r"(?: Cost: \$(?P<cost>[\d.,]{1,20}) message)?",
    ),
    _rule("retrying", "progress", r"Retrying in (?P<seconds>[\d.]{1,20}) seconds"),
    _rule("malformed-edit", "error", r"The LLM did not conform to the edit format"),
    _rule("failed-blocks", "error", r"# \d{1,9} SEARCH/REPLACE blocks? failed to match"),
    _rule("reflections", "error", r"Only \d{1,9} reflections allowed, stopping"),
    # a shell's echo
    _rule("prompt", "bash_command", r"\$ (?P<command>\S.*)"),
    # progress in numbers, and SCAR's batch mode
    _rule("percent", "progress", r"\s{0,40}(?:Progress:? {1,4})?(?P<percent>(?:100|\d{1,2})(?:\.\d{1,6})?) ?%"),
    _rule("still-working", "progress", r"⏱️ ?Still working"),
    _rule("on-the-case", "progress", r".{1,100}? is on the case\.\.\.\s*$"),
    # errors
    _rule("marked-error", "error", r"(?:❌|⚠️) ?(?P<error>.*)"),
    _rule("error", "error", r"(?:Error|ERROR|error|FATAL|fatal|API Error)(?:\[[\w-]{1,40}\])?: (?P<error>.*)"),
    _rule("exception", "error", r"(?P<error_type>[A-Za-z_][\w.$]{0,200}(?:Error|Exception|Interrupt))(?::|\s*$)"),
    # what the runtimes of Java, JavaScript, Rust and Go say before a stack
    _rule("in-thread", "error", r"Exception in thread \"[^\"]{0,200}\" (?P<error_type>[\w.$]{1,300})(?::|\s*$)"),
    _rule(
        "uncaught",
        "error",
        r"(?:Uncaught |\(node:\d{1,9}\) UnhandledPromiseRejectionWarning: |UnhandledPromiseRejectionWarning: )"
        r"(?:\(in promise\) )?(?P<error_type>(?:[A-Za-z_][\w.$]{0,200})?(?:Error|Exception))(?::|\s*$)",
    ),
    _rule("panicked", "error", r"thread '[^']{0,200}'(?: \(\d{1,20}\))? panicked at (?P<error>.*)"),
    _rule("panic", "error", r"(?:panic|fatal error): (?P<error>.*)"),
)

# One look that most lines fail: the same patterns in one, without their names.
_ANY = re.compile("|".join(f"(?:{re.sub(r'[(][?]P<[a-z_]+>', '(?:', rule.pattern.pattern)})" for rule in RULES))
_NUMBERS = frozenset({"percent", "seconds", "cost"})


def known_form(line: str) -> tuple[ActivityType, Details] | None:
    """What a line says by the registry; None for anything else."""
    if _ANY.match(line) is None:
        return None
    for rule in RULES:
        match = rule.pattern.match(line)
        if match is not None:
            return rule.type, _details(match)
    return None


def _details(match: re.Match[str]) -> Details:
    found = {name: text for name, text in match.groupdict().items() if text is not None}
    return {name: _number(text) if name in _NUMBERS else text for name, text in found.items()}


def _number(text: str) -> float | str:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return text
