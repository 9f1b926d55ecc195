"""What a tool that speaks in whole messages says, in place of a child's lines."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from devteam_action.domain.events import ActivityType


class Said(Struct, frozen=True, kw_only=True):
    """One whole message of a tool (SCAR): each of its non-empty lines becomes an activity, a whole tool call one.

    `details` go into each of these activities: `messageIndex` (from 0 within the command) and `sentAt` (the server's
    time). With a `type` the text is one activity of ours, such as the status of a command (domain/command_status.py).
    """

    text: str
    details: Mapping[str, str | int | float | bool | list[str] | None] = {}
    type: ActivityType | None = None
    verbosity: int = 3
