"""The base branch moves while a task is done: merged in and proved again, or handed to a person with the work kept."""

from __future__ import annotations

import pytest

from tests.project import LIST, Project, adding

BRANCHES = {"1.1.1": "task/1-1-1-write-one", "1.1.2": "task/1-1-2-write-two", "1.1.3": "task/1-1-3-write-three"}
THREE = """\
1.1 Words
1.1.1 Write one to [one.txt](one.txt).
1.1.2 Write two to [two.txt](two.txt).
1.1.3 Write three to [three.txt](three.txt).
1.2 More words (Dependencies: 1.1)
1.2.1 Write four to [four.txt](four.txt).
"""
# A checklist whose neighbours do not wait for each other.
NEIGHBOURS = """\
# Words

- [ ] 1. Write one to `one.txt` (P)
- [ ] 2. Write two to `two.txt` (P)
- [ ] 3. Write three to `three.txt` (P)
"""
CONFIG = """\
tool: replay
tools:
  replay: {patches: recorded}
criteria: {words: pass}
commands: {words: "! test -e one.txt || ! test -e rival.txt"}
"""
NUMBERS = ("one", "two", "three")


def build(project, tasks: str = THREE, config: str = CONFIG) -> Project:
    ids = ("1.1.1", "1.1.2", "1.1.3") if tasks is THREE else ("1", "2", "3")
    recorded = {task: adding(f"{word}.txt", f"{word}\n") for task, word in zip(ids, NUMBERS, strict=True)}
    return project(tasks, config=config, patches=recorded)


def test_a_base_that_moved_is_merged_in_and_proved_again(project):
    here = build(project)
    here.devteam("implement", "1.1.1").ok()
    here.commit({"neighbour.txt": "somebody else's\n"})
    run = here.devteam("run", "1.1.1", "--json").ok().json["tasks"][0]
    branch = BRANCHES["1.1.1"]
    assert (run["status"], run["attempts"]) == ("WAITING", 1)
    assert here.show(branch, "neighbour.txt") == "somebody else's"
    assert here.show(branch, "one.txt") == "one"
    assert here.git("merge-base", "main", branch) == here.git("rev-parse", "main")
    said = here.devteam("replay", run["runId"], "--json").ok().json["decisions"]
    assert sum("VERIFY" in each["step"] for each in said) == 2, "what was proved was proved on the old base"


def test_work_that_is_wrong_only_together_with_the_new_base_is_not_delivered(project):
    here = build(project, config=CONFIG + "max-attempts: 1\ndeliver: merge\n")
    here.devteam("implement", "1.1.1").ok()
    moved_to = here.commit({"rival.txt": "each is right without the other\n"})
    failed = here.devteam("run", "1.1.1", "--json")
    assert failed.code == 1, failed.story
    assert failed.json["tasks"][0]["error"]["code"] == "attempts-spent"
    assert here.execution("1.1.1")["status"] == "ERROR"
    assert here.git("rev-parse", "main") == moved_to
    assert here.show(BRANCHES["1.1.1"], "one.txt") == "one"


def test_a_conflict_is_an_error_that_names_the_files_and_keeps_the_work(project):
    here = build(project)
    here.devteam("implement", "1.1.1").ok()
    work = here.git("rev-parse", BRANCHES["1.1.1"])
    here.commit({"one.txt": "another one\n"})
    failed = here.devteam("run", "1.1.1", "--json")
    assert failed.code == 1, failed.story
    error = failed.json["tasks"][0]["error"]
    assert error["code"] == "conflict"
    assert "one.txt" in error["message"]
    stored = here.execution("1.1.1")
    assert (stored["status"], stored["error"]["code"], stored["claim"]) == ("ERROR", "conflict", None)
    assert here.git("rev-parse", BRANCHES["1.1.1"]) == work, "nothing was changed"
    assert here.show("main", "one.txt") == "another one"
    assert here.git("status", "--porcelain") == ""


@pytest.mark.parametrize("word", ["retry", "resume"])
def test_a_conflict_that_a_person_has_merged_goes_on_at_their_word(project, word):
    here = build(project)
    here.devteam("implement", "1.1.1").ok()
    here.commit({"one.txt": "another one\n"})
    assert here.devteam("run", "1.1.1").code == 1
    tree = next((here.folder / "work").glob("*/task/*"))
    here.git("merge", "-q", "--no-commit", "-X", "ours", "main", cwd=tree)
    (tree / "one.txt").write_text("both\n")
    here.git("commit", "-q", "-a", "-m", "merged by hand", cwd=tree)
    theirs = here.git("rev-parse", BRANCHES["1.1.1"])
    run = here.devteam(word, "1.1.1", "--json").ok().json["tasks"][0]
    assert (run["status"], run["attempts"]) == ("WAITING", 1)
    assert here.git("rev-parse", f"{BRANCHES['1.1.1']}~1") == theirs, "only the tick came on top"
    assert here.show(BRANCHES["1.1.1"], "one.txt") == "both"


def test_a_red_checkpoint_that_a_person_has_mended_goes_on_at_retry(project):
    here = project("1.1 Words\n1.1.1 Checkpoint: the word is there.\n", config=CONFIG + "max-attempts: 1\n")
    here.commit({"one.txt": "one\n", "rival.txt": "not both\n"})
    failed = here.devteam("run", "--json")
    assert failed.json["tasks"][0]["error"]["code"] == "not-proved", failed.story
    tree = next((here.folder / "work").glob("*/task/*"))
    here.git("rm", "-q", "rival.txt", cwd=tree)
    here.git("commit", "-q", "-m", "mended by hand", cwd=tree)
    assert here.devteam("retry", "1.1.1", "--json").ok().json["tasks"][0]["status"] == "WAITING"
    assert here.log("main..task/1-1-1-checkpoint-the-word-is-there") == ["Mark 1.1.1 as done", "mended by hand"]


@pytest.mark.parametrize("order", [("1", "2", "3"), ("3", "1", "2"), ("2", "3", "1")], ids="".join)
def test_three_neighbours_are_delivered_one_after_another_without_a_person(project, order):
    here = build(project, NEIGHBOURS, CONFIG + "deliver: merge\n")
    for task in order:
        here.devteam("implement", task).ok()
    for task in order:
        run = here.devteam("run", task, "--json").ok().json["tasks"][0]
        assert run["status"] == "COMPLETED"
    assert here.show("main", LIST).count("[x]") == 3
    assert [here.show("main", f"{word}.txt") for word in NUMBERS] == list(NUMBERS)
    assert here.devteam("run", "--json").ok().json["tasks"] == []
