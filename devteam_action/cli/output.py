"""What a command prints: one JSON document or text on stdout, errors with their remedy on stderr."""

from __future__ import annotations

import sys

import msgspec
from msgspec import Struct

from devteam_action import __version__
from devteam_action.errors import DevteamError

BUG_EXIT = 70


class Result(Struct, frozen=True, kw_only=True):
    """The outcome of a verb: `document` is what `--json` prints, `text` what people read (`text` may be empty)."""

    document: object
    text: str = ""
    exit_code: int = 0


def rendered(result: Result, *, as_json: bool) -> str:
    """The exact text for stdout."""
    if as_json:
        return msgspec.json.format(msgspec.json.encode(result.document), indent=2).decode() + "\n"
    return f"{result.text}\n" if result.text else ""


def print_result(result: Result, *, as_json: bool) -> None:
    sys.stdout.write(rendered(result, as_json=as_json))


def error_document(error: DevteamError) -> dict[str, object]:
    """The contract's shape of a failure."""
    return {
        "success": False,
        "error": {
            "code": error.code,
            "message": error.message,
            "hint": error.remedy,
            "retryable": error.retryable,
        },
    }


def print_error(error: DevteamError, *, as_json: bool) -> None:
    """People read what is wrong and what to do next; programs read the same as JSON on stdout."""
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(error_document(error)), indent=2).decode() + "\n")
    print(f"error: {error.message}", file=sys.stderr)
    if error.remedy:
        print(f"  next: {error.remedy}", file=sys.stderr)


def report_bug(error: BaseException, *, as_json: bool) -> int:
    """An exception that nobody foresaw: a report to paste, and no traceback in between."""
    import os
    import platform
    import traceback

    from devteam_action.settings import read_environment
    from devteam_action.support.redact import Redactor

    if as_json:
        document = {"code": "bug", "message": f"{type(error).__name__}: {error}", "hint": "", "retryable": False}
        sys.stdout.write(msgspec.json.encode({"success": False, "error": document}).decode() + "\n")
    frames = traceback.extract_tb(error.__traceback__)
    places = "\n".join(
        f"  {frame.filename.rpartition('devteam_action/')[2]}:{frame.lineno} {frame.name}" for frame in frames
    )
    lines = (
        "error: this is a bug in devteam, not in your repository. Please report what follows:",
        "",
        f"  devteam {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"  {type(error).__name__}: {error}",
        places,
        "",
        "  next: the same command with --debug shows more; the state is as it was at the last finished step",
    )
    redactor = Redactor(read_environment(os.environ).secrets)
    print(redactor.redact("\n".join(lines)), file=sys.stderr)
    return BUG_EXIT
