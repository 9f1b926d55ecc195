"""Commits, refs, comparisons, branches and activities."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from tests.fakes.github.models import Activity
from tests.fakes.github.shapes.core import Shape, api, html, user

if TYPE_CHECKING:
    from tests.fakes.github.repository import FakeRepository

_FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"
_UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
_STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "C": "copied", "T": "changed"}


def _fields(repo: FakeRepository, sha: str) -> list[str]:
    return repo.store.run("log", "-1", "--no-mailmap", f"--format={_FORMAT}", sha).split("\0")


def git_commit(repo: FakeRepository, sha: str) -> Shape:
    """The commit as git has it, `GET …/git/commits/SHA`."""
    full, tree, parents, an, ae, ad, cn, ce, cd, message = _fields(repo, sha)
    return {
        "sha": full, "node_id": f"C_{full}", "url": f"{api(repo)}/git/commits/{full}",
        "html_url": f"{html(repo)}/commit/{full}",
        "author": {"name": an, "email": ae, "date": ad}, "committer": {"name": cn, "email": ce, "date": cd},
        "message": message.rstrip("\n"), "tree": {"sha": tree, "url": f"{api(repo)}/git/trees/{tree}"},
        "parents": [_parent(repo, parent) for parent in parents.split()], "verification": dict(_UNSIGNED),
    }  # fmt: skip


def commit(repo: FakeRepository, sha: str) -> Shape:
    plain = git_commit(repo, sha)
    login = plain["author"]["email"].partition("@users.noreply")[0]
    who = user(repo.fake, login) if "@" not in login else None
    inner = {key: plain[key] for key in ("author", "committer", "message", "tree", "url", "verification")}
    return {
        "url": f"{api(repo)}/commits/{plain['sha']}", "sha": plain["sha"], "node_id": plain["node_id"],
        "html_url": plain["html_url"], "comments_url": f"{api(repo)}/commits/{plain['sha']}/comments",
        "commit": {**inner, "comment_count": 0}, "author": who, "committer": who, "parents": plain["parents"],
    }  # fmt: skip


def simple_commit(repo: FakeRepository, sha: str) -> Shape:
    full, tree, _, an, ae, ad, cn, ce, _, message = _fields(repo, sha)
    return {
        "id": full, "tree_id": tree, "message": message.rstrip("\n"), "timestamp": ad,
        "author": {"name": an, "email": ae}, "committer": {"name": cn, "email": ce},
    }  # fmt: skip


def _parent(repo: FakeRepository, sha: str) -> Shape:
    return {"sha": sha, "url": f"{api(repo)}/git/commits/{sha}", "html_url": f"{html(repo)}/commit/{sha}"}


def ref(repo: FakeRepository, name: str, sha: str) -> Shape:
    kind = repo.store.run("cat-file", "-t", sha)
    target = {"type": kind, "sha": sha, "url": f"{api(repo)}/git/{kind}s/{sha}"}
    return {"ref": name, "node_id": f"REF_{name}", "url": f"{api(repo)}/git/{name}", "object": target}


def activity(repo: FakeRepository, made: Activity) -> Shape:
    return {
        "id": made.id, "node_id": f"PSH_{made.id}", "before": made.before, "after": made.after, "ref": made.ref,
        "timestamp": made.timestamp, "activity_type": made.kind, "actor": user(repo.fake, made.login),
    }  # fmt: skip


def files(repo: FakeRepository, base: str, head: str) -> list[Shape]:
    """The changes between two commits (two dots), a patch for each."""
    counts = {line.split("\t", 2)[2]: line.split("\t", 2)[:2] for line in _diff(repo, "--numstat", base, head)}
    return [_entry(repo, base, head, *line.split("\t", 1), counts) for line in _diff(repo, "--name-status", base, head)]


def _diff(repo: FakeRepository, kind: str, base: str, head: str) -> list[str]:
    return repo.store.run("-c", "core.quotePath=false", "diff", "--no-renames", kind, base, head).splitlines()


def _entry(repo: FakeRepository, base: str, head: str, letter: str, path: str, counts: dict[str, list[str]]) -> Shape:
    added, removed = (int(part) if part.isdigit() else 0 for part in counts[path])
    patch = repo.store.run("diff", "--no-renames", base, head, "--", path).partition("\n@@")
    blob = repo.store.run("rev-parse", f"{base if letter == 'D' else head}:{path}")
    return {
        "sha": blob, "filename": path, "status": _STATUS[letter[0]], "additions": added, "deletions": removed,
        "changes": added + removed, "blob_url": f"{html(repo)}/blob/{head}/{path}",
        "raw_url": f"{html(repo)}/raw/{head}/{path}",
        "contents_url": f"{api(repo)}/contents/{path}?ref={head}", "patch": f"@@{patch[2]}" if patch[1] else "",
    }  # fmt: skip


def comparison(repo: FakeRepository, base: str, head: str) -> Shape:
    middle = repo.store.run("merge-base", base, head)
    ahead, behind = repo.store.count(base, head), repo.store.count(head, base)
    status = ("diverged" if ahead else "behind") if behind else ("ahead" if ahead else "identical")
    page = f"{html(repo)}/compare/{base}...{head}"
    commits = repo.store.run("rev-list", "--reverse", f"{base}..{head}").splitlines()[-250:]
    return {
        "url": f"{api(repo)}/compare/{base}...{head}", "html_url": page, "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch", "base_commit": commit(repo, base), "merge_base_commit": commit(repo, middle),
        "status": status, "ahead_by": ahead, "behind_by": behind, "total_commits": ahead,
        "commits": [commit(repo, sha) for sha in commits], "files": files(repo, middle, head),
    }  # fmt: skip


def short_branch(repo: FakeRepository, name: str, sha: str) -> Shape:
    target = {"sha": sha, "url": f"{api(repo)}/commits/{sha}"}
    return {"name": name, "commit": target, "protected": name in repo.protections}


def branch(repo: FakeRepository, name: str, sha: str) -> Shape:
    url = f"{api(repo)}/branches/{name}"
    rule = repo.protections.get(name)
    checks = [*rule.required_checks] if rule else []
    required = {"enforcement_level": "everyone" if checks else "off", "contexts": checks, "checks": []}
    return {
        "name": name, "commit": commit(repo, sha), "_links": {"self": url, "html": f"{html(repo)}/tree/{name}"},
        "protected": rule is not None, "protection": {"enabled": rule is not None, "required_status_checks": required},
        "protection_url": f"{url}/protection",
    }  # fmt: skip


def content_file(repo: FakeRepository, path: str, ref_name: str, blob: str) -> Shape:
    raw = repo.store.read(blob)
    url, page = f"{api(repo)}/contents/{path}?ref={ref_name}", f"{html(repo)}/blob/{ref_name}/{path}"
    git = f"{api(repo)}/git/blobs/{blob}"
    return {
        "type": "file", "encoding": "base64", "size": len(raw), "name": path.rpartition("/")[2], "path": path,
        "content": base64.encodebytes(raw).decode(), "sha": blob, "url": url, "git_url": git, "html_url": page,
        "download_url": page, "_links": {"git": git, "html": page, "self": url},
    }  # fmt: skip
