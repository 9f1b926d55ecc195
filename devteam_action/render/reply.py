"""The answer to a command in a comment: one comment, edited when there is more to say."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from devteam_action.render.fit import COMMENT_LIMIT, fit
from devteam_action.render.markers import reply_marker
from devteam_action.render.templates import render_markdown

# CONTRACT §7; the first line is what `/devteam` alone is told too.
HELP = """\
`/devteam` in the first line of a comment, by people with write permission:

| command | does |
|---|---|
| `/devteam run [ID] [until ID]` | takes the next task, or this one |
| `/devteam retry` | starts a new attempt of a task that failed |
| `/devteam guide TEXT` | advice, up to the end of the comment; the next attempt takes it |
| `/devteam verify` | judges this pull request again |
| `/devteam status` | says where every task stands |
| `/devteam stop` · `resume` | stops at once and keeps the work · goes on at the unfinished stage |
| `/devteam skip ID [reason]` | goes on without the task |
| `/devteam inject TITLE` | adds a task, to be done next |
| `/devteam approve HASH` | lets what waits for an approval go on |
| `/devteam adopt` | takes in what a person committed on the task's branch |
| `/devteam help` | says this |

`stop`, `guide`, `status`, `skip`, `resume` and `help` take effect while a run is going. 👀: seen, 🚀: done, \
👎: not allowed, 😕: not understood, or it failed.
"""


class ReplyRow(Struct, frozen=True, kw_only=True):
    """A line of an answer's table, such as a task's standing; `label` is linked to `address` where there is one."""

    icon: str
    task: str
    status: str
    label: str = ""
    address: str = ""


def reply_text(
    comment_id: int,
    answer: str,
    *,
    icon: str = "",
    rows: Sequence[ReplyRow] = (),
    details: str = "",
    hint: str = "",
    run_url: str = "",
    is_ours: bool = False,
    limit: int = COMMENT_LIMIT,
) -> str:
    """The answer to the command in comment `comment_id`, at most `limit` characters, its marker in the first line.

    `answer` and `hint` are prose (code spans in backticks), `details` a piece of output. `is_ours`: `answer` is
    Markdown of our own, such as HELP, with nothing foreign in it.
    """
    from markupsafe import Markup

    text = render_markdown(
        "reply.md.j2",
        marker=Markup(reply_marker(comment_id)),  # noqa: S704 - a number in a text of ours
        answer="" if is_ours else answer,
        markdown=Markup(answer if is_ours else ""),  # noqa: S704 - the caller's word for it
        icon=icon,
        rows=rows[:300],
        details=details,
        hint=hint,
        run_url=run_url,
    )
    return fit(text, limit)
