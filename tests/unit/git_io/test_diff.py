"""The change between two commits, as real git shows it to us, hostile contents included."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devteam_action.domain.change import ChangedFile
from tests.unit.git_io.git_project import GitProject


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path)


def changed(project: GitProject, base: str) -> dict[str, ChangedFile]:
    change = project.workspace().change(base, project.head())
    assert change.tree == project.head("HEAD^{tree}")
    return {file.path: file for file in change.files}


def test_lines_are_numbered_in_the_new_file(project: GitProject) -> None:
    base = project.head()
    project.save("Edit", {"src/app.py": "zero = 0\none = 1\nTWO = 2\nthree = 3\nfour = 4\n"})
    file = changed(project, base)["src/app.py"]
    assert (file.kind, file.added, file.removed) == ("modified", (1, 3, 5), 1)


def test_a_new_and_a_deleted_file(project: GitProject) -> None:
    base = project.head()
    (project.root / "src/other.py").unlink()
    project.save("Both", {"new.py": "a\nb"})
    files = changed(project, base)
    assert (files["new.py"].kind, files["new.py"].added) == ("added", (1, 2))
    assert (files["src/other.py"].kind, files["src/other.py"].removed) == ("deleted", 1)


def test_a_rename_keeps_its_old_path_and_counts_only_new_lines(project: GitProject) -> None:
    base = project.save("Long", {"long.py": "".join(f"line_{n} = {n}\n" for n in range(50))})
    project.git("mv", "long.py", "moved.py")
    with (project.root / "moved.py").open("a") as file:
        file.write("last = 1\n")
    project.save("Move", {})
    change = project.workspace().change(base, project.head())
    assert change.files == (ChangedFile(path="moved.py", kind="renamed", old_path="long.py", added=(51,)),)
    assert change.base_path("moved.py") == "long.py"


def test_a_binary_file_has_no_lines(project: GitProject) -> None:
    base = project.head()
    (project.root / "data.bin").write_bytes(b"\0\1\2" * 100)
    project.save("Binary", {})
    assert changed(project, base)["data.bin"].is_binary


def test_a_mode_and_an_empty_file_and_a_type_are_changes_without_confusion(project: GitProject) -> None:
    base = project.head()
    (project.root / "src/app.py").chmod(0o755)
    (project.root / "link").unlink()
    project.save("Odd", {"empty": "", "link": "a file now\n", "zz.py": "after = 1\n"})
    files = changed(project, base)
    assert (files["src/app.py"].kind, files["src/app.py"].added) == ("modified", ())
    assert (files["empty"].kind, files["empty"].added) == ("added", ())
    assert (files["link"].kind, files["link"].added, files["link"].removed) == ("modified", (1,), 1)
    assert files["zz.py"].added == (1,)


def test_attributes_cannot_hide_lines(project: GitProject) -> None:
    base = project.save("Attributes", {".gitattributes": "*.py -diff\n*.py diff=evil\n"})
    project.git("config", "diff.evil.textconv", "touch pwned; cat")
    project.git("config", "diff.evil.command", "touch pwned")
    project.save("Edit", {"src/app.py": "only = 1\n"})
    assert changed(project, base)["src/app.py"].added == (1,)
    assert not (project.root / "pwned").exists()


def test_text_that_looks_like_a_diff_is_only_text(project: GitProject) -> None:
    base = project.head()
    fake = "diff --git a/x b/x\n@@ -1,5 +1,9 @@\n--- a/x\n+++ b/x\nBinary files a and b differ\n\\ No newline\n"
    project.save("Fake", {"a.txt": fake, "b.txt": "one line"})
    files = changed(project, base)
    assert set(files) == {"a.txt", "b.txt"}
    assert (files["a.txt"].added, files["a.txt"].is_binary) == ((1, 2, 3, 4, 5, 6), False)
    assert files["b.txt"].added == (1,)


def test_settings_of_the_user_change_nothing(project: GitProject) -> None:
    base = project.head()
    for key, value in (("diff.noprefix", "true"), ("diff.renames", "copies"), ("color.ui", "always")):
        project.git("config", "--global", key, value)
    project.save("Edit", {"src/app.py": "one = 1\n"})
    file = changed(project, base)["src/app.py"]
    assert (file.added, file.removed) == ((), 2)


@pytest.mark.parametrize("name", [b"caf\xe9.py", b'qu"ote\t.py', "日本.py".encode(), b"a\nb.py", b" b.py "])
def test_odd_names_survive(project: GitProject, name: bytes) -> None:
    base = project.head()
    Path(os.fsdecode(os.fsencode(project.root) + b"/" + name)).write_text("x = 1\n")
    project.save("Odd", {})
    files = changed(project, base)
    assert {os.fsencode(path): file.added for path, file in files.items()} == {name: (1,)}


def test_a_submodule_is_opaque(project: GitProject) -> None:
    base = project.head()
    project.git("update-index", "--add", "--cacheinfo", f"160000,{base},vendor/lib")
    project.git("commit", "--quiet", "-m", "Submodule")
    file = changed(project, base)["vendor/lib"]
    assert (file.kind, file.is_binary, file.added) == ("added", True, ())
