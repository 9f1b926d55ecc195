"""Pull requests."""

from __future__ import annotations

from tests.fakes.github.answers import NEEDS_PULL, Answer, Call, Refusal, invalid, not_found
from tests.fakes.github.models import Pull
from tests.fakes.github.pulls import FORBIDDEN, close, merge, open_pull, pass_workflows, reopen, set_base
from tests.fakes.github.pushes import record_push
from tests.fakes.github.rights import TRIAGERS, WRITERS, has_level, must_have_level
from tests.fakes.github.router import route
from tests.fakes.github.shapes import core, git, pulls, talk
from tests.fakes.github.talk import good_body, good_title

R = "/repos/{owner}/{repo}"


def _pull(call: Call) -> Pull:
    found = call.repo.issues.get(call.number("pull_number"))
    if not isinstance(found, Pull):
        raise not_found()
    return found


@route("GET", R + "/pulls", "pull_requests=read")
def listed(call: Call) -> Answer:
    """`head` filters as `owner:branch` only; without an owner GitHub ignores it."""
    state, head, base = call.query.get("state", "open"), call.query.get("head", ""), call.query.get("base")
    found = [entry for entry in call.repo.pulls() if state in ("all", entry.state)]
    if ":" in head:
        found = [entry for entry in found if f"{entry.head_repo.split('/')[0]}:{entry.head_ref}" == head]
    if base:
        found = [entry for entry in found if entry.base_ref == base]
    is_updated = call.query.get("sort") == "updated"
    is_up = call.query.get("direction", "asc" if is_updated else "desc") == "asc"
    found.sort(key=lambda entry: (entry.updated_at if is_updated else "", entry.number), reverse=not is_up)
    return Answer(items=[pulls.simple(call.repo, entry) for entry in found])


@route("POST", R + "/pulls", "pull_requests=write")
def create(call: Call) -> Answer:
    assert call.token
    owner, colon, head = call.text("head").rpartition(":")
    source = call.repo
    if colon and owner.lower() != call.repo.owner.lower():
        forks = [
            entry
            for entry in call.fake.repositories.values()
            if entry.owner == owner and entry.parent == call.repo.full_name
        ]
        if not forks:
            raise invalid("PullRequest", field="head", code="invalid")
        source = forks[0]
    if not has_level(call, WRITERS) and source.level_of(call.login) not in WRITERS:
        raise invalid("PullRequest", "must be a collaborator", field="head")
    made = open_pull(
        call.repo, source, head, call.text("base"), title=call.text("title"), body=call.text("body"), who=call.token,
        draft=bool(call.body.get("draft")),
    )  # fmt: skip
    return Answer(201, pulls.full(call.repo, made))


@route("GET", R + "/pulls/{pull_number}", "pull_requests=read")
def get(call: Call) -> Answer:
    return Answer(body=pulls.full(call.repo, _pull(call)))


@route("PATCH", R + "/pulls/{pull_number}", "pull_requests=write")
def update(call: Call) -> Answer:
    found, body = _pull(call), call.body or {}
    must_have_level(call, TRIAGERS if set(body) <= {"state"} else WRITERS, found.user)
    title = good_title(str(body.get("title", found.title)), "PullRequest")
    if body.get("base", found.base_ref) != found.base_ref:
        set_base(call.repo, found, body["base"])
    if "body" in body:
        found.body = good_body(body["body"] or "", "PullRequest")
    found.title = title
    if body.get("state") == "closed":
        close(call.repo, found)
    elif body.get("state") == "open":
        reopen(call.repo, found)
    found.updated_at = call.fake.stamp()
    return Answer(body=pulls.full(call.repo, found))


@route("GET", R + "/pulls/{pull_number}/files", "pull_requests=read")
def files(call: Call) -> Answer:
    found, store = _pull(call), call.repo.store
    middle = store.run("merge-base", found.base_sha, found.head_sha)
    return Answer(items=git.files(call.repo, middle, found.head_sha))


@route("GET", R + "/pulls/{pull_number}/commits", "pull_requests=read")
def commits(call: Call) -> Answer:
    found = _pull(call)
    shas = call.repo.store.run("rev-list", "--reverse", f"{found.base_sha}..{found.head_sha}").splitlines()
    return Answer(items=[git.commit(call.repo, sha) for sha in shas])


@route("PUT", R + "/pulls/{pull_number}/merge", "contents=write")
def merged(call: Call) -> Answer:
    assert call.token
    made = merge(
        call.repo, _pull(call), call.token, call.text("merge_method", "merge"), title=call.text("commit_title"),
        text=call.text("commit_message"), sha=call.text("sha"),
    )  # fmt: skip
    return Answer(body={"sha": made, "merged": True, "message": "Pull Request successfully merged"})


@route("PUT", R + "/pulls/{pull_number}/update-branch", "pull_requests=write")
def update_branch(call: Call) -> Answer:
    found, repo = _pull(call), call.repo
    base = repo.branch(found.base_ref)
    if call.text("expected_head_sha", found.head_sha) != found.head_sha:
        raise Refusal(422, "expected head sha didn't match current head ref.")
    if base is None or repo.store.is_ancestor(base, found.head_sha):
        raise Refusal(422, "There are no new commits on the base branch.")
    tree = repo.store.merged_tree(found.head_sha, base)
    if tree is None:
        raise Refusal(422, "merge conflict between base and head")
    text = f"Merge branch '{found.base_ref}' into {found.head_ref}"
    made = repo.store.new_commit(tree, [found.head_sha, base], text, call.login, call.fake.seconds())
    before = found.head_sha
    repo.store.set_ref(f"refs/heads/{found.head_ref}", made)
    record_push(repo, call.token, [(f"refs/heads/{found.head_ref}", before, made)])
    return Answer(202, {"message": "Updating pull request branch.", "url": f"{core.api(repo)}/pulls/{found.number}"})


@route("POST", R + "/pulls/{pull_number}/requested_reviewers", "pull_requests=write")
def ask_reviewers(call: Call) -> Answer:
    found = _pull(call)
    for login in (call.body or {}).get("reviewers", []):
        if login == found.user or login not in call.repo.people:
            raise Refusal(422, "Reviews may only be requested from collaborators.")
    return Answer(201, pulls.simple(call.repo, found))


@route("POST", R + "/pulls/{pull_number}/reviews", "pull_requests=write")
def review(call: Call) -> Answer:
    found, event = _pull(call), (call.body or {}).get("event")
    if call.token and call.token.is_job and event == "APPROVE" and not call.repo.actions_may_open_pulls:
        raise Refusal(422, FORBIDDEN)
    page = f"{core.html(call.repo)}/pull/{found.number}"
    number = call.fake.next_id()
    states = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED", None: "PENDING"}
    links = {"html": {"href": page}, "pull_request": {"href": f"{core.api(call.repo)}/pulls/{found.number}"}}
    return Answer(200, {
        "id": number, "node_id": f"PRR_{number}", "user": core.user(call.fake, call.login), "body": call.text("body"),
        "state": states[event], "html_url": page, "pull_request_url": links["pull_request"]["href"], "_links": links,
        "submitted_at": call.fake.stamp(), "commit_id": found.head_sha,
        "author_association": talk.association(call.repo, call.login),
    })  # fmt: skip


@route("GET", R + "/pulls/{pull_number}/comments", "pull_requests=read")
def review_comments(call: Call) -> Answer:
    _pull(call)
    return Answer(items=[])


@route("GET", R + "/commits/{commit_sha}/pulls", "pull_requests=read,contents=read")
def of_commit(call: Call) -> Answer:
    sha = call.repo.store.sha(call.params["commit_sha"])
    found = [entry for entry in call.repo.pulls() if sha and sha in (entry.head_sha, entry.merge_commit_sha)]
    return Answer(items=[pulls.simple(call.repo, entry) for entry in found])


@route("POST", R + "/merges", "contents=write")
def merge_branches(call: Call) -> Answer:
    assert call.token
    repo, base, head = call.repo, call.text("base"), call.text("head")
    old, other = repo.branch(base), repo.store.sha(head)
    if old is None or other is None:
        raise Refusal(404, "Base does not exist" if old is None else "Head does not exist")
    if repo.store.is_ancestor(other, old):
        return Answer(204)
    tree = repo.store.merged_tree(old, other)
    if tree is None:
        raise Refusal(409, "Merge conflict")
    if base in repo.protections and repo.protections[base].requires_pull:
        raise Refusal(409, NEEDS_PULL)
    pass_workflows(repo, call.token, old, tree)
    text = call.text("commit_message", f"Merge {head} into {base}")
    made = repo.store.new_commit(tree, [old, other], text, call.login, call.fake.seconds())
    repo.store.set_ref(f"refs/heads/{base}", made)
    record_push(repo, call.token, [(f"refs/heads/{base}", old, made)])
    return Answer(201, git.commit(repo, made))
