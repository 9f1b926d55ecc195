"""`--idempotency-key`: the same key with the same request gives the same answer, byte for byte, failures too."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable

import msgspec
from msgspec import Struct

from devteam_action.cli.context import Context
from devteam_action.cli.output import Result, error_document, error_text, rendered
from devteam_action.errors import DevteamError
from devteam_action.pipeline.state import Answer

# How it is shown or where it runs from is not what was asked for.
_NOT_ASKED = frozenset({"debug", "idempotency_key", "directory", "verbosity", "no_fetch"})


class _Printed(Struct, frozen=True):
    stdout: str
    stderr: str = ""


def answer_once(args: Namespace, context: Context, run: Callable[[], Result]) -> Result:
    """Runs the verb unless its answer is known; raises BadInput or StateConflict as `ProjectState.once` does."""
    asked = {name: value for name, value in sorted(vars(args).items()) if name not in _NOT_ASKED}

    def act() -> Answer:
        try:
            result = run()
        except DevteamError as error:
            document = rendered(Result(document=error_document(error)), as_json=True) if args.json else ""
            printed = _Printed(document, error_text(error))
            return Answer(exit_code=error.exit_code, stdout=msgspec.json.encode(printed))
        return Answer(
            exit_code=result.exit_code, stdout=msgspec.json.encode(_Printed(rendered(result, as_json=args.json)))
        )

    answer = context.project.state.once(args.idempotency_key, msgspec.json.encode(asked), act)
    printed = msgspec.json.decode(answer.stdout, type=_Printed)
    sys.stderr.write(printed.stderr)
    document = msgspec.Raw(printed.stdout.encode() or b"null")
    return Result(document=document, text=printed.stdout.removesuffix("\n"), exit_code=answer.exit_code)
