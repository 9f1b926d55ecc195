"""A few words for a job's page, where there is no run to tell of."""

from __future__ import annotations

from devteam_action.render.fit import COMMENT_LIMIT
from devteam_action.render.markdown import fence, prose
from devteam_action.render.reply import HELP


def note_text(said: str, *, is_error: bool = False) -> str:
    """`said` as Markdown, at most 65,536 characters: prose where it is a few sentences, a paragraph for each line, else
    fenced as it is.
    """
    icon = "❌" if is_error else "💬"
    text = said.strip("\n")
    if said == HELP:
        return f"{icon} {said}"
    paragraphs = [line for line in text.split("\n") if line.strip()]
    if len(text) <= 2000 and len(paragraphs) <= 6 and not any("   " in each or each[0] == " " for each in paragraphs):
        return f"{icon} " + "\n\n".join(str(prose(each, 2000)) for each in paragraphs) + "\n"
    return f"{icon} DevTeam Action\n\n{fence(text, COMMENT_LIMIT - 200)}\n"
