"""Kill -9 between any two effects: the same command again ends as if nothing had happened, nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kill.victim import Victim
from tests.project import HELLO_AND_WORLD, Project, adding

ONE_TASK = "1.1 Words\n1.1.1 Write hello to [hello.txt](hello.txt).\n"
SHARDS = 4


def merged(folder: Path) -> Victim:
    """A task whose proved branch goes into the base branch, without a remote: every effect there is."""
    return Victim(Project.make(folder, ONE_TASK, patches=HELLO_AND_WORLD))


def pushed(folder: Path) -> Victim:
    """State and branch go to a remote."""
    return Victim(Project.make(folder, ONE_TASK, patches=HELLO_AND_WORLD, remote=True), kinds=("child", "event"))


def moved(folder: Path) -> Victim:
    """The base branch moved after the first attempt had failed: a second attempt, a merge, and VERIFY once more."""
    patches = {"1.1.1-1": adding("wrong.txt", "x\n"), "1.1.1-2": adding("hello.txt", "hello\n")}
    project = Project.make(folder, ONE_TASK, patches=patches)
    project.devteam("implement", "1.1.1").ok()
    project.commit({"neighbour.txt": "somebody else's work\n"})
    return Victim(project, kinds=("child", "event"))


SCENARIOS: dict[str, tuple[Callable[[Path], Victim], tuple[str, ...], dict[str, object]]] = {
    "merged": (merged, ("run", "--deliver", "merge"), {"status": "COMPLETED"}),
    "pushed": (pushed, ("run", "--deliver", "branch"), {"status": "WAITING"}),
    "moved": (moved, ("run", "1.1.1"), {"status": "WAITING", "attempts": ("1", "2"), "merges": 1}),
}


@pytest.fixture
def victim(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Victim]:
    folder = tmp_path / "here"
    folder.mkdir()
    made = SCENARIOS[request.param][0](folder)
    made.keep_start()
    with made:
        yield made


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("victim", SCENARIOS, indirect=True, ids=str)
def test_a_run_killed_between_any_two_effects_ends_as_if_it_had_not_been(victim, shard, request):
    _, command, wanted = SCENARIOS[request.node.callspec.params["victim"]]
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
