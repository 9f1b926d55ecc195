"""The command line: the only place that reads `sys.argv`, prints, and turns errors into exit codes."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from devteam_action.cli.output import Result, print_error, print_result, report_bug
from devteam_action.cli.parser import build_parser
from devteam_action.errors import DevteamError
from devteam_action.support.interrupts import Interrupts

if TYPE_CHECKING:
    from argparse import Namespace

    from devteam_action.cli.context import Context


class Verb(Protocol):
    """What every verb of the command line is: a function from the parsed arguments to a result."""

    def __call__(self, args: Namespace, context: Context) -> Result: ...


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the answer is the process's exit code (CONTRACT: commands)."""
    _speak_utf8()
    # A command makes many small objects and ends: looking for garbage among them is a third of the time of long lists.
    gc.set_threshold(200_000, 20, 20)
    words = sys.argv[1:] if argv is None else argv
    args = build_parser(only=next(iter(words), "")).parse_args(words)
    interrupts = Interrupts()
    try:
        with interrupts.installed():
            code = _answer(args, interrupts)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return interrupts.exit_code or 130
    except BrokenPipeError:
        # Whoever read our output (`| head`) has seen enough; the interpreter must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return interrupts.exit_code or code


def _answer(args: Namespace, interrupts: Interrupts) -> int:
    from devteam_action.cli.context import Context

    context = Context(args, os.environ, interrupts)
    try:
        try:
            result = _once(args, context) if getattr(args, "idempotency_key", "") else _run(args, context)
        finally:
            context.finish()
    except DevteamError as error:
        if args.debug:
            raise
        print_error(error, as_json=args.json)
        return error.exit_code
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:
        if args.debug:
            raise
        return report_bug(error, as_json=args.json)
    print_result(result, as_json=args.json)
    return result.exit_code


def _run(args: Namespace, context: Context) -> Result:
    module, _, function = str(args.verb).partition(":")
    verb = cast("Verb", getattr(import_module(f"devteam_action.cli.{module}"), function))
    return verb(args, context)


def _once(args: Namespace, context: Context) -> Result:
    from devteam_action.cli.once import answer_once

    return answer_once(args, context, lambda: _run(args, context))


def _speak_utf8() -> None:
    """Task titles are in any script; a terminal set to less gets question marks, never a crash."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
