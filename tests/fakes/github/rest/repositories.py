"""Repositories, people, branches, contents, protection, activity, and what belongs to no repository."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta

from tests.fakes.github.answers import NEEDS_PULL, Answer, Call, Refusal, invalid, not_found
from tests.fakes.github.git_store import GitFailed
from tests.fakes.github.models import ZERO
from tests.fakes.github.pushes import record_push
from tests.fakes.github.rights import WRITERS, may_change_workflows
from tests.fakes.github.router import route
from tests.fakes.github.shapes import core, git

R = "/repos/{owner}/{repo}"
_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


@route("GET", R)
def get(call: Call) -> Answer:
    return Answer(body=core.repository(call.repo, call.token))


@route("GET", "/user")
def user(call: Call) -> Answer:
    if call.token is None or call.token.kind == "app":
        raise Refusal(403, "Resource not accessible by integration")
    return Answer(body=core.me(call.fake, call.login))


@route("GET", "/rate_limit")
def rate_limit(call: Call) -> Answer:
    now = call.fake.seconds()
    used, reset = call.token.standing(now) if call.token else (0, now + 3600)
    limit = call.token.limit if call.token else 60
    core_limit = {"limit": limit, "used": used, "remaining": max(0, limit - used), "reset": reset}
    return Answer(body={"resources": dict.fromkeys(("core", "search", "graphql"), core_limit), "rate": core_limit})


@route("GET", R + "/collaborators/{username}/permission")
def permission(call: Call) -> Answer:
    """For people with push access only, and a job's token with `contents: write` (as observed; not in the text)."""
    token, login = call.token, call.params["username"]
    if token is None:
        raise Refusal(401, "Requires authentication")
    may = token.rights.get("contents") == "write" if token.kind == "app" else call.repo.level_of(token.login) in WRITERS
    if not may:
        raise Refusal(403, "Must have push access to view collaborator permission.")
    level = call.repo.level_of(login)
    if login.endswith("[bot]") or login.lower() in {name.lower() for name in call.fake.unknown_logins}:
        raise Refusal(404, f"{login} is not a user")
    coarse = {"maintain": "write", "triage": "read"}.get(level, level)
    who = {**core.user(call.fake, login), "permissions": core.levels(level), "role_name": level}
    return Answer(body={"permission": coarse, "role_name": level, "user": who})


@route("GET", R + "/branches", "contents=read")
def branches(call: Call) -> Answer:
    refs = call.repo.store.refs()
    names = [(ref.removeprefix("refs/heads/"), sha) for ref, sha in refs.items()]
    if call.query.get("protected") == "true":
        names = [entry for entry in names if entry[0] in call.repo.protections]
    return Answer(items=[git.short_branch(call.repo, name, sha) for name, sha in names])


@route("GET", R + "/branches/{branch}", "contents=read")
def branch(call: Call) -> Answer:
    sha = call.repo.branch(call.params["branch"])
    if sha is None:
        raise Refusal(404, "Branch not found")
    return Answer(body=git.branch(call.repo, call.params["branch"], sha))


@route("GET", R + "/branches/{branch}/protection", "administration=read")
def protection(call: Call) -> Answer:
    rule = call.repo.protections.get(call.params["branch"])
    if rule is None:
        raise Refusal(404, "Branch not protected")
    url = f"{core.api(call.repo)}/branches/{rule.branch}/protection"
    body = {"url": url, "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": True}}
    for name in ("allow_force_pushes", "allow_deletions"):
        body[name] = {"enabled": False}
    if rule.requires_pull:
        body["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews", "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False, "required_approving_review_count": 1,
        }  # fmt: skip
    return Answer(body=body)


@route("GET", R + "/rules/branches/{branch}")
def rules(call: Call) -> Answer:
    rule = call.repo.protections.get(call.params["branch"])
    if rule is None:
        return Answer(items=[])
    origin = {"ruleset_source_type": "Repository", "ruleset_source": call.repo.full_name, "ruleset_id": 1}
    found = [{"type": "deletion", **origin}, {"type": "non_fast_forward", **origin}]
    if rule.requires_pull:
        details = {
            "dismiss_stale_reviews_on_push": False, "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_approving_review_count": 1, "required_review_thread_resolution": False,
        }  # fmt: skip
        found.append({"type": "pull_request", "parameters": details, **origin})
    if rule.required_checks:
        checks = [{"context": name} for name in rule.required_checks]
        parameters = {"required_status_checks": checks, "strict_required_status_checks_policy": False}
        found.append({"type": "required_status_checks", "parameters": parameters, **origin})
    return Answer(items=found)


@route("GET", R + "/activity", "contents=read")
def activity(call: Call) -> Answer:
    """Newest first; times are the server's. A branch's first push is a `branch_creation`."""
    wanted, found = call.query, list(call.repo.activities)
    if ref := wanted.get("ref"):
        found = [entry for entry in found if ref in (entry.ref, entry.ref.removeprefix("refs/heads/"))]
    if actor := wanted.get("actor"):
        found = [entry for entry in found if entry.login == actor]
    if kind := wanted.get("activity_type"):
        found = [entry for entry in found if entry.kind == kind]
    if period := wanted.get("time_period"):
        since = call.fake.now - timedelta(days=_DAYS[period])
        found = [entry for entry in found if datetime.fromisoformat(entry.timestamp) >= since]
    if wanted.get("direction", "desc") == "desc":
        found.reverse()
    return Answer(items=[git.activity(call.repo, entry) for entry in found])


@route("GET", R + "/contents/{path}", "contents=read")
def contents(call: Call) -> Answer:
    ref, path, repo = call.query.get("ref", call.repo.default_branch), call.params["path"].strip("/"), call.repo
    sha = repo.store.sha(ref)
    if sha is None:
        raise Refusal(404, f"No commit found for the ref {ref}")
    try:
        kind = repo.store.run("cat-file", "-t", f"{sha}:{path}")
    except GitFailed:
        raise not_found() from None
    if kind == "blob":
        return Answer(body=git.content_file(repo, path, ref, repo.store.run("rev-parse", f"{sha}:{path}")))
    entries = []
    for line in repo.store.run("ls-tree", f"{sha}:{path}").splitlines():
        head, _, name = line.partition("\t")
        _, kind, blob = head.split()
        shape = git.content_file(repo, f"{path}/{name}", ref, blob)
        entries.append({**shape, "type": "file" if kind == "blob" else "dir"} | ({"size": 0} if kind != "blob" else {}))
        del entries[-1]["content"], entries[-1]["encoding"]
    return Answer(body=entries)


@route("PUT", R + "/contents/{path}", "contents=write")
def put_contents(call: Call) -> Answer:
    repo, path = call.repo, call.params["path"]
    branch_name = call.text("branch", repo.default_branch)
    before = repo.branch(branch_name)
    if before is None:
        raise Refusal(404, f"Branch {branch_name} not found")
    try:
        content = base64.b64decode(call.text("content"), validate=False)
    except binascii.Error:
        raise invalid("Content", "content is not valid Base64") from None
    there = repo.store.says("cat-file", "-e", f"{before}:{path}")
    blob = repo.store.run("rev-parse", f"{before}:{path}") if there else ""
    if there and not call.text("sha"):
        raise Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if call.text("sha") != blob:
        raise Refusal(409, f"{path} does not match {call.text('sha')}")
    if path.startswith(".github/workflows/") and not may_change_workflows(call.token):
        raise Refusal(403, "Resource not accessible by integration")
    if branch_name in repo.protections and repo.protections[branch_name].requires_pull:
        raise Refusal(409, NEEDS_PULL)
    made = repo.store.commit_files(
        branch_name,
        {path: content},
        parent=before,
        message=call.text("message"),
        login=call.login,
        when=call.fake.seconds(),
    )
    record_push(repo, call.token, [(f"refs/heads/{branch_name}", before or ZERO, made)])
    shape = git.content_file(repo, path, branch_name, repo.store.run("rev-parse", f"{made}:{path}"))
    return Answer(200 if there else 201, {"content": shape, "commit": git.git_commit(repo, made)})


@route("GET", R + "/compare/{basehead}", "contents=read")
def compare(call: Call) -> Answer:
    base, dots, head = call.params["basehead"].partition("...")
    shas = [call.repo.store.sha(name.rpartition(":")[2]) for name in (base, head)]
    if not dots or shas[0] is None or shas[1] is None:
        raise not_found()
    return Answer(body=git.comparison(call.repo, shas[0], shas[1]))


@route("GET", R + "/installation")
def installation(call: Call) -> Answer:
    raise Refusal(401, "A JSON web token could not be decoded")
