"""Runs as their events tell them, for reports to be made of: running, green, red, stopped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from devteam_action.domain.command_status import CommandStatus
from devteam_action.domain.events import (
    Activity,
    ActivityLogged,
    ActivityType,
    AnyEvent,
    AttemptStarted,
    CheckFinished,
    Completed,
    Failed,
    Intervened,
    Progressed,
    RunOptions,
    StageFinished,
    StageStarted,
    Started,
)
from devteam_action.domain.findings import CriterionResult, Finding, Verification
from devteam_action.domain.results import Implemented, Prepared, Published, StageFailed, Usage, Verified
from devteam_action.domain.task import Task, TaskSource
from devteam_action.render.facts import Facts
from devteam_action.render.links import Links

BASE, FIRST, WORK, SECOND, TICK = ("8c3f2e1a" * 5, "11aa22bb" * 5, "3f2a91c0" * 5, "5d1e77fa" * 5, "c0ffee12" * 5)
FACTS = Facts(
    links=Links(
        server_url="https://github.com",
        repository="acme/app",
        run_url="https://github.com/acme/app/actions/runs/41",
        base_branch="main",
    )
)
TASK = Task(
    id="1.1.2",
    title="Hide the export button in [src/export.py](src/export.py:77) while the flag is off",
    description="Read the flag from `src/config.py`; no new setting.",
    criteria={"test.coverage": "≥80%", "type.strict": "0 errors"},
    acceptance=("hidden when the flag is off", "shown to admins"),
    source=TaskSource(path="docs/DevTeam/tasks_list.md", line=12),
)
COVERAGE = CriterionResult(
    criterion="test.coverage",
    passed=False,
    actual="62 %",
    required="≥ 80%",
    reason="9 of the 24 lines that this task touched ran in no test",
    known=3,
    findings=tuple(
        Finding(tool="coverage", rule="not-run", path="src/export.py", line=line, message="no test runs this line")
        for line in (81, 82, 90)
    ),
    output="Name            Stmts   Miss  Cover\nsrc/export.py      24      9    62%\n",
)
TYPES = CriterionResult(
    criterion="type.strict",
    passed=False,
    actual="1 error",
    required="≤ 0 errors",
    reason="",
    findings=(
        Finding(
            tool="pyright",
            rule="reportOptionalMemberAccess",
            path="src/export.py",
            line=84,
            message='"name" is not a known attribute of "None"',
        ),
    ),
    output='src/export.py:84:20 - error: "name" is not a known attribute of "None"\n1 error, 0 warnings\n',
)
PASS = CriterionResult(criterion="test.pass", passed=True, actual="14 passed", required="= 100%")
BUILD = CriterionResult(
    criterion="build", passed=True, measured=False, stated=False, actual="", required="", reason="no build command"
)


def mended(row: CriterionResult, actual: str) -> CriterionResult:
    return msgspec.structs.replace(row, passed=True, actual=actual, reason="", findings=(), output="", known=0)


GREEN_ROWS = (PASS, mended(COVERAGE, "96 %"), mended(TYPES, "0 errors"), BUILD)
RED_ROWS = (PASS, COVERAGE, TYPES, BUILD)


def stamped(events: Iterator[AnyEvent] | list[AnyEvent]) -> list[AnyEvent]:
    """The events four seconds apart, on a fixed day, numbered."""
    start = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    shown = []
    for number, event in enumerate(events):
        at = (start + timedelta(seconds=4 * number)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        shown.append(
            msgspec.structs.replace(
                event, timestamp=at, sequence_number=number, run_id="r-41", task_id=TASK.id, customer_id="acme/app"
            )
        )
    return shown


def did(kind: ActivityType, message: str, **details: str) -> ActivityLogged:
    return ActivityLogged(
        activity=Activity(
            id="a", execution_id="e", project_id="p", source="aider", type=kind, message=message, details={**details}
        )
    )


def stands(status: CommandStatus) -> ActivityLogged:
    return ActivityLogged(
        activity=Activity(
            id="a", execution_id="e", project_id="p", source="scar", type=status.type, message=status.text,
            details=status.details, verbosity=status.verbosity,
        )
    )  # fmt: skip


def beginning(task: Task = TASK) -> Iterator[AnyEvent]:
    yield Started(
        task=task,
        options=RunOptions(tool="aider", base_branch="main", deliver="pr"),
        why="the first task of docs/DevTeam/tasks_list.md that is open and free: every dependency is done",
    )
    yield StageStarted(stage="PREP")
    branch = "task/1-1-2-hide-the-export-button"
    prepared = Prepared(base=BASE, head=FIRST, branch=branch, repo_path="/r", branch_created=True, pull_request=7)
    yield StageFinished(stage="PREP", duration=1.4, result=prepared)
    yield Progressed(progress=10)


def attempt(number: int, commit: str, rows: tuple[CriterionResult, ...], reason: str) -> Iterator[AnyEvent]:
    yield AttemptStarted(number=number, reason=reason, limit=3, tool="aider")
    yield StageStarted(stage="IMPLEMENT", attempt=number)
    yield did("file_read", "Added src/export.py to the chat", path="src/export.py")
    yield did("file_edit", "Applied edit to src/export.py", path="src/export.py")
    done = Implemented(
        ok=True,
        commit=commit,
        files_modified=("src/export.py", "tests/test_export.py"),
        lines_changed=38,
        refused=(".github/workflows/ci.yml: protected",) if number == 1 else (),
        usage=Usage(tokens_sent=4200, tokens_received=910, cost_usd=0.0213),
    )
    yield StageFinished(stage="IMPLEMENT", attempt=number, duration=48.2, result=done)
    yield Progressed(progress=70)
    yield StageStarted(stage="VERIFY", attempt=number)
    for row in rows:
        yield CheckFinished(attempt=number, result=row)
    verdict = "passed" if all(row.passed for row in rows) else "failed"
    result = Verified(head=commit, verification=Verification(verdict=verdict, results=rows, tree="t" * 40))
    yield StageFinished(stage="VERIFY", attempt=number, duration=17.9, result=result)


def running() -> list[AnyEvent]:
    """In the second attempt, after guidance, with a tool at work."""
    return stamped(
        [
            *beginning(),
            *attempt(1, WORK, RED_ROWS, "first"),
            AttemptStarted(number=2, reason="checks-failed", limit=3, tool="aider"),
            Intervened(kind="guide", by="ann", text="Use the flag's own helper, see @octo in #12"),
            StageStarted(stage="IMPLEMENT", attempt=2),
            did("bash_command", "$ pytest -q tests/test_export.py", command="pytest -q tests/test_export.py"),
            did("file_edit", "Applied edit to tests/test_export.py", path="tests/test_export.py"),
        ]
    )


def with_scar() -> list[AnyEvent]:
    """SCAR at work, in its second command."""
    return stamped(
        [
            *beginning(),
            AttemptStarted(number=1, limit=3, tool="scar"),
            StageStarted(stage="IMPLEMENT", attempt=1),
            stands(CommandStatus(name="prime", state="RUNNING")),
            did("file_read", "Reading: /workspace/app/src/export.py", path="/workspace/app/src/export.py"),
            did("agent_response", "The flag is read in two places."),
            stands(CommandStatus(name="prime", state="COMPLETED", run_s=12.3, messages=13, tool_calls=10)),
            stands(CommandStatus(name="execute-github", state="RUNNING")),
            did("bash_command", "cat <<'X'\nline 1\nX", command="cat <<'X'\nline 1\nX"),
            did("error", "⚠️ Error: it broke | here"),
        ]
    )


def green() -> list[AnyEvent]:
    """Proved in the second attempt, ready for review."""
    published = Published(
        head=TICK,
        pushed=True,
        pull_request=7,
        link="https://github.com/acme/app/pull/7",
        ci="CI is held: somebody with write access must let it run (“Approve and run”, or "
        f"`/devteam approve {TICK[:12]}`)",
        ci_link="https://github.com/acme/app/actions?query=branch%3Atask",
    )
    return stamped(
        [
            *beginning(),
            *attempt(1, WORK, RED_ROWS, "first"),
            *attempt(2, SECOND, GREEN_ROWS, "checks-failed"),
            StageStarted(stage="PUBLISH", attempt=2),
            StageFinished(stage="PUBLISH", attempt=2, duration=2.2, result=published),
            Completed(status="WAITING", waiting_for="review"),
        ]
    )


def red() -> list[AnyEvent]:
    """Three attempts, the last as red as the others."""
    return stamped(
        [
            *beginning(),
            *attempt(1, WORK, RED_ROWS, "first"),
            *attempt(2, SECOND, RED_ROWS, "checks-failed"),
            Failed(
                code="same-failure",
                reason=f"two attempts failed in the same way: test.coverage: {COVERAGE.reason}; type.strict: 1 error",
                hint="`devteam retry 1.1.2` tries again; `devteam guide 1.1.2 TEXT` tries once more with advice",
            ),
        ]
    )


def stopped() -> list[AnyEvent]:
    """A person said stop while the tool was at work."""
    return stamped(
        [
            *beginning(),
            AttemptStarted(number=1, reason="first", limit=3, tool="aider"),
            StageStarted(stage="IMPLEMENT", attempt=1),
            did("file_edit", "Applied edit to src/export.py", path="src/export.py"),
            Intervened(kind="stop", by="ann"),
            Failed(
                status="STOPPED",
                code="stopped",
                reason="stopped on request",
                hint="`devteam resume 1.1.2` goes on at the unfinished stage",
            ),
        ]
    )


def after_a_failed_prep() -> list[AnyEvent]:
    """Proved; then a person's commit on the branch, which PREP of the next run finds."""
    reason = f"branch task/1-1-2 stands at {WORK[:12]}, which is not ours"
    return stamped(
        [
            *green(),
            Intervened(kind="guide", by="ann", text="do it better"),
            StageStarted(stage="PREP"),
            StageFinished(stage="PREP", result=StageFailed(code="branch-moved", reason=reason)),
            Failed(code="branch-moved", reason=reason, hint="`devteam resume 1.1.2 --adopt` goes on with it"),
        ]
    )


def tool_failed() -> list[AnyEvent]:
    """Red, and then a tool that could do nothing more."""
    said = "the patch does not apply: error: patch failed: src/export.py:81\nerror: src/export.py: it is not there"
    silent = Implemented(ok=False, reason="malformed-edit", message=said)
    return stamped(
        [
            *beginning(),
            *attempt(1, WORK, RED_ROWS, "first"),
            AttemptStarted(number=2, reason="checks-failed", limit=3, tool="aider"),
            StageStarted(stage="IMPLEMENT", attempt=2),
            StageFinished(stage="IMPLEMENT", attempt=2, duration=1.0, result=silent),
            Failed(code="attempts-spent", reason=f"not proved in 2 attempts; the last: {said}"),
        ]
    )


def for_a_person() -> list[AnyEvent]:
    """Proved, where jobs may open no pull request."""
    form = "https://github.com/acme/app/compare/main...task?quick_pull=1"
    prepared = Prepared(base=BASE, head=FIRST, branch="task/1-1-2", repo_path="/r", note="switch on “Allow”", link=form)
    return stamped(
        [
            next(beginning()),
            StageStarted(stage="PREP"),
            StageFinished(stage="PREP", result=prepared),
            *attempt(1, WORK, GREEN_ROWS, "first"),
            StageStarted(stage="PUBLISH", attempt=1),
            StageFinished(
                stage="PUBLISH",
                attempt=1,
                result=Published(head=TICK, pushed=True, note="switch on “Allow”", link=form),
            ),
            Completed(status="WAITING", waiting_for="person"),
        ]
    )


def unverified() -> list[AnyEvent]:
    """Nothing could be measured."""
    rows = (msgspec.structs.replace(BUILD, passed=False),)
    return stamped([*beginning(), *attempt(1, WORK, rows, "first"), Failed(code="unverified", reason="nothing proved")])


def fork(rows: tuple[CriterionResult, ...] = RED_ROWS) -> list[AnyEvent]:
    """The verdict on a fork's pull request."""
    passed = all(row.passed for row in rows)
    prepared = Prepared(
        base=BASE, head=WORK, branch="task/1-1-2-hide", repo_path="/r", pull_request=8, link="", is_fork=True
    )
    result = Verified(
        head=WORK, verification=Verification(verdict="passed" if passed else "failed", results=rows, tree="t" * 40)
    )
    end = Failed(
        code="not-proved",
        reason=f"test.coverage: {COVERAGE.reason}; type.strict: 1 error",
        hint="push a commit that mends it",
    )
    return stamped(
        [
            next(beginning()),
            StageFinished(stage="PREP", result=prepared),
            StageStarted(stage="VERIFY"),
            *(CheckFinished(attempt=0, result=row) for row in rows),
            StageFinished(stage="VERIFY", duration=5.2, result=result),
            Completed(status="WAITING", waiting_for="review") if passed else end,
        ]
    )


STORIES = {"running": running, "green": green, "red": red, "stopped": stopped, "scar": with_scar}


def golden_texts() -> dict[str, str]:
    """What the golden files hold: the comment of each story, and one of each other surface."""
    from devteam_action.domain.view import view_of
    from devteam_action.render.check_texts import check_texts
    from devteam_action.render.comment import comment_body
    from devteam_action.render.pull_request import pull_request_text
    from devteam_action.render.summary import summary_text

    comments = {name: comment_body(view_of(story()), FACTS) for name, story in STORIES.items()}
    check = check_texts(view_of(red()), FACTS)
    address = FACTS.links.file(TASK.source.path, TASK.source.line)
    title, body = pull_request_text(TASK, list_link=address, run_link=FACTS.links.run_url)
    refused = msgspec.structs.replace(
        FACTS,
        missing_rights=("checks: write",),
        troubles=("the check run could not be written: Resource not accessible by integration",),
    )
    return {
        **comments,
        "check_run": f"{check.title}\n\n{check.summary}\n{check.text}\n",
        "pull_request": f"{title}\n\n{body}",
        "summary": summary_text(view_of(green()), refused),
        "summary_fork": summary_text(view_of(fork()), FACTS),
        "summary_scar": summary_text(view_of(with_scar()), FACTS),
    }


def main() -> None:
    """`python -m tests.unit.render.stories` writes the golden files anew; read the difference before you commit."""
    from pathlib import Path

    for name, text in golden_texts().items():
        golden = Path(__file__).parent / "golden" / f"{name}.md"
        golden.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
