"""Which rights a job lacks, as the lines that give them."""

from __future__ import annotations

import re

# What `permissions:` of a workflow can give; other rights need the token of an App or of a person.
# docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
GIVEN_BY_WORKFLOWS = (
    "actions", "attestations", "checks", "contents", "deployments", "discussions", "id-token", "issues", "packages",
    "pages", "pull-requests", "security-events", "statuses",
)  # fmt: skip
_RIGHT = re.compile(r"\s*([a-z_]+)\s*=\s*(read|write|admin)\s*")


def wanted_rights(header: str, otherwise: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Lines such as `pull-requests: write` from `X-Accepted-GitHub-Permissions`; `otherwise` where it says nothing.

    The header has sets of rights between semicolons, any of which is enough: the one with `otherwise` in it is taken,
    else the first that a workflow can give, else the first. Every token reads metadata.
    docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
    """
    sets = [_lines(each) for each in header.split(";")]
    known = [lines for lines in sets if lines]
    if not known:
        return otherwise
    expected = next((lines for lines in known if otherwise and set(otherwise) <= set(lines)), None)
    if expected:
        return expected
    givable = (lines for lines in known if all(line.partition(":")[0] in GIVEN_BY_WORKFLOWS for line in lines))
    return next(givable, known[0])


def remedy_for(lines: tuple[str, ...]) -> str:
    """What a person does to give these rights."""
    if not lines:
        return "give the job the right in `permissions:` of the workflow"
    others = [line for line in lines if line.partition(":")[0] not in GIVEN_BY_WORKFLOWS]
    if others:
        named = ", ".join(f"`{line}`" for line in others)
        return f"no `permissions:` key gives {named}: use the token of a GitHub App or of a person that has it"
    listed = "\n".join(f"  {line}" for line in lines)
    return f"add to the job (a pull request from a fork cannot have it):\npermissions:\n{listed}"


def _lines(text: str) -> tuple[str, ...]:
    rights = (_RIGHT.fullmatch(each) for each in text.split(","))
    return tuple(
        f"{right[1].replace('_', '-')}: {right[2]}" for right in rights if right is not None and right[1] != "metadata"
    )
