"""The answer to a command in a comment: one comment, edited when there is more to say."""

from __future__ import annotations

from devteam_action.render.fit import COMMENT_LIMIT
from devteam_action.render.markers import answer_marker
from devteam_action.render.own_templates import NONE, OwnTemplates
from devteam_action.render.wording import as_comments

_ICONS = {0: "🚀", 1: "❌", 3: "👎"}
# The contract's list; `/devteam` alone is answered with it too.
HELP = """\
`/devteam` in the first line of a comment, by people with write permission:

| command | does |
|---|---|
| `/devteam run [ID] [until ID]` | takes the next task, or this one |
| `/devteam retry` | starts a new attempt of a task that failed |
| `/devteam guide TEXT` | advice, up to the end of the comment; the next attempt takes it |
| `/devteam verify` | judges this pull request again |
| `/devteam status [ID]` | says where the task of the pull request stands; elsewhere every task that was begun |
| `/devteam stop` · `resume` | stops at once and keeps the work · goes on at the unfinished stage |
| `/devteam skip ID [reason]` | goes on without the task |
| `/devteam inject TITLE` | adds a task, to be done next |
| `/devteam approve HASH` | lets what waits for an approval go on |
| `/devteam adopt` | takes in what a person committed on the task's branch |
| `/devteam help` | says this |

`stop`, `guide`, `status`, `skip`, `resume` and `help` take effect while a run is going. 👀: seen, 🚀: done, \
👎: not allowed, 😕: not understood, or it failed.
"""


_PROSE = 600  # characters of an answer that are read as a sentence; a longer one is output, and fenced
_HEADLINE = 200  # of a sentence that is longer than that: what it is about stands at its beginning
_HEAD, _TAIL = 4_000, 15_000  # of output: how it began, and how it ended; the template shows 20,000


def reply(
    command: str,
    by: str,
    text: str,
    *,
    exit_code: int = 0,
    asked_at: str = "",
    run_url: str = "",
    limit: int = COMMENT_LIMIT,
    own: OwnTemplates = NONE,
) -> str:
    """What became of `command`, asked for `by` a person in the comment at the address `asked_at`.

    `text` is what the command answered: its first paragraph is prose (code spans in backticks) where it is short, the
    rest is shown as output. At most `limit` characters, the marker in the first line.
    """
    from markupsafe import Markup

    is_help = text == HELP
    said, details = ("", "") if is_help else _parts(text)
    marker = Markup(answer_marker())  # noqa: S704 - fixed text
    values = {
        "marker": marker,
        "icon": _ICONS.get(exit_code, "😕"),
        "command": f"/devteam {command}",
        "by": by,
        "asked_at": asked_at,
        "help": Markup(HELP if is_help else ""),  # noqa: S704 - fixed text
        "answer": said,
        "details": details,
        "run_url": run_url,
    }
    return own.filled("reply.md.j2", lambda: values, limit=limit, marker=marker)


def _parts(text: str) -> tuple[str, str]:
    """What is a sentence, and what is output."""
    first, _, rest = as_comments(text.strip()).partition("\n\n")
    if "\n" in first:
        return "", _cut(f"{first}\n\n{rest}".strip())
    if len(first) > _PROSE:
        first = f"{first[:_HEADLINE].rstrip()}…"
    if len(rest) <= _PROSE and "\n" not in rest.strip():
        between = " " if not rest or first.endswith((".", ":", ";", ",", "!", "?")) else "; "
        return f"{first}{between}{rest}".strip(), ""
    return first, _cut(rest)


def _cut(output: str) -> str:
    if len(output) <= _HEAD + _TAIL:
        return output
    return f"{output[:_HEAD]}\n… {len(output) - _HEAD - _TAIL} characters are left out …\n{output[-_TAIL:]}"
