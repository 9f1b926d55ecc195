"""The command line: the only place that reads `sys.argv`, prints, and turns errors into exit codes."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
from collections.abc import Generator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TextIO, cast

from devteam_action.cli.output import Result, print_error, print_result, report_bug
from devteam_action.cli.parser import build_parser
from devteam_action.errors import DevteamError
from devteam_action.support.interrupts import Interrupts
from devteam_action.support.patient import PatientStream

if TYPE_CHECKING:
    from argparse import Namespace

    from devteam_action.cli.context import Context


class Verb(Protocol):
    """What every verb of the command line is: a function from the parsed arguments to a result."""

    def __call__(self, args: Namespace, context: Context) -> Result: ...


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the answer is the process's exit code (CONTRACT: commands)."""
    _speak_utf8()
    # A command makes many small objects and ends: looking for garbage among them is a tenth of the time of long lists.
    gc.set_threshold(200_000, 20, 20)
    words = _command_first(sys.argv[1:] if argv is None else argv)
    with contextlib.ExitStack() as streams:
        if next(iter(words), "") != "action":  # that one has its own way to speak to the runner
            streams.enter_context(contextlib.redirect_stdout(streams.enter_context(_harmless(sys.stdout))))
        # `devteam run 2>&1 | head`: a run goes on when nobody listens any more.
        patient = PatientStream(streams.enter_context(_harmless(sys.stderr)))
        streams.enter_context(contextlib.redirect_stderr(cast("TextIO", patient)))
        return _main(words)


@contextlib.contextmanager
def _harmless(stream: TextIO) -> Generator[TextIO]:
    """In a job, what a tool or a check says is no command to the runner, on whichever stream it comes."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        yield stream
        return
    from devteam_action.actions.harmless_stream import HarmlessStream

    quiet = HarmlessStream(stream)
    try:
        yield cast("TextIO", quiet)
    finally:
        with contextlib.suppress(OSError):
            quiet.close()


def _main(words: Sequence[str]) -> int:
    interrupts = Interrupts()
    try:
        with interrupts.installed():
            code = _answer(words, interrupts)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return interrupts.exit_code or 130
    except BrokenPipeError:
        # Whoever read our output (`| head`) has seen enough; the interpreter must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return interrupts.exit_code or code


def _answer(words: Sequence[str], interrupts: Interrupts) -> int:
    as_json, debug = "--json" in words, "--debug" in words
    try:
        args = build_parser(only=next(iter(words), "")).parse_args(words)
        result = _result(args, interrupts)
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:  # noqa: BLE001 - here every error becomes an exit code
        if debug:
            import traceback

            traceback.print_exc()
        from devteam_action.cli.failures import refused

        known = error if isinstance(error, DevteamError) else refused(error)
        if known is None:
            return report_bug(error, as_json=as_json)
        print_error(known, as_json=as_json)
        return known.exit_code
    print_result(result, as_json=args.json)
    return result.exit_code


def _result(args: Namespace, interrupts: Interrupts) -> Result:
    from devteam_action.cli.arguments import require_text
    from devteam_action.cli.context import Context

    require_text(vars(args))
    for name in ("task", "idempotency_key"):
        if hasattr(args, name):
            setattr(args, name, getattr(args, name) or "")
    context = Context(args, os.environ, interrupts)
    try:
        return _once(args, context) if getattr(args, "idempotency_key", "") else _run(args, context)
    finally:
        context.finish()


def _run(args: Namespace, context: Context) -> Result:
    module, _, function = str(args.verb).partition(":")
    verb = cast("Verb", getattr(import_module(f"devteam_action.cli.{module}"), function))
    return verb(args, context)


def _once(args: Namespace, context: Context) -> Result:
    from devteam_action.cli.once import answer_once

    return answer_once(args, context, lambda: _run(args, context))


def _command_first(words: Sequence[str]) -> Sequence[str]:
    """`devteam -C DIR status` is `devteam status -C DIR`, as git's users expect."""
    if len(words) > 2 and words[0] == "-C":
        return (*words[2:], *words[:2])
    return words


def _speak_utf8() -> None:
    """Task titles are in any script: programs get UTF-8, a terminal set to less gets question marks, never a crash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="replace")
