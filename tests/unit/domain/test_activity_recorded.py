"""Every recorded run of the real SCAR, message by message: which activities it is. Nothing is lost, nothing made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from devteam_action.domain.activity import TOOL_MARK, Classifier

RECORDED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "scar"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded SCAR runs are not beside this checkout")

# One letter an activity: b bash, r read, w write, e edit, g grep, l glob, t tool, . words, ! error, % progress. A run
# begins with the three lines of `/repo`, where that was asked for.
LETTERS = {
    "bash_command": "b", "file_read": "r", "file_write": "w", "file_edit": "e", "grep_search": "g",
    "glob_pattern": "l", "tool_invocation": "t", "agent_response": ".", "error": "!", "progress": "%",
}  # fmt: skip
TABLE = {
    "api-429": "...!!",
    "api-529": "...!!",
    "args": "....",
    "background-tool": "...b.",
    "batch-empty": "...%",
    "batch-error400": "...%!",
    "batch-long": "...%%.....",
    "batch-tools": "...%..........",
    "codex-auth-failed": "...",
    "codex-tools": "....bb.",
    "empty": "...",
    "end-marker": "....b...",
    "imitated-tool-line": "...b",
    "max-tokens": "....!!",
    "misc-tools": "...ettttettttb.",
    "multiline-tool": "...b.",
    "no-codebase": ".",
    "prompt-too-long": "....!",
    "question": "....",
    "queued-on-one-conversation": "...b.......",
    "refusal": "....!!",
    "repo-missing": "..",
    "silent-tool": "....b.",
    "status-fresh": "." * 63,
    "subagent": "...tb.",
    "toolfail": "...br.",
    "tools": "....br.weglt" + "bt" + "......",
    "unknown-command": "......",
}


def messages_of(name: str) -> list[str]:
    recorded: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))["get"]
    return [each["message"] for each in recorded["messages"]]


@pytest.mark.parametrize("name", TABLE)
def test_a_recorded_run_is_these_activities(name: str) -> None:
    classifier = Classifier(execution_id="r", project_id="p", source="scar")
    drafts = [draft for message in messages_of(name) for draft in classifier.message(message)]
    assert "".join(LETTERS[each.type] for each in drafts) == TABLE[name]


@pytest.mark.parametrize("name", TABLE)
def test_every_line_of_a_recorded_run_is_in_exactly_one_activity(name: str) -> None:
    classifier = Classifier(execution_id="r", project_id="p", source="scar")
    for message in messages_of(name):
        drafts = classifier.message(message)
        told = [line for each in drafts for line in (each.details.get("lines") or [each.message])]
        wanted = [line for line in message.splitlines() if line.strip()]
        if message.startswith(TOOL_MARK):
            wanted = message.splitlines() if "\n" in message else [message.removeprefix(TOOL_MARK)]
        assert told == wanted


def test_the_table_has_every_recorded_run() -> None:
    there = {path.stem for path in RECORDED.glob("*.json")} - {"http-exchanges"}
    assert there == set(TABLE)
