"""A process that has the whole package imported, and forks for each command: one that is to be killed costs no start.

Reads requests as JSON lines from stdin, answers each with one line: the exit code, negative for a signal.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import sys
from pathlib import Path
from typing import Any

import devteam_action
from tests.kill.effects import Effects


def main() -> None:
    for module in pkgutil.walk_packages(devteam_action.__path__, "devteam_action."):
        if not module.name.startswith(("devteam_action.example", "devteam_action.__main__")):
            with contextlib.suppress(ImportError):  # an extra that is not installed
                importlib.import_module(module.name)
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _be_devteam(request)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _be_devteam(request: dict[str, Any]) -> None:
    """Never returns: the child is the command line, with output files of its own."""
    from devteam_action.cli import main as command_line

    code = 70
    folder = Path(request["out"])
    try:
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(file, descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", closefd=False)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        _give_a_forge(request["env"].get("TEST_FORGE", ""))
        effects = Effects(request["kill_at"], request["throw_away"], request["kinds"])
        effects.install()
        code = command_line(request["argv"])
        (folder / "effects.json").write_text(json.dumps({"seen": effects.seen, "deeds": sorted(effects.deeds)}))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _give_a_forge(bare: str) -> None:
    """Pull requests are opened on the repository `bare`, and outlive every process."""
    if bare:
        from devteam_action.app import App
        from tests.fakes.memory_forge import MemoryForge

        App.forge = MemoryForge(Path(bare))  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    main()
