"""Shapes of secrets; the samples are put together here, so that no scanner takes this file for a leak."""

from __future__ import annotations

import time

import pytest

from devteam_action.checks.secrets_scan import SHAPES, secrets_in

RANDOM = "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7bC9dE"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (f"token = 'gh{'p'}_{RANDOM[:36]}'", "github-token"),
        (f"github{'_pat_'}11ABCDEFG0{RANDOM}", "github-fine-grained-token"),
        (f"AK{'IA'}QWERTYUIOPASDFGH", "aws-access-key"),
        (f"key: AI{'za'}{RANDOM[:35]}", "google-api-key"),
        (f"xo{'xb'}-111111111111-{RANDOM[:20]}", "slack-token"),
        (f"OPENAI_API_KEY=s{'k-'}{RANDOM}", "model-api-key"),
        (f"s{'k-'}ant-api03-{RANDOM}", "model-api-key"),
        (f"-----BEGIN RSA PRIVATE {'KEY'}-----", "private-key"),
        (f"-----BEGIN PRIVATE {'KEY'}-----", "private-key"),
        (f"ey{'J'}hbGciOiJIUzI1NiJ9.ey{'J'}zdWIiOiJhYmMifQ.{RANDOM}", "json-web-token"),
        (f"https://someone:{RANDOM[:12]}@registry.test/simple", "password-in-address"),
    ],
)
def test_a_token_is_found_by_its_shape(line: str, rule: str) -> None:
    assert secrets_in(line) == (rule,)


@pytest.mark.parametrize(
    "line",
    [
        "token = os.environ['GITHUB_TOKEN']",
        "ghp_short",
        f"s{'k-'}your-api-key-goes-here-{RANDOM}",
        "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "https://user:${TOKEN}@host.test/x",
        "https://example.test/path:with@at",
        "-----BEGIN PUBLIC KEY-----",
        "",
    ],
)
def test_a_placeholder_is_no_token(line: str) -> None:
    assert secrets_in(line) == ()


@pytest.mark.parametrize("text", ["a", "ghp_", "eyJ", "https://a:", "sk-", "-", "eyJaaaaaaaaaaaa."])
def test_no_shape_is_slow_on_hostile_lines(text: str) -> None:
    line = text * (20_000 // len(text))
    started = time.process_time()
    for shape in SHAPES.values():
        shape.search(line)
    assert time.process_time() - started < 1.0
