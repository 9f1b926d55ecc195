"""The installer: what it makes, what it makes again, and what it says when it cannot."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from devteam_action.actions import install

OLD = ("python3.8", "python3.9", "python3.10")
UV = shutil.which("uv", path=str(Path(sys.executable).parent))


@dataclass
class Installer:
    """An action of its own with a lock of one small wheel, and a job that runs its installer."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Installer:
        made = cls(folder)
        script = made.root / "devteam_action" / "actions" / "install.py"
        script.parent.mkdir(parents=True)
        shutil.copy(install.__file__, script)
        (made.root / "devteam_action" / "__init__.py").write_text("")
        (made.root / "devteam_action" / "__main__.py").write_text("import demo; print('ours, with', demo.WHO)\n")
        (made.root / "requirements").mkdir()
        (folder / "bin").mkdir()
        (folder / "wheels").mkdir()
        made.wheel("nobody tampered with it")
        made.lock()
        return made

    @property
    def root(self) -> Path:
        return self.folder / "action"

    def wheel(self, who: str) -> None:
        name = "demo-1.0.dist-info"
        files = {
            "demo.py": f"WHO = {who!r}\n",
            f"{name}/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
            f"{name}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        files[f"{name}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{name}/RECORD"))
        with zipfile.ZipFile(self.folder / "wheels" / "demo-1.0-py3-none-any.whl", "w") as wheel:
            for path, text in files.items():
                wheel.writestr(path, text)

    def lock(self) -> None:
        found = hashlib.sha256((self.folder / "wheels" / "demo-1.0-py3-none-any.whl").read_bytes()).hexdigest()
        for name in ("action.txt", "uv.txt"):
            (self.root / "requirements" / name).write_text(f"demo==1.0 --hash=sha256:{found}\n")

    def program(self, name: str, script: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        wheels = str(self.folder / "wheels")
        (self.folder / "temp").mkdir(exist_ok=True)
        return {
            "PATH": f"{self.folder / 'bin'}:{Path(UV).parent if UV else ''}:/usr/bin:/bin",
            "HOME": str(self.folder),
            "RUNNER_TEMP": str(self.folder / "temp"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "UV_CACHE_DIR": str(self.folder / "cache"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": wheels,
            **(more or {}),
        }

    def argv(self) -> tuple[str, ...]:
        return (sys.executable, "-I", str(self.root / "devteam_action" / "actions" / "install.py"))

    def run(self, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(), env=self.environment(more), capture_output=True, text=True, check=False, cwd=self.folder
        )

    def python(self) -> str:
        """The step output."""
        lines = (self.folder / "output").read_text().splitlines()
        assert len(set(lines)) == 1, lines
        return lines[0].removeprefix("python=")

    def left(self) -> list[str]:
        """What is in the folder of environments."""
        return sorted(path.name for path in (self.folder / "temp" / "devteam").iterdir())


@pytest.fixture
def installer(tmp_path: Path) -> Installer:
    return Installer.make(tmp_path)


def test_the_environment_runs_the_action_and_nothing_of_the_folder_it_stands_in(installer, tmp_path):
    done = installer.run()
    assert done.returncode == 0, done.stdout + done.stderr
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    for name in ("demo.py", "devteam_action.py", "sitecustomize.py"):
        (workspace / name).write_text("raise SystemExit('code of the workspace ran')\n")
    argv = (installer.python(), "-I", "-m", "devteam_action")
    said = subprocess.run(argv, cwd=workspace, capture_output=True, text=True, check=False)
    assert (said.stdout, said.returncode) == ("ours, with nobody tampered with it\n", 0), said.stderr


def test_a_second_step_finds_what_the_first_made(installer):
    first, second = installer.run(), installer.run({"PATH": "/nowhere"})
    assert (first.returncode, second.returncode) == (0, 0), second.stdout
    assert "was there already" in second.stdout
    assert len(installer.left()) == 1
    assert Path(installer.python()).is_file()


def test_steps_that_race_both_have_it(installer):
    with ThreadPoolExecutor(3) as pool:
        ended = [each.result() for each in [pool.submit(installer.run) for _ in range(3)]]
    assert [each.returncode for each in ended] == [0, 0, 0], [each.stdout for each in ended]
    assert len(installer.left()) == 1
    assert Path(installer.python()).is_file()


def test_an_installation_that_was_killed_half_way_is_made_again(installer):
    # A uv that makes the environment (its last word is the place) and then hangs; it need not be on this machine.
    made = f'[ "$1" = venv ] && for place; do :; done && exec {sys.executable} -m venv "$place"'
    installer.program("uv", f"{made}\ntouch {installer.folder}/there\nexec sleep 60")
    first = subprocess.Popen(installer.argv(), env=installer.environment(), start_new_session=True)
    deadline = time.monotonic() + 30
    while not (installer.folder / "there").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    (installer.folder / "bin" / "uv").unlink()
    done = installer.run()
    assert done.returncode == 0, done.stdout
    assert Path(installer.python()).is_file()


def test_another_lock_is_another_environment(installer):
    installer.run()
    before = installer.left()
    installer.wheel("a newer one")
    installer.lock()
    (installer.folder / "output").unlink()
    assert installer.run().returncode == 0
    assert set(before) < set(installer.left())


def test_where_uv_fails_venv_and_pip_do_it(installer):
    installer.program("uv", "echo 'error: uv is too old for this' >&2; exit 2")
    done = installer.run()
    assert done.returncode == 0, done.stdout
    assert "by venv and pip" in done.stdout
    assert "| error: uv is too old for this" in done.stdout


def test_a_wheel_that_is_not_the_pinned_one_is_refused(installer):
    installer.wheel("somebody else")
    done = installer.run()
    assert done.returncode == 4
    assert "could not be installed" in done.stdout
    assert "hash" in done.stdout.lower()
    assert installer.left() == []
    assert not (installer.folder / "output").exists()


def test_without_a_way_to_the_index_one_sentence_says_what_to_do(installer):
    shutil.rmtree(installer.folder / "wheels")
    (installer.folder / "wheels").mkdir()
    done = installer.run()
    assert done.returncode == 4
    told = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert len(told) == 1
    assert told[0].startswith("::error title=DevTeam Action could not be installed::")
    assert "See that this runner reaches the package index" in told[0]
    assert "Traceback" not in done.stdout + done.stderr


def test_installers_see_neither_tokens_nor_model_keys_and_their_passwords_are_not_shown(installer):
    installer.program(
        "uv",
        f"env >> {installer.folder}/seen; echo '::set-env::x'; echo 'error: https://me:hunter2@host/x' >&2; exit 1",
    )
    secrets = dict.fromkeys(("OPENAI_API_KEY", "DEVTEAM_INPUT_GITHUB_TOKEN", "GITHUB_TOKEN", "MY_KEY"), "secret")
    secrets["UV_NO_VERIFY_HASHES"] = "1"
    done = installer.run(secrets)
    seen = (installer.folder / "seen").read_text()
    assert "PIP_FIND_LINKS=" in seen
    assert "UV_FIND_LINKS=" in seen, "where pip looks, uv looks too"
    assert not [name for name in secrets if f"{name}=" in seen]
    assert "hunter2" not in done.stdout
    assert not [line for line in done.stdout.splitlines() if line.startswith("::")]


def test_a_temporary_folder_that_cannot_be_written_is_one_sentence(installer, tmp_path):
    (tmp_path / "file").write_text("")
    done = installer.run({"RUNNER_TEMP": str(tmp_path / "file")})
    assert done.returncode == 4
    assert "Traceback" not in done.stdout + done.stderr


def test_an_old_python_is_told_how_to_get_another(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "version_info", (3, 10, 2))
    with pytest.raises(install.Failed) as told:
        install.base_python({"PATH": str(tmp_path)})
    assert "DevTeam Action needs 3.11 or newer. Put a step with actions/setup-python before it." in str(told.value)


def test_a_newer_python_beside_an_old_one_is_taken(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "version_info", (3, 10, 2))
    for name in ("python3.11", "python3.12"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    assert install.base_python({"PATH": str(tmp_path)}) == str(tmp_path / "python3.12")


def test_the_oldest_python_still_says_its_sentence(installer):
    old = next((path for each in OLD if (path := shutil.which(each)) and _answers(path)), None)
    if old is None:
        pytest.skip(f"no Python of {', '.join(OLD)} on this machine")
    argv = (old, "-I", installer.argv()[2])
    done = subprocess.run(argv, env={"PATH": "/nowhere"}, capture_output=True, text=True, check=False)
    assert done.returncode == 4, done.stderr
    assert "This job's python3 is 3." in done.stdout


def _answers(python: str) -> bool:
    return subprocess.run((python, "-c", ""), capture_output=True, check=False).returncode == 0


def test_the_real_lock_installs_and_holds_all_that_the_action_imports(tmp_path):
    env = {**os.environ, "RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "output")}
    done = subprocess.run(
        (sys.executable, "-I", install.__file__), env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    python = (tmp_path / "output").read_text().strip().removeprefix("python=")
    script = "import github, git, jinja2, junitparser, msgspec, psutil, yaml; import devteam_action.app"
    said = subprocess.run((python, "-I", "-c", script), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
