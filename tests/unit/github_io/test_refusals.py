"""What an answer means: wait, try again, or give up with a remedy."""

from __future__ import annotations

import pytest

from devteam_action.errors import Missing, NotAllowed
from devteam_action.github_io.problems import error_for
from devteam_action.github_io.refusals import (
    NotFound,
    Reply,
    Unprocessable,
    reply_of,
    sentence,
    verdict_on,
    wait_for,
)
from devteam_action.github_io.waiting import Patience

NOW = "2026-01-01T00:00:00.000Z"
EPOCH = 1767225600
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@pytest.mark.parametrize(
    ("status", "message", "headers", "verdict"),
    [
        (500, "", {}, "lost"),
        (502, "", {}, "lost"),
        (504, "", {}, "lost"),
        (408, "", {}, "lost"),
        (429, "", {}, "limited"),
        (403, SECONDARY, {}, "limited"),
        (403, "API rate limit exceeded for installation ID 1.", {}, "limited"),
        (403, "You have triggered an abuse detection mechanism.", {}, "limited"),
        (403, "no", {"retry-after": "3"}, "limited"),
        (403, "Resource not accessible by integration", {"x-ratelimit-remaining": "0"}, "final"),
        (403, "Resource not accessible by integration", {}, "final"),
        (401, "Bad credentials", {}, "final"),
        (404, "Not Found", {}, "final"),
        (422, "Validation Failed", {}, "final"),
    ],
)
def test_an_answer_is_limited_lost_or_final(status, message, headers, verdict):
    assert verdict_on(Reply(status=status, message=message, headers=headers)) == verdict


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "soon"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH + 90)}, 91),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH - 90)}, 1),
        ({"x-ratelimit-remaining": "12", "x-ratelimit-reset": str(EPOCH + 90)}, None),
        ({}, None),
        # Our clock is an hour behind the server's.
        (
            {
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": str(EPOCH + 3610),
                "date": "Thu, 01 Jan 2026 01:00:00 GMT",
            },
            11,
        ),
    ],
)
def test_the_wait_is_as_long_as_github_says(headers, seconds):
    assert wait_for(Reply(status=403, message=SECONDARY, headers=headers), NOW) == seconds


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"message": "Failed", "errors": [{"resource": "R", "code": "custom", "message": "m"}]}, "m"),
        ({"message": "Validation Failed", "errors": [{"resource": "R", "field": "base", "code": "invalid"}]},
         "R base invalid"),
        ({"message": "Validation Failed", "errors": ["a", "b"]}, "a; b"),
        ({"message": "Not Found"}, "Not Found"),
        ({"message": None, "errors": None}, "status 400"),
        ({"data": "<html>Bad gateway</html>"}, "<html>Bad gateway</html>"),
        (None, "status 400"),
        ([1], "status 400"),
    ],
)  # fmt: skip
def test_any_answer_gives_a_sentence(data, said):
    assert sentence(reply_of(400, data, None)) == said


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (401, "Bad credentials", Missing),
        (403, "Resource not accessible by integration", NotAllowed),
        (403, "Repository was archived so is read-only.", NotAllowed),
        (404, "Not Found", NotFound),
        (410, "Gone", NotFound),
        (409, "Conflict", Unprocessable),
        (422, "Validation Failed", Unprocessable),
        (451, "Blocked", Unprocessable),
    ],
)
def test_a_final_refusal_is_an_error_with_a_remedy(status, message, kind):
    error = error_for("doing it", "acme/app", reply_of(status, {"message": message}, {}), ("checks: write",))
    assert isinstance(error, kind)
    assert message in error.message
    assert "doing it" in error.message
    assert error.remedy


@pytest.mark.parametrize(
    ("words", "is_too_long"),
    [
        ("Body is too long (maximum is 65536 characters)", True),
        ("Invalid request.\n\nOnly 65535 characters are allowed; 70000 were supplied.", True),
        ("No commits between main and task/x", False),
    ],
)
def test_a_text_that_is_too_long_is_known_by_githubs_words(words, is_too_long):
    error = error_for("x", "acme/app", reply_of(422, {"message": words}, {}), ())
    assert isinstance(error, Unprocessable)
    assert error.is_too_long is is_too_long


def test_only_a_lacking_right_asks_for_a_right():
    lacking = error_for(
        "x", "acme/app", reply_of(403, {"message": "Resource not accessible by integration"}, {}), ("a: b",)
    )
    archived = error_for("x", "acme/app", reply_of(403, {"message": "Repository was archived"}, {}), ("a: b",))
    assert "a: b" in lacking.remedy
    assert "a: b" not in archived.remedy


def test_patience_waits_longer_each_time_and_ends():
    patience = Patience(left_s=150, jitter=lambda: 0.5)
    waits = []
    while (wait := patience.backoff()) is not None:
        waits.append(wait)
    assert waits[:6] == [1, 2, 4, 8, 16, 30]
    assert sum(waits) == 150


def test_a_wait_longer_than_the_patience_is_not_begun():
    patience = Patience(left_s=150)
    assert patience.take(100) == 100
    assert patience.take(51) is None
    assert patience.take(50) == 50
