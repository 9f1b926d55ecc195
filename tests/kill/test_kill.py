"""Kill -9 between any two effects: the same command again ends as if nothing had happened, nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kill.effects import deeds_of_the_workspace
from tests.kill.victim import BRANCH, Victim
from tests.project import HELLO_AND_WORLD, Project, adding

ONE_TASK = "1.1 Words\n1.1.1 Write hello to [hello.txt](hello.txt).\n"
SHARDS = 4


def merged(folder: Path) -> Victim:
    """A task whose proved branch goes into the base branch, without a remote: every effect there is."""
    return Victim(Project.make(folder, ONE_TASK, patches=HELLO_AND_WORLD))


def pushed(folder: Path) -> Victim:
    """State and branch go to a remote; that is what the children do, the rest is as without one."""
    return Victim(Project.make(folder, ONE_TASK, patches=HELLO_AND_WORLD, remote=True), kinds=("child",))


def moved(folder: Path) -> Victim:
    """The base branch moved after the first attempt had failed: a second attempt, a merge, and VERIFY once more."""
    patches = {"1.1.1-1": adding("wrong.txt", "x\n"), "1.1.1-2": adding("hello.txt", "hello\n")}
    project = Project.make(folder, ONE_TASK, patches=patches)
    project.devteam("implement", "1.1.1").ok()
    project.commit({"neighbour.txt": "somebody else's work\n"})
    return Victim(project, kinds=("child", "event"))


def opened(folder: Path) -> Victim:
    """A pull request is opened and made ready; a forge's answer may be lost like any other."""
    project = Project.make(folder, ONE_TASK, patches=HELLO_AND_WORLD, remote=True)
    project.env["TEST_FORGE"] = str(folder / "origin.git")
    return Victim(project, kinds=("child", "event"))


SCENARIOS: dict[str, tuple[Callable[[Path], Victim], tuple[str, ...], dict[str, object]]] = {
    "merged": (merged, ("run", "--deliver", "merge"), {"status": "COMPLETED"}),
    "pushed": (pushed, ("run", "--deliver", "branch"), {"status": "WAITING"}),
    "opened": (opened, ("run", "--deliver", "pr"), {"status": "WAITING"}),
    "moved": (moved, ("run", "1.1.1"), {"status": "WAITING", "attempts": ("1", "2"), "merges": 1}),
}


def in_error(folder: Path) -> Victim:
    """A task whose only attempt failed, with the patch of a second run that is right."""
    project = Project.make(folder, ONE_TASK, patches={"1.1.1": adding("wrong.txt", "x\n")})
    assert project.devteam("run", "--max-attempts", "1").code == 1
    project.commit({"recorded/1.1.1.patch": HELLO_AND_WORLD["1.1.1"]})
    return Victim(project)


@pytest.fixture
def victim(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Victim]:
    folder = tmp_path / "here"
    folder.mkdir()
    made = request.param(folder)
    made.keep_start()
    with made:
        yield made


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize(("victim", "command", "wanted"), SCENARIOS.values(), indirect=["victim"], ids=SCENARIOS.keys())
def test_a_run_killed_between_any_two_effects_ends_as_if_it_had_not_been(victim, command, wanted, shard):
    victim.run(*command).ok()
    assert victim.complaints(**wanted) == []
    effects = victim.effects()
    assert len(effects) > 25, "the effects are no longer seen"
    complaints: list[str] = []
    for number in range(shard, len(effects), SHARDS):
        victim.reset()
        killed = victim.run(*command, kill_at=number)
        assert killed.code == -9, f"{effects[number]}\n{killed.story}"
        again = victim.run(*command)
        wrong = [again.story] if again.code else victim.complaints(**wanted)
        complaints += [f"killed before effect {number} ({effects[number]}): {each}" for each in wrong]
    assert complaints == [], "\n".join(complaints)


@pytest.mark.parametrize("victim", [in_error], indirect=True, ids=[""])
def test_a_branch_that_is_being_discarded_when_the_kill_comes_is_kept_and_begun_anew(victim):
    command, project = ("retry", "1.1.1", "--clean"), victim.project
    old = project.git("rev-parse", BRANCH)
    victim.run(*command).ok()
    effects = victim.effects()
    begun = effects.index("event 0 is appended")
    assert begun > 3
    for number in range(begun):
        victim.reset()
        assert victim.run(*command, kill_at=number).code == -9
        again = victim.run(*command).ok()
        assert victim.attempts() == ["1"], f"{effects[number]}\n{again.story}"
        assert project.show(BRANCH, "hello.txt") == "hello"
        assert project.execution("1.1.1")["status"] == "WAITING"
        assert old in project.git("for-each-ref", "--format=%(objectname)", "refs/devteam/discarded"), effects[number]


def test_everything_that_the_workspace_can_do_is_done_while_it_is_killed(tmp_path):
    done: set[str] = set()
    killed = [(make, command) for make, command, _ in SCENARIOS.values()]
    for number, (make, command) in enumerate([*killed, (in_error, ("retry", "1.1.1", "--clean"))]):
        folder = tmp_path / str(number)
        folder.mkdir()
        with make(folder) as victim:
            (folder / "tmp").mkdir()
            victim.run(*command).ok()
            done |= victim.deeds()
    assert done == set(deeds_of_the_workspace())
