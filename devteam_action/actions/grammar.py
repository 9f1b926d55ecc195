"""What a comment asks of us: one command, a hint for whoever misspelt it, or nothing.

Standard library only: the gate reads comments with this before anything is installed.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Name = Literal[
    "run", "retry", "guide", "verify", "status", "stop", "resume", "skip", "inject", "approve", "adopt", "help"
]  # fmt: skip
Job = Literal["", "control", "work", "accept"]

# What each command takes, as people are told it.
SHAPES: dict[Name, str] = {
    "run": "run [ID] [until ID]",
    "retry": "retry [ID]",
    "guide": "guide TEXT",
    "verify": "verify [ID]",
    "status": "status [ID]",
    "stop": "stop [ID] [reason]",
    "resume": "resume [ID]",
    "skip": "skip [ID] [reason]",
    "inject": "inject TITLE",
    "approve": "approve HASH",
    "adopt": "adopt [ID]",
    "help": "help",
}
CONTROL: frozenset[Name] = frozenset({"stop", "guide", "status", "skip", "resume", "help"})
_STARTS_WORK: frozenset[Name] = frozenset({"guide", "resume"})  # control, and may start work when nothing is running

LONGEST_ID = 64
_STOPS = ".,:;!"
_LONGEST_BODY = 65_536  # GitHub's own limit of a comment, in characters
_ID = re.compile(r"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*")
_HASH = re.compile(r"[0-9a-fA-F]{7,40}")
_SHOWABLE = re.compile(r"[A-Za-z0-9-]{1,30}")
# Control characters, direction marks, zero widths, fillers that look like nothing, tag and variation characters (they
# can carry a whole hidden text), lone surrogates. Not tab and line feed.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


class Command(NamedTuple):
    """A command that was read; what it does not take is empty.

    `task` and `until` are well-formed ids (of tasks that need not exist). `text` is what `guide` and `inject` were
    given, over all lines, without hidden characters and HTML comments: the first line of an `inject` is the title, the
    others describe it. `sha` are 7 to 40 lower-case hexadecimal digits. `reason` is one line, for `skip` and `stop`.
    """

    name: Name
    task: str = ""
    until: str = ""
    text: str = ""
    sha: str = ""
    reason: str = ""


class Hint(NamedTuple):
    """Somebody meant us, and we do not understand: `text` tells what to write (Markdown, with nothing of the comment
    in it but harmless words); `nearest` is the command that was probably meant.
    """

    text: str
    nearest: Name | None = None


def read_command(body: str) -> Command | Hint | None:
    """What the first non-blank line of a comment asks for, when it begins with `/devteam`; None when it does not.

    So nothing in quotes, fences, HTML comments or indented code is a command. A word with a digit in it, where an id
    may stand, is one; where it may not be left out any word is. Letters' case means nothing but in ids and text.
    `guide` takes its text as it is, ids too: `addressed` splits them where a comment has no task of its own.
    """
    line, rest = _first_line(body[:_LONGEST_BODY])
    words = line.split()
    if not words:
        return None
    if _UNSEEN.sub("", words[0]).lower() != "/devteam" or _is_code(line):
        return None
    head = " ".join(words[:2])
    if _UNSEEN.search(head):
        return Hint("The command has characters in it that cannot be seen. Please type it again, without pasting.")
    if len(words) == 1:
        return Command("help")
    name: Name | None = next((name for name in SHAPES if name == words[1].lower()), None)
    if name is None:
        return _misspelt(words[1])
    said = line.split(maxsplit=2)[2:]
    return _command(name, words[2:], "\n".join((*said, *rest)))


def kind_of(command: Command) -> Literal["control", "work"]:
    """Whether a command takes effect at once, beside a running task, or is itself work on one."""
    return "control" if command.name in CONTROL else "work"


def is_for(command: Command, job: Job) -> bool:
    """Whether that job of a workflow with two jobs is to take it; a workflow with one job ("") takes all.

    `guide` and `resume` go to both: to `control`, which acknowledges, and to `work`, where they may start an attempt.
    `accept` takes the commands of a workflow whose job that works may not ask who commands; guidance waits there.
    """
    if job == "accept":
        return command.name not in CONTROL or command.name == "resume"
    if job == "work":
        return command.name not in CONTROL or command.name in _STARTS_WORK
    return job == "" or command.name in CONTROL


def addressed(text: str) -> tuple[str, str]:
    """The id that a guidance begins with, and the rest; an empty id when it begins with none.

    For comments on issues (`/devteam guide 1.2 Use the other API`); on a pull request all of it is for its own task.
    """
    words = text.split(maxsplit=1)
    task = _id(words[0]) if words and _has_digit(words[0]) else ""
    return (task, "".join(words[1:]).strip()) if task else ("", text.strip())


def is_task_id(text: str) -> bool:
    """Whether `text` has the form of a task's id: letters, digits, single dots and dashes between them, at most 64."""
    return len(text) <= LONGEST_ID and bool(_ID.fullmatch(text))


def visible(text: str) -> str:
    """`text` without what a reader does not see: hidden characters and HTML comments; `\\n` line ends."""
    # What stood around a comment may make another one: that is shown, not hidden.
    return _HTML_COMMENT.sub("", _UNSEEN.sub("", _line_ends(text))).replace("<!--", "< !--")


def _command(name: Name, words: list[str], said: str) -> Command | Hint:
    match name:
        case "help":
            return Command("help")
        case "guide" | "inject":
            text = visible(said).strip()
            return Command(name, text=text) if text else _usage(name, "it needs a text")
        case "approve":
            sha = words[0].strip("`") if len(words) == 1 else ""
            return Command(name, sha=sha.lower()) if _HASH.fullmatch(sha) else _usage(name, _APPROVE)
        case "skip" | "stop":
            return _with_reason(name, words)
        case "run":
            return _run(words)
        case _:
            return _one_task(name, words)


def _run(words: list[str]) -> Command | Hint:
    places = [place for place, word in enumerate(words) if word.lower() == "until"]
    before, after = (words[: places[0]], words[places[0] + 1 :]) if places else (words, None)
    if len(before) > 1 or (after is not None and len(after) != 1):
        return _usage("run", "it takes the id of a task, and after `until` another one")
    task, until = _id("".join(before)), _id("".join(after or ()))
    if (before and not task) or (after and not until):
        return _usage("run", _NO_ID)
    return Command("run", task=task, until=until)


def _one_task(name: Name, words: list[str]) -> Command | Hint:
    task = _id(words[0]) if words else ""
    if len(words) > 1:
        return _usage(name, "it takes the id of a task, and nothing more")
    return _usage(name, _NO_ID) if words and not task else Command(name, task=task)


def _with_reason(name: Name, words: list[str]) -> Command | Hint:
    is_addressed = bool(words) and _has_digit(words[0])
    task = _id(words[0]) if is_addressed else ""
    if is_addressed and not task:
        return _usage(name, _NO_ID)
    reason = " ".join(visible(" ".join(words[is_addressed:])).split())
    return Command(name, task=task, reason=reason)


def _id(word: str) -> str:
    """The id that a word is, without backticks, bold and the end of a sentence around it; empty when it is none."""
    word = word.rstrip(_STOPS).strip("`*").rstrip(_STOPS)
    return word if is_task_id(word) else ""


def _has_digit(word: str) -> bool:
    return any(character.isdecimal() for character in word[: LONGEST_ID + 8])


def _misspelt(word: str) -> Hint:
    import difflib

    near = difflib.get_close_matches(word[:20].lower(), SHAPES, n=1)
    nearest: Name | None = next((name for name in SHAPES if name in near), None)
    shown = f" `{word}`" if _SHOWABLE.fullmatch(word) else " of that name"
    meant = f" Did you mean `/devteam {SHAPES[nearest]}`?" if nearest else ""
    return Hint(f"There is no command{shown}.{meant} `/devteam help` lists them all.", nearest)


def _usage(name: Name, why: str) -> Hint:
    return Hint(f"`{name}` was not understood: {why}. Write `/devteam {SHAPES[name]}`.", name)


_NO_ID = "that is no id of a task (letters, digits, dots and dashes, such as `1.2` or `T010`)"
_APPROVE = "it takes the commit that you approve, as 7 to 40 hexadecimal digits"


def _first_line(body: str) -> tuple[str, list[str]]:
    """The first line with something to see in it (hidden characters at its ends are gone), and the lines after it."""
    lines = _line_ends(body).split("\n")
    for place, line in enumerate(lines):
        seen = _UNSEEN.sub("", line)
        if seen.strip():
            return _trimmed(line), lines[place + 1 :]
    return "", []


def _trimmed(line: str) -> str:
    """Without hidden characters before the first and after the last visible one: pasting brings them along."""
    start, end = 0, len(line)
    while start < end and _UNSEEN.match(line[start]):
        start += 1
    while end > start and (_UNSEEN.match(line[end - 1]) or line[end - 1].isspace()):
        end -= 1
    return line[start:end]


def _is_code(line: str) -> bool:
    """Whether Markdown shows the line as code: four columns of indentation."""
    indentation = line[: len(line) - len(line.lstrip())].expandtabs(4)
    return len(indentation) >= 4


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
