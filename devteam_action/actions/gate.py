"""The first step of the action: is this event for us at all, and may its author command?

Run as `python3 -I gate.py` with the standard library alone, before anything is installed. This file is read by any
Python 3, however old, so that it can say which one is needed.
"""

import contextlib
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
NEEDED = (3, 11)
AGAIN = "--again"


def main() -> int:
    """Writes the step outputs `go`, `reason` and `allowed`; 0, or 2 and 4 where the contract says so."""
    # First, so that another version of us that this Python may have installed does not answer instead.
    sys.path.insert(0, ROOT)
    if sys.version_info < NEEDED:
        return elsewhere()
    from devteam_action.actions.gatekeeper import keep

    return keep(os.environ)


def elsewhere() -> int:
    """This Python is too old: goes on in a newer one if there is one, else says what is needed."""
    # Whatever an old Python stumbles over, the sentence below is the answer.
    with contextlib.suppress(Exception):
        from devteam_action.actions.install import base_python

        newer = base_python(os.environ)
        if AGAIN not in sys.argv:
            os.execv(newer, [newer, "-I", os.path.abspath(__file__), AGAIN])  # noqa: S606, PTH100
    sys.stdout.write(
        "::error title=DevTeam Action could not be started::This job's python3 is {}; DevTeam Action needs {} or "
        "newer. Put a step with actions/setup-python before it.\n".format(
            sys.version.split()[0], ".".join(str(number) for number in NEEDED)
        )
    )
    return 4


if __name__ == "__main__":
    raise SystemExit(main())
