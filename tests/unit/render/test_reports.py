from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from devteam_action.domain.command_status import CommandStatus
from devteam_action.domain.events import ActivityLogged, Completed, Failed, Intervened, StageFinished, Started
from devteam_action.domain.findings import CriterionResult, Finding, Verification
from devteam_action.domain.results import Implemented, Prepared, Published, Verified
from devteam_action.domain.task import Task, TaskSource
from devteam_action.domain.view import RunView, view_of
from devteam_action.render.check_texts import check_texts
from devteam_action.render.comment import comment_body
from devteam_action.render.fit import COMMENT_LIMIT
from devteam_action.render.links import Links
from devteam_action.render.markers import task_marker
from devteam_action.render.pull_request import pull_request_text
from devteam_action.render.reply import HELP, reply
from devteam_action.render.summary import summary_text
from devteam_action.render.templates import templates_dir
from devteam_action.render.wording import next_steps
from tests.unit.render.stories import (
    FACTS,
    TASK,
    WORK,
    after_a_failed_prep,
    for_a_person,
    golden_texts,
    green,
    red,
    running,
    stamped,
    stands,
    stopped,
    tool_failed,
    unverified,
)
from tests.unit.render.test_markdown import HOSTILE, LINKED, rendered, words

GOLDEN = Path(__file__).parent / "golden"


def of(events) -> RunView:
    return view_of(events)


def surfaces(view: RunView, facts=FACTS) -> dict[str, str]:
    checks = check_texts(view, facts)
    task = view.task or TASK
    return {
        "comment": comment_body(view, facts),
        "summary": summary_text(view, facts),
        "check summary": checks.summary,
        "check text": checks.text,
        "pull request": pull_request_text(task, list_link="https://x.example/l", run_link="https://x.example/r")[1],
    }


def everywhere(text: str) -> list:
    """The red story with `text` wherever somebody else's words come in."""
    told: list = []
    doings: list = []
    finding = Finding(tool=text, rule=text, path=text, line=3, message=text)
    row = CriterionResult(
        criterion=text, passed=False, actual=text, required=text, reason=text, output=text, notes=(text,),
        findings=(finding,),
    )  # fmt: skip
    for event in red():
        match event:
            case ActivityLogged(activity=activity):
                status = CommandStatus(name=text, state="FAILED", cause=text)
                activity = msgspec.structs.replace(activity, message=text, details={"path": text})
                doings = [event, ActivityLogged(activity=activity), stands(status)]
            case Started():
                task = Task(
                    id="1.1.2", title=text, description=text, acceptance=(text,), criteria={text: text},
                    source=TaskSource(path=text, line=1),
                )  # fmt: skip
                event = msgspec.structs.replace(event, task=task, why=text)
            case StageFinished(result=Prepared() as result):
                result = msgspec.structs.replace(result, note=text, link="https://x.example/)" + text, branch=text)
                event = msgspec.structs.replace(event, result=result)
            case StageFinished(result=Implemented() as result):
                result = msgspec.structs.replace(result, files_modified=(text,), refused=(text,), message=text)
                event = msgspec.structs.replace(event, result=result)
            case StageFinished(result=Verified(head=head)):
                verification = Verification(verdict="failed", results=(row,))
                event = msgspec.structs.replace(event, result=Verified(head=head, verification=verification))
            case Failed():
                told.append(Intervened(kind="guide", by=text, text=text))
                told.append(StageFinished(stage="PUBLISH", result=Published(head="1" * 40, ci=text, ci_link=text)))
                event = msgspec.structs.replace(event, reason=text, hint=text)
        told += doings or [event]
        doings = []
    return stamped(told)


@pytest.mark.parametrize("name", golden_texts())
def test_a_report_is_as_a_person_read_and_approved_it(name: str) -> None:
    assert golden_texts()[name] == (GOLDEN / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_shown_by_every_surface(text: str) -> None:
    plain = {name: rendered(body) for name, body in surfaces(of(everywhere("word"))).items()}
    facts = msgspec.structs.replace(FACTS, troubles=(text,), missing_rights=(text,), rate=text)
    for name, body in surfaces(of(everywhere(text)), facts).items():
        html = rendered(body)
        marker = 1 if name == "comment" else 0
        assert len(re.findall(r"<!--", html)) == marker, name
        assert body.count("<!-- devteam:task=1.1.2 -->") == marker
        assert html.count("<details") == html.count("</details>"), name
        assert html.count("<table") <= plain[name].count("<table"), name
        assert not re.search(r"<(script|img|h1|h2 |hr|input|blockquote)", html.replace("<h2>", "")), name
        shown = words(re.sub(r"<!--.*?-->", "", html))
        # What templates themselves say of times and ids is theirs.
        assert not LINKED.search(shown), (name, LINKED.search(shown))


@pytest.mark.parametrize("text", ["x" * 10**6, "`" * 10**5, "😀 " * 10**5, "a|b\n" * 10**5, "<!-- " * 10**5])
def test_no_text_is_too_long_for_a_surface(text: str) -> None:
    facts = msgspec.structs.replace(FACTS, troubles=(text,) * 20, missing_rights=(text,) * 20, rate=text)
    for name, body in surfaces(of(everywhere(text)), facts).items():
        assert len(body) <= COMMENT_LIMIT - 1, name
        assert body.count("```") % 2 == 0 or "````" in body
    title, _ = pull_request_text(Task(id="1", title=text), list_link="", run_link="")
    assert len(title) <= 256
    assert "\n" not in title


@pytest.mark.parametrize("limit", [60_000, 8_000, 3_000, 2_000])
def test_a_lower_limit_sheds_details_and_keeps_marker_verdict_and_next_step(limit: int) -> None:
    story = [
        event if not isinstance(event, StageFinished) or not isinstance(event.result, Verified)
        else msgspec.structs.replace(event, result=msgspec.structs.replace(event.result, verification=many()))
        for event in red()
    ]  # fmt: skip
    body = comment_body(of(story), FACTS, limit=limit)
    assert len(body) <= limit
    assert body.startswith(task_marker("1.1.2"))
    assert "failed in VERIFY" in body
    assert "**Next:**" in body
    assert ("Left out for length" in body) is (limit < 60_000)


def many() -> Verification:
    findings = tuple(
        Finding(tool="ruff", rule=f"E{n}", path=f"src/a{n}.py", line=n + 1, message="x" * 200) for n in range(101)
    )
    rows = tuple(
        CriterionResult(
            criterion=f"c{n}", passed=False, actual="1", required="0", reason="r" * 300, output="o\n" * 900,
            findings=findings if n == 0 else (),
        )
        for n in range(4)
    )  # fmt: skip
    return Verification(verdict="failed", results=rows)


def test_the_same_run_makes_the_same_comment_byte_for_byte() -> None:
    assert comment_body(of(running()), FACTS) == comment_body(of(running()), FACTS)


@pytest.mark.parametrize(
    ("story", "title"),
    [
        (running, "1.1.2: IMPLEMENT, attempt 2 of 3"),
        (lambda: running()[:3], "1.1.2: in progress: the comment on #7 is live"),
        (after_a_failed_prep, "1.1.2: needs a person in PREP"),
        (tool_failed, "1.1.2: failed in IMPLEMENT"),
        (for_a_person, "1.1.2: waiting for a person"),
        (unverified, "1.1.2: nothing could be proved"),
        (green, "1.1.2: 4 of 4 criteria met"),
        (red, "1.1.2: 2 of 4 criteria met"),
        (stopped, "1.1.2: stopped in IMPLEMENT"),
    ],
)
def test_the_checks_title_names_the_task_and_the_verdict(story, title: str) -> None:
    assert check_texts(of(story()), FACTS).title == title


def test_the_check_of_a_head_that_was_left_says_where_the_verdict_is() -> None:
    texts = check_texts(of(green()), FACTS, continued="c0ffee12" * 5)
    assert texts.title == "1.1.2: continued on c0ffee1"
    assert "https://github.com/acme/app/commit/c0ffee12" in texts.summary
    assert "test.coverage" not in texts.summary + texts.text


def test_the_summary_names_what_could_not_be_written_and_the_line_that_mends_it() -> None:
    facts = msgspec.structs.replace(
        FACTS, missing_rights=("checks: write",), troubles=("the check run could not be written: no right",)
    )
    text = summary_text(of(green()), facts)
    assert "The token lacks `checks: write`" in text
    assert "```text\nchecks: write\n```" in text
    assert "the check run could not be written: no right" in text


def test_a_pull_requests_text_links_the_lists_line_and_has_the_criteria() -> None:
    title, body = pull_request_text(TASK, list_link=FACTS.links.file(TASK.source.path, 12), run_link="")
    assert title == "1.1.2 Hide the export button in src/export.py while the flag is off"
    address = "https://github.com/acme/app/blob/main/docs/DevTeam/tasks_list.md?plain=1#L12"
    assert f"[`docs/DevTeam/tasks_list.md:12`]({address})" in body
    assert "- hidden when the flag is off\n" in body
    assert "- `test.coverage`: ≥80%\n" in body


def test_a_task_with_nothing_but_a_title_makes_a_short_text() -> None:
    _, body = pull_request_text(Task(id="1", title="Do it"), list_link="", run_link="")
    assert "Accepted when" not in body
    assert "Measured" not in body
    assert body.startswith("<sub>What is proved")
    assert "draft" not in body  # the same text is in the form that a person opens


def test_a_stacked_pull_request_names_the_one_that_comes_first() -> None:
    _, body = pull_request_text(TASK, list_link="", run_link="", stands_on="task/1-1-1-flag", first=7)
    assert "**Stacked:** this stands on `task/1-1-1-flag`, which is #7. Merge that first" in body
    assert "Merged after that one, it marks the task as done." in body
    _, without = pull_request_text(TASK, list_link="", run_link="", stands_on="task/1-1-1-flag")
    assert "#" not in without


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1.2: the stop is lifted", "1.2: the stop is lifted"),
        ("no such task\n\nsee `devteam tasks`", "no such task; see `devteam tasks`"),
        ("it failed\n\n`devteam retry 1.2` tries again", "`/devteam retry 1.2` tries again"),
        ("1.2: ERROR\n  next: `devteam retry 1.2`", "```text\n1.2: ERROR\n  next: `/devteam retry 1.2`\n```"),
        ("1.1  done\n1.2  ERROR", "```text\n1.1  done\n1.2  ERROR\n```"),
    ],
)
def test_an_answer_is_prose_where_it_is_a_sentence_and_output_where_it_is_not(text: str, shown: str) -> None:
    body = reply("status", "ann", text, asked_at="https://github.com/acme/app/issues/1#c")
    assert shown in body
    assert body.startswith("<!-- devteam:answer -->\n")
    assert "`/devteam status` of ann" in body


def test_help_is_a_table_of_every_command() -> None:
    from devteam_action.actions.grammar import CONTROL

    body = reply("help", "ann", HELP)
    assert rendered(body).count("<table") == 1
    assert all(name in body for name in (*CONTROL, "run", "retry", "verify", "inject", "approve", "adopt"))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_answer_is_only_shown(text: str) -> None:
    html = rendered(reply(text, text, f"{text}\n\n{text}", exit_code=2))
    assert html.count("<!--") == 1
    assert not LINKED.search(words(html))


@pytest.mark.parametrize(
    ("task_id", "marker"),
    [
        ("1.1.2", "<!-- devteam:task=1.1.2 -->"),
        ("T010a", "<!-- devteam:task=T010a -->"),
        ("a-b", "<!-- devteam:task=a-b -->"),
        ("--> <b>", "<!-- devteam:task=-%2D%3E%20%3Cb%3E -->"),
    ],
)
def test_a_marker_is_one_comment_whatever_the_id(task_id: str, marker: str) -> None:
    assert task_marker(task_id) == marker


@pytest.mark.parametrize(
    ("given_links", "address"),
    [
        (lambda links: links.commit("abc"), "https://ghe.example/acme/app/commit/abc"),
        (lambda links: links.branch("task/1-a#b"), "https://ghe.example/acme/app/tree/task/1-a%23b"),
        (lambda links: links.file("a b/é.py", 3, "abc"), "https://ghe.example/acme/app/blob/abc/a%20b/%C3%A9.py#L3"),
        (lambda links: links.file("a.md", 3), "https://ghe.example/acme/app/blob/main/a.md?plain=1#L3"),
        (lambda links: links.file("", 3), ""),
        (lambda links: links.pull_request(7), "https://ghe.example/acme/app/pull/7"),
        (lambda links: links.pull_request(None), ""),
        (lambda links: Links().commit("abc"), ""),
    ],
)
def test_addresses_are_of_the_server_that_we_are_on(given_links, address: str) -> None:
    links = Links(server_url="https://ghe.example/", repository="acme/app", base_branch="main")
    assert given_links(links) == address


def test_every_template_is_looked_for_in_one_folder() -> None:
    names = {path.name for path in templates_dir().glob("*.j2")}
    assert names >= {
        "_macros.md.j2",
        "check_run.md.j2",
        "comment.md.j2",
        "pull_request.md.j2",
        "reply.md.j2",
        "summary.md.j2",
    }


@pytest.mark.parametrize(
    ("end", "says"),
    [
        (
            Failed(code="branch-moved", reason="r", hint="`/devteam adopt` goes on with it"),
            "`/devteam adopt` goes on with it.",
        ),
        (Failed(code="conflict", reason="r"), "`/devteam adopt` takes in"),
        (Failed(code="unverified", reason="r", hint="state a criterion"), "state a criterion."),
        (
            Failed(code="authentication", reason="r", hint="mend that, then `devteam retry 1`"),
            "then `/devteam retry 1`. `/dev",
        ),
        (
            Failed(code="attempts-spent", reason="r", hint="`devteam retry 1` tries again"),
            "`/devteam guide TEXT` tries",
        ),
        (
            Failed(status="STOPPED", code="interrupted", reason="r", hint="`devteam run` goes on"),
            "`/devteam resume` goes on",
        ),
        (
            Failed(status="STOPPED", code="missing", reason="r", hint="check the network"),
            "check the network. `/devteam res",
        ),
        (Completed(), "`/devteam run` takes the next task"),
        (Completed(status="WAITING", waiting_for="review"), "Review and merge"),
        (Completed(status="WAITING", waiting_for="person"), "Open the pull request by hand"),
        (Completed(status="WAITING", waiting_for="approval"), f"`/devteam approve {WORK[:12]}`"),
        (Completed(status="WAITING", waiting_for="slot"), "by itself"),
    ],
)
def test_every_end_says_what_a_person_can_do(end, says: str) -> None:
    view = of([*running(), end])
    assert says in " ".join(next_steps(view))
    assert "**Next:**" in comment_body(view, FACTS)
