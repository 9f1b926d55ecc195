"""What a new reader stumbled over: words that stood where they did not belong, or stood there twice."""

from __future__ import annotations

import msgspec
import pytest

from devteam_action.domain.events import AttemptStarted, Completed, Failed, StageFinished, StageStarted
from devteam_action.domain.findings import Finding
from devteam_action.domain.results import Implemented
from devteam_action.domain.view import view_of
from devteam_action.render.check_texts import check_texts
from devteam_action.render.comment import comment_body
from devteam_action.render.markdown import prose
from devteam_action.render.note import note_text
from devteam_action.render.pull_request import pull_request_text
from devteam_action.render.reply import HELP, reply
from devteam_action.render.summary import summary_text
from tests.unit.render.stories import (
    COVERAGE,
    FACTS,
    GREEN_ROWS,
    RED_ROWS,
    SECOND,
    TASK,
    WORK,
    after_a_failed_prep,
    attempt,
    beginning,
    did,
    for_a_person,
    fork,
    green,
    red,
    running,
    stamped,
    tool_failed,
)
from tests.unit.render.test_markdown import rendered


def test_what_the_reason_says_is_not_shown_again_as_what_the_tool_printed():
    silent = Implemented(ok=False, reason="no-edit", message="the tool changed nothing", retryable=True)
    events = stamped(
        [
            *beginning(),
            *attempt(1, WORK, RED_ROWS, "first"),
            AttemptStarted(number=2, reason="checks-failed", limit=3, tool="aider"),
            StageStarted(stage="IMPLEMENT", attempt=2),
            StageFinished(stage="IMPLEMENT", attempt=2, duration=1.0, result=silent),
            Failed(code="attempts-spent", reason="not proved in 2 attempts; the last: the tool changed nothing"),
        ]
    )
    body = comment_body(view_of(events), FACTS)
    assert "<code>aider</code> printed" not in body
    assert "The end of what <code>test.coverage</code> printed" in body


def test_guidance_that_came_to_nothing_is_no_success_for_its_reader():
    silent = Implemented(ok=False, reason="no-edit", message="the tool changed nothing", retryable=True)
    since = [
        AttemptStarted(number=2, reason="guidance", limit=2, tool="aider"),
        StageStarted(stage="IMPLEMENT", attempt=2),
        StageFinished(stage="IMPLEMENT", attempt=2, duration=1.0, result=silent),
        Completed(status="WAITING", waiting_for="review"),
    ]
    body = comment_body(view_of(stamped([*green()[:-1], *since])), FACTS)
    assert "proved before the last attempt, which changed nothing, waiting for review" in body
    assert "The last attempt changed nothing: the tool changed nothing. What was proved before still stands." in body
    assert "changed nothing" not in comment_body(view_of(green()), FACTS)


def test_what_stands_in_the_way_is_not_folded_away():
    assert "<details open><summary>Findings" in comment_body(view_of(red()), FACTS)
    assert "<details open>" not in comment_body(view_of(green()), FACTS)


@pytest.mark.parametrize(
    ("said", "is_prose"),
    [
        ("pull request 7 was merged: 1.1 is completed\nnext: 1.2 Go on. (`/devteam run 1.2`)", True),
        ("no such task\n\nsee the list", True),
        ("TASK   STATUS\n1.1    ERROR", False),
        ("1.1: ERROR\n  next: wait", False),
        ("\n".join("abcdefgh"), False),
    ],
)
def test_a_few_sentences_are_no_program_output(said, is_prose):
    assert ("```" not in note_text(said)) is is_prose


def test_an_answer_names_commands_as_a_comment_may_hold_them():
    assert "`/devteam resume 1.3` lifts" in reply("stop", "ann", "1.3: no run is at it; `devteam resume 1.3` lifts it")


def test_a_head_that_was_left_has_no_verdict_of_its_own():
    summary = check_texts(view_of(green()), FACTS, continued="c0ffee12" * 5).summary
    assert "proved" not in summary
    assert summary.startswith("The work went on")


def test_ci_of_the_branch_is_no_news_once_the_base_has_the_work():
    assert "CI of this repository" in comment_body(view_of(green()), FACTS)
    done = view_of([*green()[:-1], Completed()])
    assert "CI of this repository" not in comment_body(done, FACTS)


def test_the_help_is_a_table_on_the_jobs_page_too():
    assert rendered(note_text(HELP)).count("<table") == 1


@pytest.mark.parametrize("rows", [RED_ROWS, GREEN_ROWS], ids=["red", "green"])
def test_a_forks_report_offers_nothing_that_is_refused(rows):
    text = summary_text(view_of(fork(rows)), FACTS)
    assert "/devteam" not in text
    assert "git fetch origin pull/8/head:task/1-1-2-hide\ndevteam verify 1.1.2" in text
    assert "/tree/" not in text
    assert text.count("A fork's token can only read") == 1
    assert "**Next:**" in text


def test_a_forks_verdict_says_so_after_a_replay():
    from devteam_action.domain.events import decode, encode

    assert view_of([decode(encode(event)) for event in fork()]).is_fork
    assert not view_of(green()).is_fork


def test_what_the_table_says_is_not_said_before_it_again():
    body = comment_body(view_of(red()), FACTS)
    assert "**two attempts failed in the same way**\n" in body
    assert "not met" not in body
    assert body.count("9 of the 24 lines") == 1
    assert "| `type.strict` | 0 errors | 1 error |" in body
    assert "| `test.pass` | all pass | 14 passed |" in body


def test_what_the_excerpt_shows_is_said_before_it_in_a_clause():
    body = comment_body(view_of(tool_failed()), FACTS)
    assert "**not proved in 2 attempts; the last: the patch does not apply**" in body
    assert "error: src/export.py: it is not there\n```" in body


def test_a_failed_prep_says_nothing_of_attempts_and_whose_the_table_is():
    body = comment_body(view_of(after_a_failed_prep()), FACTS)
    headline, _, rest = body.partition("\n\n✅ SELECT")
    assert headline.endswith(f"**needs a person in PREP** · attempt 2, at `{SECOND[:7]}`: 4 of 4 criteria met")
    assert rest.startswith(" &nbsp;→&nbsp; ❌ PREP <sub>1.4 s</sub> &nbsp;→&nbsp; ▫️ IMPLEMENT")
    assert f"| criterion (attempt 2, at `{SECOND[:7]}`) |" in body
    assert "after 2 attempts" not in body
    assert f"stands at `{WORK[:12]}`, which is not ours" in body


def test_the_table_of_one_attempt_says_its_commit_once_there_is_a_newer_one():
    events = [event for event in after_a_failed_prep() if getattr(event, "attempt", 0) != 2]
    events = [event for event in events if getattr(event, "number", 0) != 2]
    assert f"| criterion (before, at `{WORK[:7]}`) |" in comment_body(view_of(events), FACTS)


def test_where_a_job_may_open_no_pull_request_the_setting_and_the_form_are_linked():
    view = view_of(for_a_person())
    links = (
        "[the setting](https://github.com/acme/app/settings/actions), "
        "[open the pull request](https://github.com/acme/app/compare/main...task?quick_pull=1)"
    )
    assert links in summary_text(view, FACTS)
    assert links in check_texts(view, FACTS).summary


def test_the_number_of_findings_is_the_true_one():
    many = msgspec.structs.replace(
        COVERAGE,
        findings=tuple(Finding(tool="t", rule="r", path="a.py", line=n + 1, message="m") for n in range(200)),
        unlisted=1_800,
    )
    body = comment_body(view_of(stamped([*beginning(), *attempt(1, WORK, (many,), "first")])), FACTS)
    assert "- and 1940 more: the annotations of the files have the first 200" in body


def test_the_first_post_speaks_of_no_percents_and_of_the_branch():
    body = comment_body(view_of(stamped(list(beginning())[:3])), FACTS)
    assert "**the branch is ready**\n" in body


def test_words_with_code_in_them_show_it_as_code():
    task = msgspec.structs.replace(TASK, title="Add `total` to app.py", acceptance=("`total` is there",))
    view = view_of(stamped([*beginning(task), *attempt(1, WORK, RED_ROWS, "first")]))
    title, body = pull_request_text(task, list_link="", run_link="")
    assert "### ⏳ 1.1.2 Add `total` to app.py\n" in comment_body(view, FACTS)
    assert "## ⏳ 1.1.2 Add `total` to app.py\n" in summary_text(view, FACTS)
    assert "- `total` is there\n" in body
    assert "Add `total`" not in body
    assert title == "1.1.2 Add `total` to app.py"


def test_a_long_description_keeps_its_beginning():
    task = msgspec.structs.replace(TASK, description="It begins here. " + "x" * 9_000)
    _, body = pull_request_text(task, list_link="", run_link="")
    assert "```text\nIt begins here. x" in body
    assert "x…\n```" in body


@pytest.mark.parametrize(("story", "is_open"), [(red, True), (running, False)])
def test_the_latest_errors_of_the_tool_have_a_section(story, is_open):
    wrong = did("error", "Error: cannot read src/flag.py")
    events = [*story()[:14], wrong, *story()[14:]]
    body = comment_body(view_of(stamped(events)), FACTS)
    assert (
        f"<details{' open' if is_open else ''}><summary>Errors</summary>\n\n- Error: cannot read src/flag.py\n" in body
    )
    assert "<summary>Errors" not in comment_body(view_of(story()), FACTS)


def test_errors_that_the_excerpt_has_are_not_shown_again():
    silent = Implemented(ok=False, reason="no-edit", message="it gave up")
    events = [
        *beginning(),
        AttemptStarted(number=1, limit=3, tool="aider"),
        StageStarted(stage="IMPLEMENT", attempt=1),
        did("error", "Error: no such model"),
        StageFinished(stage="IMPLEMENT", attempt=1, result=silent),
        Failed(code="attempts-spent", reason="not proved in 1 attempt; the last: it gave up"),
    ]
    body = comment_body(view_of(stamped(events)), FACTS)
    assert "Error: no such model\n```" in body
    assert "<summary>Errors" not in body


def test_the_fold_of_activities_has_no_folds_in_it():
    fold = summary_text(view_of(green()), FACTS).partition("<summary>Activity by type</summary>")[2]
    assert fold.index("</details>") < fold.index("<details>")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("at f3b7b238bc20, with a commit", "at `f3b7b238bc20`, with a commit"),
        ("(our last is 3f2a91c)", "(our last is `3f2a91c`)"),
        ("see app.py:100: error", "see `app.py:100`: error"),
        ("src/a_b.py:84:20 - error", "`src/a_b.py:84:20` - error"),
        ("`a` 3f2a91c `b`", "`a` `3f2a91c` `b`"),
        ("`a`3f2a91c`b`", "`a`3f2a91&#8203;c`b`"),
        ("defaced 12345678 words", "defaced 123456&#8203;78 words"),
        (":tada: :100: :+1: a:b:c", ":&#8203;tada: :&#8203;100: :&#8203;+1: a:&#8203;b:c"),
        ("12:31:52 is a time: ok", "12:31:52 is a time: ok"),
    ],
)
def test_what_people_copy_out_of_a_sentence_is_whole(said, shown):
    assert prose(said) == shown.replace("defaced", "deface&#8203;d")


@pytest.mark.parametrize("text", [f"added-1: {'&' * 60_000} (next)", f"1.1: skipped: {'why ' * 16_000}"])
def test_a_sentence_that_is_too_long_keeps_what_it_is_about(text):
    body = reply("skip", "ann", text)
    assert text[:7] in body
    assert "…" in body
    assert len(body) < 3_000


def test_long_output_keeps_how_it_began_and_how_it_ended():
    body = reply("run", "ann", "1.1: ERROR: red\n" + "x\n" * 40_000 + "next: mend it")
    assert "1.1: ERROR: red" in body
    assert "next: mend it" in body
    assert "characters are left out" in body
