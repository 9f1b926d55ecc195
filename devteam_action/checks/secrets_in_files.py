"""Which files may not be committed for the secrets in them: once in a history, a secret is out."""

from __future__ import annotations

from collections.abc import Iterable

from devteam_action.checks.secrets_scan import secrets_in

# Shorter values, plain words and paths stand under names like SORT_KEY too, and in files for good reasons.
_SHORTEST = 12


class SecretsInFiles:
    """Called with a file's content, tells the kinds of secrets in it; `values` are those that we know ourselves."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = tuple(
            value.encode(errors="surrogateescape")
            for value in values
            if len(value) >= _SHORTEST and not value.isalpha() and not value.startswith("/")
        )

    def __call__(self, content: bytes) -> frozenset[str]:
        kinds = {"value of this environment"} if any(value in content for value in self._values) else set[str]()
        for line in content.decode(errors="replace").splitlines():
            kinds.update(rule.replace("-", " ") for rule in secrets_in(line))
        return frozenset(kinds)
