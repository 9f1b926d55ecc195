"""Command files that take their arguments as SCAR's own seed commands do: the same placeholders, in the same order."""

from __future__ import annotations

# `execute-github` is given a plan and then a branch (its `argument-hint`), and works on nothing else.
_EXECUTE_GITHUB = """\
---
argument-hint: [path-to-plan] [feature-branch]
---
The plan to carry out is the file `$1`.
git fetch origin
git checkout $2
git push origin $2
"""

COMMAND_FILES = {
    "prime": "Do prime: $ARGUMENTS\n",
    "plan-feature": "Do plan-feature: $ARGUMENTS\n",
    "plan-feature-github": "Do plan-feature-github: $ARGUMENTS\n",
    "execute": "The plan to carry out is the file `$1`.\n",
    "execute-github": _EXECUTE_GITHUB,
    "validate": "Do validate: $ARGUMENTS\n",
    "commit": "Do commit: $ARGUMENTS\n",
}
