"""Things that look like secrets, whoever they belong to; shapes from their makers' documentation.

Every search is linear in the text, by construction: a shape is tried only where its marker stands; it either fails
within a bounded number of characters, or what it has read is not read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

Span = tuple[int, int]


class Shape(Struct, frozen=True):
    """`pattern` matches where one of the `markers` begins; the group `secret` (else the whole) is what is hidden.

    A match whose group `secret` took no part is no secret, only text that need not be read again.
    """

    name: str
    markers: tuple[str, ...]
    pattern: re.Pattern[str]


def _shape(name: str, pattern: str, *markers: str) -> Shape:
    return Shape(name, markers, re.compile(pattern))


_KEY_BODY = r"(?:[A-Za-z0-9+/=\s\\]|Proc-Type:[ 0-9A-Z,]{0,40}|DEK-Info:[ 0-9A-Z,-]{0,80})*+"
_KEY_END = r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"

SHAPES: tuple[Shape, ...] = (
    _shape("github", r"\bgh[pousr]_[A-Za-z0-9]{20,}+", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _shape("github-fine-grained", r"\bgithub_pat_[A-Za-z0-9_]{20,}+", "github_pat_"),
    _shape("gitlab", r"\bglpat-[A-Za-z0-9_-]{16,}+", "glpat-"),
    _shape("model-key", r"\bsk-[A-Za-z0-9_-]{16,}+", "sk-"),
    _shape("aws", r"\bA(?:KI|SI)A[A-Z0-9]{16}\b", "AKIA", "ASIA"),
    _shape("slack", r"\bxox[a-z]-[A-Za-z0-9-]{8,}+", "xox"),
    _shape("slack-app", r"\bxapp-[A-Za-z0-9-]{8,}+", "xapp-"),
    _shape("google", r"\bAIza[A-Za-z0-9_-]{30,}+", "AIza"),
    _shape("package-index", r"\bpypi-[A-Za-z0-9_-]{32,}+", "pypi-"),
    _shape("npm", r"\bnpm_[A-Za-z0-9]{30,}+", "npm_"),
    _shape("jwt", r"eyJ[A-Za-z0-9_-]*+(?:(?P<secret>\.eyJ[A-Za-z0-9_-]*+\.[A-Za-z0-9_-]*+))?+", "eyJ"),
    _shape(
        "authorization",
        r"(?i:authorization)[\"'\\]{0,4}[ \t]{0,8}[:=][ \t]{0,8}[\"'\\]{0,4}"
        r"(?i:(?:basic|bearer|token|negotiate|digest|apikey)[ \t]{1,8})?(?P<secret>[^\s\"'\\,;]++)",
        "authorization",
    ),
    _shape("url-password", r"://(?P<secret>[^\s/@:\"'<>?#]*+:[^\s/@\"'<>]++(?=@))?+", "://"),
    _shape("url-user", r"://(?P<secret>[^\s/@:\"'<>?#]{20,}+(?=@))?+", "://"),
    _shape(
        "private-key",
        rf"-----BEGIN [A-Z0-9 ]{{0,40}}PRIVATE KEY(?: BLOCK)?-----{_KEY_BODY}(?P<end>{_KEY_END})?+",
        "-----BEGIN ",
    ),
)
_BY_NAME = {shape.name: shape for shape in SHAPES}
_AUTHORIZATION = re.compile("authorization", re.IGNORECASE | re.ASCII)
_KEY_REST = re.compile(rf"{_KEY_BODY}({_KEY_END})?+")


def shape_spans(text: str) -> list[Span]:
    """Where secrets seem to be; unsorted, and they may overlap."""
    return [span for shape in SHAPES for span in spans_of(shape, text)]


def spans_of(shape: Shape, text: str) -> Iterator[Span]:
    """The same for one shape."""
    for marker in shape.markers:
        position = _find(text, marker, 0)
        while position >= 0:
            match = shape.pattern.match(text, position)
            if match is None:
                position = _find(text, marker, position + len(marker))
                continue
            span = _secret(match)
            if span is not None:
                yield span
            position = _find(text, marker, max(match.end(), position + len(marker)))


def open_key(text: str) -> bool:
    """Whether `text` ends inside a private key whose last line is still to come."""
    pattern = _BY_NAME["private-key"].pattern
    start = text.rfind("-----BEGIN ")
    match = pattern.match(text, start) if start >= 0 else None
    return match is not None and match["end"] is None and match.end() == len(text)


def rest_of_key(text: str) -> tuple[int, bool]:
    """How much of `text` goes on with a private key begun before it, and whether that key is still open at the end."""
    match = _KEY_REST.match(text)
    if match is None:
        return 0, False
    return match.end(), match[1] is None and match.end() == len(text)


def _find(text: str, marker: str, start: int) -> int:
    if marker != "authorization":
        return text.find(marker, start)
    match = _AUTHORIZATION.search(text, start)
    return match.start() if match else -1


def _secret(match: re.Match[str]) -> Span | None:
    if "secret" not in match.re.groupindex:
        return match.span()
    if match["secret"] is None:
        return None
    # Of a JWT the head goes too; of a header or an address only the credential.
    return match.span() if match["secret"].startswith(".eyJ") else match.span("secret")
