import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from devteam_action.actions.gate_rules import Ask, AskAbout, Go, Stay, decide
from devteam_action.actions.grammar import SHAPES, Command, Hint
from devteam_action.actions.inputs import ActionInputs
from devteam_action.actions.payloads import parse_event
from devteam_action.actions.route import Nothing, plan
from devteam_action.errors import BadInput
from tests.originals import WEBHOOKS as SAMPLES

ACTIONS = Path(__file__).parents[3] / "devteam_action" / "actions"
COMMENT = {
    "id": 11,
    "body": "/devteam run",
    "user": {"login": "ann", "type": "User"},
    "created_at": "2026-01-02T03:04:05Z",
    "updated_at": "2026-01-02T03:04:05Z",
}


def comment(body="/devteam run", action="created", **more):
    inner = {**COMMENT, "body": body, **more}
    return json.dumps({"action": action, "issue": {"number": 7}, "comment": inner}).encode()


def pull(action="opened", ref="task/1-1", **more):
    return json.dumps({"action": action, "pull_request": {"number": 7, "head": {"ref": ref}, **more}}).encode()


def decided(event, data=b"{}", *, command="", job=""):
    return decide(event, data, command=command, job=job)


@pytest.mark.parametrize("event", ["workflow_dispatch", "schedule"])
@pytest.mark.parametrize("job", ["", "work"])
def test_a_run_by_hand_or_clock_goes_on(event, job):
    assert isinstance(decided(event, b"", job=job), Go)


@pytest.mark.parametrize(
    "event", ["push", "issues", "pull_request_target", "pull_request_review", "check_run", "release", ""]
)
def test_another_event_ends_whatever_its_payload(event):
    assert isinstance(decided(event, b"\xff"), Stay)


@pytest.mark.parametrize("event", ["push", "workflow_call", "pull_request"])
@pytest.mark.parametrize("job", ["", "work", "control"])
def test_a_command_of_the_workflow_decides_by_itself(event, job):
    assert isinstance(decided(event, b"", command="run", job=job), Go)


@pytest.mark.parametrize("body", ["/devteam run", "LGTM", None])
@pytest.mark.parametrize("job", ["", "work", "control"])
def test_where_a_comment_starts_a_command_of_the_workflow_its_author_is_asked_about(body, job):
    asked = decided("issue_comment", comment(body), command="run", job=job)
    assert isinstance(asked, AskAbout)
    assert asked.author == "ann"


OUTSIDERS = {
    "issues": "issues.opened",
    "pull_request_review": "pull_request_review.submitted",
    "pull_request_review_comment": "pull_request_review_comment.created",
}
MALLORY = {"login": "mallory", "type": "User"}


def by_mallory(event, user=MALLORY, **more):
    """An event of GitHub's that somebody else causes."""
    found = json.loads((SAMPLES / f"{OUTSIDERS[event]}.json").read_text()) if event in OUTSIDERS else {}
    words = {key: {**found.get(key, {}), "user": user} for key in ("comment", "review")}
    return json.dumps({"action": "created", **found, **words, "sender": user, **more}).encode()


@pytest.mark.parametrize(
    "event",
    [
        *OUTSIDERS, "discussion", "discussion_comment", "commit_comment", "pull_request_target", "workflow_run",
        "fork", "watch", "gollum", "check_run", "", "of-tomorrow",
    ],
)  # fmt: skip
@pytest.mark.parametrize("job", ["", "work", "control"])
def test_whoever_causes_what_anybody_can_cause_is_asked_about(event, job):
    asked = decided(event, by_mallory(event), command="run", job=job)
    assert isinstance(asked, AskAbout)
    assert asked.author == "mallory"
    for bot in ({"login": "helper[bot]", "type": "User"}, {"login": "helper", "type": "Bot"}):
        assert isinstance(decided(event, by_mallory(event, bot), command="run", job=job), Stay)
    for damaged in (b"", b"null", by_mallory(event, {"login": "a/../b"})):
        with pytest.raises(ValueError, match="event file"):
            decided(event, damaged, command="run", job=job)


@pytest.mark.parametrize("event", ["pull_request_review", "pull_request_review_comment", "discussion_comment"])
def test_edited_words_start_no_command_of_the_workflow(event):
    assert isinstance(decided(event, by_mallory(event, action="edited"), command="run"), Stay)


@pytest.mark.parametrize("at", ["", "yesterday", 5, None, "2026-01-02T03:04:05"])
def test_a_comment_without_its_time_is_told_before_it_is_acknowledged(at):
    with pytest.raises(ValueError, match=r"comment\.created_at"):
        decided("issue_comment", comment(created_at=at, updated_at=at))


@pytest.mark.parametrize(
    "data",
    [
        comment(action="edited"),
        comment(action="deleted"),
        comment(updated_at="2026-01-02T03:04:09Z"),
        comment(user={"login": "helper[bot]", "type": "User"}),
        comment(user={"login": "helper", "type": "Bot"}),
        comment(user=None),
    ],
)
def test_a_comment_that_nobody_means_starts_no_command_of_the_workflow(data):
    assert isinstance(decided("issue_comment", data, command="run"), Stay)


@pytest.mark.parametrize("data", [b"", b"null", comment()[:100], pull(), comment(user={"login": "a/../b"})])
def test_a_damaged_comment_starts_no_command_of_the_workflow(data):
    with pytest.raises(ValueError, match="event file"):
        decided("issue_comment", data, command="run")


@pytest.mark.parametrize("action", ["opened", "reopened", "synchronize", "closed"])
def test_a_pull_request_of_a_task_goes_on(action):
    assert isinstance(decided("pull_request", pull(action)), Go)


@pytest.mark.parametrize("action", ["labeled", "edited", "ready_for_review", "assigned", None])
def test_a_change_without_code_ends(action):
    assert isinstance(decided("pull_request", pull(action)), Stay)


@pytest.mark.parametrize("ref", ["main", "feature/task/1", "tasks/1", "TASK/1", "task", ""])
def test_a_pull_request_that_is_no_task_ends(ref):
    stayed = decided("pull_request", pull(ref=ref))
    assert isinstance(stayed, Stay)
    assert "no task" in stayed.reason


@pytest.mark.parametrize(("event", "data"), [("workflow_dispatch", b""), ("schedule", b""), ("pull_request", pull())])
def test_the_job_of_quick_commands_leaves_runs_to_the_other(event, data):
    stayed = decided(event, data, job="control")
    assert isinstance(stayed, Stay)
    assert "`work`" in stayed.reason


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ("/devteam run 1.2", Command("run", task="1.2")),
        ("/devteam stop", Command("stop")),
        ("\r\n/devteam guide a\r\nb", Command("guide", text="a\nb")),
    ],
)
def test_a_command_is_asked_about(body, read):
    assert decided("issue_comment", comment(body)) == Ask(11, 7, "ann", "2026-01-02T03:04:05Z", read)


def test_a_misspelt_command_is_asked_about():
    ask = decided("issue_comment", comment("/devteam rnu"))
    assert isinstance(ask, Ask)
    assert isinstance(ask.read, Hint)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (comment("LGTM"), "no command"),
        (comment("> /devteam run"), "no command"),
        (comment(None), "no command"),
        (comment("x" * 65_536), "no command"),
        (comment("<!-- devteam:task=1.2 -->\n/devteam run"), "no command"),
        (comment(action="edited"), "new comment"),
        (comment(action="deleted"), "new comment"),
        (comment(action=None), "new comment"),
        (comment(updated_at="2026-01-02T03:04:09Z"), "new comment"),
        (comment(user={"login": "helper[bot]", "type": "User"}), "bots"),
        (comment(user={"login": "helper", "type": "Bot"}), "bots"),
        (comment(user={"login": "github-actions[bot]", "type": "Bot"}), "bots"),
        (comment(user=None), "gone"),
        (comment(user={}), "gone"),
    ],
)
def test_other_comments_end_without_a_question(data, says):
    stayed = decided("issue_comment", data)
    assert isinstance(stayed, Stay)
    assert says in stayed.reason


@pytest.mark.parametrize(
    ("body", "control", "work"),
    [
        ("/devteam stop", True, False),
        ("/devteam status", True, False),
        ("/devteam skip 1.2", True, False),
        ("/devteam help", True, False),
        ("/devteam guide x", True, True),
        ("/devteam resume", True, True),
        ("/devteam run", False, True),
        ("/devteam retry", False, True),
        ("/devteam verify", False, True),
        ("/devteam approve abcdef1", False, True),
        ("/devteam adopt", False, True),
        ("/devteam inject A title", False, True),
        ("/devteam rnu", True, False),
    ],
)
def test_of_two_jobs_each_takes_its_commands(body, control, work):
    asked = [isinstance(decided("issue_comment", comment(body), job=job), Ask) for job in ("control", "work", "")]
    assert asked == [control, work, True]


@pytest.mark.parametrize(
    ("event", "data", "says"),
    [
        ("issue_comment", b"", "cut short"),
        ("issue_comment", comment()[:100], "cut short"),
        ("issue_comment", b"\xff{}", "cut short"),
        ("issue_comment", b"[" * 200_000, "cut short"),
        ("issue_comment", b"null", "`comment`"),
        ("issue_comment", b"[]", "`comment`"),
        ("issue_comment", pull(), "`comment`"),
        ("issue_comment", b'{"action": "created", "comment": null}', "`comment`"),
        ("issue_comment", comment(id=None), "`id`"),
        ("issue_comment", comment(id="11"), "`id`"),
        ("issue_comment", comment(id=-1), "`id`"),
        (
            "issue_comment",
            json.dumps({"action": "created", "issue": None, "comment": COMMENT}).encode(),
            "issue.number",
        ),
        ("issue_comment", comment(user={"login": "a/../b"}), "login"),
        ("issue_comment", comment(user={"login": "a\nb"}), "login"),
        ("pull_request", comment(), "`pull_request`"),
        ("pull_request", b'{"action": "opened", "pull_request": null}', "`pull_request`"),
    ],
)
def test_a_damaged_payload_is_told(event, data, says):
    with pytest.raises(ValueError, match="event file") as caught:
        decided(event, data)
    assert says in str(caught.value)


@pytest.mark.needs_openapi
def test_no_sample_of_github_asks_anybody_anything():
    for path in SAMPLES.glob("*.json"):
        found = decided(path.name.split(".")[0], path.read_bytes())
        assert isinstance(found, Go if path.name.startswith(("workflow_dispatch", "schedule")) else Stay), path.name


GATE = ("gate", "gatekeeper", "gate_rules", "gate_github", "grammar", "env_files", "workflow_commands", "install")


def test_the_gate_needs_nothing_that_must_be_installed():
    script = (
        "import sys; sys.path.append(sys.argv[1])\n"
        f"import {', '.join(f'devteam_action.actions.{name}' for name in GATE)}\n"
        "foreign = {name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)\n"
        "print(*sorted(foreign - {'devteam_action', '__main__', '_distutils_hack'}))"
    )
    argv = (sys.executable, "-I", "-S", "-c", script, str(ACTIONS.parents[1]))
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_an_old_python_can_read_the_file_that_tells_it_so():
    source = (ACTIONS / "gate.py").read_text()
    ast.parse(source, feature_version=(3, 4))
    assert "annotations" not in source  # no `from __future__ import annotations`: Python 3.6 has none
    with pytest.raises(SyntaxError):
        ast.parse((ACTIONS / "gate_rules.py").read_text(), feature_version=(3, 9))


@pytest.mark.parametrize("job", ["", "control", "work"])
@pytest.mark.parametrize("command", ["", "auto", "run"])
def test_the_gate_turns_nothing_away_that_the_action_would_do(job, command):
    pulled = {"title": "T", "head": {"ref": "task/1", "sha": "a"}, "base": {"ref": "main", "sha": "b"}}
    pulls = [pull(action, **pulled) for action in ("opened", "reopened", "synchronize", "closed", "labeled", None)]
    others = [pull(ref=ref, **{**pulled, "head": {"ref": ref, "sha": "a"}}) for ref in ("main", "task/x", "tasks/x")]
    bodies = (*(f"/devteam {name} 1.2" for name in SHAPES), "/devteam approve abcdef1", "/devteam", "/devteam x", "x")
    users = ({"login": "ann"}, {"login": "b[bot]"}, {"login": "b", "type": "Bot"})
    comments = [
        comment(body, action, user=user) for body in bodies for action in ("created", "edited") for user in users
    ]
    events = [("pull_request", data) for data in (*pulls, *others)] + [("issue_comment", data) for data in comments]
    events += [(name, b"{}") for name in ("workflow_dispatch", "schedule", "push", "pull_request_target")]
    done = 0
    for name, data in events:
        if name in ("issue_comment", "pull_request_target") and command == "run":
            continue  # there the gate is the stricter one: the table above
        try:
            event = parse_event(name, data)
        except BadInput:
            continue
        if not isinstance(plan(event, ActionInputs(command=command or "auto"), job), Nothing):
            done += 1
            assert not isinstance(decided(name, data, command=command, job=job), Stay), (name, data)
    assert done > 5
