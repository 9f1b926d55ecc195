"""Files of `.github/workflows/`: no tool may change them, and a person should see at once that one was left out."""

from __future__ import annotations

from collections.abc import Iterable

from devteam_action.domain.run import Run

_FOLDER = ".github/workflows/"
ONLY_PEOPLE = "a job's token cannot push workflows, and no tool may change them"


def workflows_in(refused: Iterable[str]) -> tuple[str, ...]:
    """The workflow files among what was not taken from a tool (`path: reason`)."""
    return tuple(each.partition(":")[0] for each in refused if each.casefold().startswith(_FOLDER))


def left_to_people(run: Run) -> str:
    """What a person has to add to the work by hand; empty when that is nothing."""
    left = workflows_in(run.implemented.refused) if run.implemented is not None else ()
    if not left:
        return ""
    named = ", ".join(f"`{path}`" for path in left[:5])
    return f"Not taken from the tool: {named}; {ONLY_PEOPLE}. Add it by hand where it is needed, then review and merge."
