"""What the environment says, and how it goes on top of the configuration file; the command line comes last."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from devteam_action.domain.config import Config
from devteam_action.domain.scar_config import problem
from devteam_action.errors import ConfigError

# Whole words of a name: GIT_AUTHOR_NAME, KEYBOARD and SSH_AUTH_SOCK hold no secret.
_SECRET_NAME = re.compile(r"(?i)(?:^|_)(?:token|secret|passw(?:or)?d|pass|credentials?|apikey)(?:_|$)|key$")


MODEL = "DEVTEAM_INPUT_MODEL"  # the action's input `model`
# CONTRACT §7: only the tool's process gets these.
MODEL_KEYS = (
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GEMINI_API_KEY",
    "OPENROUTER_API_KEY",
    "DEEPSEEK_API_KEY",
    "OPENAI_API_BASE",
)


class Environment(Struct, frozen=True, kw_only=True):
    """What the process's environment says (CONTRACT §7 names); `variables` is the whole of it."""

    variables: Mapping[str, str]
    workspace_dir: Path
    git_username: str = ""
    git_token: str = ""
    python: str = ""
    log_level: str = "INFO"

    def __repr__(self) -> str:
        return f"Environment(workspace_dir={str(self.workspace_dir)!r}, …)"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that must be shown nowhere: everything under a name that speaks of a secret."""
        named = (value for name, value in self.variables.items() if _SECRET_NAME.search(name))
        return tuple(dict.fromkeys(value for value in (self.git_token, *named) if len(value) >= 6))

    @property
    def github_token(self) -> str:
        """The token for GitHub's API: the action's input, else what `gh` and jobs know it by."""
        return self._first("DEVTEAM_INPUT_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN")

    @property
    def enterprise_token(self) -> str:
        """The same for a GitHub Enterprise Server, which has names of its own; github.com gets none of those."""
        own = self._first("DEVTEAM_INPUT_GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
        return own or self.github_token

    def _first(self, *names: str) -> str:
        return next((value for name in names if (value := self.variables.get(name, ""))), "")

    @property
    def dispatched_workflow(self) -> str:
        """The file name of the workflow that is started on what was pushed: the action's input `dispatch-workflow`."""
        return self.variables.get("DEVTEAM_INPUT_DISPATCH_WORKFLOW", "").strip()

    @property
    def hands_over(self) -> str:
        """The folder that finished work goes to, in a job that may only read: nothing goes to the remote then."""
        return self.variables.get("DEVTEAM_HAND_OVER", "")

    @property
    def takes_in(self) -> str:
        """The folder with the work of such a job, in the one that may write."""
        return self.variables.get("DEVTEAM_TAKE_IN", "")

    @property
    def runs_nothing(self) -> bool:
        """Whether this job only writes: it may run no tool, no set-up command and no check, whoever asks for it."""
        return bool(self.takes_in) or self.variables.get("DEVTEAM_RUN_NOTHING") == "true"

    @property
    def is_actions(self) -> bool:
        """Whether this is a job of GitHub Actions, where the checkout is used in place."""
        return self.variables.get("GITHUB_ACTIONS") == "true"


def read_environment(variables: Mapping[str, str]) -> Environment:
    """The typed part of an environment; empty values count as absent."""
    home = Path(variables.get("HOME") or "~").expanduser()
    cache = Path(variables.get("XDG_CACHE_HOME") or home / ".cache")
    return Environment(
        variables=variables,
        workspace_dir=Path(variables.get("WORKSPACE_DIR") or cache / "devteam" / "work"),
        git_username=variables.get("GIT_USERNAME", ""),
        git_token=variables.get("GIT_TOKEN", ""),
        python=variables.get("PYTHON_PATH", ""),
        log_level=(variables.get("LOG_LEVEL") or "INFO").upper(),
    )


def with_environment(config: Config, environment: Environment) -> Config:
    """The configuration with what the environment says on top.

    PYTHON_PATH counts where the file names no interpreter, the model that a job was told counts for every tool, and
    the names of SCAR's client over the section `scar`. Raises ConfigError with the name of a variable that cannot be.
    """
    config = _with_scar(config, environment.variables)
    model = environment.variables.get(MODEL, "")
    if model:
        names = dict.fromkeys(
            (config.tool, config.writer, environment.variables.get("DEVTEAM_INPUT_TOOL", ""), *config.tools)
        )
        tools = {name: msgspec.structs.replace(config.tool_config(name), model=model) for name in names if name}
        config = msgspec.structs.replace(config, tools=tools)
    if not environment.python or config.verify.python:
        return config
    return msgspec.structs.replace(config, verify=msgspec.structs.replace(config.verify, python=environment.python))


def _with_scar(config: Config, variables: Mapping[str, str]) -> Config:
    """The section `scar` with the names on top that SCAR's own client knows."""
    address, prefix = variables.get("SCAR_BASE_URL"), variables.get("SCAR_CONVERSATION_PREFIX")
    seconds = variables.get("SCAR_TIMEOUT_SECONDS")
    scar = config.scar
    if address:
        scar = msgspec.structs.replace(scar, base_url=address)
    if prefix:
        scar = msgspec.structs.replace(scar, conversation_prefix=prefix)
    if seconds:
        scar = msgspec.structs.replace(scar, timeout_seconds=_seconds(seconds))
    if scar == config.scar:
        return config
    wrong = problem(scar)  # the file's own values were looked at when it was read
    if wrong is not None:
        raise ConfigError(f"the variable SCAR_{wrong.key.replace('-', '_').upper()}: {wrong.what}", remedy=wrong.fix)
    return msgspec.structs.replace(config, scar=scar)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        raise ConfigError(
            f"the variable SCAR_TIMEOUT_SECONDS: expected a number above 0, got '{text[:60]}'",
            remedy="write seconds, such as 300, or take it away",
        )
    return seconds
