"""`devteam run` as a user sees it: a commit that is proved, a ticked line, and a state branch that knows."""

from __future__ import annotations

import json

import pytest

from tests.project import CHECKED_BY_GREP, HELLO_AND_WORLD, LIST, adding


def test_a_task_ends_as_a_proved_branch_with_its_line_ticked(project):
    here = project(patches=HELLO_AND_WORLD)
    done = here.devteam("run", "--json").ok()
    branch = "task/1-1-1-write-hello"
    assert done.json["tasks"][0]["status"] == "WAITING"
    assert done.json["tasks"][0]["branch"] == branch
    assert here.log(f"main..{branch}") == ["Mark 1.1.1 as done", "1.1.1 Write hello to hello.txt."]
    assert here.show(branch, "hello.txt") == "hello"
    assert "1.1.1 [x] Write hello" in here.show(branch, LIST)
    assert "[x]" not in here.show("main", LIST)
    assert here.execution("1.1.1")["status"] == "WAITING"
    assert here.git("status", "--porcelain") == ""


def test_the_commit_names_task_and_run(project):
    here = project(patches=HELLO_AND_WORLD)
    run_id = here.devteam("run", "--json").ok().json["tasks"][0]["runId"]
    message = here.git("log", "-1", "--skip=1", "--format=%B", "task/1-1-1-write-hello")
    assert "DevTeam-Task: 1.1.1" in message
    assert f"DevTeam-Run: {run_id}" in message


def test_merging_goes_from_task_to_task(project):
    here = project(patches=HELLO_AND_WORLD)
    done = here.devteam("run", "--all", "--deliver", "merge", "--json").ok()
    assert [task["status"] for task in done.json["tasks"]] == ["COMPLETED", "COMPLETED"]
    assert here.show("main", LIST).count("[x]") == 3, "both tasks and the section above them"
    assert (here.root / "world.txt").read_text() == "world\n"
    assert here.devteam("run", "--json").ok().json["tasks"] == []


def test_a_second_run_waits_for_the_review_of_the_first(project):
    here = project(patches=HELLO_AND_WORLD)
    here.devteam("run").ok()
    again = here.devteam("run", "--json").ok()
    assert again.json["tasks"] == []
    assert len(here.log("main..task/1-1-1-write-hello")) == 2


def test_a_merge_by_hand_completes_the_task_and_frees_the_next(project):
    here = project(patches=HELLO_AND_WORLD)
    here.devteam("run").ok()
    here.git("merge", "-q", "--ff-only", "task/1-1-1-write-hello")
    second = here.devteam("run", "--json").ok()
    assert second.json["tasks"][0]["taskId"] == "1.1.2"
    assert here.execution("1.1.1")["status"] == "COMPLETED"
    assert "the list says that it is done" in second.err


def test_red_checks_are_tried_again_with_another_attempt(project):
    patches = {"1.1.1-1": adding("wrong.txt", "x\n"), "1.1.1-2": adding("hello.txt", "hello\n")}
    here = project(patches=patches)
    done = here.devteam("run", "--json").ok()
    assert done.json["tasks"][0]["attempts"] == 2
    assert len(here.log("main..task/1-1-1-write-hello")) == 3


def test_stop_on_error_holds_everything_until_retry(project):
    here = project(patches={"1.1.1": adding("wrong.txt", "x\n"), "1.1.2": adding("world.txt", "world\n")})
    failed = here.devteam("run", "--max-attempts", "1", "--json")
    assert failed.code == 1, failed.story
    assert failed.json["tasks"][0]["error"]["code"] == "attempts-spent"
    answer = here.devteam("next", "--json").ok().json
    assert answer["task"] is None
    assert answer["stopped"]["taskId"] == "1.1.1"
    assert here.devteam("run").code == 1
    here.commit({"recorded/1.1.1-2.patch": adding("hello.txt", "hello\n")})
    assert here.devteam("retry", "1.1.1").ok().code == 0


def test_what_cannot_be_measured_spends_no_attempt_and_is_measured_again_once_it_can_be(project):
    unbound = "tool: replay\ntools:\n  replay: {patches: recorded}\ncriteria: {words: pass, build: pass}\n"
    bound = 'commands: {words: "grep -qs . hello.txt", build: "true"}\n'
    here = project(config=unbound + 'commands: {words: "grep -qs . hello.txt"}\n', patches=HELLO_AND_WORLD)
    failed = here.devteam("run", "--json")
    (task,) = failed.json["tasks"]
    assert (failed.code, task["error"]["code"], task["attempts"]) == (1, "not-measured", 1), failed.story
    assert "build: no command is bound to it" in task["error"]["message"]
    here.commit({".devteam.yml": unbound + bound})
    (again,) = here.devteam("retry", "1.1.1", "--json").ok().json["tasks"]
    assert (again["status"], again["attempts"]) == ("WAITING", 1)


def test_what_passes_since_the_rules_have_changed_is_adopted_as_verify_says(project):
    here = project(patches={"1.1.1": adding("wrong.txt", "x\n")})
    assert here.devteam("run", "--max-attempts", "1").code == 1
    red = here.devteam("verify", "1.1.1")
    assert red.out.endswith("1.1.1: failed\n  next: `devteam guide 1.1.1 TEXT` has the tool mend it\n"), red.story
    here.commit({".devteam.yml": CHECKED_BY_GREP.replace("hello.txt", "wrong.txt")})
    green = here.devteam("verify", "1.1.1").ok()
    assert "  next: `devteam resume 1.1.1 --adopt` takes in" in green.out
    (task,) = here.devteam("resume", "1.1.1", "--adopt", "--json").ok().json["tasks"]
    assert (task["status"], task["attempts"]) == ("WAITING", 1)
    assert "next:" not in here.devteam("verify", "1.1.1").ok().out


def test_skipping_the_failed_task_frees_the_others(project):
    here = project(
        "1.1 A\n1.1.1 Break it.\n1.2 B\n1.2.1 Write hello to [hello.txt](hello.txt).\n",
        patches={"1.1.1": adding("wrong.txt", "x\n"), "1.2.1": adding("hello.txt", "hello\n")},
    )
    assert here.devteam("run", "--max-attempts", "1").code == 1
    here.devteam("skip", "1.1.1", "not worth it").ok()
    assert here.devteam("run", "--json").ok().json["tasks"][0]["taskId"] == "1.2.1"


def test_guidance_on_a_task_in_review_starts_one_attempt(project):
    patches = {"1.1.1-1": adding("hello.txt", "hello\n"), "1.1.1-2": adding("world.txt", "too\n")}
    here = project(patches=patches)
    here.devteam("run").ok()
    done = here.devteam("guide", "1.1.1", "write the world too", "--json").ok()
    assert done.json["tasks"][0]["attempts"] == 2
    brief = next((here.root / ".git/devteam/runs").glob("*/attempt-2/brief.md")).read_text()
    assert "write the world too" in brief


def test_guidance_that_comes_to_nothing_is_not_told_as_a_success(project):
    here = project(patches={"1.1.1-1": adding("hello.txt", "hello\n")})
    here.devteam("run").ok()
    told = here.devteam("guide", "1.1.1", "write the world too").ok().out
    assert told.startswith("The last attempt changed nothing: no recorded patch `1.1.1.patch`"), told
    assert "What was proved before still stands.\n1.1.1: proved, waiting for review" in told
    run = here.devteam("guide", "1.1.1", "once more", "--json").ok().json["tasks"][0]
    assert run["inVain"].startswith("no recorded patch")
    merged = here.devteam("run", "1.1.1", "--deliver", "merge", "--json").ok().json["tasks"][0]
    assert (merged["status"], merged["inVain"]) == ("COMPLETED", None)


def test_the_status_of_a_failed_task_names_what_is_red_and_where_more_is(project):
    here = project(patches={"1.1.1-1": adding("wrong.txt", "x\n")})
    assert here.devteam("run", "--max-attempts", "2").code == 1
    one = here.devteam("status", "1.1.1").ok().out
    assert "; still red: words (exit code " in one
    assert "\n  ✗ words  exit code " in one
    assert one.endswith("`devteam logs 1.1.1 --stream workflow` has the whole story\n")
    assert "--stream" not in here.devteam("status").ok().out


def test_where_nothing_can_be_done_every_command_names_what_a_person_can_do(project):
    here = project("1.1 A\n1.1.1 Write hello.\n1.2 B\n1.2.1 Write world.\n1.2.2 More.\n", patches=HELLO_AND_WORLD)
    here.devteam("run", "1.1.1").ok()
    here.devteam("stop", "1.2.1").ok()
    wanted = (
        "nothing to do: 1.1.1 waits for your review: `devteam run 1.1.1 --deliver merge`, or merge branch "
        "task/1-1-1-write-hello; 1.2.1 is stopped: `devteam resume 1.2.1`; 1 other not ready"
    )
    for command in (("run",), ("run", "--dry-run"), ("next",)):
        assert here.devteam(*command).ok().out.startswith(f"{wanted} (`devteam next --explain`)\n")
    explained = here.devteam("next", "--explain").ok().out
    assert explained.startswith(f"{wanted}\n")
    assert "(`devteam next --explain`)" not in explained
    assert "  next: `devteam run 1.1.1 --deliver merge`" in here.devteam("run", "1.1.1").out


def test_looking_before_anything_ran_is_no_error(project):
    here = project("1.1 A\n1.1.1 Write [hello.txt](hello.txt).\n")
    logs = here.devteam("logs").ok()
    assert logs.out == "there is no execution log of any task yet; `devteam status` shows what ran\n"
    assert here.devteam("logs", "9.9").code == 2
    assert here.devteam("logs", "--json").ok().json["records"] == []
    assert here.devteam("matrix").ok().out == "1.1.1  Write hello.txt.\n"
    assert here.devteam().err.endswith("next: `devteam --help` lists them\n")


def test_the_state_goes_to_the_remote_and_another_clone_sees_it(project):
    here = project(patches=HELLO_AND_WORLD, remote=True)
    here.devteam("run").ok()
    other = here.folder / "other"
    here.git("clone", "-q", (here.folder / "origin.git").as_uri(), str(other))
    seen = here.devteam("next", "-C", str(other), "--explain", "--json").ok().json
    assert seen["explain"][0]["state"] == "in-review"
    assert here.git("ls-remote", "origin", "refs/heads/task/*").endswith("refs/heads/task/1-1-1-write-hello")


@pytest.mark.parametrize("stage", ["prep", "implement"])
def test_one_stage_at_a_time_is_the_same_run(project, stage):
    here = project(patches=HELLO_AND_WORLD)
    first = here.devteam("prep", "1.1.1", "--json").ok().json
    again = here.devteam("prep", "1.1.1", "--json").ok().json
    assert first == again
    if stage == "implement":
        done = here.devteam("implement", "1.1.1", "--json").ok().json
        assert done["artifacts"]["filesModified"] == ["hello.txt"]
        assert "+hello" in done["artifacts"]["diff"]
        assert here.devteam("verify", "1.1.1", "--json").ok().json["results"]["words"]["passed"]
    finished = here.devteam("run", "1.1.1", "--json").ok().json["tasks"][0]
    assert (finished["status"], finished["attempts"]) == ("WAITING", 1)


def test_an_idempotency_key_gives_the_same_bytes_and_does_nothing_twice(project):
    here = project(patches=HELLO_AND_WORLD)
    first = here.devteam("run", "--json", "--idempotency-key", "k1").ok()
    again = here.devteam("run", "--json", "--idempotency-key", "k1").ok()
    assert first.out == again.out
    assert here.devteam("skip", "1.1.2", "--json", "--idempotency-key", "k1").code == 2


def test_a_dry_run_changes_nothing(project):
    here = project(patches=HELLO_AND_WORLD)
    before = here.git("for-each-ref")
    said = here.devteam("run", "--dry-run").ok()
    assert "PREP" in said.out
    assert "PUBLISH" in said.out
    assert here.git("for-each-ref") == before


def test_a_replayed_run_decides_as_it_did(project):
    here = project(patches={"1.1.1-1": adding("wrong.txt", "x\n"), "1.1.1-2": adding("hello.txt", "hello\n")})
    run_id = here.devteam("run", "--json").ok().json["tasks"][0]["runId"]
    first = here.devteam("replay", run_id, "--json").ok()
    assert first.out == here.devteam("replay", run_id, "--json").ok().out
    assert any("ATTEMPT 2" in each["step"] for each in first.json["decisions"])


def test_injected_work_comes_first_and_is_done_once(project):
    here = project(patches={**HELLO_AND_WORLD, "added-1": adding("hello.txt", "urgent\n")})
    here.devteam("inject", "Mend the greeting").ok()
    done = here.devteam("run", "--deliver", "merge", "--json").ok().json["tasks"][0]
    assert (done["taskId"], done["status"]) == ("added-1", "COMPLETED")
    assert here.devteam("next", "--json").ok().json["task"]["id"] == "1.1.1"


def test_options_given_to_a_run_that_goes_on_count_and_the_others_stay(project):
    here = project(patches=HELLO_AND_WORLD)
    here.devteam("implement", "1.1.1", "--max-attempts", "7").ok()
    done = here.devteam("run", "1.1.1", "--deliver", "merge", "--json").ok()
    assert done.json["tasks"][0]["status"] == "COMPLETED"
    options = [
        each["options"]
        for each in (
            json.loads(line)
            for file in sorted((here.root / ".git/devteam/journal").iterdir())
            for line in file.read_text().splitlines()
        )
        if each.get("options")
    ]
    assert [each["maxAttempts"] for each in options] == [7, 7]
    assert [each["deliver"] for each in options] == ["branch", "merge"]


def test_guidance_is_in_the_brief_once(project):
    patches = {"1.1.1-1": adding("hello.txt", "hello\n"), "1.1.1-2": adding("world.txt", "too\n")}
    here = project(patches=patches)
    here.devteam("run").ok()
    here.devteam("guide", "1.1.1", "write the world too").ok()
    brief = next((here.root / ".git/devteam/runs").glob("*/attempt-2/brief.md")).read_text()
    assert brief.count("write the world too") == 1


def test_a_persons_commit_on_the_branch_is_adopted_when_they_say_so(project):
    here = project(patches=HELLO_AND_WORLD)
    here.devteam("run").ok()
    here.git("worktree", "add", "-q", str(here.folder / "mine"), "-f", "task/1-1-1-write-hello")
    (here.folder / "mine" / "by-hand.txt").write_text("mine\n")
    here.git("add", "by-hand.txt", cwd=here.folder / "mine")
    here.git("commit", "-q", "-m", "by hand", cwd=here.folder / "mine")
    here.git("worktree", "remove", "-f", str(here.folder / "mine"))
    refused = here.devteam("guide", "1.1.1", "go on")
    assert refused.code == 5, refused.story
    assert "--adopt" in refused.err
    done = here.devteam("resume", "1.1.1", "--adopt", "--json").ok()
    assert done.json["tasks"][0]["status"] == "WAITING"
    assert here.show(done.json["tasks"][0]["head"], "by-hand.txt") == "mine"


def test_proved_work_is_delivered_later_without_a_new_attempt(project):
    here = project(patches=HELLO_AND_WORLD)
    said = here.devteam("run").ok()
    assert "--deliver merge" in said.out, "what to do next is said on the spot"
    done = here.devteam("run", "1.1.1", "--deliver", "merge", "--json").ok().json["tasks"][0]
    assert (done["status"], done["attempts"]) == ("COMPLETED", 1)
    assert here.show("main", "hello.txt") == "hello"


def test_retry_of_proved_work_is_refused_and_takes_nothing_away(project):
    here = project(patches=HELLO_AND_WORLD)
    here.devteam("run").ok()
    refused = here.devteam("retry", "1.1.1")
    assert refused.code == 2, refused.story
    assert here.execution("1.1.1")["status"] == "WAITING"


def test_guidance_that_comes_to_nothing_leaves_the_proved_work_in_review(project):
    here = project(patches={"1.1.1-1": adding("hello.txt", "hello\n")})
    here.devteam("run").ok()
    here.devteam("guide", "1.1.1", "do something else")
    assert here.execution("1.1.1")["status"] == "WAITING"


def test_the_brief_names_the_criteria_of_the_config(project):
    here = project(patches=HELLO_AND_WORLD)
    here.devteam("run").ok()
    brief = next((here.root / ".git/devteam/runs").glob("*/attempt-1/brief.md")).read_text()
    assert "words: exit code 0" in brief


def test_what_others_did_on_a_newer_base_is_not_the_tasks_to_prove(project):
    config = CHECKED_BY_GREP.replace("criteria: {words: pass}", 'criteria: {words: pass, diff.size: "<= 3 lines"}')
    here = project(config=config, patches=HELLO_AND_WORLD)
    here.devteam("implement", "1.1.1").ok()
    here.commit({"other.txt": "1\n2\n3\n4\n5\n6\n"}, "a colleague's work")
    done = here.devteam("run", "1.1.1", "--json").ok()
    assert done.json["tasks"][0]["status"] == "WAITING"
    assert "the base moved" in done.err


def test_the_folder_may_be_named_before_the_command(project):
    here = project(patches=HELLO_AND_WORLD)
    assert here.devteam("-C", str(here.root / "docs"), "next", "--json").ok().json["task"]["id"] == "1.1.1"


def test_status_knows_what_was_merged_by_hand(project):
    here = project(patches=HELLO_AND_WORLD)
    here.devteam("run").ok()
    here.git("merge", "-q", "--ff-only", "task/1-1-1-write-hello")
    assert here.devteam("status", "1.1.1", "--json").ok().json["executions"][0]["status"] == "COMPLETED"


def test_a_clone_that_never_fetched_can_verify(project):
    here = project(patches=HELLO_AND_WORLD, remote=True)
    other = here.folder / "other"
    here.git("clone", "-q", (here.folder / "origin.git").as_uri(), str(other))
    here.devteam("run").ok()
    assert here.devteam("verify", "1.1.1", "-C", str(other), "--json").ok().json["success"]


def test_an_attempt_that_failed_here_is_pushed_for_others(project):
    here = project(patches={"1.1.1": adding("wrong.txt", "x\n")}, remote=True)
    assert here.devteam("run", "--max-attempts", "1").code == 1
    assert here.git("ls-remote", "origin", "refs/heads/task/*").endswith("task/1-1-1-write-hello")
