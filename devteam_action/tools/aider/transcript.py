"""aider's chat file, taken apart: its own lines, and the model's last reply."""

from __future__ import annotations

from msgspec import Struct


class Transcript(Struct, frozen=True, kw_only=True):
    """`said` are lines of aider itself, in order; `reply` is the model's last one.

    A model can imitate a line of aider's. So these lines give the reason of a failure, never a success.
    """

    said: tuple[str, ...]
    reply: str = ""


def read_chat(chat: str) -> Transcript:
    """aider's lines begin with `> `, the user's (and what aider sends back to the model) with `#### `.

    Only the first line of a longer message has the mark, so the reports of edit blocks are found in both kinds.
    """
    said: list[str] = []
    reply: list[str] = []
    after_tokens = False
    for raw in chat.splitlines():
        line = raw.rstrip()
        if line.startswith("> "):
            said.append(line[2:])
        elif line.startswith("#### "):
            reply.clear()
            if line.startswith("#### # "):
                said.append(line[5:])
        elif line.startswith("# The other ") or (after_tokens and line.startswith("Cost: ")):
            said.append(line)
        elif not line.startswith("# aider chat started"):
            reply.append(line)
        after_tokens = line.startswith("> Tokens: ")
    return Transcript(said=tuple(said), reply="\n".join(reply).strip())


def read_output(stdout: str) -> Transcript:
    """Where there is no chat file: every line of stdout counts as aider's."""
    return Transcript(said=tuple(line.rstrip() for line in stdout.splitlines()))
