"""How a command and its arguments become one line that SCAR takes apart again as meant.

The rules were measured: tokens are `"…"`, `'…'` or a run of non-blanks; there is no escape character; then `$1` and
the like are put into the command's text by a replacement to which `$` is special.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from devteam_action.errors import BadInput

LIMIT = 102_400  # bytes of a request's body, counted after encoding
_NEEDS_QUOTES = re.compile(r"[\s\ufeff\"']|\A\Z")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
_DOLLAR = re.compile(r"(\\?)\$(?=(ARGUMENTS|[1-9])?)")


class TooLong(BadInput):
    """A message over what the server takes; nothing was sent."""


def quoted(argument: str) -> str:
    """The argument as one token. With both kinds of quotes in it, the double ones become typographic ones."""
    if not _NEEDS_QUOTES.search(argument):
        return argument
    if '"' not in argument:
        return f'"{argument}"'
    if "'" not in argument:
        return f"'{argument}'"
    return '"{}"'.format(argument.replace('"', "”"))


def dollars_kept(argument: str, place: int = 1, count: int = 1) -> str:
    """The argument such that its `$` come out of the command's text as they went in.

    Each is doubled. Where that does not help, a blank keeps it from being replaced: before `ARGUMENTS`, before the
    number of a later argument (`place` is its own, of `count`), and after a backslash.
    """

    def written(found: re.Match[str]) -> str:
        named = found[2] or ""
        is_replaced_again = named == "ARGUMENTS" or (named != "" and place < int(named) <= count)
        return ("\\ " if found[1] else "") + "$$" + (" " if is_replaced_again else "")

    return _DOLLAR.sub(written, argument)


def command_line(command: str, arguments: Sequence[str]) -> str:
    """The text that invokes a command of the repository."""
    kept = (dollars_kept(each, place, len(arguments)) for place, each in enumerate(arguments, 1))
    return " ".join(["/command-invoke", _name(command), *(quoted(each) for each in kept)])


def slash_line(name: str, arguments: Sequence[str]) -> str:
    """The text of one of the server's own commands (`repo`, `clone`, `status`, …), to which `$` is no sign."""
    return " ".join([f"/{_name(name)}", *(quoted(each) for each in arguments)])


def encoded(conversation: str, text: str) -> bytes:
    """The body of the request, in UTF-8 without escapes; raises TooLong, and BadInput for what has no text."""
    line = text.strip()
    if not line:
        raise BadInput("an empty message cannot be sent to SCAR")
    try:
        body = msgspec.json.encode({"conversationId": conversation, "message": line})
    except UnicodeEncodeError:
        raise BadInput("the message for SCAR holds half a character (a lone surrogate)") from None
    if len(body) > LIMIT:
        raise TooLong(
            f"the message for SCAR has {len(body):,} bytes, and it takes {LIMIT:,}",
            remedy="hand long texts over in a file of the branch, or in an issue, and name that",
        )
    return body


def _name(name: str) -> str:
    if not _NAME.match(name):
        raise BadInput(f"{name[:100]!r} cannot be the name of a command", remedy="use letters, digits, `.`, `_`, `-`")
    return name
