"""Commands in comments, as whole jobs: answered once, for those who may, about the code that they have seen."""

from __future__ import annotations

import json
import time

import pytest

from tests.e2e.test_job_merges import CHECK, NEIGHBOURS, PATCHES
from tests.fakes.github import Comment
from tests.fakes.github.talk import react
from tests.job import RIGHTS, Job, JobOutcome
from tests.project import HELLO_AND_WORLD

BRANCH = "task/1-1-1-write-hello"
ANSWER = "<!-- devteam:answer -->\n"
US = "github-actions[bot]"


def answers(on: Job, number: int) -> list[str]:
    """What our answers there say, without their marker."""
    found = [each.body for each in on.repo.comments(number) if each.user == US and each.body.startswith(ANSWER)]
    return [body.removeprefix(ANSWER) for body in found]


def ours(on: Job, comment: Comment) -> list[str]:
    return [content for login, content in on.repo.reactions(comment.id) if login == US]


def said(on: Job, number: int, text: str, by: str = "ann", **more) -> tuple[Comment, JobOutcome]:
    """A person says something, and their job runs to its end."""
    comment = on.repo.comment(number, text, by=by)
    return comment, on.run("issue_comment", on.repo.event_comment(comment), **more)


def done(on: Job, number: int, text: str, **more) -> JobOutcome:
    """A command that is carried out: 👀, then 🚀."""
    comment, outcome = said(on, number, text, **more)
    assert (outcome.code, ours(on, comment)) == (0, ["eyes", "rocket"]), outcome.story
    return outcome


def failed(on: Job, number: int, text: str, *, by_reaction: str = "confused", **more) -> str:
    """A command that is not: its answer says why."""
    comment, outcome = said(on, number, text, **more)
    assert ours(on, comment) == ["eyes", by_reaction], outcome.story
    assert outcome.code == (0 if by_reaction == "-1" else outcome.code or -1), outcome.story
    assert "Traceback" not in outcome.err
    (answer,) = answers(on, number)
    return answer


def sticky(on: Job) -> str:
    """The live comment of pull request #1."""
    (body,) = (each.body for each in on.repo.comments(1) if each.body.startswith("<!-- devteam:task="))
    return body


def receipts(on: Job) -> list[str]:
    """What became of the guidance that people gave, as the state branch has it; empty for what still waits."""
    paths = on.repo.git("ls-tree", "-r", "--name-only", "devteam/state").split()
    words = [json.loads(on.repo.git("show", f"devteam/state:{path}")) for path in paths if "guidance" in path]
    return [word.get("receipt", "") for word in words]


@pytest.fixture
def ready(job: Job) -> Job:
    """The first task has a ready pull request, #1, and nobody was there for some time."""
    job.dispatch().ok()
    job.github.advance(300)
    return job


@pytest.fixture
def proposed(job: Job) -> Job:
    """A pull request of ours, #1, for the first task; the record knows nothing of it."""
    job.repo.commit(BRANCH, {"hello.txt": "hello\n"}, as_login=US)
    job.repo.open_pull(BRANCH, "main", by=US)
    job.github.advance(300)
    return job


def test_each_command_on_an_issue_has_its_answer_in_one_comment(job):
    number = job.repo.issue("please")
    helped = done(job, number, "/devteam help")
    assert helped.requests <= 6, helped.story
    assert "/devteam run" in answers(job, number)[0]
    asked = done(job, number, "/devteam status")
    assert asked.requests <= 6, asked.story
    assert "nothing has been run yet" in answers(job, number)[0]
    ran = done(job, number, "/devteam run 1.1.1")
    assert (ran.outputs["status"], ran.outputs["pull-request"]) == ("WAITING", "2")
    assert "1.1.1: proved" in answers(job, number)[0]
    assert "9.9" in failed(job, number, "/devteam run 9.9")
    assert "run 1.1.2" in failed(job, number, "/devteam retry 1.1.2")
    assert "Which task?" in failed(job, number, "/devteam skip")
    assert "Which task?" in failed(job, number, "/devteam guide use capitals")
    assert "Which task?" in failed(job, number, "/devteam adopt")
    done(job, number, "/devteam guide 1.1.2 use capitals", job="control")
    done(job, number, "/devteam skip 1.1.2 not now")
    assert "1.1.2: skipped: not now" in answers(job, number)[0]
    done(job, number, "/devteam resume 1.1.2", job="control")
    done(job, number, "/devteam stop 1.1.2")
    done(job, number, "/devteam inject Write again to `again.txt`\nwith care")
    assert "added-1" in answers(job, number)[0]
    done(job, number, "/devteam verify 1.1.1")
    assert "pull request" in failed(job, number, "/devteam approve abcdef1")
    assert len(answers(job, number)) == 1


def test_each_command_on_a_pull_request_speaks_of_its_task(ready):
    asked = done(ready, 1, "/devteam status")
    assert asked.requests <= 6, asked.story
    assert "1.1.1" in answers(ready, 1)[0]
    done(ready, 1, "/devteam verify")
    assert "nothing to try again" in failed(ready, 1, "/devteam retry")
    assert "ends with" in failed(ready, 1, "/devteam approve 1234567")
    done(ready, 1, "/devteam stop for today", job="control")
    assert "1.1.1" in answers(ready, 1)[0]
    done(ready, 1, "/devteam resume", job="control")
    guided = ready.repo.comment(1, "/devteam guide use capitals")
    for job in ("control", "work"):
        last = ready.run("issue_comment", ready.repo.event_comment(guided), job=job).ok()
    assert last.outputs["task-id"] == "1.1.1"
    assert ours(ready, guided) == ["eyes", "rocket"]
    assert "The last attempt changed nothing" in answers(ready, 1)[0]  # its tool has no second patch
    assert ready.repo.git("ls-tree", "-r", "--name-only", "devteam/state", "guidance/").count("\n") == 0
    done(ready, 1, "/devteam skip no longer wanted", job="control")
    assert "1.1.1: skipped: no longer wanted" in answers(ready, 1)[0]
    assert len(ready.repo.pulls()) == 1
    assert len(ready.repo.check_runs(ready.repo.pull(1).head_sha)) == 1


@pytest.fixture
def neighbours(github, tmp_path) -> Job:
    """Three tasks that wait for nothing."""
    return Job.make(github, tmp_path, NEIGHBOURS, config=CHECK, patches=PATCHES)


def begun(on: Job) -> list[str]:
    return [each.title.split()[0] for each in on.repo.pulls()]


def test_a_run_from_one_task_until_another_begins_there_and_goes_on(neighbours):
    number = neighbours.repo.issue("please")
    assert "9.9" in failed(neighbours, number, "/devteam run 2 until 9.9")
    assert begun(neighbours) == []
    done(neighbours, number, "/devteam run 2 until 1")
    assert begun(neighbours) == ["2", "1"]
    done(neighbours, number, "/devteam run 2 until 3")  # that one is done: on to the last
    assert begun(neighbours) == ["2", "1", "3"]


def test_the_workflows_limit_of_tasks_holds_for_a_run_by_comment(neighbours):
    done(neighbours, neighbours.repo.issue("please"), "/devteam run", inputs={"max-tasks": "2"})
    assert begun(neighbours) == ["1", "2"]


def test_the_reason_of_a_stop_is_kept_and_told(job):
    number = job.repo.issue("please")
    done(job, number, "/devteam stop 1.1.1 the API is down")
    assert "the API is down" in answers(job, number)[0]
    kept = json.loads(job.repo.git("show", "devteam/state:tasks/1.1.1.json"))
    assert (kept["stopReason"], kept["stopBy"]) == ("the API is down", "ann")
    done(job, number, "/devteam status 1.1.1")
    assert "the API is down" in answers(job, number)[0]
    done(job, number, "/devteam resume 1.1.1", job="control")
    assert json.loads(job.repo.git("show", "devteam/state:tasks/1.1.1.json"))["stopReason"] == ""


@pytest.mark.parametrize("text", ["run", "run 1.1.1", "skip 1.1.1", "inject More", "status", "rnu", "guide 1.1.1 x"])
@pytest.mark.parametrize("by", ["ann", "mallory"])
def test_a_dry_run_of_a_comment_writes_nothing_anywhere(job, text, by):
    number = job.repo.issue("please")
    comment, outcome = said(job, number, f"/devteam {text}", by=by, inputs={"dry-run": "true"})
    outcome.ok()
    assert (outcome.writes, ours(job, comment), answers(job, number)) == (0, [], []), outcome.story
    assert (job.repo.pulls(), job.repo.branch("devteam/state"), job.repo.branch(BRANCH)) == ([], None, None)
    assert outcome.went == (by == "ann" and text != "rnu")
    assert not outcome.went or "would" in outcome.out or text == "status"


def test_a_dry_run_of_anything_else_writes_nothing_either(ready):
    state = ready.repo.branch("devteam/state")
    story = [ready.pull(1, "synchronize", inputs={"dry-run": "true"})]
    ready.repo.merge(1, by="ann")
    story.append(ready.pull(1, "closed", inputs={"dry-run": "true"}))
    story += [
        ready.dispatch(inputs={"dry-run": "true", "command": command, "task": "1.1.2"})
        for command in ("run", "retry", "resume", "stop", "skip", "verify", "doctor")
    ]
    for outcome in story:
        assert (outcome.code, outcome.writes) == (0, 0), outcome.story
        assert "would" in outcome.out, outcome.story
    assert ready.repo.branch("devteam/state") == state


def test_what_waits_for_an_approval_is_let_go_by_its_hash(ready):
    head = ready.repo.pull(1).head_sha
    rights = dict.fromkeys(RIGHTS, "write")
    held = [run for run in ready.repo.runs(head) if run.conclusion == "action_required"]
    assert held
    _, outcome = said(ready, 1, f"/devteam approve {head[:9]}", token=ready.repo.app_token(**rights))
    outcome.ok()
    assert "let go" in ready.repo.comments(1)[-1].body
    assert [run.status for run in held] == ["in_progress"] * len(held)


def test_the_same_event_twice_does_nothing_twice(ready):
    ready.repo.commit(BRANCH, {"more.txt": "more\n"}, as_login="ann")
    ready.github.advance(60)
    number = ready.repo.issue("please")
    story = [("/devteam adopt", 1), ("/devteam inject Write again", number), ("/devteam run 9.9", number)]
    for text, where in story:
        comment = ready.repo.comment(where, text)
        event = ready.repo.event_comment(comment)
        first = ready.run("issue_comment", event)
        before = (ours(ready, comment), answers(ready, where), ready.repo.branch("devteam/state"))
        again = ready.run("issue_comment", event)
        assert (again.code, again.outputs["result"]) == (first.code, first.outputs["result"]), again.story
        assert (ours(ready, comment), answers(ready, where), ready.repo.branch("devteam/state")) == before
    assert len(ready.repo.pulls()) == 1
    assert [each.labels for each in ready.repo.pulls()] == [["devteam"]]


def test_of_two_jobs_for_one_comment_one_carries_it_out(job):
    number = job.repo.issue("please")
    comment = job.repo.comment(number, "/devteam inject Write again")
    event = job.repo.event_comment(comment)
    outcomes = [each.outcome() for each in [job.start("issue_comment", event) for _ in range(2)]]
    assert [each.code for each in outcomes] == [0, 0], "\n".join(each.story for each in outcomes)
    assert ours(job, comment) == ["eyes", "rocket"]
    assert len(answers(job, number)) == 1
    assert job.repo.git("show", "devteam/state:queue.json").count('"added-') == 1


def test_words_that_are_no_command_cost_nothing(job):
    number = job.repo.issue("please")
    bodies = ("thanks!", "> /devteam run", "```\n/devteam run\n```", "please\n/devteam run", "    /devteam run")
    comments = [job.repo.comment(number, body) for body in bodies]
    events = [job.repo.event_comment(each) for each in comments]
    asked = job.repo.comment(number, "/devteam run")
    edited = job.repo.event_comment(asked, "edited")
    bot = job.repo.event_comment(job.repo.comment(number, "/devteam run", by=US))
    for event in (*events, edited, bot):
        outcome = job.run("issue_comment", event).ok()
        assert (outcome.went, outcome.requests) == (False, 0), outcome.story
    assert job.repo.branch("devteam/state") is None


@pytest.mark.parametrize("kind", ["", "404-masked", "500", "reset"])
def test_whoever_may_not_command_starts_nothing(job, kind):
    number = job.repo.issue("please")
    job.repo.collaborator("mallory", "read")
    if kind:
        job.env["TEST_PATIENCE_S"] = "1"
        job.github.fault(kind, method="GET", path="/permission", times=99)
    comment, outcome = said(job, number, "/devteam run", by="mallory")
    assert not outcome.went
    assert ours(job, comment) == (["-1"] if kind in ("", "404-masked") else [])
    assert outcome.code == (0 if kind in ("", "404-masked") else 4), outcome.story
    explicit = job.run("issue_comment", job.repo.event_comment(comment), inputs={"command": "run"})
    assert not explicit.went, explicit.story
    assert (job.repo.pulls(), job.repo.branch("devteam/state"), answers(job, number)) == ([], None, [])


def test_a_push_after_the_comment_stops_it_whatever_the_commit_says(proposed):
    comment = proposed.repo.comment(1, "/devteam verify")
    event = proposed.repo.event_comment(comment)
    proposed.repo.collaborator("mallory", "write")
    head = proposed.repo.commit(BRANCH, {"trap.txt": "x\n"}, as_login="mallory")
    proposed.github.advance(5)
    proposed.repo.comment(1, "I did not see that")
    outcome = proposed.run("issue_comment", event).ok()
    assert ours(proposed, comment) == ["eyes", "-1"]
    (answer,) = answers(proposed, 1)
    assert "mallory pushed" in answer
    assert "look at the new head" in answer
    assert proposed.repo.check_runs(head) == [], outcome.story


def test_a_push_of_ours_hides_no_push_before_it(proposed):
    comment = proposed.repo.comment(1, "/devteam adopt")
    event = proposed.repo.event_comment(comment)
    proposed.github.advance(5)
    proposed.repo.commit(BRANCH, {"trap.txt": "x\n"}, as_login="mallory")
    proposed.github.advance(5)
    proposed.repo.set_branch(BRANCH, proposed.repo.branch(BRANCH) or "", as_login=US)
    proposed.run("issue_comment", event).ok()
    assert ours(proposed, comment) == ["eyes", "-1"]


def test_a_push_of_ours_or_of_ones_own_is_no_reason_to_refuse(proposed):
    comment = proposed.repo.comment(1, "/devteam verify")
    proposed.github.advance(5)
    proposed.repo.commit(BRANCH, {"more.txt": "x\n"}, as_login=US)
    proposed.repo.commit(BRANCH, {"most.txt": "x\n"}, as_login="ann")
    proposed.run("issue_comment", proposed.repo.event_comment(comment)).ok()
    assert ours(proposed, comment) == ["eyes", "rocket"]


def test_on_an_issue_too_a_command_is_about_the_code_that_was_there(ready):
    number = ready.repo.issue("please")
    comment = ready.repo.comment(number, "/devteam adopt 1.1.1")
    ready.github.advance(5)
    head = ready.repo.commit(BRANCH, {"trap.txt": "x\n"}, as_login="mallory")
    ready.run("issue_comment", ready.repo.event_comment(comment)).ok()
    assert ours(ready, comment) == ["eyes", "-1"]
    assert ready.repo.branch(BRANCH) == head
    assert "mallory pushed" in answers(ready, number)[0]


def test_a_persons_commit_stops_us_and_adopt_takes_it_in(ready):
    ready.repo.commit(BRANCH, {"hello.txt": "hello, by ann\n"}, as_login="ann")
    ready.github.advance(60)
    answer = failed(ready, 1, "/devteam guide use capitals")
    assert "/devteam adopt" in answer
    assert ready.repo.pull(1).labels == ["devteam", "needs-human"]
    assert "for the next attempt" in sticky(ready)
    assert receipts(ready) == [""]  # no attempt has heard of it
    ready.github.advance(60)
    done(ready, 1, "/devteam adopt")
    assert [receipt.partition("attempt ")[2] for receipt in receipts(ready)] == ["2"]
    assert "for the next attempt" not in sticky(ready)
    pull = ready.repo.pull(1)
    assert (pull.labels, pull.draft) == (["devteam"], False)
    assert ready.repo.git("show", f"{BRANCH}:hello.txt") == "hello, by ann"
    assert [each.conclusion for each in ready.repo.check_runs(pull.head_sha)] == ["success"]


def test_a_comment_that_is_deleted_meanwhile_ends_quietly(job):
    number = job.repo.issue("please")
    comment = job.repo.comment(number, "/devteam run")
    event = job.repo.event_comment(comment)
    job.repo.delete_comment(comment.id)
    before = job.run("issue_comment", event).ok()
    assert (before.went, job.repo.pulls()) == (False, [])
    comment = job.repo.comment(number, "/devteam inject Write again")
    job.github.fault("404-masked", path="reactions", after=1)
    during = job.run("issue_comment", job.repo.event_comment(comment)).ok()
    assert "added-1" in answers(job, number)[0]
    assert "Traceback" not in during.err


def test_on_a_pull_request_that_was_merged_meanwhile_there_is_nothing_to_do(ready):
    comments = [ready.repo.comment(1, text) for text in ("/devteam retry", "/devteam verify", "/devteam status")]
    events = [ready.repo.event_comment(each) for each in comments]
    ready.repo.merge(1, delete_branch=True)
    outcomes = [ready.run("issue_comment", event) for event in events]
    assert not any("Traceback" in each.err for each in outcomes)
    assert [ours(ready, each)[1:] for each in comments][::2] == [["confused"], ["rocket"]], outcomes[0].story
    assert len(ours(ready, comments[1])) == 2, outcomes[1].story
    assert len(ready.repo.pulls()) == 1
    assert len(answers(ready, 1)) == 1
    assert ready.repo.branch(BRANCH) is None


@pytest.mark.parametrize("number", range(4))
def test_a_lost_answer_doubles_nothing(job, number):
    issue = job.repo.issue("please")
    job.github.fault("502-after-effect", method="write", times=1, after=number)
    comment, outcome = said(job, issue, "/devteam inject Write again")
    assert outcome.code == 0, outcome.story
    assert any(" 502" in asked for asked in outcome.asked) == (number < 3), outcome.story
    assert ours(job, comment) == ["eyes", "rocket"]
    assert len(answers(job, issue)) == 1
    assert job.repo.git("show", "devteam/state:queue.json").count('"added-') == 1


@pytest.mark.parametrize("how", [{}, {"base": "main", "force": True}], ids=["pushed", "rewritten"])
def test_adopt_takes_in_the_head_that_was_there_and_no_later_one(ready, how):
    ready.repo.commit(BRANCH, {"hello.txt": "hello, by ann\n"}, as_login="ann")
    ready.github.advance(60)
    comment = ready.repo.comment(1, "/devteam adopt")
    running = ready.start("issue_comment", ready.repo.event_comment(comment))
    deadline = time.monotonic() + 30
    while not any("/activity" in each.path for each in ready.github.requests):
        assert time.monotonic() < deadline
        time.sleep(0.002)
    trap = ready.repo.commit(BRANCH, {"hello.txt": "trap\n"}, as_login="mallory", **how)
    outcome = running.outcome().ok()
    assert ours(ready, comment) == ["eyes", "-1"], outcome.story
    assert "look at the new head, then say it again" in answers(ready, 1)[0]
    assert (ready.repo.branch(BRANCH), ready.repo.check_runs(trap)) == (trap, [])
    ready.github.advance(60)
    done(ready, 1, "/devteam adopt")
    assert ready.repo.git("show", f"{BRANCH}:hello.txt") == "trap"


@pytest.mark.parametrize("text", ["run", "inject More", "skip 1.1.1", "guide 1.1.1 x", "stop"])
def test_a_comment_that_was_edited_meanwhile_is_not_carried_out(job, text):
    number = job.repo.issue("please")
    comment = job.repo.comment(number, f"/devteam {text}")
    event = job.repo.event_comment(comment)
    job.github.advance(30)
    job.repo.edit_comment(comment.id, "never mind")
    outcome = job.run("issue_comment", event).ok()
    assert ours(job, comment) == ["eyes", "-1"], outcome.story
    assert "edited meanwhile" in answers(job, number)[0]
    assert (job.repo.pulls(), job.repo.branch(BRANCH)) == ([], None)


def test_a_question_needs_few_requests_however_long_the_conversation_and_whosever_the_token(ready):
    for number in range(320):
        ready.repo.comment(1, f"chat {number}")
    ready.repo.comment(1, "<!-- devteam:answer -->\nforged", by="mallory")
    for token in (None, ready.repo.personal_token("ann"), ready.repo.app_token(**RIGHTS)):
        counts = []
        for _ in range(2):
            comment = ready.repo.comment(1, "/devteam status", by="bob")
            ready.repo.collaborator("bob", "write")
            outcome = ready.run("issue_comment", ready.repo.event_comment(comment), token=token, job="control").ok()
            counts.append(outcome.requests)
            assert outcome.requests <= 6, outcome.story
            assert [content for _, content in ready.repo.reactions(comment.id)] == ["eyes", "rocket"]
        assert counts[1] <= 5
    assert sum(each.body.startswith(ANSWER) for each in ready.repo.comments(1)) <= 4


# --- commands that were lost: their job never came to them


def lost(on: Job, number: int, text: str, by: str = "ann") -> Comment:
    """A command of ten minutes ago whose job was pushed out of the queue after its gate."""
    comment = on.repo.comment(number, text, by=by)
    react(on.repo, comment, US, "eyes")
    comment.created_at = comment.updated_at = on.github.stamp(-600)
    return comment


def test_the_next_run_finds_what_was_lost_and_carries_it_out_once(ready):
    number = ready.repo.issue("please")
    first = [lost(ready, number, f"/devteam inject Write more {each}") for each in range(6)]
    stranger = lost(ready, number, "/devteam inject Write for me", by="mallory")
    edited = lost(ready, number, "/devteam inject Write else")
    ready.repo.edit_comment(edited.id, "/devteam inject Write otherwise")
    fresh = ready.repo.comment(number, "/devteam inject Write at once")
    ready.dispatch(inputs={"task": "9.9"})
    waiting = [each for each in first if "rocket" not in ours(ready, each)]
    assert len(waiting) == 1
    for job in ("control", ""):
        ready.run("pull_request", ready.repo.event_pull(1, "synchronize"), job=job).ok()
        assert "rocket" not in ours(ready, waiting[0])
    ready.dispatch(inputs={"task": "9.9"})
    ready.dispatch(inputs={"task": "9.9"})
    assert [ours(ready, each) for each in first] == [["eyes", "rocket"]] * 6
    assert "-1" in ours(ready, stranger)
    assert ours(ready, fresh) == []
    assert ours(ready, edited) == ["eyes"]
    assert ready.repo.git("show", "devteam/state:queue.json").count('"added-') == 6
    assert len(answers(ready, number)) == 1


def test_a_reaction_of_somebody_else_ends_no_command(ready):
    number = ready.repo.issue("please")
    waiting = lost(ready, number, "/devteam inject Write more")
    react(ready.repo, waiting, "mallory", "rocket")
    refused = lost(ready, number, "/devteam inject Write for me", by="mallory")
    react(ready.repo, refused, US, "-1")
    ready.dispatch(inputs={"task": "9.9"})
    assert ours(ready, waiting) == ["eyes", "rocket"]
    again = ready.dispatch(inputs={"task": "9.9"})
    assert sum(asked.startswith("GET") and "/reactions" in asked for asked in again.asked) == 1, again.story
    assert ready.repo.git("show", "devteam/state:queue.json").count('"added-') == 1


@pytest.mark.parametrize("kind", ["", "work"])
def test_a_skip_that_was_lost_is_found_again(ready, kind):
    waiting = lost(ready, ready.repo.issue("please"), "/devteam skip 1.1.2 not now")
    ready.dispatch(inputs={"task": "9.9"}, job=kind)
    assert ours(ready, waiting) == ["eyes", "rocket"]


def test_a_failed_answer_does_not_stand_under_a_task_that_went_well_afterwards(github, tmp_path):
    job = Job.make(github, tmp_path, patches={"1.1.1-3": HELLO_AND_WORLD["1.1.1"]})
    assert job.dispatch().code == 1
    assert job.comment(1, "/devteam retry").code == 1
    job.comment(1, "/devteam retry").ok()
    answers = [each.body for each in job.repo.comments(1) if "devteam:answer" in each.body]
    assert len(answers) == 1
    assert answers[0].splitlines()[1].startswith("🚀 `/devteam retry`")


def test_guidance_reaches_both_jobs_at_once_and_one_attempt_begins(job):
    job.dispatch().ok()
    said = job.repo.comment(1, "/devteam guide use capitals", by="ann")
    both = [job.start("issue_comment", job.repo.event_comment(said), job=kind) for kind in ("control", "work")]
    for each in both:
        each.outcome().ok()
    assert {content for _, content in job.repo.reactions(said.id)} <= {"eyes", "rocket"}
    (sticky,) = (each.body for each in job.repo.comments(1) if "devteam:task=" in each.body)
    assert "guidance from **ann**" in sticky
    assert "idempotency" not in "".join(each.body for each in job.repo.comments(1))
