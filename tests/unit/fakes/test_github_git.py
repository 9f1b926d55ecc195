"""Git over HTTP: who may push what, and everything that follows from a push."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import threading
from pathlib import Path

import pytest

from tests.fakes.github.raw import Raw

APP = "/repos/acme/app"


class Clone:
    """A working copy whose git sends a token as actions/checkout makes it do."""

    def __init__(self, folder: Path, url: str, token: str) -> None:
        self.folder, self.url = folder, url
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        self.header = ["-c", f"http.{url}.extraheader=AUTHORIZATION: basic {basic}"] if token else []
        self.cloned = self("clone", "--quiet", url, str(folder), cwd=folder.parent)

    def __call__(self, *args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", "-c", "credential.helper=", *self.header, *args],
            cwd=cwd or self.folder, capture_output=True, text=True, check=False, env=_environment(),
        )  # fmt: skip

    def commit(self, path: str, text: str) -> str:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        self("add", ".")
        self("commit", "--quiet", "-m", f"change {path}")
        return self("rev-parse", "HEAD").stdout.strip()

    def push(self, *args: str) -> subprocess.CompletedProcess[str]:
        return self("push", "origin", *args)


def _environment() -> dict[str, str]:
    return {**os.environ, "GIT_TERMINAL_PROMPT": "0"}


@pytest.fixture
def clone(tmp_path, repo):
    return Clone(tmp_path / "clone", repo.clone_url, repo.job_token())


def test_a_push_arrives_and_enters_the_activity_list_with_its_login_and_the_servers_time(clone, repo, job, github):
    github.advance(3600)
    sha = clone.commit("big.txt", "line\n" * 300_000)
    pushed = clone.push("HEAD:refs/heads/task/x")
    assert (pushed.returncode, repo.branch("task/x")) == (0, sha)
    [entry] = job.get(f"{APP}/activity?ref=refs/heads/task/x").body
    assert (entry["activity_type"], entry["actor"]["login"], entry["after"]) == (
        "branch_creation", "github-actions[bot]", sha,
    )  # fmt: skip
    assert entry["timestamp"] <= github.stamp() < entry["timestamp"][:10] + "U"


def test_each_kind_of_push_has_its_name_in_the_activity_list(clone, repo, job):
    clone.commit("a", "1")
    clone.push("HEAD:refs/heads/x")
    clone.commit("a", "2")
    clone.push("HEAD:refs/heads/x")
    clone("commit", "--quiet", "--amend", "-m", "again")
    clone.push("--force", "HEAD:refs/heads/x")
    clone.push(":refs/heads/x")
    kinds = [entry["activity_type"] for entry in job.get(f"{APP}/activity?ref=refs/heads/x").body]
    assert kinds == ["branch_deletion", "force_push", "push", "branch_creation"]


def _commit_on_many(repo, parent: str) -> None:
    """A commit on each of 120 branches, all by one process of git."""
    who = "ann <ann@example.invalid> 1 +0000"
    parts = (
        f"commit refs/heads/many/{number}\ncommitter {who}\ndata 1\nx\n"
        f"from refs/heads/{parent.format(number=number)}^0\n"
        f"M 100644 inline of-{number}.txt\ndata {len(parent)}\n{parent}\n"
        for number in range(120)
    )
    repo.store.run("fast-import", "--quiet", given="".join(parts))


def test_chunked_and_compressed_bodies_arrive(clone, repo):
    """Git sends a push in chunks when it is larger than its buffer, and compresses what it says of many refs."""
    _commit_on_many(repo, "main")
    assert clone("fetch", "--quiet", "origin").returncode == 0
    _commit_on_many(repo, "many/{number}")
    assert clone("fetch", "--quiet", "origin").returncode == 0
    sha = clone.commit("noise.txt", secrets.token_hex(200_000))
    assert clone("-c", "http.postBuffer=65536", "push", "origin", "HEAD:refs/heads/x").returncode == 0
    assert repo.branch("x") == sha


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        ({"contents": "read"}, "Permission to acme/app.git denied to github-actions[bot]"),
        ({"contents": "none"}, "Permission to acme/app.git denied to github-actions[bot]"),
    ],
)
def test_a_token_that_may_not_write_clones_a_public_repository_and_pushes_nothing(rights, words, repo, tmp_path):
    clone = Clone(tmp_path / "clone", repo.clone_url, repo.job_token(**rights))
    clone.commit("a", "1")
    pushed = clone.push("HEAD:refs/heads/x")
    assert pushed.returncode != 0
    assert words in pushed.stderr
    assert repo.branch("x") is None


def test_bad_tokens_and_hidden_repositories_are_told_apart(github, repo, tmp_path):
    hidden = github.repository("acme/secret", private=True)
    stranger = repo.job_token()
    wrong = hidden.clone_url.replace("http://", "http://x-access-token:ghs_wrong@")
    assert "Invalid username or token" in Clone(tmp_path / "1", wrong, "").cloned.stderr
    assert "not found" in Clone(tmp_path / "2", hidden.clone_url, stranger).cloned.stderr
    assert Clone(tmp_path / "3", hidden.clone_url, "").cloned.returncode != 0
    assert Clone(tmp_path / "4", hidden.clone_url, hidden.job_token(contents="read")).cloned.returncode == 0


@pytest.mark.parametrize("how", ["adds", "changes", "removes", "in an older commit"])
def test_a_jobs_token_pushes_no_change_of_a_workflow(how, repo, tmp_path):
    repo.commit("main", {".github/workflows/ci.yml": "on: push\n"})
    clone = Clone(tmp_path / "clone", repo.clone_url, repo.job_token())
    if how == "removes":
        clone("rm", "--quiet", ".github/workflows/ci.yml")
    clone.commit(f".github/workflows/{'new' if how == 'adds' else 'ci'}.yml" if how != "removes" else "a", "on: {}\n")
    if how == "in an older commit":
        clone.commit("b", "2")
    pushed = clone.push("HEAD:refs/heads/x")
    name = "new" if how == "adds" else "ci"
    said = f"refusing to allow a GitHub App to create or update workflow `.github/workflows/{name}.yml`"
    assert f"{said} without `workflows` permission" in pushed.stderr
    assert repo.branch("x") is None


def test_a_branch_with_workflows_that_are_there_already_is_pushed_and_a_person_may_change_them(repo, tmp_path):
    repo.commit("main", {".github/workflows/ci.yml": "on: push\n"})
    job = Clone(tmp_path / "job", repo.clone_url, repo.job_token())
    job.commit("a", "1")
    assert job.push("HEAD:refs/heads/x").returncode == 0
    octo = Clone(tmp_path / "octo", repo.clone_url, repo.personal_token("octo"))
    octo.commit(".github/workflows/ci.yml", "on: {}\n")
    assert octo.push("HEAD:refs/heads/y").returncode == 0


@pytest.mark.parametrize(
    ("requires_pull", "push", "words"),
    [
        (True, ["HEAD:main"], "Changes must be made through a pull request."),
        (False, ["--force", "HEAD~1:main"], "Cannot force-push to this branch"),
        (False, [":release"], "Cannot delete this branch"),
        (False, ["HEAD:main"], ""),
    ],
)
def test_a_protected_branch(requires_pull, push, words, repo, clone):
    repo.commit("main", {"b": "1"})
    clone("pull", "--quiet")
    repo.protect("main", requires_pull=requires_pull)
    repo.protect("release", requires_pull=requires_pull)
    repo.commit("release", {"b": "1"})
    before, made = repo.branch("main"), clone.commit("a", "1")
    if "HEAD~1" in push[-1]:
        clone("reset", "--quiet", "--hard", "HEAD~1")
    pushed = clone.push(*push)
    assert words in pushed.stderr
    assert ("protected branch hook declined" in pushed.stderr) == bool(words)
    assert repo.branch("main") == (before if words else made)


def test_the_default_branch_is_not_deleted_even_where_nothing_is_protected(repo, clone):
    assert "refusing to delete the current branch: refs/heads/main" in clone.push(":main").stderr
    assert repo.branch("main")


def test_of_two_pushes_that_expect_the_same_commit_one_wins(repo, tmp_path, clone):
    others = [clone, Clone(tmp_path / "other", repo.clone_url, repo.job_token())]
    for number, one in enumerate(others):
        one.commit("a", str(number))
    old = repo.branch("main")
    codes: list[int] = []

    def push(one: Clone) -> None:
        codes.append(one.push(f"--force-with-lease=refs/heads/main:{old}", "HEAD:main").returncode)

    threads = [threading.Thread(target=push, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [0, 1]
    assert len(repo.activities) == 1


def test_a_push_moves_the_head_of_the_pull_request_and_a_direct_merge_ends_it(repo, clone, job):
    clone.commit("a", "1")
    clone.push("HEAD:refs/heads/x")
    job.post(f"{APP}/pulls", {"title": "t", "head": "x", "base": "main"})
    sha = clone.commit("a", "2")
    clone.push("HEAD:refs/heads/x")
    assert repo.pull(1).head_sha == sha
    clone.push("HEAD:main")
    assert (repo.pull(1).merged, repo.pull(1).merge_commit_sha) == (True, sha)


@pytest.mark.parametrize(
    ("is_job", "found"),
    [(True, [("pull_request", "action_required")]), (False, [("push", None), ("pull_request", None)])],
)
def test_which_runs_a_push_starts(is_job, found, repo, tmp_path, github):
    token = repo.job_token() if is_job else repo.personal_token("octo")
    clone = Clone(tmp_path / "clone", repo.clone_url, token)
    clone.commit("a", "1")
    clone.push("HEAD:refs/heads/x")
    Raw(github.url, token).post(f"{APP}/pulls", {"title": "t", "head": "x", "base": "main"})
    repo.workflow_runs.clear()
    sha = clone.commit("a", "2")
    clone.push("HEAD:refs/heads/x")
    assert [(run.event, run.conclusion) for run in repo.runs(sha)] == found


def test_a_push_can_be_lost_before_and_after_its_effect(repo, clone, github):
    sha = clone.commit("a", "1")
    github.fault("500", path="git-receive-pack", on_git=True)
    assert clone.push("HEAD:refs/heads/x").returncode != 0
    assert repo.branch("x") is None
    github.fault("502-after-effect", path="git-receive-pack", on_git=True)
    assert clone.push("HEAD:refs/heads/x").returncode != 0
    assert repo.branch("x") == sha
    assert clone.push("HEAD:refs/heads/x").returncode == 0


def test_a_renamed_repository_is_still_found_by_git(repo, clone):
    repo.rename("acme/new")
    sha = clone.commit("a", "1")
    assert clone.push("HEAD:refs/heads/x").returncode == 0
    assert repo.branch("x") == sha


def test_gits_requests_are_not_counted(clone, github):
    clone.commit("a", "1")
    clone.push("HEAD:refs/heads/x")
    assert github.requests == []
