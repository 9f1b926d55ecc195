"""`python -m tests.fakes.github`: a GitHub to try the action by hand against, until Ctrl-C.

It prints the addresses, tokens, and commands to paste; everything it holds is below one folder and gone with it
(`--folder` keeps the git repositories).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.fakes.github import FakeGitHub, FakeRepository

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
env GITHUB_ACTIONS=true GITHUB_API_URL={github.url} GITHUB_SERVER_URL={github.server_url} \\
    GITHUB_GRAPHQL_URL={github.graphql_url} GITHUB_REPOSITORY=acme/app GITHUB_EVENT_NAME=workflow_dispatch \\
    GITHUB_EVENT_PATH={events}/dispatch.json DEVTEAM_INPUT_GITHUB_TOKEN={job} \\
    {python} -m devteam_action action

# the same by act, with the real action.yml as it is committed
mkdir ../action && git -C {action} archive HEAD | tar -x -C ../action
{act} workflow_dispatch -W .github/workflows/devteam.yml -e {events}/dispatch.json \\
    -P ubuntu-latest=-self-hosted --no-cache-server -s GITHUB_TOKEN={job} \\
    --env GITHUB_API_URL={github.url} --env GITHUB_SERVER_URL={github.server_url} --env GITHUB_REPOSITORY=acme/app \\
    --local-repository acme/devteam-action@v1=$PWD/../action

# a comment by a person; its event is then in {events}/comment.json
curl -s -X POST -H "Authorization: token {octo}" -d '{{"body": "/devteam status"}}' \\
    {github.url}/repos/acme/app/issues/1/comments

Every request is shown below. Ctrl-C ends it.
"""


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
    print(SCREEN.format(
        github=github, repo=repo, job=job, octo=octo, events=events, host=github.server_url.removeprefix("http://"),
        python=sys.executable, action=ROOT, act=Path(sys.executable).with_name("act"),
    ), flush=True)  # fmt: skip
    try:
        _watch(github, repo, events)
    except KeyboardInterrupt:
        print("\nIt is over.")


def _files() -> dict[str, str | bytes]:
    """The example of `devteam demo`: three tasks, which recorded patches do, so that no model is needed."""
    files: dict[str, str | bytes] = {".github/workflows/devteam.yml": WORKFLOW}
    for path in sorted((EXAMPLE / "repository").rglob("*")):
        name = path.relative_to(EXAMPLE / "repository").as_posix()
        if path.is_file() and "__pycache__" not in name:
            files[".gitignore" if name == "gitignore" else name] = path.read_bytes()
    patches = f"tools:\n  replay:\n    patches: '{EXAMPLE / 'patches'}'\n"
    return {**files, ".devteam.yml": (EXAMPLE / "repository" / ".devteam.yml").read_text() + patches}


def _watch(github: FakeGitHub, repo: FakeRepository, events: Path) -> None:
    shown = complained = 0
    while True:
        time.sleep(0.2)
        for request in github.requests[shown:]:
            shown += 1
            print(f"{request.status} {request.method} {request.path} ({request.token_login or 'nobody'})", flush=True)
            if request.method == "POST" and request.path.endswith("/comments") and request.status == 201:
                _write(events / "comment.json", repo.event_comment(repo.all_comments[-1]))
        for text in github.violations[complained:]:
            complained += 1
            print(f"  GitHub's OpenAPI text does not allow: {text}", flush=True)


def _write(path: Path, payload: object) -> None:
    path.write_text(json.dumps(payload, indent=2))


if __name__ == "__main__":
    main()
