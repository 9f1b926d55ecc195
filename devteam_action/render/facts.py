"""What a report needs beside the run: facts of the place that it is shown in."""

from __future__ import annotations

from msgspec import Struct

from devteam_action.render.links import Links
from devteam_action.render.own_templates import NONE, OwnTemplates


class Facts(Struct, frozen=True, kw_only=True):
    """`missing_rights` are lines of a workflow's `permissions:` (`checks: write`); `troubles` says what could not be
    written and why; `rate` is a sentence about the rate limit where it slows us down. All redacted. `own` are the
    templates of the repository.
    """

    links: Links = Links()
    missing_rights: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    rate: str = ""
    own: OwnTemplates = NONE
