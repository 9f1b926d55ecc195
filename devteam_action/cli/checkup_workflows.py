"""The workflow files of the base branch that use our action, as `doctor` reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import cast

from devteam_action.cli.checkup import Checkup, State, not_committed
from devteam_action.errors import ConfigError
from devteam_action.project import Project

AREA = "workflows"
_FILE = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
_OURS = re.compile(r"[\w.-]+/devteam-action(?:/[\w./-]+)?@.+")
_OURS_IN_TEXT = re.compile(rf"uses:\s*{_OURS.pattern}")
_PINNED = re.compile(r".+@(?:[0-9a-f]{40}|[0-9a-f]{64})")
_NEEDED = ("contents", "pull-requests", "issues", "checks")
_PERMISSIONS = "permissions:\n" + "\n".join(f"  {key}: write" for key in _NEEDED)
_TRIGGERS = ("workflow_dispatch", "issue_comment", "pull_request")

Mapped = Mapping[str, object]


def workflow_checkups(project: Project) -> Iterator[Checkup]:
    """One finding for each thing that is wrong in a file, or one that says that nothing is."""
    using = False
    for path in sorted(path for path in project.list_files() if _FILE.fullmatch(path)):
        from devteam_action.configuration.yaml_lines import read_yaml

        try:
            workflow = _mapped(read_yaml(project.read_file(path) or b"", path).value)
        except ConfigError:
            continue  # GitHub says it better, on the file's own page
        found = list(_of_file(path, workflow))
        using = using or bool(found)
        yield from found
    if using:
        return
    written = next(_uncommitted(project), "")
    if written:
        yield not_committed("workflow", written, area=AREA, has_remote=bool(project.remote))
    else:
        yield _finding(
            "workflow", "missing", f"no workflow on {project.base_branch} uses this action", "`devteam init` adds one"
        )


def _uncommitted(project: Project) -> Iterator[str]:
    """Files of the working tree that use our action."""
    root = project.repository.root
    for file in sorted(root.glob(".github/workflows/*.y*ml")):
        if file.is_file() and _OURS_IN_TEXT.search(file.read_text(encoding="utf-8", errors="replace")):
            yield file.relative_to(root).as_posix()


def _of_file(path: str, workflow: Mapped) -> Iterator[Checkup]:
    jobs = {name: _mapped(job) for name, job in _mapped(workflow.get("jobs")).items()}
    ours = {name: job for name, job in jobs.items() if any(_OURS.fullmatch(used) for used in _uses(job))}
    if not ours:
        return
    wrong = [*_of_triggers(path, workflow), *_of_concurrency(path, workflow), *_of_rights(path, workflow, ours)]
    wrong += [*_of_pins(path, ours), *_of_checkouts(path, ours)]
    yield from wrong
    if not any(each.state != "unknown" for each in wrong):
        pinned = "" if any("can be moved" in each.said for each in wrong) else "pinned, and "
        yield _finding(path, "well", f"{pinned}with the rights that it needs")


def _of_triggers(path: str, workflow: Mapped) -> Iterator[Checkup]:
    on = workflow.get("on")
    known = {*_mapped(on), *_texts(on), *([on] if isinstance(on, str) else [])}
    missing = [trigger for trigger in _TRIGGERS if trigger not in known]
    if missing and "workflow_call" not in known:
        yield _finding(
            path,
            "unknown",
            f"is not started by {', '.join(missing)}",
            f"add `{missing[0]}:` below `on:`, if it should be",
        )


def _of_concurrency(path: str, workflow: Mapped) -> Iterator[Checkup]:
    if "concurrency" in workflow and "issue_comment" in _mapped(workflow.get("on")):
        yield _finding(
            path, "not-allowed",
            "`concurrency:` stands at the top: any comment, ours too, then cancels what is waiting or running",
            "move it into the job `work`, with `cancel-in-progress: false`",
        )  # fmt: skip


def _of_rights(path: str, workflow: Mapped, ours: Mapping[str, Mapped]) -> Iterator[Checkup]:
    """At least one of our jobs needs all of them, unless the file only proves pull requests."""
    if set(_mapped(workflow.get("on"))) <= {"pull_request"}:
        return
    given = [_given(job.get("permissions", workflow.get("permissions"))) for job in ours.values()]
    best = max(given, key=lambda rights: len(rights & set(_NEEDED)), default=frozenset[str]())
    lacking = [key for key in _NEEDED if key not in best]
    if lacking:
        said = f"no job has {', '.join(f'`{key}: write`' for key in lacking)}"
        yield _finding(path, "not-allowed", said, f"add to the job that works:\n{_PERMISSIONS}")


def _given(permissions: object) -> frozenset[str]:
    if permissions == "write-all":
        return frozenset(_NEEDED)
    return frozenset(key for key, value in _mapped(permissions).items() if value == "write")


def _of_pins(path: str, jobs: Mapping[str, Mapped]) -> Iterator[Checkup]:
    for used in dict.fromkeys(used for job in jobs.values() for used in _uses(job)):
        if used.startswith(("./", "docker://")) or _PINNED.fullmatch(used):
            continue
        # A tag of ours is what `init` writes: whoever trusts the action at all may trust its tags.
        state: State = "unknown" if _OURS.fullmatch(used) else "not-allowed"
        name = used.partition("@")[0]
        yield _finding(path, state, f"{used} can be moved to other code", f"pin it: `uses: {name}@<SHA of a commit>`")


def _of_checkouts(path: str, jobs: Mapping[str, Mapped]) -> Iterator[Checkup]:
    leaving = [name for name, job in jobs.items() if any(map(_leaves_token, _steps(job)))]
    if leaving:
        yield _finding(
            path, "not-allowed",
            f"job {', '.join(leaving)}: actions/checkout leaves the token in .git/config, where tools and tests can "
            "read it",
            "add to that step:\nwith:\n  persist-credentials: false",
        )  # fmt: skip


def _leaves_token(step: Mapped) -> bool:
    keeps = _mapped(step.get("with")).get("persist-credentials")
    is_checkout = str(step.get("uses", "")).startswith("actions/checkout@")
    return is_checkout and keeps is not False and str(keeps).lower() != "false"


def _uses(job: Mapped) -> list[str]:
    return [str(step["uses"]) for step in _steps(job) if step.get("uses")]


def _steps(job: Mapped) -> list[Mapped]:
    steps = job.get("steps")
    return [_mapped(step) for step in cast("list[object]", steps)] if isinstance(steps, list) else []


def _mapped(value: object) -> Mapped:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    return [str(each) for each in cast("list[object]", value)] if isinstance(value, list) else []


def _finding(name: str, state: State, said: str, fix: str = "") -> Checkup:
    return Checkup(area=AREA, name=name, state=state, said=said, fix=fix)
