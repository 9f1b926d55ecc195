"""VERIFY: a task's criteria measured on the head of its branch."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from devteam_action.checks import checks_for
from devteam_action.checks.answers import answer_key, keep_answer, kept_answer, tools_key
from devteam_action.checks.base_tree import BaseTree
from devteam_action.checks.detect import detect
from devteam_action.checks.gates import read_gates
from devteam_action.checks.place import Job, Trees
from devteam_action.checks.runner import run_checks
from devteam_action.checks.setting import open_setting
from devteam_action.domain.change import Change
from devteam_action.domain.config import Config
from devteam_action.domain.criteria import criteria_for, verdict
from devteam_action.domain.findings import CriterionResult, Finding, Verification
from devteam_action.domain.gaming import gaming
from devteam_action.domain.results import Prepared
from devteam_action.domain.task import Task
from devteam_action.support.scratch import prefix

_SHOWN = 5


class GateVerifier:
    """Satisfies ports.Verifier.

    `root` is the user's repository (its `.venv` is looked at), `env` our own environment: children see the
    allow-listed part of it. `cache_dir` holds the caches of tools, baselines by tree id, and answers; it may be
    removed at any time. Several of these may use one `cache_dir`.
    """

    def __init__(
        self,
        config: Config,
        trees: Trees,
        *,
        root: Path,
        cache_dir: Path,
        env: Mapping[str, str],
        max_workers: int | None = None,
    ) -> None:
        self._config = config
        self._trees = trees
        self._root = root
        self._cache = cache_dir
        self._env = env
        self._workers = max_workers or max(2, os.cpu_count() or 2)

    def verify(
        self, task: Task, prepared: Prepared, head: str, progress: Callable[[str], None], stop: threading.Event
    ) -> Verification:
        """The verdict on `head`, measured in `prepared.repo_path`, which stands at it.

        Raises CriterionError for a criterion that nobody can read, and Missing for a configured interpreter that is
        not there. All else that goes wrong is a row of the results. Nothing is left behind in the working directory.
        A tree that passed is not measured again while base, task, config and tools are the same.
        """
        started = time.monotonic()
        changed = self._trees.freshen(prepared, head, progress)
        change = self._trees.change(prepared.base, head)
        gates = read_gates(self._trees, task, change)
        with ExitStack() as stack:
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix("verify"))))
            setting = open_setting(
                stack,
                self._trees,
                change,
                gates,
                repo_path=Path(prepared.repo_path),
                user_root=self._root,
                scratch=scratch,
                cache=self._cache,
                env=self._env,
                config=self._config.verify,
                stop=stop,
            )
            if gates.overlay:
                changed = self._trees.watch(setting.root, head, gates.overlay.keys())
            detected = detect(setting.root)
            wanted = criteria_for(task, self._config, detected.criteria)
            tools = tools_key(setting, gates, self._config)
            key = answer_key(task, change, wanted, tools)
            if (kept := kept_answer(self._cache, key)) is not None:
                progress("this tree has passed before, with the same base, task, config and tools")
                return kept
            base = BaseTree(
                self._trees,
                change.base,
                is_off=self._config.verify.baseline == "off",
                gate_files=gates.at_base,
                place_at=setting.place,
                cache=self._cache,
            )
            stack.callback(base.close)
            results = run_checks(
                checks_for((one.name for one in wanted), detected.type_checkers, self._config.commands),
                Job(
                    task=task,
                    config=self._config,
                    change=change,
                    wanted={one.name: one for one in wanted},
                    base=base,
                    read=self._trees.read,
                ),
                lambda name: setting.place(setting.root, name),
                _merged(gates.findings, self._gaming(task, change)),
                workers=self._workers,
                progress=progress,
                key=tools,
            )
            if touched := changed():
                results = (*results, _not_the_commit(touched))
            found = Verification(
                verdict="unverified" if stop.is_set() else verdict(results),
                results=results,
                tree=change.tree,
                versions=setting.versions,
                config=gates.blobs,
                duration=round(time.monotonic() - started, 3),
            )
        keep_answer(self._cache, key, found)
        return found

    def _gaming(self, task: Task, change: Change) -> Mapping[str, tuple[Finding, ...]]:
        def text(commit: str, path: str) -> str | None:
            content = self._trees.read(commit, path)
            return None if content is None else content.decode(errors="replace")

        return gaming(task, change, lambda path: text(change.base, path), lambda path: text(change.head, path))


def _not_the_commit(touched: tuple[str, ...]) -> CriterionResult:
    """What was measured is not what is committed, so it proves nothing, however green it is."""
    more = f" and {len(touched) - _SHOWN} more" if len(touched) > _SHOWN else ""
    return CriterionResult(
        criterion="tree.unchanged",
        passed=False,
        actual="1 file changed" if len(touched) == 1 else f"{len(touched)} files changed",
        required="0 files changed",
        stated=False,
        check="tree",
        reason=f"{', '.join(touched[:_SHOWN])}{more}: changed while it was judged, by a test, a command of the "
        "project, or a process that the tool left behind",
    )


def _merged(*many: Mapping[str, tuple[Finding, ...]]) -> dict[str, tuple[Finding, ...]]:
    merged: dict[str, tuple[Finding, ...]] = {}
    for findings in many:
        for criterion, found in findings.items():
            merged[criterion] = (*merged.get(criterion, ()), *found)
    return merged
