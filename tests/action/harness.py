"""Runs workflows with the real act, in host mode and with nothing of ours around it, against the fake GitHub.

Actions of third parties are stubs below `stubs/`; that of actions/checkout fetches from the fake's own git address.
What act itself stands in is a clone too: from there it knows the commit and reads workflows that are called.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from devteam_action.actions.install import installer_env
from tests.action.runs import ActRun, read_run
from tests.action.workflows import OURS, prepared

if TYPE_CHECKING:
    from tests.fakes.github import FakeGitHub
    from tests.fakes.github.repository import FakeRepository

ROOT = Path(__file__).parents[2]
STUBS = Path(__file__).parent / "stubs"
ACT = Path(sys.executable).with_name("act")
# What else of the action's repository a job needs; links, so that the code under test is this checkout's.
PARTS = ("devteam_action", "templates", "requirements")
_RUN_IDS = count(7_000_000_001)


class Started:
    """A workflow that is going on."""

    def __init__(self, process: subprocess.Popen[str], told: Path, limit_s: float) -> None:
        self.process = process
        self._told = told
        self._limit_s = limit_s

    def kill(self) -> None:
        """Ends it at once with all that it started; steps are in process groups of their own."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in (*psutil.Process(self.process.pid).children(recursive=True), self.process):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()

    def finish(self) -> ActRun:
        """Waits for its end; a run that takes too long is killed and fails the test."""
        try:
            out, _ = self.process.communicate(timeout=self._limit_s)
        except subprocess.TimeoutExpired:
            self.kill()
            out, _ = self.process.communicate()
            raise AssertionError(f"act took more than {self._limit_s} s\n{read_run(-9, out, {}).story}") from None
        told = {path.name: json.loads(path.read_text() or "{}") for path in self._told.iterdir()}
        return read_run(self.process.returncode, out, told)


class Act:
    """act for one fake GitHub; `folder` is for this test alone, `warm` may be shared by all tests of a machine."""

    def __init__(self, github: FakeGitHub, folder: Path, warm: Path) -> None:
        self.github = github
        self.folder = folder
        self.warm = warm
        self._numbers = count(1)

    def run(self, workflow: str, event: str, payload: Mapping[str, Any], **more: Any) -> ActRun:
        """Runs a workflow to its end; see `start`."""
        return self.start(workflow, event, payload, **more).finish()

    def start(
        self,
        workflow: str,
        event: str,
        payload: Mapping[str, Any],
        *,
        repo: FakeRepository,
        job: str = "",
        token: str = "",
        secrets: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        actor: str = "ann",
        ref: str = "main",
        called: Mapping[str, str] | None = None,
        is_from_fork: bool = False,
        run_id: int = 0,
        limit_s: float = 60,
    ) -> Started:
        """Starts the workflow with this text, or its `job` alone, as an event on the branch `ref`.

        Every job's token has the rights of its `permissions:`, at most `read` with `is_from_fork`; `token` stands for
        all of them. `called` are other workflow files by name; `env` is the environment of the runner.
        """
        here = self.folder / f"act-{next(self._numbers)}"
        told = here / "told"
        told.mkdir(parents=True)
        ready = prepared(workflow, str(self.warm), str(told), is_from_fork=is_from_fork)
        inner = {
            each: prepared(text, str(self.warm), str(told), is_called=True) for each, text in (called or {}).items()
        }
        tokens = {each: token or repo.job_token(**rights) for each, rights in ready.rights.items()}
        clone = self._clone(here / "clone", ref, repo)
        files = {"devteam-test.yml": ready.text, **{each: made.text for each, made in inner.items()}}
        for path, text in files.items():
            file = clone / ".github" / "workflows" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        (here / "event.json").write_text(json.dumps(payload))
        given = {"GITHUB_TOKEN": next(iter(tokens.values())), **tokens, **(secrets or {})}
        argv = [str(ACT), event, "-W", ".github/workflows/devteam-test.yml", "-e", str(here / "event.json"), "--json"]
        argv += ["--no-cache-server", "-P", "ubuntu-latest=-self-hosted", "-P", "self-hosted=-self-hosted"]
        argv += ["-a", actor, "--action-cache-path", str(here / "cache"), *(("-j", job) if job else ())]
        argv += self._actions(here, {used for made in (ready, *inner.values()) for used in made.uses})
        argv += [word for key, value in given.items() for word in ("-s", f"{key}={value}")]
        about = {
            "GITHUB_REPOSITORY": repo.full_name,
            "GITHUB_API_URL": self.github.url,
            "GITHUB_GRAPHQL_URL": self.github.graphql_url,
            "GITHUB_SERVER_URL": self.github.server_url,
            "GITHUB_RUN_ID": str(run_id or next(_RUN_IDS)),
            "ARTIFACTS": str(self.folder / "artifacts"),
        }
        argv += [word for key, value in about.items() for word in ("--env", f"{key}={value}")]
        process = subprocess.Popen(
            argv,
            cwd=clone,
            env={**self._environment(here), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        return Started(process, told, limit_s)

    def _clone(self, clone: Path, ref: str, repo: FakeRepository) -> Path:
        """What act stands in, and takes the event's commit from."""
        start = ("git", "clone", "-q", "--depth=1", "-b", ref, repo.store.path.as_uri(), str(clone))
        for words in (start, ("git", "-C", str(clone), "remote", "set-url", "origin", repo.clone_url)):
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{words}: {done.stderr}"
        return clone

    def _actions(self, here: Path, wanted: set[str]) -> list[str]:
        """Where act finds the actions that it would fetch from GitHub."""
        ours = here / "devteam-action"
        ours.mkdir()
        shutil.copy(ROOT / "action.yml", ours)  # act follows no link to it
        for part in PARTS:
            (ours / part).symlink_to(ROOT / part)
        words: list[str] = []
        for used in sorted(wanted):
            action = used.partition("@")[0]
            stub = STUBS / action.replace("/", "-")
            if OURS.match(used):
                words += ["--local-repository", f"{used}={ours}"]
            elif stub.is_dir():
                words += ["--local-repository", f"{used}={stub}"]
            else:
                assert used.startswith("./"), f"no stub below {STUBS} for {used}"
        return words

    def _environment(self, here: Path) -> dict[str, str]:
        """What a runner has: a Python, git, uv, a home of its own, and the way to this machine's package index."""
        home, programs = here / "home", here / "bin"
        temp = here / "tmp"
        for folder in (home, programs, temp):
            folder.mkdir()
        base = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
        (programs / "python3").symlink_to(base)
        (programs / "python").symlink_to(base)
        if uv := shutil.which("uv") or shutil.which("uv", path=str(ACT.parent)):
            (programs / "uv").symlink_to(uv)
        cache = Path(pwd.getpwuid(os.getuid()).pw_dir) / ".cache" / "uv"
        way = {name: value for name, value in installer_env(os.environ).items() if not name.startswith(("HOME", "XDG"))}
        return {
            "UV_CACHE_DIR": str(cache),
            **way,
            "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "TMPDIR": str(temp),
            "LANG": "C.UTF-8",
        }
