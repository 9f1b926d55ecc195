"""How aider is called: arguments and environment that leave a clean tree and make no connection but to the model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from devteam_action.domain.config import ToolConfig

_LARGEST_FILE = 400_000  # bytes; a larger one would fill the model's context by itself


class Folder(Struct, frozen=True, kw_only=True):
    """The private files of one call, all outside the tree."""

    home: Path
    message: Path
    chat: Path
    input: Path
    llm: Path
    settings: Path
    metadata: Path


def prepare_folder(scratch: Path, message: str) -> Folder:
    """Writes what aider reads, and gives it a home of its own."""
    out = scratch / "aider"
    folder = Folder(
        home=out / "home",
        message=out / "task.md",
        chat=out / "chat.md",
        input=out / "input",
        llm=out / "llm.log",
        settings=out / "model-settings.yml",
        metadata=out / "model-metadata.json",
    )
    caches = folder.home / ".aider" / "caches"
    caches.mkdir(parents=True, exist_ok=True)
    # A fresh, non-empty price cache keeps aider from fetching the price list; the prices bundled with it still count.
    (caches / "model_prices_and_context_window.json").write_text(json.dumps({"_seed": {}}))
    # Without this the client library retries below aider's own nine tries: 27 requests for one reply.
    folder.settings.write_text("- name: aider/extra_params\n  extra_params: {max_retries: 0}\n")
    folder.metadata.write_text("{}")
    folder.message.write_bytes(safe_message(message).encode("utf-8", "replace"))
    folder.chat.unlink(missing_ok=True)
    return folder


def safe_message(message: str) -> str:
    """The message with a first character that is no command: aider runs `/run …` and `!…` without asking a model."""
    return f"Task:\n{message}" if message.lstrip()[:1] in ("/", "!") else message


def arguments(config: ToolConfig, folder: Folder, files: Sequence[str]) -> tuple[str, ...]:
    """aider's arguments; every file that would default to a name inside the repository is named outside it."""
    models: list[str] = []
    if config.model:
        models += [f"--model={config.model}", f"--weak-model={config.weak_model or config.model}"]
    if config.edit_format:
        models.append(f"--edit-format={config.edit_format}")
    return (
        *models,
        *("--yes-always", "--no-stream", "--no-pretty", "--no-fancy-input"),
        *("--no-auto-commits", "--no-dirty-commits", "--no-gitignore", "--no-auto-lint", "--no-auto-test"),
        *("--no-check-update", "--no-show-release-notes", "--no-show-model-warnings", "--no-analytics"),
        *("--no-suggest-shell-commands", "--no-detect-urls", "--disable-playwright", "--no-restore-chat-history"),
        *("--map-tokens", "0", "--max-chat-history-tokens", "10000000"),
        *("--timeout", str(config.request_timeout_seconds)),
        *("--env-file", "/dev/null"),
        *("--model-settings-file", str(folder.settings), "--model-metadata-file", str(folder.metadata)),
        *("--chat-history-file", str(folder.chat), "--input-history-file", str(folder.input)),
        *("--llm-history-file", str(folder.llm), "--message-file", str(folder.message)),
        *files,
    )


def usable_files(tree: Path, files: Sequence[str]) -> tuple[str, ...]:
    """The files that are there: aider would create a missing one, and follow a link out of the tree."""
    root = tree.resolve()
    usable: list[str] = []
    for name in files:
        path = tree / name
        inside = path.resolve().is_relative_to(root) and ".git" not in Path(name).parts
        if inside and path.is_file() and not path.is_symlink() and path.stat().st_size <= _LARGEST_FILE:
            usable.append(f"./{name}" if name.startswith("-") else name)
    return tuple(dict.fromkeys(usable))


def environment(env: Mapping[str, str], config: ToolConfig, home: Path) -> dict[str, str]:
    """The job's environment without a twin of any aider flag, and what keeps aider quiet, private and offline."""
    own = {
        "HOME": str(home),
        "BROWSER": shutil.which("true", path=env.get("PATH")) or "/bin/true",  # opened on 401 and token limits
        "COLUMNS": "2000",  # messages are wrapped otherwise, and cannot be recognised
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHON_DOTENV_DISABLED": "1",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        **_git_settings(),
    }
    kept = {
        name: value
        for name, value in env.items()
        if name in config.env or not name.startswith(("AIDER_", "PYTHON", "GIT_", "XDG_"))
    }
    return {**kept, **own}


def _git_settings() -> dict[str, str]:
    # An identity, or aider writes one into the copy's configuration; no hook or monitor of anybody's.
    settings = {
        "user.name": "devteam",
        "user.email": "devteam@localhost",
        "core.hooksPath": "/dev/null",
        "core.fsmonitor": "false",
    }
    env = {"GIT_CONFIG_COUNT": str(len(settings)), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
    for number, (key, value) in enumerate(settings.items()):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return env
