"""The ids of our conversations with SCAR: a distinctive prefix, and a UUID that a project's name always gives again."""

from __future__ import annotations

import re
import uuid
from urllib.parse import quote

from devteam_action.errors import BadInput

PREFIX = "pm-project-"
_NAMESPACE = uuid.UUID("5f3ed2a1-1c0b-5a60-9d7e-0d1f1a7a2c44")  # ours; a project's id must never change
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}\Z")


def project_id_of(name: str) -> str:
    """The id of the project with that name (such as `owner/name`): a UUIDv5, the same at all times."""
    if not name.strip():
        raise BadInput("a project without a name has no conversation with SCAR")
    return str(uuid.uuid5(_NAMESPACE, name.strip()))


def conversation_of(prefix: str, project_id: str) -> str:
    """The conversation's id; raises BadInput for what the server would take amiss.

    All platforms of a server share one namespace, so there must be a prefix; an empty id would, in a path, mean
    everybody's conversations.
    """
    conversation = f"{prefix}{project_id}"
    if not prefix or not project_id or not _ID.match(conversation):
        raise BadInput(
            f"{conversation[:120]!r} cannot be the id of a conversation with SCAR",
            remedy="prefix and project id: letters, digits, `_` and `-`, none of them empty, together at most 100",
        )
    return conversation


def path_of(conversation: str) -> str:
    """Where its messages are, percent-encoded; an empty id is refused, since that path clears every conversation."""
    if not conversation or conversation in (".", ".."):
        raise BadInput(f"{conversation!r} cannot be the id of a conversation with SCAR")
    return f"/test/messages/{quote(conversation, safe='')}"
