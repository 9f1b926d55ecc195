"""`deliver: pr` from PREP to PUBLISH: the real pipeline on real git with a bare remote, and a forge in memory."""

from __future__ import annotations

import pytest

from devteam_action.app import App
from devteam_action.checks.verifier import GateVerifier
from tests.fakes.pull_ground import CONFIG, NEIGHBOURS
from tests.project import LIST, adding

BRANCH = "task/1-1-1-write-one"


def test_a_run_ends_in_one_pull_request_that_is_ready_for_review(ground):
    here = ground()
    run = here.run()
    assert (run["status"], run["waitingFor"], run["pullRequest"]) == ("WAITING", "review", 1)
    pull = here.one()
    assert (pull.branch, pull.base, pull.state, pull.is_draft) == (BRANCH, "main", "open", False)
    assert "needs-human" not in pull.labels
    assert "1.1.1" in pull.title
    assert here.log(f"main..{BRANCH}") == ["Mark 1.1.1 as done", "1.1.1 Write one to one.txt.", "Start 1.1.1"]
    assert "[x]" in here.there(BRANCH, LIST)
    stored = here.project.execution("1.1.1")
    assert (stored["pullRequest"], stored["baseBranch"], stored["head"]) == (1, "main", run["head"])


def test_prep_twice_makes_one_empty_commit_and_one_draft(ground):
    here = ground()
    first = here.devteam("prep", "1.1.1")
    assert here.one().is_draft
    assert here.devteam("prep", "1.1.1")["branch"] == first["branch"]
    assert here.log(f"main..{BRANCH}") == ["Start 1.1.1"]
    assert here.project.git("diff", "main", BRANCH, cwd=here.bare) == ""
    assert here.one().number == 1
    marks = here.project.git("log", "-1", "--format=%(trailers:only)", BRANCH, cwd=here.bare)
    assert [line.partition(":")[0] for line in marks.splitlines()] == ["DevTeam-Task", "DevTeam-Run", "DevTeam-Start"]


def test_done_again_nothing_is_done_twice(ground):
    here = ground()
    here.run("1.1.1")
    commits = here.log(BRANCH)
    assert here.devteam("run", "1.1.1")["tasks"] == []
    assert here.log(BRANCH) == commits
    assert here.one().number == 1


def test_where_none_can_be_opened_the_branch_waits_for_a_person_with_the_link(ground):
    here = ground()
    here.forge.refuse("GitHub Actions is not permitted to create pull requests")
    run = here.run("1.1.1")
    assert (run["status"], run["waitingFor"], run["pullRequest"]) == ("WAITING", "person", None)
    assert here.log(f"main..{BRANCH}")[0] == "Mark 1.1.1 as done"
    assert here.forge.pulls() == []
    standing = here.standing("1.1.1")
    assert (standing["state"], standing["unblock"]) == ("in-review", f"open one for branch {BRANCH}, and merge it")


def test_one_that_is_allowed_only_later_is_opened_when_the_work_is_delivered(ground):
    here = ground()
    here.forge.refuse("not permitted")
    here.devteam("implement", "1.1.1")
    here.forge.refuse("")
    assert here.run("1.1.1")["waitingFor"] == "review"
    assert not here.one().is_draft


def test_a_forge_that_is_down_stops_the_run_and_the_next_one_goes_on(ground):
    here = ground()
    here.forge.go_down()
    assert here.devteam("run", "1.1.1", code=4)["error"]["code"] == "missing"
    assert here.project.execution("1.1.1")["status"] == "STOPPED"
    here.forge.go_down(is_down=False)
    assert here.run("1.1.1")["status"] == "WAITING"
    assert here.log(f"main..{BRANCH}").count("Start 1.1.1") == 1


def test_a_base_that_moved_on_the_remote_alone_is_merged_in_and_proved_again(ground):
    here = ground()
    here.devteam("implement", "1.1.1")
    moved = here.by_a_person("main", {"neighbour.txt": "somebody else's\n"})
    assert here.run("1.1.1")["status"] == "WAITING"
    assert here.there(BRANCH, "neighbour.txt") == "somebody else's"
    assert here.log(f"main..{BRANCH}")[:2] == ["Mark 1.1.1 as done", f"Merge main into {BRANCH}"]
    assert here.project.git("merge-base", "main", BRANCH, cwd=here.bare) == moved


def test_work_that_is_wrong_with_the_new_base_stays_a_draft_that_asks_for_a_person(ground):
    here = ground(config=CONFIG + "max-attempts: 1\n")
    here.devteam("implement", "1.1.1")
    here.by_a_person("main", {"rival.txt": "each is right without the other\n"})
    assert here.run("1.1.1", code=1)["error"]["code"] == "attempts-spent"
    assert here.one().is_draft
    assert "needs-human" in here.one().labels


def test_a_commit_of_a_persons_stops_us_until_they_say_adopt(ground):
    here = ground()
    here.devteam("implement", "1.1.1")
    theirs = here.by_a_person(BRANCH, {"theirs.txt": "by hand\n"})
    failed = here.run("1.1.1", code=1)
    assert failed["error"]["code"] == "branch-moved"
    assert "/devteam adopt" in failed["error"]["hint"]
    assert "needs-human" in here.one().labels
    assert here.project.git("rev-parse", BRANCH, cwd=here.bare) == theirs
    again = here.devteam("resume", "1.1.1", "--adopt")["tasks"][0]
    assert again["status"] == "WAITING"
    assert here.log(BRANCH)[:2] == ["Mark 1.1.1 as done", "by a person"]
    assert here.one().labels == ["devteam"]
    assert not here.one().is_draft


def rewrite(here, branch: str, *, onto: str = "main") -> str:
    """A person begins the branch anew in a clone of theirs, and force-pushes it; their commit."""
    here.by_a_person(onto, {"moved.txt": "the base moved\n"})
    clone = here.project.folder / "clone"
    here.project.git("push", "-q", "-f", "origin", f"{onto}:{branch}", cwd=clone)
    return here.by_a_person(branch, {"one.txt": "rebased\n"})


def test_a_branch_that_a_person_rewrote_is_adopted_and_what_stood_here_has_a_backup(ground):
    here = ground()
    before = here.run()["head"]
    theirs = rewrite(here, BRANCH)
    again = here.devteam("resume", "1.1.1", "--adopt")["tasks"][0]
    assert again["status"] == "WAITING"
    assert here.project.git("rev-parse", f"{BRANCH}^", cwd=here.bare) == theirs
    kept = here.project.git("for-each-ref", "--format=%(objectname)", f"refs/devteam/discarded/{BRANCH}/")
    assert kept == before


def test_a_commit_that_a_person_has_only_here_is_not_put_aside_for_what_they_pushed(ground):
    here = ground()
    here.run()
    folder = here.project.execution("1.1.1")["artifacts"]["repoPath"]
    here.project.git("commit", "-q", "--allow-empty", "-m", "only here", cwd=folder)
    only_here = here.project.git("rev-parse", BRANCH)
    theirs = rewrite(here, BRANCH)
    refused = here.devteam("resume", "1.1.1", "--adopt", code=1)["tasks"][0]
    assert refused["error"]["code"] == "branch-moved"
    assert here.project.git("rev-parse", BRANCH) == only_here
    assert here.project.git("rev-parse", BRANCH, cwd=here.bare) == theirs


def test_a_commit_that_a_person_pushes_while_the_checks_run_is_not_overwritten(ground, monkeypatch):
    here = ground()
    monkeypatch.setattr(GateVerifier, "verify", here.pushing(BRANCH, {"theirs.txt": "by hand\n"}, GateVerifier.verify))
    assert here.run("1.1.1", code=1)["error"]["code"] == "branch-moved"
    assert here.log(BRANCH)[0] == "by a person"
    assert here.one().is_draft
    assert here.devteam("resume", "1.1.1", "--adopt")["tasks"][0]["waitingFor"] == "review"
    assert here.log(BRANCH)[:2] == ["Mark 1.1.1 as done", "by a person"]


def test_a_draft_that_a_person_merges_early_is_followed_by_another_for_the_rest(ground):
    here = ground()
    here.devteam("implement", "1.1.1")
    here.forge.make_ready(here.forge.get(1))
    here.forge.merge(1)
    assert here.run("1.1.1")["pullRequest"] == 2
    assert [each.state for each in here.forge.pulls()] == ["merged", "open"]
    here.forge.merge(2)
    assert here.there("main", LIST).count("[x]") == 1


def test_a_clone_that_never_had_the_branch_adopts_it_too(ground):
    here = ground()
    here.devteam("implement", "1.1.1")
    here.by_a_person(BRANCH, {"theirs.txt": "by hand\n"})
    here.run("1.1.1", code=1)
    here.move_to_another_clone()
    assert here.devteam("resume", "1.1.1", "--adopt")["tasks"][0]["status"] == "WAITING"
    assert here.log(BRANCH)[:2] == ["Mark 1.1.1 as done", "by a person"]


def test_a_conflict_asks_for_a_person_and_no_more_once_it_is_mended(ground):
    here = ground()
    here.devteam("implement", "1.1.1")
    here.by_a_person("main", {"one.txt": "another one\n"})
    assert here.run("1.1.1", code=1)["error"]["code"] == "conflict"
    assert "needs-human" in here.one().labels
    here.merge_by_hand("main", BRANCH)
    assert here.devteam("retry", "1.1.1")["tasks"][0]["status"] == "WAITING"
    assert here.one().labels == ["devteam"]


def test_after_the_merge_the_task_is_complete_and_the_next_one_ready(ground):
    here = ground()
    here.run("1.1.1")
    here.forge.merge(1, delete=True)
    here.pull_main()
    assert here.devteam("next")["task"]["id"] == "1.1.2"
    assert here.run()["taskId"] == "1.1.2"
    stored = here.project.execution("1.1.1")
    assert (stored["status"], stored["pullRequest"]) == ("COMPLETED", 1)
    assert [each.state for each in here.forge.pulls()] == ["merged", "open"]


def test_several_tasks_do_not_wait_for_each_others_review(ground):
    here = ground(NEIGHBOURS)
    done = here.devteam("run", "--max-tasks", "2")
    assert [each["taskId"] for each in done["tasks"]] == ["1", "2"]
    assert [each.base for each in here.forge.pulls()] == ["main", "main"]


def test_a_task_that_waits_for_a_review_is_not_begun(ground):
    here = ground()
    assert [each["taskId"] for each in here.devteam("run", "--all")["tasks"]] == ["1.1.1"]


@pytest.mark.parametrize(
    ("said", "config", "message"),
    [
        (("--deliver", "pr"), "", "no token"),
        ((), "deliver: pr\n", "deliver: pr: no pull request can be opened"),
    ],
)
def test_without_a_forge_a_run_says_so_before_it_begins(ground, monkeypatch, said, config, message):
    here = ground(config=CONFIG.replace("deliver: pr\n", config))
    monkeypatch.setattr(App, "forge", None)
    refused = here.devteam("run", *said, code=2)
    assert message in refused["error"]["message"]
    assert "--deliver branch" in refused["error"]["hint"]


def test_a_branch_can_be_prepared_without_a_forge(ground, monkeypatch):
    here = ground()
    monkeypatch.setattr(App, "forge", None)
    assert here.devteam("prep", "1.1.1")["branch"] == BRANCH


def test_a_pull_request_of_branches_that_are_not_pushed_is_refused(ground):
    here = ground(config=CONFIG + "push: false\n")
    assert "push: false" in here.devteam("run", code=2)["error"]["message"]


def test_a_dry_run_names_the_pull_request(ground):
    steps = ground().devteam("run", "--dry-run")["steps"]
    assert steps[0] == "PREP: a branch from main, pushed, with a draft pull request"
    assert steps[-1] == "PUBLISH: tick 1.1.1 and make the pull request ready for review"


@pytest.mark.parametrize(
    ("refusal", "remedy"),
    [
        (
            "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` "
            "without `workflows` permission",
            "`workflows`",
        ),
        ("error: GH006: Protected branch update failed for refs/heads/task/1-1-1-write-one.", "protect"),
        ("error: GH013: Repository rule violations found for refs/heads/task/1-1-1-write-one.", "rule"),
    ],
    ids=["workflow", "protected", "rules"],
)
def test_a_push_that_is_refused_says_what_would_let_it_in(ground, refusal, remedy):
    here = ground()
    here.devteam("prep", "1.1.1")
    here.refuse_pushes(refusal)
    refused = here.devteam("run", "1.1.1", code=3)
    assert refused["error"]["code"] == "not-allowed"
    assert refusal.partition(".")[0] in refused["error"]["message"]
    assert remedy in refused["error"]["hint"]
    assert "needs-human" in here.one().labels


def test_a_closed_one_gets_a_successor_at_retry(ground):
    here = ground()
    here.run("1.1.1")
    here.project.commit({"recorded/1.1.1-2.patch": adding("better.txt", "better\n")})
    here.project.git("push", "-q", "origin", "main")
    here.forge.close(1)
    here.reconcile(closed=(1,))
    assert here.standing("1.1.1")["state"] == "stopped"
    assert here.devteam("run")["tasks"] == []
    assert here.devteam("retry", "1.1.1")["tasks"][0]["pullRequest"] == 2
    assert [(each.state, each.is_draft) for each in here.forge.pulls()] == [("closed", False), ("open", False)]
    assert here.there(BRANCH, "better.txt") == "better"


def test_what_a_tool_writes_to_a_workflow_is_not_taken_and_it_is_told(ground):
    here = ground(config=CONFIG.replace("words: pass", "diff.size: <= 100 lines"))
    both = adding("one.txt", "one\n") + adding(".github/workflows/ci.yml", "on: push\n")
    here.project.commit({"recorded/1.1.1.patch": both})
    here.project.git("push", "-q", "origin", "main")
    implemented = here.devteam("implement", "1.1.1")
    assert implemented["artifacts"]["filesModified"] == ["one.txt"]
    assert here.run("1.1.1")["status"] == "WAITING"
    assert here.project.git("ls-tree", "-r", "--name-only", BRANCH, "--", ".github", cwd=here.bare) == ""
    (result,) = [each["result"] for each in here.events("STAGE_FINISHED") if each["stage"] == "IMPLEMENT"]
    assert result["refused"] == [".github/workflows/ci.yml: it is a workflow, which no tool may change"]
    (published,) = [each["result"] for each in here.events("STAGE_FINISHED") if each["stage"] == "PUBLISH"]
    assert published["note"].startswith("Not taken from the tool: `.github/workflows/ci.yml`; a job's token cannot")


def test_a_task_of_which_only_a_workflow_came_ends_after_one_attempt_and_says_who_can_do_it(ground):
    here = ground()
    here.project.commit({"recorded/1.1.1.patch": adding(".github/workflows/ci.yml", "on: push\n")})
    here.project.git("push", "-q", "origin", "main")
    failed = here.run("1.1.1", code=1)
    assert (failed["attempts"], failed["error"]["code"]) == (1, "workflow-file")
    assert "a job's token cannot push workflows" in failed["error"]["message"]
    assert "with a token of yours" in failed["error"]["hint"]


def test_a_workflow_that_came_with_the_base_is_fine(ground):
    here = ground()
    here.devteam("implement", "1.1.1")
    here.by_a_person("main", {"ci.yml": "on: push\n"}, folder=".github/workflows")
    assert here.run("1.1.1")["status"] == "WAITING"
    assert here.there(BRANCH, ".github/workflows/ci.yml") == "on: push"
    assert here.project.git("diff", "--name-only", f"main...{BRANCH}", cwd=here.bare).split() == [LIST, "one.txt"]
