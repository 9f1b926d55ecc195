"""Who may do what: the door, the token's rights, and the words with which GitHub refuses.

A job's token is an App's: it has the rights that the workflow's `permissions:` name, in one repository. In a public
repository everything but administration and secrets may be read without a right. People have a level per repository.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.github.answers import Call, Refusal, not_found
from tests.fakes.github.models import Pull, Token

if TYPE_CHECKING:
    from tests.fakes.github.repository import FakeRepository

LEVELS = ("none", "read", "triage", "write", "maintain", "admin")
WRITERS = ("write", "maintain", "admin")
TRIAGERS = ("triage", *WRITERS)
RIGHTS = ("none", "read", "write")
_NEVER_PUBLIC = {"administration", "secrets", "organization_administration"}
_TALK = {"issues", "pull_requests"}


def admit(call: Call, needs: str) -> None:
    """Passes, or refuses as GitHub does: 404 for what must not be known, 403 with the rights that would do."""
    repo, token = call.found, call.token
    if repo is None:
        if token is None:
            raise Refusal(401, "Requires authentication")
        return
    if not may_see(repo, token):
        raise not_found()
    if token is None:
        if call.method != "GET":
            raise Refusal(401, "Requires authentication")
        return
    wanted = _for_this_number(call, needs)
    if any(has_all(repo, token, alternative) for alternative in wanted.split("; ")):
        return
    if token.kind == "app":
        raise Refusal(403, "Resource not accessible by integration", headers={"X-Accepted-GitHub-Permissions": needs})
    if "administration" in needs or "secrets" in needs:
        raise Refusal(403, "Must have admin rights to Repository.")
    raise Refusal(403, "Must have write access to Repository.") if not repo.private else not_found()


def may_see(repo: FakeRepository, token: Token | None) -> bool:
    if not repo.private:
        return True
    if token is None:
        return False
    if token.kind == "app":
        return token.repository == repo.full_name
    return repo.level_of(token.login) != "none"


def git_may(repo: FakeRepository | None, token: Token | None, *, is_push: bool) -> int:
    """0, or the status with which git is refused."""
    if repo is None or not may_see(repo, token):
        return 404 if token else 401
    if token is None:
        return 401 if is_push else 0
    needs = "contents=write" if is_push else "contents=read"
    return 0 if has_all(repo, token, needs) else 403


def may_change_workflows(token: Token | None) -> bool:
    """People may; an App needs a right of its own, which no `permissions:` gives a job's token."""
    return token is None or token.kind != "app" or token.rights.get("workflows") == "write"


def has_level(call: Call, levels: tuple[str, ...], author: str = "") -> bool:
    """Whether a person has such a level here, or is the author; Apps have rights instead, which `admit` looked at."""
    is_person = call.token is not None and call.token.kind == "person"
    return not is_person or call.login == author or call.repo.level_of(call.login) in levels


def must_have_level(call: Call, levels: tuple[str, ...], author: str = "") -> None:
    if not has_level(call, levels, author):
        raise Refusal(403, "Must have admin rights to Repository.")


def _for_this_number(call: Call, needs: str) -> str:
    """A pull request's conversation is open to either right of the two, a plain issue's only to `issues`."""
    alternatives = needs.split("; ")
    if {entry.partition("=")[0] for entry in alternatives} != _TALK:
        return needs
    number = call.params.get("issue_number")
    if number is None and (wanted := call.params.get("comment_id")):
        number = next((str(entry.number) for entry in call.repo.all_comments if str(entry.id) == wanted), None)
    if number and number.isdigit() and not isinstance(call.repo.issues.get(int(number)), Pull):
        return next(entry for entry in alternatives if entry.startswith("issues"))
    return needs


def has_all(repo: FakeRepository, token: Token, needs: str) -> bool:
    return all(_has(repo, token, *need.split("=")) for need in needs.split(","))


def _has(repo: FakeRepository, token: Token, name: str, level: str) -> bool:
    if name == "metadata":
        return True
    is_public_read = level == "read" and not repo.private and name not in _NEVER_PUBLIC
    if token.kind == "app":
        given = token.rights.get(name, "none") if token.repository == repo.full_name else "none"
        return is_public_read or RIGHTS.index(given) >= RIGHTS.index(level)
    has = LEVELS.index(repo.level_of(token.login))
    if name in _NEVER_PUBLIC:
        return has >= LEVELS.index("admin")
    if level == "read":
        return is_public_read or has >= LEVELS.index("read")
    everybody = name in _TALK and (not repo.private or has >= LEVELS.index("read"))
    return everybody or has >= LEVELS.index("write")
