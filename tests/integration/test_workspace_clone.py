"""`--repo-url`: cloned once, updated after that; the token reaches the server and nothing else."""

from __future__ import annotations

import base64
import http.server
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from devteam_action.errors import RemoteUnreachable, RepositoryError
from devteam_action.git_io.remotes import clone_or_update
from tests.unit.git_io.git_project import GitProject, quiet

TOKEN = "s3cret-t0ken-value"


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path)


def test_a_clone_is_made_and_then_brought_up_to_date(project: GitProject, tmp_path: Path) -> None:
    url, directory = f"file://{project.root}", tmp_path / "clones/project"
    said: list[str] = []
    assert clone_or_update(url, directory, env=project.env, progress=said.append)
    assert project.head("HEAD", directory) == project.head()
    assert said[0].startswith(f"cloning {url}")
    newer = project.save("Newer", {"src/app.py": "newer = 1\n"})
    assert not clone_or_update(url, directory, env=project.env, progress=quiet)
    assert project.head("HEAD", directory) == newer
    assert (directory / "src/app.py").read_text() == "newer = 1\n"
    assert [path.name for path in directory.parent.iterdir()] == ["project"]


def test_work_in_the_clone_is_never_overwritten(project: GitProject, tmp_path: Path) -> None:
    url, directory = f"file://{project.root}", tmp_path / "clone"
    clone_or_update(url, directory, env=project.env, progress=quiet)
    (directory / "src/app.py").write_text("mine = 1\n")
    project.save("Newer", {"src/app.py": "newer = 1\n"})
    with pytest.raises(RepositoryError, match="cannot be brought up to date"):
        clone_or_update(url, directory, env=project.env, progress=quiet)
    assert (directory / "src/app.py").read_text() == "mine = 1\n"


def test_another_clone_or_a_folder_of_files_is_left_alone(project: GitProject, tmp_path: Path) -> None:
    url = f"file://{project.root}"
    other = GitProject(tmp_path / "other")
    clone_or_update(f"file://{other.root}", tmp_path / "clone", env=project.env, progress=quiet)
    with pytest.raises(RepositoryError, match=f"is a clone of file://{other.root}, not of"):
        clone_or_update(url, tmp_path / "clone", env=project.env, progress=quiet)
    (tmp_path / "files").mkdir()
    (tmp_path / "files/notes.txt").write_text("mine\n")
    with pytest.raises(RepositoryError, match="in the way"):
        clone_or_update(url, tmp_path / "files", env=project.env, progress=quiet)
    assert (tmp_path / "files/notes.txt").read_text() == "mine\n"


def test_an_empty_folder_is_filled(project: GitProject, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert clone_or_update(f"file://{project.root}", tmp_path / "empty", env=project.env, progress=quiet)


def test_a_remote_that_is_not_there_leaves_nothing_behind(project: GitProject, tmp_path: Path) -> None:
    with pytest.raises(RemoteUnreachable):
        clone_or_update(f"file://{tmp_path}/none", tmp_path / "a/clone", env=project.env, progress=quiet)
    assert list((tmp_path / "a").iterdir()) == []


def test_hooks_of_a_template_do_not_run(project: GitProject, tmp_path: Path) -> None:
    hooks = tmp_path / "template/hooks"
    hooks.mkdir(parents=True)
    (hooks / "post-checkout").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (hooks / "post-checkout").chmod(0o755)
    project.git("config", "--global", "init.templateDir", str(tmp_path / "template"))
    clone_or_update(f"file://{project.root}", tmp_path / "clone", env=project.env, progress=quiet)
    assert not (tmp_path / "ran").exists()


class _Guarded(http.server.SimpleHTTPRequestHandler):
    """Serves files to those who bring the token."""

    def do_GET(self) -> None:
        expected = "Basic " + base64.b64encode(f"me:{TOKEN}".encode()).decode()
        if self.headers.get("Authorization") != expected:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.end_headers()
            return
        super().do_GET()

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def guarded(project: GitProject, tmp_path: Path) -> Iterator[str]:
    bare = project.remote()
    project.git("update-server-info", cwd=bare)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Guarded, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/remote.git"
    server.shutdown()
    server.server_close()


def _spied(project: GitProject, tmp_path: Path) -> Path:
    """A `git` in front of the real one that writes down every command line."""
    log, real = tmp_path / "argv.log", shutil.which("git")
    spy = tmp_path / "bin/git"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {log}\nexec {real} "$@"\n')
    spy.chmod(0o755)
    project.env["PATH"] = f"{spy.parent}:{project.env['PATH']}"
    return log


def test_the_token_reaches_the_server_and_no_file_and_no_command_line(
    project: GitProject, guarded: str, tmp_path: Path
) -> None:
    log = _spied(project, tmp_path)
    env = {**project.env, "GIT_USERNAME": "me", "GIT_TOKEN": TOKEN}
    said: list[str] = []
    directory = tmp_path / "clone"
    assert clone_or_update(guarded, directory, env=env, progress=said.append)
    assert not clone_or_update(guarded, directory, env=env, progress=said.append)
    assert (directory / "src/app.py").is_file()
    encoded = base64.b64encode(f"me:{TOKEN}".encode())
    written = b"".join(path.read_bytes() for path in (directory / ".git").rglob("*") if path.is_file())
    for secret in (TOKEN.encode(), encoded):
        assert secret not in written
        assert secret not in log.read_bytes()
        assert secret not in " ".join(said).encode()
    assert "clone --progress" in log.read_text()


def test_a_wrong_token_is_said_and_never_asked_for(project: GitProject, guarded: str, tmp_path: Path) -> None:
    env = {**project.env, "GIT_USERNAME": "me", "GIT_TOKEN": "wr0ng-t0ken"}
    with pytest.raises(RemoteUnreachable) as caught:
        clone_or_update(guarded, tmp_path / "clone", env=env, progress=quiet)
    assert "GIT_TOKEN" in caught.value.remedy
    assert "wr0ng-t0ken" not in caught.value.message
