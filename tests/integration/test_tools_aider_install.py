"""Finding a Python, building aider's environment and trusting it, with programs of the test's own making."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from devteam_action.domain.config import ToolConfig
from devteam_action.errors import ToolMissing
from devteam_action.tools.aider import install as installing
from devteam_action.tools.aider.install import build_commands, install, self_test
from devteam_action.tools.aider.location import (
    LAUNCHER,
    REQUIREMENTS,
    VERSION,
    environment_dir,
    existing_aider,
    is_ready,
    mark_ready,
    python_of,
)
from devteam_action.tools.aider.pythons import find_python, probe
from devteam_action.tools.aider.tool import AiderTool
from tests.unit.tools.tool_jobs import BASE_ENV, Ran, make_job


def program(path: Path, code: str, interpreter: str = "/bin/sh") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{interpreter}\n{textwrap.dedent(code)}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def answering(path: Path, version: str) -> Path:
    return program(path, f"printf '%s\\n' {path} {version.replace('.', ' ')}\n")


# --- which Python --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "fits"),
    [
        ("printf '%s\\n' /x 3 12", True),
        ("printf '%s\\n' /x 3 10", True),
        ("printf '%s\\n' /x 3 13", False),
        ("printf '%s\\n' /x 3 9", False),
        ("printf '%s\\n' /x 2 7", False),
        ("echo 'command not found' >&2; exit 127", False),
        ("echo 3.12", False),
        ("printf '%s\\n' /x three twelve", False),
        ("", False),
    ],
)
def test_a_python_counts_by_what_it_answers_not_by_its_name(tmp_path: Path, code: str, fits: bool) -> None:
    found = probe(program(tmp_path / "python3.12", code), BASE_ENV, with_pip=False)
    assert found == (Path("/x") if fits else None)


def test_a_file_that_cannot_be_run_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "python3.12").write_text("text")
    assert probe(tmp_path / "python3.12", BASE_ENV, with_pip=False) is None


def test_the_search_goes_on_behind_a_shim_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    program(tmp_path / "shims" / "python3.12", "exit 127\n")
    program(tmp_path / "shims" / "python3.11", "exit 127\n")
    answering(tmp_path / "bin" / "python3.13", "3.13")
    good = answering(tmp_path / "bin" / "python3.11", "3.11")
    answering(tmp_path / "bin" / "python3", "3.12")
    environ = {"PATH": f"{tmp_path / 'shims'}::{tmp_path / 'gone'}:{tmp_path / 'bin'}"}
    assert find_python(environ, with_pip=False) == good


def test_without_any_fitting_python_none_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    answering(tmp_path / "python3", "3.13")
    assert find_python({"PATH": str(tmp_path)}, with_pip=False) is None


# --- what is typed -------------------------------------------------------------------------------------------


def test_every_way_of_installing_checks_hashes_and_builds_nothing(tmp_path: Path) -> None:
    for uv, python in ((Path("/uv"), Path("/py")), (Path("/uv"), None), (None, Path("/py"))):
        make, fill = build_commands(tmp_path, uv, python)
        assert "venv" in make
        assert {"--require-hashes", "--no-deps", "--only-binary", str(REQUIREMENTS)} <= set(fill)


def test_without_a_python_uv_brings_its_own(tmp_path: Path) -> None:
    make, _ = build_commands(tmp_path, Path("/uv"), None)
    assert make[make.index("--python") + 1] == "3.12"


def test_with_neither_the_command_to_type_is_said(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing) as caught:
        build_commands(tmp_path, None, None)
    assert caught.value.exit_code == 4
    assert "pip install uv && devteam tools install aider" in caught.value.remedy


def test_every_requirement_is_exact_and_hashed_and_names_no_index() -> None:
    text = REQUIREMENTS.read_text()
    entries = re.split(r"\n(?=[a-z])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
    assert len(entries) > 100
    assert all(re.match(r"[a-z0-9.-]+==\S+ ", entry) and "--hash=sha256:" in entry for entry in entries)
    assert f"aider-chat=={VERSION} " in text
    assert "://" not in text
    assert not re.search(r"^-", text, flags=re.MULTILINE)


# --- building ------------------------------------------------------------------------------------------------

# A `uv` that builds nothing: it writes a Python which answers as told, and counts how often it was asked.
FAKE_UV = """
echo "$@" >> {log}
if [ "$1" = venv ]; then
  for last; do :; done
  mkdir -p "$last/bin"
  printf '#!/bin/sh\\necho aider {version}\\n' > "$last/bin/python"
  chmod +x "$last/bin/python"
fi
{then}
"""


# What would lead an installer elsewhere, or is not its business.
UNSEEN = {"GITHUB_TOKEN": "no", "PIP_TARGET": "/elsewhere", "UV_PYTHON": "3.14", "UV_PUBLISH_TOKEN": "no"}


class Place:
    """A machine with a fake uv on it; its environment has an index with a password in it, as companies have."""

    def __init__(
        self, place: Path, monkeypatch: pytest.MonkeyPatch, *, version: str = VERSION, then: str = "true"
    ) -> None:
        self.log = place / "uv.log"
        uv = program(place / "bin" / "uv", FAKE_UV.format(log=self.log, version=version, then=then))
        monkeypatch.setattr(installing, "find_uv", lambda _environ: uv)
        self.environ = {**BASE_ENV, "XDG_DATA_HOME": str(place / "data"), "UV_INDEX_URL": "x", **UNSEEN}
        self.said: list[str] = []

    @property
    def built(self) -> int:
        return len([line for line in self.log.read_text().splitlines() if line.startswith("venv")])

    def install(self) -> Path:
        return install(self.environ, self.said.append)


def test_an_environment_is_built_once_and_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path, monkeypatch)
    python = place.install()
    assert python == tmp_path / "data" / "devteam" / "tools" / "aider-0.86.2" / "bin" / "python"
    assert any("installing aider 0.86.2" in line for line in place.said)
    place.said.clear()
    assert place.install() == python
    assert (place.built, place.said) == (1, [])


def test_an_environment_that_was_cut_short_or_is_of_other_pins_is_built_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path, monkeypatch)
    home = environment_dir(place.environ)
    program(python_of(home), "exit 1\n")
    (home / "half").write_text("left by a kill")
    place.install()
    assert is_ready(home)
    assert not (home / "half").exists()
    (home / "devteam-ready").write_text("of other requirements")
    place.install()
    assert place.built == 2


def test_of_two_installers_at_once_one_builds_and_both_are_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path, monkeypatch, then="sleep 0.3")
    got: list[Path] = []
    workers = [threading.Thread(target=lambda: got.append(place.install())) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(got) == 2
    assert got[0] == got[1]
    assert place.built == 1


def test_a_long_installation_says_something_every_two_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "_TICK_S", 0.05)
    place = Place(tmp_path, monkeypatch, then="sleep 0.3")
    place.install()
    assert len([line for line in place.said if re.search(r"installing .* \d+ s$", line)]) >= 4


def test_a_failed_installation_is_missing_with_the_reason_and_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path, monkeypatch, then="echo 'hash mismatch for litellm' >&2; exit 1")
    with pytest.raises(ToolMissing, match="hash mismatch for litellm") as caught:
        place.install()
    assert caught.value.exit_code == 4
    assert not is_ready(environment_dir(place.environ))


def test_another_aider_than_the_pinned_one_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path, monkeypatch, version="0.16.0")
    with pytest.raises(ToolMissing, match=r"does not answer as aider 0\.86\.2"):
        place.install()
    assert not is_ready(environment_dir(place.environ))


def test_the_installer_sees_the_users_index_and_no_token_nor_another_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path, monkeypatch, then=f"env > {tmp_path / 'env'}")
    place.install()
    seen = (tmp_path / "env").read_text()
    assert "UV_INDEX_URL=x" in seen
    assert not [name for name in UNSEEN if name in seen]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(ToolMissing, match="no place for aider"):
        install({**BASE_ENV, "XDG_DATA_HOME": str(tmp_path / "data")}, print)


@pytest.mark.parametrize("data", ["", "relative"])
def test_without_a_usable_data_folder_the_default_below_home_is_taken(data: str) -> None:
    home = environment_dir({"HOME": "/h", "XDG_DATA_HOME": data})
    assert home == Path("/h/.local/share/devteam/tools/aider-0.86.2")


# --- AIDER_PATH ----------------------------------------------------------------------------------------------


def test_a_linked_aider_is_run_by_the_python_beside_the_file_itself(tmp_path: Path) -> None:
    real = program(tmp_path / "venv" / "bin" / "aider", "")
    python = program(tmp_path / "venv" / "bin" / "python", "")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "aider").symlink_to(real)
    assert existing_aider({"AIDER_PATH": str(tmp_path / "bin" / "aider")}) == python
    assert existing_aider({"AIDER_PATH": "aider", "PATH": str(tmp_path / "bin")}) == python


def test_else_by_the_python_of_its_first_line(tmp_path: Path) -> None:
    aider = program(tmp_path / "aider", "", interpreter=sys.executable)
    assert existing_aider({"AIDER_PATH": str(aider)}) == Path(sys.executable)


@pytest.mark.parametrize("interpreter", ["/usr/bin/env python3", "python3", "/no/such/python"])
def test_an_aider_whose_python_cannot_be_found_is_refused(tmp_path: Path, interpreter: str) -> None:
    aider = program(tmp_path / "aider", "", interpreter=interpreter)
    with pytest.raises(ToolMissing, match="cannot be found"):
        AiderTool({"AIDER_PATH": str(aider)}).check(ToolConfig(model="ollama/x"), {})


def test_an_aider_path_that_leads_nowhere_is_said_before_any_work() -> None:
    with pytest.raises(ToolMissing, match="`/no/such/aider`, which is no executable file"):
        AiderTool({"AIDER_PATH": "/no/such/aider"}).check(ToolConfig(model="ollama/x"), {})


def test_the_key_is_asked_for_before_anything_else() -> None:
    with pytest.raises(ToolMissing, match="OPENAI_API_KEY"):
        AiderTool({"AIDER_PATH": "/no/such/aider"}).check(ToolConfig(model="openai/m"), {})


def test_an_aider_of_ones_own_is_tested_and_nothing_is_installed(tmp_path: Path) -> None:
    aider = program(tmp_path / "aider", "")
    program(tmp_path / "python", "echo aider 0.50.0\n")
    environ = {**BASE_ENV, "AIDER_PATH": str(aider), "XDG_DATA_HOME": str(tmp_path / "data")}
    with pytest.raises(ToolMissing, match=r"aider 0\.86\.2"):
        AiderTool(environ).install(print)
    program(tmp_path / "python", "echo aider 0.86.2\n")
    AiderTool(environ).install(print)
    assert not (tmp_path / "data").exists()


# --- the launcher and the call -------------------------------------------------------------------------------


def _package(place: Path, code: str) -> Path:
    (place / "aider").mkdir(parents=True)
    (place / "aider" / "__init__.py").write_text("")
    (place / "aider" / "main.py").write_text(textwrap.dedent(code))
    return place


def _launch(place: Path) -> subprocess.CompletedProcess[str]:
    code = (
        f"import runpy, sys; sys.path.insert(0, {str(place)!r}); runpy.run_path({str(LAUNCHER)!r}, run_name='__main__')"
    )
    return subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)


def test_the_launcher_replaces_all_that_looks_for_files_in_the_tree(tmp_path: Path) -> None:
    place = _package(
        tmp_path,
        """
        def get_parser(files, root): return files
        def load_dotenv_files(*args): return ["evil"]
        def generate_search_path_list(name, root, given): return [root]
        def main():
            paths = generate_search_path_list
            print(get_parser(["evil"], "r"), load_dotenv_files("r", ".env"))
            print(paths("n", "evil", "own"), paths("n", "r", None))
            return 5
        """,
    )
    done = _launch(place)
    assert (done.returncode, done.stdout) == (5, "[] []\n['own'] []\n")


def test_the_launcher_refuses_an_aider_that_it_does_not_know(tmp_path: Path) -> None:
    done = _launch(_package(tmp_path, "def main(): print('ran')\ndef get_parser(): ...\n"))
    assert done.returncode == 78
    assert done.stdout == ""
    assert "load_dotenv_files, generate_search_path_list" in done.stderr


FAKE_AIDER = """
import pathlib, sys
named = dict(zip(sys.argv, sys.argv[1:]))
chat = pathlib.Path(named["--chat-history-file"])
if {chat!r}:
    chat.write_text({chat!r})
print({stdout!r})
pathlib.Path("calc.py").write_text("changed")
sys.exit({code})
"""


def _fake(place: Path, *, chat: str = "", stdout: str = "", code: int = 0) -> AiderTool:
    aider = program(place / "bin" / "aider", "")
    program(place / "bin" / "python", FAKE_AIDER.format(chat=chat, stdout=stdout, code=code), sys.executable)
    return AiderTool({"AIDER_PATH": str(aider)})


@pytest.mark.parametrize(
    ("chat", "stdout", "code", "status", "reason"),
    [
        ("> Tokens: 1k sent, 2 received.\n> Applied edit to calc.py\n", "", 0, "finished", ""),
        ("> litellm.RateLimitError: slow\n", "> Tokens: 1k sent, 2 received.", 0, "failed", "rate-limit"),
        ("", "litellm.AuthenticationError: no", 0, "failed", "authentication"),
        ("", "usage: aider [options]", 2, "failed", "bad-usage"),
        ("> Tokens: 1k sent, 2 received.\n", "", -9, "failed", "crashed"),
    ],
)
def test_the_tool_reads_the_chat_file_and_without_one_the_output(
    tmp_path: Path, chat: str, stdout: str, code: int, status: str, reason: str
) -> None:
    tool = _fake(tmp_path, chat=chat, stdout=stdout, code=code)
    ran = Ran(tool, make_job(tmp_path, ToolConfig(model="openai/m")))
    assert (ran.outcome.status, ran.outcome.reason if code >= 0 else "crashed") == (status, reason)


def test_an_old_chat_file_tells_nothing_about_this_call(tmp_path: Path) -> None:
    job = make_job(tmp_path, ToolConfig(model="openai/m"))
    (job.scratch / "aider").mkdir()
    (job.scratch / "aider" / "chat.md").write_text("> litellm.RateLimitError: long ago\n")
    assert Ran(_fake(tmp_path, stdout="fine"), job).outcome.status == "finished"


def test_an_empty_brief_is_refused_for_aider_would_wait_at_its_prompt(tmp_path: Path) -> None:
    job = make_job(tmp_path, ToolConfig(model="openai/m"), brief=" \n")
    outcome = Ran(_fake(tmp_path), job).outcome
    assert (outcome.status, outcome.reason, outcome.retryable) == ("failed", "empty-brief", False)
    assert (job.tree / "calc.py").read_text() != "changed"


def test_a_copy_without_a_repository_is_refused_for_aider_would_take_one_above(tmp_path: Path) -> None:
    job = make_job(tmp_path, ToolConfig(model="openai/m"))
    (job.tree / ".git").rename(job.tree.parent / ".git")
    assert Ran(_fake(tmp_path), job).outcome.status == "failed"
    assert (job.tree / "calc.py").read_text() != "changed"


def test_an_aider_that_is_not_installed_is_missing_with_the_command_to_type(tmp_path: Path) -> None:
    job = make_job(tmp_path, ToolConfig(model="openai/m"))
    with pytest.raises(ToolMissing) as caught:
        Ran(AiderTool({"XDG_DATA_HOME": str(tmp_path / "none")}), job)
    assert "devteam tools install aider" in caught.value.remedy


def test_an_environment_that_is_marked_ready_is_used(tmp_path: Path) -> None:
    _fake(tmp_path, stdout="fine")
    home = environment_dir({"XDG_DATA_HOME": str(tmp_path / "data")})
    python_of(home).parent.mkdir(parents=True)
    (tmp_path / "bin" / "python").rename(python_of(home))
    mark_ready(home)
    ran = Ran(AiderTool({"XDG_DATA_HOME": str(tmp_path / "data")}), make_job(tmp_path, ToolConfig(model="openai/m")))
    assert ran.text == "fine"


def test_a_silent_python_fails_the_self_test(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing):
        self_test(program(tmp_path / "python", "exit 0\n"), BASE_ENV)
