"""What a command prints: one JSON document or text on stdout, errors with their remedy on stderr."""

from __future__ import annotations

import sys
from typing import cast

import msgspec
from msgspec import Struct

from devteam_action import __version__
from devteam_action.errors import DevteamError
from devteam_action.support.terminal import harmless

BUG_EXIT = 70


class Result(Struct, frozen=True, kw_only=True):
    """The outcome of a verb: `document` is what `--json` prints, `text` what people read (`text` may be empty)."""

    document: object
    text: str = ""
    exit_code: int = 0


def rendered(result: Result, *, as_json: bool) -> str:
    """The exact text for stdout."""
    if as_json:
        return _json(result.document)
    return f"{harmless(result.text)}\n" if result.text else ""


def _json(document: object) -> str:
    try:
        data = msgspec.json.encode(document)
    except UnicodeEncodeError:  # a path or a title with bytes that are no text
        data = msgspec.json.encode(_as_text(msgspec.to_builtins(document)))
    text = msgspec.json.format(data, indent=2).decode() + "\n"
    # A job's runner obeys `##[…]` wherever it stands. In JSON that is inside of a string, and this is the same string.
    return text.replace("##[", "#\\u0023[")


def _as_text(value: object) -> object:
    match value:
        case str():
            return value.encode(errors="surrogateescape").decode(errors="replace")
        case dict():
            items = cast("dict[str, object]", value).items()
            return {_as_text(key): _as_text(each) for key, each in items}
        case list() | tuple():
            return [_as_text(each) for each in cast("list[object]", value)]
        case _:
            return value


def print_result(result: Result, *, as_json: bool) -> None:
    sys.stdout.write(rendered(result, as_json=as_json))


def error_document(error: DevteamError) -> dict[str, object]:
    """The contract's shape of a failure."""
    return failure(error.code, error.message, error.remedy, is_retryable=error.retryable)


def failure(code: str, message: str, hint: str, *, is_retryable: bool) -> dict[str, object]:
    """The same from its parts, with nothing secret in it."""
    error = {"code": code, "message": _redacted(message), "hint": _redacted(hint), "retryable": is_retryable}
    return {"success": False, "error": error}


def error_text(error: DevteamError) -> str:
    """What people read: what is wrong, and what to do next."""
    message = error.message.replace("\n", "\n    ")  # git, quoted, has lines that begin with `error:` too
    return _redacted(f"error: {message}\n" + (f"  next: {error.remedy}\n" if error.remedy else ""))


def print_error(error: DevteamError, *, as_json: bool) -> None:
    """People read what is wrong and what to do next; programs read the same as JSON on stdout."""
    if as_json:
        sys.stdout.write(_json(error_document(error)))
    sys.stderr.write(error_text(error))


def report_bug(error: BaseException, *, as_json: bool) -> int:
    """An exception that nobody foresaw: a report to paste, and no traceback in between."""
    import platform
    import traceback

    what = f"{type(error).__name__}: {error}"
    advice = "the same command with --debug shows more; the state is as it was at the last finished step"
    if as_json:
        sys.stdout.write(_json(failure("bug", what, advice, is_retryable=False)))
    places = [
        f"  {frame.filename.rpartition('devteam_action/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    lines = (
        "error: this is a bug in devteam, not in your repository. Please report what follows:",
        "",
        f"  devteam {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"  {what}",
        *places,
        "",
        f"  next: {advice}",
    )
    sys.stderr.write(_redacted("\n".join(lines)) + "\n")
    return BUG_EXIT


def _redacted(text: str) -> str:
    """Without secrets, and without what would drive a terminal; a message quotes files, arguments and git."""
    import os

    from devteam_action.settings import read_environment
    from devteam_action.support.redact import Redactor
    from devteam_action.support.terminal import harmless

    return harmless(Redactor(read_environment(os.environ).secrets).redact(text))
