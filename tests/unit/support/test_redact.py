import base64
import json
import time
from urllib.parse import quote, quote_plus

import pytest

from devteam_action.domain.events import Failed
from devteam_action.support.line_redactor import LineRedactor
from devteam_action.support.redact import Redactor
from devteam_action.support.token_shapes import SHAPES, spans_of

SECRET = 's3cr3t/val+"ue=x'


@pytest.mark.parametrize("before", ["", "u", "us", "use", "user"])
@pytest.mark.parametrize("after", ["", "@", "@h", "@ho"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_value_is_found_in_base64_at_every_alignment(before, after, encode):
    encoded = encode(f"{before}{SECRET}{after}".encode()).decode()
    hidden = Redactor([SECRET]).redact(f"Basic {encoded}")
    assert "***" in hidden
    # What is left is at most a character or two of each edge: too little to hold a byte of the secret's middle.
    left = hidden.removeprefix("Basic ").split("***")
    assert len(left[0]) <= 4 * (len(before) // 3 + 1)
    assert len(left[-1]) <= 8


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET),
        quote_plus(SECRET),
        quote(SECRET, safe="").replace("%2F", "%2f").replace("%2B", "%2b").replace("%22", "%22").replace("%3D", "%3d"),
        json.dumps(SECRET)[1:-1],
    ],
)
def test_a_value_is_found_in_every_usual_disguise(form):
    assert Redactor([SECRET]).redact(f"a {form} b") == "a *** b"


def test_values_of_less_than_six_characters_are_left_alone():
    assert Redactor(["main", "", "12345"]).redact("main 12345") == "main 12345"


def test_overlapping_values_leave_nothing_between_them():
    assert Redactor(["abcdef123", "123ghijkl"]).redact("x abcdef123ghijkl y") == "x *** y"


def test_a_value_broken_by_line_wrapping_is_hidden_and_the_lines_stay():
    assert Redactor(["a-long-secret-value"]).redact("see a-long-s\necret-v\nalue here") == "see ***\n***\n*** here"


def test_one_line_of_a_value_of_many_lines_is_hidden_alone():
    value = "first-line-of-a-secret\nsecond-line-of-a-secret"
    assert Redactor([value]).redact("> second-line-of-a-secret <") == "> *** <"


def test_an_added_value_is_hidden_from_then_on():
    redactor = Redactor()
    redactor.add("later-secret")
    assert redactor.redact("later-secret") == "***"


def test_bytes_that_are_no_text_come_back_as_they_were():
    assert Redactor(["secret-value"]).redact_bytes(b"\xff\xfe secret-value \x80") == b"\xff\xfe *** \x80"


TOKENS = {
    "github": "ghp_" + "a1B2" * 9,
    "github-fine-grained": "github_pat_" + "a1B2_" * 16,
    "gitlab": "glpat-" + "a1B2" * 5,
    "model-key": "sk-proj-" + "a1B2" * 8,
    "aws": "AKIA" + "ABCD2345" * 2,
    "slack": "xoxb-" + "1234-abcd" * 3,
    "slack-app": "xapp-" + "1-A2-3-" * 4,
    "google": "AIza" + "a1B2_" * 7,
    "package-index": "pypi-" + "AgEI" * 12,
    "npm": "npm_" + "a1B2" * 9,
    "jwt": "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl",
}


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_of_a_known_shape_is_hidden_whoever_it_belongs_to(name):
    assert Redactor().redact(f"key={TOKENS[name]}!") == "key=***!"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Authorization: Bearer abc.def-1", "Authorization: Bearer ***"),
        ("AUTHORIZATION: abcdefg", "AUTHORIZATION: ***"),
        ('{"authorization": "Basic dXNlcg=="}', '{"authorization": "Basic ***"}'),
        ("-H 'aUthorization: token x1y2'", "-H 'aUthorization: token ***'"),
        ("é Authorization: Bearer abc", "é Authorization: Bearer ***"),
        ("https://user:pa55@host/x", "https://***@host/x"),
        ("https://x-access-token:ghs_short@host/x", "https://***@host/x"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nok", "***\n***\n***\nok"),
    ],
)
def test_credentials_in_headers_addresses_and_keys_are_hidden(text, hidden):
    assert Redactor().redact(text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "task-implement-the-whole-thing-now",
        "https://example.org:8080/a@b",
        "mail a:b@c",
        "-----BEGIN CERTIFICATE-----",
        "eyJust a word",
        "Authorization failed",
        "disk-usage-of-all-the-folders",
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert Redactor(["another-secret"]).redact(text) == text


@pytest.mark.parametrize("name", [shape.name for shape in SHAPES])
def test_a_shape_takes_time_linear_in_the_text(name):
    """Eight times the text in at most twelve times the time (1.5 of linear), for texts made to hurt."""
    shape = next(shape for shape in SHAPES if shape.name == name)
    for piece in (
        shape.markers[0],
        shape.markers[0] + "a1",
        f" {shape.markers[0]}: ",
        f"{shape.markers[0]}A.",
        "a",
        " ",
    ):

        def cost(size, piece=piece):
            text = shape.markers[0] + piece * (size // len(piece))
            best = 9e9
            for _ in range(3):
                start = time.process_time()
                for _ in spans_of(shape, text):
                    pass
                best = min(best, time.process_time() - start)
            return best

        assert cost(8 * 2**16) <= 12 * cost(2**16) + 0.02, piece


def test_an_event_is_redacted_in_every_text_and_stays_that_event():
    event = Failed(code="c", reason=f"x {SECRET}", hint="line\nsecret-in-hint")
    hidden = Redactor([SECRET, "secret-in-hint", "STOPPED"]).redact_struct(event, words={"STOPPED"})
    assert hidden == Failed(code="c", reason="x ***", hint="line\n***")


def test_an_event_without_secrets_comes_back_itself():
    event = Failed(code="c", reason="x")
    assert Redactor([SECRET]).redact_struct(event) is event


def test_a_secret_whose_halves_come_in_two_batches_loses_at_least_the_second():
    lines = LineRedactor(Redactor(["a-long-secret-value"]))
    assert lines.redact(["begin a-long-se"]) == ["begin a-long-se"]
    assert lines.redact(["cret-value end", "next"]) == ["*** end", "next"]


def test_a_private_key_is_hidden_over_any_number_of_batches():
    lines = LineRedactor(Redactor())
    said = [*lines.redact(["before", "-----BEGIN PRIVATE KEY-----"])]
    for _ in range(5):
        said += lines.redact(["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"])
    said += lines.redact(["abc=", "-----END PRIVATE KEY-----", "after this, all is well"])
    assert said == ["before", *["***"] * 8, "after this, all is well"]


def test_as_many_lines_come_out_as_went_in():
    lines = LineRedactor(Redactor(["a-long-secret-value"]))
    assert lines.redact(["a message\nwith a-long-sec\nret-value in it", "", "x"]) == [
        "a message\nwith ***\n*** in it",
        "",
        "x",
    ]
