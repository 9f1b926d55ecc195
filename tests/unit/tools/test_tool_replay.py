from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from devteam_action.domain.config import ToolConfig
from devteam_action.errors import ConfigError, ToolMissing
from devteam_action.pipeline.ports import ToolJob
from devteam_action.tools.replay import ReplayTool, patched_paths
from tests.unit.tools.tool_jobs import CALC, Ran, git, make_job

TOOL = ReplayTool({})
MEND = "--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a - b\n+    return a + b\n"


def new_file(path: str, mode: str = "100644") -> str:
    return f"diff --git a/{path} b/{path}\nnew file mode {mode}\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+new\n"


def job_with(place: Path, patches: dict[str, str], *, attempt: int = 1, folder: str = "recorded") -> ToolJob:
    for name, text in patches.items():
        (place / "recorded").mkdir(exist_ok=True)
        (place / "recorded" / name).write_text(text)
    return make_job(place, ToolConfig(patches=folder), attempt=attempt)


def everything(place: Path) -> set[str]:
    return {str(path.relative_to(place)) for path in place.rglob("*") if "copy/tree/.git/" not in f"{path}/"}


def test_a_recorded_patch_is_applied_and_each_of_its_files_is_said(tmp_path: Path) -> None:
    job = job_with(tmp_path, {"1.1.1.patch": MEND + new_file("src/größe.py")})
    ran = Ran(TOOL, job)
    assert ran.outcome.status == "finished"
    assert (job.tree / "calc.py").read_text() == CALC.replace("-", "+")
    assert (job.tree / "src" / "größe.py").read_text() == "new\n"
    assert ran.text == "Applied patch to calc.py\nApplied patch to src/größe.py"


def test_the_patch_of_an_attempt_comes_before_the_patch_of_the_task(tmp_path: Path) -> None:
    job = job_with(tmp_path, {"1.1.1.patch": new_file("any"), "1.1.1-2.patch": new_file("second")}, attempt=2)
    Ran(TOOL, job)
    assert (job.tree / "second").exists()
    assert not (job.tree / "any").exists()


def test_the_folder_may_be_absolute(tmp_path: Path) -> None:
    job = job_with(tmp_path, {"1.1.1.patch": MEND}, folder=str(tmp_path / "recorded"))
    assert Ran(TOOL, job).outcome.status == "finished"


def test_without_a_patch_the_failure_names_the_files_it_looked_for(tmp_path: Path) -> None:
    outcome = Ran(TOOL, job_with(tmp_path, {"1.1.patch": MEND})).outcome
    assert (outcome.status, outcome.reason, outcome.retryable) == ("failed", "no-patch", False)
    assert "1.1.1.patch" in outcome.message
    assert "1.1.1-1.patch" in outcome.message


@pytest.mark.parametrize(
    "patch",
    ["", "this is no patch\n", MEND.replace("a - b", "something"), MEND[:-20], MEND + new_file("calc.py")],
    ids=["empty", "prose", "other lines", "cut short", "half of it fits"],
)
def test_a_patch_that_does_not_apply_changes_nothing(tmp_path: Path, patch: str) -> None:
    job = job_with(tmp_path, {"1.1.1.patch": patch})
    outcome = Ran(TOOL, job).outcome
    assert (outcome.status, outcome.reason) == ("failed", "malformed-edit")
    assert "1.1.1.patch" in outcome.message
    assert git(job.tree, "status", "--porcelain") == ""


@pytest.mark.parametrize("path", ["../out", ".git/hooks/pre-commit", "link/out", "a/../../out", ".GIT/config"])
def test_a_patch_cannot_leave_the_tree_nor_enter_git(tmp_path: Path, path: str) -> None:
    job = job_with(tmp_path, {"1.1.1.patch": new_file(path)})
    (tmp_path / "elsewhere").mkdir()
    (job.tree / "link").symlink_to(tmp_path / "elsewhere")
    before = everything(tmp_path)
    outcome = Ran(TOOL, job).outcome
    assert everything(tmp_path) == before
    assert not (job.tree / ".git" / "hooks" / "pre-commit").exists()
    assert outcome.status == "failed"


def test_the_settings_of_the_trees_own_repository_have_no_say(tmp_path: Path) -> None:
    job = job_with(tmp_path, {"1.1.1.patch": MEND})
    git(job.tree, "config", "filter.evil.clean", "touch ../ran; cat")
    git(job.tree, "config", "filter.evil.smudge", "touch ../ran; cat")
    git(job.tree, "config", "apply.whitespace", "error-all")
    (job.tree / ".gitattributes").write_text("* filter=evil\n")
    assert Ran(TOOL, job).outcome.status == "finished"
    assert not (job.tree.parent / "ran").exists()


def test_no_folder_named_is_an_error_of_the_configuration() -> None:
    with pytest.raises(ConfigError, match=r"tools\.replay\.patches"):
        TOOL.check(ToolConfig(), {})


def test_a_folder_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="recorded"):
        Ran(TOOL, job_with(tmp_path, {}))


def test_a_task_id_is_never_a_path(tmp_path: Path) -> None:
    job = job_with(tmp_path, {"1.1.1.patch": MEND})
    (tmp_path / "secret.patch").write_text(MEND)
    outcome = Ran(TOOL, _with_id(job, "../secret")).outcome
    assert outcome.reason == "no-patch"


def _with_id(job: ToolJob, task_id: str) -> ToolJob:
    return msgspec.structs.replace(job, task=msgspec.structs.replace(job.task, id=task_id))


def test_paths_of_renames_and_binaries_are_read() -> None:
    assert patched_paths(b"1\t0\ta.py\0-\t-\timg.png\0") == [b"a.py", b"img.png"]
