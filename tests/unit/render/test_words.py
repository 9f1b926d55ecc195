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
from devteam_action.render.summary import summary_text
from tests.unit.render.stories import (
    FACTS, GREEN_ROWS, RED_ROWS, WORK, attempt, beginning, fork, green, red, stamped,
)  # fmt: skip
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
