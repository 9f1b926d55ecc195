"""`python -m tests.fakes.github`: a GitHub to try the action by hand against, until Ctrl-C.

It prints the addresses, tokens, and commands to paste; everything it holds is below one folder and gone with it
(`--folder` keeps the git repositories).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.fakes.github import FakeGitHub, FakeRepository, contract
from tests.fakes.github.models import Request

_COMMENTS = re.compile(r"/repos/acme/app/issues/\d+/comments")
ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "devteam_action" / "example"
WORKFLOW = """\
name: devteam
on: {workflow_dispatch: {}, issue_comment: {types: [created]}}
permissions: {contents: write, pull-requests: write, issues: write, checks: write}
jobs:
  work:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: acme/devteam-action@v1
        with: {github-token: "${{ secrets.GITHUB_TOKEN }}"}
"""
SCREEN = """\
API      {github.url}      (GITHUB_API_URL; REST, also below /api/v3; GraphQL below /graphql)
server   {github.server_url}      (GITHUB_SERVER_URL; git is at {repo.clone_url})
job's token, github-actions[bot]: {job}
a person's token, octo (write):   {octo}
event payloads: {events}

# look at it
curl -s -H "Authorization: token {job}" {github.url}/repos/acme/app/pulls
git clone http://x-access-token:{octo}@{host}/acme/app.git

# the action as its run step calls it: in a clone, as if somebody had pressed the button
cd app
{step}

# the same by act, with the real action.yml as it is committed (merge what is proved, or there is nothing to do)
mkdir -p ../action && git -C {action} archive HEAD | tar -x -C ../action
{act} workflow_dispatch -W .github/workflows/devteam.yml -e {events}/dispatch.json \\
    -P ubuntu-latest=-self-hosted --no-cache-server -s GITHUB_TOKEN={job} \\
    --env GITHUB_API_URL={github.url} --env GITHUB_SERVER_URL={github.server_url} --env GITHUB_REPOSITORY=acme/app \\
    --local-repository acme/devteam-action@v1=$PWD/../action

# a comment by a person, and the action that reads it: the event of the last one is in {events}/comment.json
curl -s -X POST -H "Authorization: token {octo}" -d '{{"body": "/devteam status"}}' \\
    {github.url}/repos/acme/app/issues/1/comments
{comment_step}

# merge the first pull request, once it is ready
curl -s -X PUT -H "Authorization: token {octo}" -d '{{}}' {github.url}/repos/acme/app/pulls/2/merge

{judged}
Every request is shown below. Ctrl-C ends it.
"""
STEP = """\
env GITHUB_ACTIONS=true GITHUB_API_URL={github.url} GITHUB_SERVER_URL={github.server_url} \\
    GITHUB_GRAPHQL_URL={github.graphql_url} GITHUB_REPOSITORY=acme/app GITHUB_EVENT_NAME={event} \\
    GITHUB_EVENT_PATH={events}/{file}.json DEVTEAM_INPUT_GITHUB_TOKEN={job} \\
    {python} -m devteam_action action"""
JUDGED = "Requests are judged by GitHub's own OpenAPI text."
NOT_JUDGED = "Requests are NOT judged: GitHub's OpenAPI text is not there ({source})."


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.github", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of 127.0.0.1; any free one unless said")
    parser.add_argument("--folder", type=Path, help="where its repositories are kept; a temporary folder unless said")
    parser.add_argument("--socket", type=Path, help="a unix socket too: `gh config set http_unix_socket PATH`")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fake-github-") as temporary:
        folder: Path = given.folder or Path(temporary)
        with FakeGitHub.serve(folder, socket=given.socket, port=given.port) as github:
            _serve(github, folder)
            github.violations.clear()


def _serve(github: FakeGitHub, folder: Path) -> None:
    repo = github.repository("acme/app", files=_files())
    job, octo = repo.job_token(), repo.personal_token("octo")
    number = repo.issue("Something to talk about", by="octo")
    events = folder / "events"
    events.mkdir(exist_ok=True)
    _write(events / "dispatch.json", repo.event_dispatch({}, by="octo"))
    _write(events / "comment.json", repo.event_comment(repo.comment(number, "/devteam status", by="octo")))
    github.watchers.append(lambda request, answer: _keep_comment(request, answer, repo, events))
    ours = {"github": github, "job": job, "events": events, "python": sys.executable}
    print(SCREEN.format(
        **ours, repo=repo, octo=octo, host=github.server_url.removeprefix("http://"), action=ROOT,
        act=Path(sys.executable).with_name("act"),
        step=STEP.format(**ours, event="workflow_dispatch", file="dispatch"),
        comment_step=STEP.format(**ours, event="issue_comment", file="comment"),
        judged=JUDGED if github.is_judged else NOT_JUDGED.format(source=contract.SOURCE),
    ), flush=True)  # fmt: skip
    try:
        _watch(github)
    except KeyboardInterrupt:
        print("\nIt is over.")


def _files() -> dict[str, str | bytes]:
    """The example of `devteam demo`: three tasks, which recorded patches do, so that no model is needed."""
    files: dict[str, str | bytes] = {".github/workflows/devteam.yml": WORKFLOW}
    for path in sorted((EXAMPLE / "repository").rglob("*")):
        name = path.relative_to(EXAMPLE / "repository").as_posix()
        if path.is_file() and "__pycache__" not in name:
            files[".gitignore" if name == "gitignore" else name] = path.read_bytes()
    ours = f"tools:\n  replay:\n    patches: '{EXAMPLE / 'patches'}'\n"
    # What judges is that of this Python: the shell that the commands are pasted into may know of none of it.
    ours += f"verify:\n  python: '{sys.executable}'\n"
    return {**files, ".devteam.yml": (EXAMPLE / "repository" / ".devteam.yml").read_text() + ours}


def _keep_comment(request: Request, answer: Any, repo: FakeRepository, events: Path) -> None:
    """The event of a person's comment, before they hear that it is there; ours start no workflow."""
    is_comment = request.method == "POST" and request.status == 201 and _COMMENTS.fullmatch(request.path)
    if is_comment and not str(request.token_login).endswith("[bot]"):
        comment = repo.find_comment(answer["id"])
        assert comment
        _write(events / "comment.json", repo.event_comment(comment))


def _watch(github: FakeGitHub) -> None:
    shown = complained = 0
    while True:
        time.sleep(0.2)
        for request in github.requests[shown:]:
            shown += 1
            print(f"{request.status} {request.method} {request.path} ({request.token_login or 'nobody'})", flush=True)
        for text in github.violations[complained:]:
            complained += 1
            print(f"  GitHub's OpenAPI text does not allow: {text}", flush=True)


def _write(path: Path, payload: object) -> None:
    path.write_text(json.dumps(payload, indent=2))


if __name__ == "__main__":
    main()
