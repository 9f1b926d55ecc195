"""Git's own objects over REST: refs, commits."""

from __future__ import annotations

from tests.fakes.github.answers import Answer, Call, Refusal, not_found
from tests.fakes.github.git_store import GitFailed
from tests.fakes.github.models import ZERO
from tests.fakes.github.pushes import record_push
from tests.fakes.github.router import route
from tests.fakes.github.shapes import git

R = "/repos/{owner}/{repo}"


@route("GET", R + "/git/ref/{ref}", "contents=read")
def get_ref(call: Call) -> Answer:
    name = f"refs/{call.params['ref']}"
    sha = call.repo.store.refs(name).get(name)
    if sha is None:
        raise not_found()
    return Answer(body=git.ref(call.repo, name, sha))


@route("GET", R + "/git/matching-refs/{ref}", "contents=read")
def matching(call: Call) -> Answer:
    start = f"refs/{call.params['ref']}"
    found = {name: sha for name, sha in call.repo.store.refs("refs").items() if name.startswith(start)}
    return Answer(items=[git.ref(call.repo, name, sha) for name, sha in found.items()])


@route("POST", R + "/git/refs", "contents=write")
def create_ref(call: Call) -> Answer:
    name, sha = call.text("ref"), call.text("sha")
    if not name.startswith("refs/") or name.count("/") < 2:
        raise Refusal(422, "Reference name must start with 'refs/' and have at least two slashes.")
    if not call.repo.store.says("cat-file", "-e", sha):
        raise Refusal(422, "Object does not exist")
    if name in call.repo.store.refs(name):
        raise Refusal(422, "Reference already exists")
    if not call.repo.store.says("check-ref-format", name):
        raise Refusal(422, f"{name} is not a valid ref name.")
    try:
        call.repo.store.set_ref(name, sha)
    except GitFailed:  # below or above one that is there
        raise Refusal(422, "Reference update failed") from None
    record_push(call.repo, call.token, [(name, ZERO, sha)])
    return Answer(201, git.ref(call.repo, name, sha))


@route("PATCH", R + "/git/refs/{ref}", "contents=write")
def update_ref(call: Call) -> Answer:
    """Without `force` a compare-and-swap of sorts: only to a descendant of what is there."""
    name, sha, store = f"refs/{call.params['ref']}", call.text("sha"), call.repo.store
    before = store.refs(name).get(name)
    if before is None:
        raise Refusal(422, "Reference does not exist")
    if not store.says("cat-file", "-e", sha):
        raise Refusal(422, "Object does not exist")
    rule = call.repo.protections.get(name.removeprefix("refs/heads/"))
    if rule and rule.requires_pull:
        raise Refusal(422, "Changes must be made through a pull request.")
    if not store.is_ancestor(before, sha) and (rule or not call.body.get("force")):
        raise Refusal(422, "Update is not a fast forward")
    store.set_ref(name, sha)
    record_push(call.repo, call.token, [(name, before, sha)])
    return Answer(body=git.ref(call.repo, name, sha))


@route("DELETE", R + "/git/refs/{ref}", "contents=write")
def delete_ref(call: Call) -> Answer:
    name = f"refs/{call.params['ref']}"
    before = call.repo.store.refs(name).get(name)
    if before is None:
        raise Refusal(422, "Reference does not exist")
    if name.removeprefix("refs/heads/") in call.repo.protections:
        raise Refusal(422, "Cannot delete this protected branch")
    call.repo.store.set_ref(name, None)
    record_push(call.repo, call.token, [(name, before, ZERO)])
    return Answer(204)


@route("GET", R + "/git/commits/{commit_sha}", "contents=read")
def get_git_commit(call: Call) -> Answer:
    sha = call.repo.store.sha(call.params["commit_sha"])
    if sha is None:
        raise not_found()
    return Answer(body=git.git_commit(call.repo, sha))


@route("GET", R + "/commits/{ref}", "contents=read")
def get_commit(call: Call) -> Answer:
    sha = call.repo.store.sha(call.params["ref"])
    if sha is None:
        raise Refusal(422, f"No commit found for SHA: {call.params['ref']}")
    return Answer(body=git.commit(call.repo, sha))
