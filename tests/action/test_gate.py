"""The gate as the action runs it: a process of its own, with nothing installed, against the fake GitHub."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer
from typing import Any

import pytest

from tests.fakes.github import FakeGitHub
from tests.job import IMPATIENT_GATE

GATE = Path(__file__).parents[2] / "devteam_action" / "actions" / "gate.py"
US = "github-actions[bot]"


@dataclass(frozen=True)
class Gone:
    """How the gate's process ended."""

    code: int
    log: str
    outputs: Mapping[str, str]

    @property
    def go(self) -> str | None:
        return self.outputs.get("go")


class Place:
    """A repository with an issue, a person who may write and a token; every run of the gate has a new output file."""

    def __init__(self, github: FakeGitHub, folder: Path) -> None:
        self.github = github
        self.repo = github.repository("acme/app")
        self.repo.collaborator("ann", "write")
        self.token = self.repo.job_token()
        self.number = self.repo.issue("A question")
        self._folder = folder

    def comment(self, text: str, by: str = "ann") -> Any:
        return self.repo.comment(self.number, text, by=by)

    def gate(
        self,
        payload: Mapping[str, Any] | bytes,
        event: str = "issue_comment",
        *,
        token: str | None = None,
        python: tuple[str, ...] = (sys.executable,),
        **more: str,
    ) -> Gone:
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        (self._folder / "event.json").write_bytes(data)
        output = self._folder / "output"
        output.write_bytes(b"")
        env = {
            "PATH": os.environ["PATH"],
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(self._folder / "event.json"),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_API_URL": self.github.url,
            "GITHUB_REPOSITORY": "acme/app",
            "DEVTEAM_INPUT_COMMAND": "auto",
            "DEVTEAM_INPUT_GITHUB_TOKEN": self.token if token is None else token,
            **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
            **more,
        }
        argv = (*python, "-I", *(("-c", IMPATIENT_GATE) if "TEST_PATIENCE_S" in more else ()), str(GATE))
        done = subprocess.run(argv, env=env, cwd=self._folder, capture_output=True, text=True, timeout=60)
        assert "Traceback" not in done.stderr + done.stdout, done.stderr
        assert env["DEVTEAM_INPUT_GITHUB_TOKEN"] not in (done.stdout + done.stderr) or not token
        return Gone(done.returncode, done.stdout + done.stderr, read_outputs(output.read_text()))

    def say(self, text: str, by: str = "ann", **more: Any) -> Gone:
        """A new comment and what the gate makes of it."""
        return self.gate(self.repo.event_comment(self.comment(text, by)), **more)

    def reactions(self) -> list[tuple[str, str]]:
        return [each for comment in self.repo.comments(self.number) for each in self.repo.reactions(comment.id)]

    def replies(self) -> list[str]:
        return [comment.body for comment in self.repo.comments(self.number) if comment.user == US]

    def asked(self) -> list[str]:
        """What was asked of GitHub, by method and last word of the path."""
        return [f"{request.method} {request.path.rsplit('/', 1)[-1]}" for request in self.github.requests]


def read_outputs(text: str) -> dict[str, str]:
    found = re.findall(r"^([a-z-]+)<<(\w+)\n(.*?)\n\2\n", text, re.DOTALL | re.MULTILINE)
    return {name: value for name, _, value in found}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with FakeGitHub.serve(tmp_path / "github") as github:
        (tmp_path / "job").mkdir()
        yield Place(github, tmp_path / "job")


def test_a_command_of_someone_who_may_write_is_acknowledged_and_goes_on(place):
    gone = place.say("/devteam run 1.1")
    assert (gone.code, gone.go, gone.outputs["allowed"]) == (0, "true", "ann")
    assert place.reactions() == [(US, "eyes")]
    assert place.asked() == ["GET permission", "POST reactions"]


@pytest.mark.parametrize("permission", ["admin", "maintain", "write"])
def test_the_right_to_write_is_enough(place, permission):
    place.repo.collaborator("bob", permission)
    assert place.say("/devteam status", "bob").go == "true"


@pytest.mark.parametrize("permission", ["read", "triage", "none"])
def test_anyone_else_gets_a_thumb_down_and_nothing_runs(place, permission):
    place.repo.collaborator("mallory", permission)
    gone = place.say("/devteam run", "mallory")
    assert (gone.code, gone.go, gone.outputs["allowed"]) == (0, "false", "")
    assert place.reactions() == [(US, "-1")]
    assert place.replies() == []
    assert gone.log.startswith("::notice ")


def test_a_stranger_who_misspells_gets_no_reply(place):
    assert place.say("/devteam rnu", "mallory").go == "false"
    assert place.replies() == []
    assert place.reactions() == [(US, "-1")]


def test_who_misspells_gets_one_hint_however_often_the_job_is_run(place):
    event = place.repo.event_comment(place.comment("/devteam rnu"))
    for _ in range(3):
        gone = place.gate(event)
        assert (gone.code, gone.go) == (0, "false")
    (reply,) = place.replies()
    assert reply.startswith("<!-- devteam:reply=")
    assert "/devteam run" in reply
    assert place.reactions() == [(US, "confused")]


def test_a_forged_marker_takes_nobodys_hint_away(place):
    comment = place.comment("/devteam rnu")
    place.comment(f"<!-- devteam:reply={comment.id} -->\nhaha", "mallory")
    for _ in range(2):
        place.gate(place.repo.event_comment(comment))
    assert len(place.replies()) == 1


def test_two_misspelt_commands_get_a_hint_each(place):
    place.say("/devteam rnu")
    place.say("/devteam stpo")
    assert ["run" in place.replies()[0], "stop" in place.replies()[1]] == [True, True]


@pytest.mark.parametrize(
    "body",
    [
        "LGTM",
        "> /devteam run",
        "```\n/devteam run\n```",
        "::set-output name=go::true",
        "<!-- devteam:task=1.1 -->\n# DevTeam",
        "x" * 65_536,
        "go<<EOF\ntrue\nEOF",
    ],
)
def test_a_comment_that_is_no_command_asks_nothing(place, body):
    gone = place.say(body)
    assert (gone.code, gone.go) == (0, "false")
    assert place.github.requests == []


@pytest.mark.parametrize("action", ["edited", "deleted"])
def test_an_edited_comment_commands_nothing(place, action):
    gone = place.gate(place.repo.event_comment(place.comment("/devteam run"), action))
    assert (gone.code, gone.go) == (0, "false")
    assert place.github.requests == []


def test_our_own_comments_command_nothing(place):
    assert place.say("/devteam run", US).go == "false"
    assert place.github.requests == []


def test_a_comment_that_is_deleted_meanwhile_commands_nothing(place):
    comment = place.comment("/devteam run")
    event = place.repo.event_comment(comment)
    place.repo.delete_comment(comment.id)
    gone = place.gate(event)
    assert (gone.code, gone.go) == (0, "false")
    assert "deleted" in gone.outputs["reason"]


def test_a_repository_that_was_renamed_is_found_under_its_old_name(place):
    event = place.repo.event_comment(place.comment("/devteam run"))
    place.repo.rename("acme/new-name")
    gone = place.gate(event)
    assert (gone.code, gone.go) == (0, "true")
    assert place.reactions() == [(US, "eyes")]


@pytest.mark.parametrize(
    ("job", "body", "go"),
    [
        ("control", "/devteam stop", "true"),
        ("work", "/devteam stop", "false"),
        ("control", "/devteam run", "false"),
        ("work", "/devteam run", "true"),
        ("control", "/devteam guide Use x", "true"),
        ("work", "/devteam guide Use x", "true"),
    ],
)
def test_of_two_jobs_each_takes_its_commands(place, job, body, go):
    gone = place.say(body, DEVTEAM_JOB=job)
    assert (gone.code, gone.go) == (0, go)
    assert bool(place.github.requests) == (go == "true")


def test_two_jobs_together_acknowledge_once_and_hint_once(place):
    for body in ("/devteam guide Use x", "/devteam rnu"):
        event = place.repo.event_comment(place.comment(body))
        for job in ("control", "work"):
            place.gate(event, DEVTEAM_JOB=job)
    assert place.reactions() == [(US, "eyes"), (US, "confused")]
    assert len(place.replies()) == 1


# --- what goes wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "says"),
    [
        ("", "github-token"),
        ("ghs_" + "0" * 36, "401"),
        ("a b", "github-token"),
        ("a\r\nX-Evil: 1", "github-token"),
    ],
    ids=["missing", "unknown", "blank", "line end"],
)
def test_without_a_good_token_nobody_commands(place, token, says):
    gone = place.say("/devteam run", token=token)
    assert (gone.code, gone.go) == (4, "false")
    assert says in gone.outputs["reason"]
    assert place.reactions() == []
    assert gone.log.count("::error") == 1


def test_a_dead_token_is_told(place):
    place.github.kill_token(place.token)
    gone = place.say("/devteam run")
    assert (gone.code, gone.go) == (4, "false")


def test_a_read_only_token_may_not_ask_and_so_nobody_commands(place):
    token = place.repo.job_token(
        contents="read", pull_requests="read", issues="read", checks="read", actions="read", statuses="read"
    )
    gone = place.say("/devteam run", token=token)
    assert (gone.code, gone.go) == (4, "false")
    assert "`permissions: contents: write`" in gone.outputs["reason"]


def test_a_token_that_may_not_react_is_no_reason_to_refuse(place):
    token = place.repo.job_token(issues="none", pull_requests="none")
    gone = place.say("/devteam run", token=token)
    assert (gone.code, gone.go) == (0, "true")
    assert "issues: write" in gone.outputs["reason"]


@pytest.mark.parametrize(("permission", "go"), [("admin", True), ("write", True), ("read", False), ("none", False)])
@pytest.mark.parametrize("text", ["/devteam run", "LGTM"])
def test_a_command_of_the_workflow_is_for_those_who_may_write_when_a_comment_starts_it(place, permission, go, text):
    place.repo.collaborator("mallory", permission)
    gone = place.say(text, "mallory", DEVTEAM_INPUT_COMMAND="run")
    assert (gone.code, gone.go) == (0, "true" if go else "false")
    assert place.asked() == ["GET permission"]
    assert place.reactions() == []


@pytest.mark.parametrize(("accepted", "code", "go"), [("ann", 0, "true"), ("mallory", 4, "false"), ("", 4, "false")])
def test_a_job_that_reads_takes_the_word_of_an_earlier_job_about_that_person_alone(place, accepted, code, go):
    token = place.repo.job_token(contents="read")
    gone = place.say("/devteam run", token=token, DEVTEAM_INPUT_COMMAND="run", DEVTEAM_ACCEPTED=accepted)
    assert (gone.code, gone.go) == (code, go)


def test_an_accepted_person_commands_nothing_by_a_comment_that_is_not_for_the_workflow(place):
    gone = place.say("/devteam run", "mallory", DEVTEAM_ACCEPTED="mallory")
    assert gone.go == "false"


@pytest.mark.parametrize("kind", ["500", "502", "503", "reset"])
def test_one_failed_question_is_asked_again(place, kind):
    place.github.fault(kind, method="GET", path="permission")
    assert place.say("/devteam run").go == "true"
    assert place.reactions() == [(US, "eyes")]


@pytest.mark.parametrize("kind", ["500", "reset", "429", "403-retry-after"])
def test_a_stop_outlasts_a_github_that_is_away_for_a_moment(place, kind):
    place.github.fault(kind, method="GET", path="permission", times=3 if kind in ("500", "reset") else 1)
    began = time.monotonic()
    gone = place.say("/devteam stop", DEVTEAM_JOB="control")
    assert (gone.code, gone.go) == (0, "true"), gone.log
    assert time.monotonic() - began >= (3 if kind in ("500", "reset") else 1)
    assert place.reactions() == [(US, "eyes")]


@pytest.mark.parametrize(("event", "text"), [("issue_comment", "LGTM"), ("issue_comment", "x" * 65_536), ("push", "")])
def test_what_is_not_for_us_costs_a_third_of_a_second_of_cpu_at_most(place, event, text):
    payload = place.repo.event_comment(place.comment(text)) if text else place.repo.event_push("main")
    costs: list[float] = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert place.gate(payload, event).go == "false"
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(costs) <= 0.3, costs


@pytest.mark.parametrize("kind", ["500", "503", "reset", "403-retry-after", "secondary", "429", "exhausted", "401"])
def test_a_question_that_is_never_answered_is_a_no_without_a_thumb_down(place, kind):
    place.github.fault(kind, method="GET", path="permission", times=99)
    gone = place.say("/devteam run", TEST_PATIENCE_S="1")
    assert (gone.code, gone.go) == (4, "false")
    assert place.reactions() == []
    assert "ann" in gone.outputs["reason"]


def test_a_masked_answer_is_a_no(place):
    place.github.fault("404-masked", method="GET", path="permission")
    gone = place.say("/devteam run")
    assert (gone.code, gone.go) == (0, "false")


@pytest.mark.parametrize("kind", ["502-after-effect", "reset-after-effect", "500", "reset"])
def test_a_reaction_whose_answer_is_lost_is_left_once(place, kind):
    place.github.fault(kind, path="reactions")
    assert place.say("/devteam run").go == "true"
    assert place.reactions() == [(US, "eyes")]


@pytest.mark.parametrize("kind", ["502-after-effect", "reset-after-effect", "500", "reset"])
def test_a_hint_whose_answer_is_lost_is_given_once(place, kind):
    event = place.repo.event_comment(place.comment("/devteam rnu"))
    place.github.fault(kind, path="comments$")
    for _ in range(2):
        assert place.gate(event).code == 0
    assert len(place.replies()) == 1


@pytest.mark.parametrize(("by", "go"), [("ann", "true"), ("mallory", "false")])
def test_a_reaction_that_cannot_be_left_changes_no_decision(place, by, go):
    place.github.fault("reset", path="reactions", times=9)
    gone = place.say("/devteam run", by)
    assert (gone.code, gone.go) == (0, go)
    assert "could not be reached" in gone.log


def test_an_answer_that_is_no_http_is_a_no(place):
    class Garbage(BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            self.request.sendall(b"\x00 garbage\r\n\r\n")

    with TCPServer(("127.0.0.1", 0), Garbage) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        gone = place.say(
            "/devteam run", GITHUB_API_URL=f"http://127.0.0.1:{server.server_address[1]}", TEST_PATIENCE_S="1"
        )
        server.shutdown()
    assert (gone.code, gone.go) == (4, "false")


def test_a_job_that_does_not_say_its_repository_asks_nothing(place):
    gone = place.say("/devteam run", GITHUB_REPOSITORY="../../user")
    assert (gone.code, gone.go) == (4, "false")
    assert place.github.requests == []


@pytest.mark.parametrize(("event", "code", "go"), [("issue_comment", 2, "false"), ("pull_request", 0, "true")])
def test_an_event_file_that_is_not_there_is_told(place, tmp_path, event, code, go):
    gone = place.gate(b"", event, GITHUB_EVENT_PATH=str(tmp_path / "none.json"))
    assert (gone.code, gone.go) == (code, go)


def test_github_that_is_down_is_told_within_the_step(place):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    gone = place.say("/devteam run", GITHUB_API_URL=url, TEST_PATIENCE_S="1")
    assert (gone.code, gone.go) == (4, "false")
    assert "could not be reached" in gone.outputs["reason"]


def test_a_redirect_to_another_host_gets_no_token(place):
    asked: list[str | None] = []

    class Thief(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers.get("Authorization"))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"permission": "admin"}')

        def log_message(self, *_: object) -> None: ...

    class Redirects(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(301)
            self.send_header("Location", f"http://127.0.0.1:{thief.server_port}/x")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    thief, front = HTTPServer(("127.0.0.1", 0), Thief), HTTPServer(("127.0.0.1", 0), Redirects)
    for server in (thief, front):
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        gone = place.say("/devteam run", GITHUB_API_URL=f"http://127.0.0.1:{front.server_port}")
    finally:
        for server in (thief, front):
            server.shutdown()
            server.server_close()
    assert (gone.code, gone.go) == (4, "false")
    assert asked == []


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"null", b"\xff", b'{"action":"created","comment":null}', b"[" * 100_000],
    ids=["empty", "cut", "null", "bytes", "no comment", "deep"],
)
def test_a_damaged_comment_event_ends_with_a_sentence(place, payload):
    gone = place.gate(payload)
    assert (gone.code, gone.go) == (2, "false")
    assert gone.log.startswith("::error title=DevTeam Action::the event file")
    assert place.github.requests == []


@pytest.mark.parametrize("event", ["issue_comment", "pull_request"])
def test_a_job_of_another_name_is_told(place, event):
    gone = place.gate(b"{}", event, DEVTEAM_JOB="both")
    assert "DEVTEAM_JOB" in gone.outputs["reason"]
    assert (gone.code, gone.go) == ((2, "false") if event == "issue_comment" else (0, "true"))


# --- other events --------------------------------------------------------------------------------------------


def test_other_events_are_decided_without_a_question(place):
    place.repo.commit("task/1-1", {"a.txt": "a"})
    place.repo.commit("feature", {"b.txt": "b"})
    task = place.repo.open_pull("task/1-1", "main").number
    other = place.repo.open_pull("feature", "main").number
    fork = place.repo.open_pull("task/1-1", "main", by="mallory", from_fork="mallory/app").number
    found = {
        "dispatch": place.gate(place.repo.event_dispatch(), "workflow_dispatch"),
        "schedule": place.gate(place.repo.event_schedule(), "schedule"),
        "task": place.gate(place.repo.event_pull(task, "opened"), "pull_request"),
        "other": place.gate(place.repo.event_pull(other, "opened"), "pull_request"),
        "fork": place.gate(place.repo.event_pull(fork, "synchronize"), "pull_request"),
        "push": place.gate(place.repo.event_push("main"), "push"),
    }
    place.repo.merge(task)
    found["merged"] = place.gate(place.repo.event_pull(task, "closed"), "pull_request")
    assert {name: (gone.code, gone.go) for name, gone in found.items()} == {
        "dispatch": (0, "true"),
        "schedule": (0, "true"),
        "task": (0, "true"),
        "other": (0, "false"),
        "fork": (0, "true"),
        "push": (0, "false"),
        "merged": (0, "true"),
    }
    assert "no task" in found["other"].outputs["reason"]
    assert place.github.requests == []


def test_an_explicit_command_decides_on_any_event(place):
    gone = place.gate(b"{}", "push", DEVTEAM_INPUT_COMMAND="matrix")
    assert (gone.code, gone.go) == (0, "true")


def test_the_checkout_cannot_put_modules_in_our_way(place, tmp_path):
    for name in ("json", "secrets", "devteam_action"):
        (tmp_path / "job" / f"{name}.py").write_text("raise SystemExit('hijacked')\n")
    assert place.say("LGTM", PYTHONPATH=str(tmp_path / "job"), PYTHONSTARTUP="json.py").go == "false"


def test_another_version_of_us_that_is_installed_does_not_answer(place, tmp_path):
    older = tmp_path / "site" / "devteam_action"
    older.mkdir(parents=True)
    (older / "__init__.py").write_text("raise SystemExit('the installed one answered')\n")
    script = tmp_path / "with_site.py"
    script.write_text(
        f"import runpy, sys\nsys.path.insert(0, {str(older.parent)!r})\n"
        "sys.argv = [arg for arg in sys.argv[1:] if arg != '-I']\nrunpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    assert place.say("LGTM", python=(sys.executable, str(script))).go == "false"


# --- an old Python -------------------------------------------------------------------------------------------


def old_python(folder: Path) -> tuple[str, ...]:
    """This Python, made to believe that it is 3.9."""
    script = (
        "import runpy, sys, collections\n"
        "Info = collections.namedtuple('Info', 'major minor micro releaselevel serial')\n"
        "sys.version_info = Info(3, 9, 2, 'final', 0)\n"
        "sys.version = '3.9.2 (old)'\n"
        "sys.argv = [arg for arg in sys.argv[1:] if arg != '-I']\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    (folder / "old.py").write_text(script)
    return (sys.executable, str(folder / "old.py"))


def test_an_old_python_says_which_one_is_needed(place, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    gone = place.say("/devteam run", python=old_python(tmp_path), PATH=str(empty))
    assert (gone.code, gone.go) == (4, None)
    assert gone.log.count("\n") == 1
    assert "python3 is 3.9.2; DevTeam Action needs 3.11 or newer" in gone.log
    assert place.github.requests == []


def test_an_old_python_leaves_the_gate_to_a_newer_one(place, tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    newer = folder / "python3.11"
    newer.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    newer.chmod(0o755)
    assert shutil.which("python3.11", path=str(folder)) == str(newer)
    gone = place.say("/devteam run", python=old_python(tmp_path), PATH=f"{folder}:/bin:/usr/bin")
    assert (gone.code, gone.go) == (0, "true")
    assert place.reactions() == [(US, "eyes")]
