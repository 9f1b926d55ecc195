"""GitHub's own texts for tests: the OpenAPI description of its API, and samples of event payloads.

They are read from `../shared/data` beside the checkout; elsewhere they come from npm's `@octokit/openapi` and
`@octokit/webhooks-examples`, once for this machine's user. `missing` fetches them; until it has said that nothing is
missing, the paths here may lead nowhere. A test marked `needs_openapi` is started only after that.
"""

from __future__ import annotations

import copy
import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

from tests.npm import NotInstalled, folder_of, installed

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
_NAME, _PACKAGES = "github-texts-23.0.2-7.6.1", ("@octokit/openapi@23.0.2", "@octokit/webhooks-examples@7.6.1")
_IS_BESIDE = _SHARED.is_dir()
OPENAPI = _SHARED / "github-openapi-slim.json" if _IS_BESIDE else folder_of(_NAME) / "openapi.json"
WEBHOOKS = _SHARED / "webhooks" if _IS_BESIDE else folder_of(_NAME) / "webhooks"

# Our name of a sample -> its place among those of its event in the package.
_PLACES = {
    "check_run.completed": 2, "check_run.created": 4, "check_run.requested_action": 6, "check_run.rerequested": 7,
    "check_suite.rerequested": 7, "issue_comment.created.on_issue": 1, "issue_comment.deleted.on_issue": 5,
    "issue_comment.edited.on_issue": 7, "issues.labeled": 9, "issues.opened": 15, "pull_request.closed": 3,
    "pull_request.labeled": 8, "pull_request.opened": 13, "pull_request.ready_for_review": 15,
    "pull_request.reopened": 18, "pull_request.synchronize": 22, "pull_request_review.submitted": 2,
    "pull_request_review_comment.created": 1, "push": 4, "push.branch_deleted": 1, "repository_dispatch": 1,
    "workflow_dispatch": 1, "workflow_run.completed": 1,
}  # fmt: skip
Payload = dict[str, Any]


@cache
def missing() -> str:
    """Empty when the texts are at their places, else why they cannot be had."""
    if _IS_BESIDE:
        return ""
    try:
        from_npm()
    except NotInstalled as problem:
        return f"GitHub's own texts are not beside the checkout (../shared/data), and {problem}"
    return ""


def from_npm() -> Path:
    """The folder with `openapi.json` and `webhooks/`; of the packages, which are large, nothing else is kept."""
    return installed(_NAME, *_PACKAGES, finish=_keep)


def _keep(folder: Path) -> None:
    packages = folder / "node_modules" / "@octokit"
    shutil.move(packages / "openapi" / "generated" / "api.github.com.json", folder / "openapi.json")
    listed = json.loads((packages / "webhooks-examples" / "api.github.com" / "index.json").read_text())
    events = {entry["name"]: entry["examples"] for entry in listed}
    samples = {name: events[name.partition(".")[0]][place] for name, place in _PLACES.items()}
    (folder / "webhooks").mkdir()
    for name, payload in (samples | _derived(samples)).items():
        (folder / "webhooks" / f"{name}.json").write_text(json.dumps(payload, indent=2))
    shutil.rmtree(folder / "node_modules")


def _derived(samples: dict[str, Payload]) -> dict[str, Payload]:
    """What the package has no sample of, made from the nearest one by the fields that GitHub documents."""
    commented, fork, merged, given = (
        copy.deepcopy(samples[name])
        for name in (
            "issue_comment.created.on_issue", "pull_request.opened", "pull_request.closed", "workflow_dispatch"
        )
    )  # fmt: skip
    on_issue, page = commented["issue"]["html_url"], commented["issue"]["html_url"].replace("/issues/", "/pull/")
    address = commented["issue"]["url"].replace("/issues/", "/pulls/")
    commented["issue"] |= {
        "html_url": page,
        "pull_request": {"url": address, "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch"},
    }
    commented["comment"] |= {
        "body": "/run tasks.yml", "html_url": commented["comment"]["html_url"].replace(on_issue, page)
    }  # fmt: skip
    stranger = copy.deepcopy(commented)
    for user in (stranger["sender"], stranger["comment"]["user"]):
        user |= {"login": "drive-by", "id": 999001, "type": "User"}
    stranger["comment"]["author_association"] = "NONE"
    pull, head = fork["pull_request"], fork["pull_request"]["head"]
    for user in (fork["sender"], pull["user"], head["user"], head["repo"]["owner"]):
        user["login"] = "drive-by"
    pull["author_association"], head["label"] = "FIRST_TIME_CONTRIBUTOR", "drive-by:changes"
    head["repo"] |= {"id": head["repo"]["id"] + 1, "fork": True, "full_name": "drive-by/Hello-World"}
    merged["pull_request"] |= {
        "merged": True, "merged_at": merged["pull_request"]["closed_at"], "merged_by": merged["sender"]
    }  # fmt: skip
    given["inputs"] = {"task-file": "tasks.yml", "dry-run": "true"}
    return {
        "issue_comment.created.on_pr.DERIVED": commented,
        "issue_comment.created.on_pr.untrusted.DERIVED": stranger,
        "pull_request.opened.from_fork.DERIVED": fork,
        "pull_request.closed.merged.DERIVED": merged,
        "workflow_dispatch.with_inputs.DERIVED": given,
        "schedule.DERIVED": {"schedule": "17 4 * * *", "repository": samples["push"]["repository"]},
    }
