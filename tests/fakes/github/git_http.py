"""Git over smart HTTP, by `git http-backend`, behind GitHub's rules of who may read and push."""

from __future__ import annotations

import base64
import binascii
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from tests.fakes.github.git_store import environment
from tests.fakes.github.models import Token
from tests.fakes.github.pushes import record_push
from tests.fakes.github.rights import git_may, may_change_workflows

if TYPE_CHECKING:
    from tests.fakes.github.fake import FakeGitHub
    from tests.fakes.github.repository import FakeRepository

Raw = tuple[int, dict[str, str], bytes]
_SERVICES = ("git-upload-pack", "git-receive-pack")
_BAD_TOKEN = "Invalid username or token. Password authentication is not supported for Git operations.\n"


def is_git(path: str) -> bool:
    """Whether a path is git's: it ends in one of the three that smart HTTP uses."""
    return path.endswith(("/info/refs", *(f"/{service}" for service in _SERVICES)))


def serve_git(fake: FakeGitHub, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Raw:
    """Answers one request of a git client; after a push, everything that follows from it has happened."""
    name, _, rest = path.strip("/").partition("/info/refs") if "/info/refs" in path else path.strip("/").rpartition("/")
    service = parse_qs(query).get("service", [""])[0] if "/info/refs" in path else rest
    name = name.removesuffix(".git")
    if service not in _SERVICES:
        return _text(403, "Please upgrade your git client.\nGitHub.com no longer supports git over dumb-http.\n")
    with fake.lock:
        token, is_known = _token(fake, headers)
        repo = fake.find(name)
        is_push = service == "git-receive-pack"
        if not is_known:
            return _asked(_BAD_TOKEN)
        if repo is not None and name.lower() not in (repo.full_name.lower(),):
            where = f"{fake.server_url}/{repo.full_name}.git{'/info/refs' if '/info/refs' in path else '/' + rest}"
            return 301, {"Location": where + (f"?{query}" if query else "")}, b""
        refused = git_may(repo, token, is_push=is_push)
        if refused == 401:
            return _asked("Authentication required.\n")
        if repo is None or refused == 404:
            return _text(404, "Repository not found.\n")
        if refused:
            login = token.login if token else "nobody"
            return _text(403, f"Permission to {repo.full_name}.git denied to {login}.\n")
        rules = _rules(repo, token)
    return _backend(fake, repo, method, path, query, headers, body, token, rules)


def _rules(repo: FakeRepository, token: Token | None) -> dict[str, str]:
    protected = repo.protections.values()
    return {
        "FAKE_CLOSED": " ".join(f"refs/heads/{entry.branch}" for entry in protected if entry.requires_pull),
        "FAKE_DEFAULT": f"refs/heads/{repo.default_branch}",
        "FAKE_KEPT": " ".join(f"refs/heads/{entry.branch}" for entry in protected),
        "FAKE_WORKFLOWS": "yes" if may_change_workflows(token) else "no",
    }


def _backend(
    fake: FakeGitHub, repo: FakeRepository, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes,
    token: Token | None, rules: dict[str, str],
) -> Raw:  # fmt: skip
    tail = "info/refs" if path.endswith("/info/refs") else path.rpartition("/")[2]
    with tempfile.TemporaryDirectory(prefix="fake-push-") as folder:
        moved, reasons = Path(folder) / "moved", Path(folder) / "reasons"
        variables = {
            **environment(repo.store.path), **rules, "FAKE_MOVED": str(moved), "FAKE_REASONS": str(reasons),
            "GIT_PROJECT_ROOT": str(repo.store.path.parent), "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{repo.store.path.name}/{tail}", "REQUEST_METHOD": method, "QUERY_STRING": query,
            "CONTENT_TYPE": headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": headers.get("Git-Protocol", ""), "REMOTE_USER": token.login if token else "",
            "REMOTE_ADDR": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1",
        }  # fmt: skip
        done = subprocess.run(["git", "http-backend"], input=body, env=variables, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        if moved.exists():
            lines = [line.split(" ", 2) for line in moved.read_text().splitlines()]
            with fake.lock:
                record_push(repo, token, [(ref, old, new) for old, new, ref in lines])
        if reasons.exists():
            why = dict(line.split(" ", 1) for line in reasons.read_text().splitlines())
            content = reworded(content, why)
    fields = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
    status = int(fields.pop("Status", "200 OK").split(" ")[0])
    return status, fields, content


def reworded(answer: bytes, why: Mapping[str, str]) -> bytes:
    """The answer of receive-pack, with our reason where git can only say `hook declined`."""
    report, out, position = b"", [], 0
    while position < len(answer):
        size = int(answer[position : position + 4], 16)
        line = answer[position + 4 : position + size]
        if size == 0:
            position += 4
        else:
            position += size
            if line[:1] == b"\x01":
                report += line[1:]
            else:
                out.append(_packet(line))
    lines, position = [], 0
    while position < len(report):
        size = int(report[position : position + 4], 16)
        line = report[position + 4 : position + size].decode()
        position += max(size, 4)
        if line.startswith("ng "):
            ref = line.split(" ", 2)[1]
            line = f"ng {ref} {why[ref]}\n" if ref in why else line
        lines.append(_packet(line.encode()) if size else b"0000")
    return b"".join([*out, _packet(b"\x01" + b"".join(lines)), b"0000"])


def _packet(line: bytes) -> bytes:
    return b"%04x%s" % (len(line) + 4, line)


def _token(fake: FakeGitHub, headers: Mapping[str, str]) -> tuple[Token | None, bool]:
    kind, _, value = headers.get("Authorization", "").partition(" ")
    if not kind:
        return None, True
    if kind.lower() == "basic":
        try:
            value = base64.b64decode(value).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return None, False
    token = fake.tokens.get(value.strip())
    return token, token is not None and not token.is_dead


def _asked(text: str) -> Raw:
    return 401, {"WWW-Authenticate": 'Basic realm="GitHub"', "Content-Type": "text/plain"}, text.encode()


def _text(status: int, text: str) -> Raw:
    return status, {"Content-Type": "text/plain; charset=utf-8"}, text.encode()
