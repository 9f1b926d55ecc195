"""What a new reader stumbled over: words that stood where they did not belong, or stood there twice."""

from __future__ import annotations

import pytest

from devteam_action.domain.events import AttemptStarted, Completed, Failed, StageFinished, StageStarted
from devteam_action.domain.results import Implemented
from devteam_action.domain.view import view_of
from devteam_action.render.check_texts import check_texts
from devteam_action.render.comment import comment_body
from devteam_action.render.note import note_text
from devteam_action.render.reply import HELP, reply
from tests.unit.render.stories import FACTS, RED_ROWS, WORK, attempt, beginning, green, red, stamped
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
