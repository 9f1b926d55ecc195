"""What a push that failed means, and what would let it in."""

from __future__ import annotations

import re

from devteam_action.errors import DevteamError, NotAllowed, RemoteUnreachable, StateConflict

# Each wording of GitHub (facts: tokens; GH006 and GH013 are its numbers), and what a person can do about it.
_REMEDIES = (
    (
        r"without `?workflows?`? (?:permission|scope)",
        "no `permissions:` line gives that to a job's own token: use one of an App or a person with `workflows`, "
        "or take the change below .github/workflows out of the branch",
    ),
    (
        r"GH013|rule violations",
        "give the token's owner a bypass in the repository's rules, or leave `task/**` and `devteam/state` out of them",
    ),
    (
        r"GH006|protected branch",
        "take the protection off this branch (a pattern such as `**` covers task branches, too), or let the token's "
        "owner push to it",
    ),
    (
        r"denied to|Write access to repository not granted|Resource not accessible",
        "give the token `contents: write`: for a job's own token `permissions: {contents: write}` in the workflow",
    ),
)
_USUAL = "allow pushes to this branch, or set `push: false` in .devteam.yml"


def rejected(stdout: str, stderr: str, branch: str, remote: str, *, reach: str) -> DevteamError:
    """The error of a failed push, from its porcelain line (git push: `<flag> TAB <from>:<to> TAB <summary>`).

    `reach` is the advice where the remote did not even answer.
    """
    summary = next((line.split("\t")[-1] for line in stdout.splitlines() if line.startswith("!\t")), "")
    if "stale info" in summary or "fetch first" in summary or "non-fast-forward" in summary:
        return StateConflict(
            f"somebody pushed to {branch} on {remote} at the same moment", remedy="run again; the work is kept"
        )
    said = f"{summary}. {_remote_lines(stderr)}".rstrip(". ") if summary else stderr.strip()
    advice = next((remedy for wording, remedy in _REMEDIES if re.search(wording, said, re.IGNORECASE)), "")
    if summary or advice:
        return NotAllowed(f"{remote} refuses {branch}: {said}", remedy=f"{advice or _USUAL}; the work is kept")
    return RemoteUnreachable(f"pushing {branch} to {remote} failed: {said}", remedy=reach)


def _remote_lines(stderr: str) -> str:
    return " ".join(line.removeprefix("remote:").strip() for line in stderr.splitlines() if line.startswith("remote:"))
