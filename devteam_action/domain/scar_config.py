"""How the SCAR server is reached and what it is told to do: the section `scar` of the configuration."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, Struct

Seconds = Annotated[float, Meta(gt=0)]

_PREFIX = re.compile(r"[A-Za-z0-9_-]{1,60}")
_COMMAND = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ADDRESS = re.compile(r"[^\s\"'\x00-\x1f]{1,2000}")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}")


class ScarConfig(Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """How SCAR is driven; `problem` tells values that are of the right type and still cannot be."""

    base_url: Annotated[str, Meta(description="The address of its server; it has no authentication.")] = (
        "http://localhost:3000"
    )
    timeout_seconds: Annotated[
        Seconds, Meta(description="The longest that a switch or a clone on the server may take.")
    ] = 300
    command_timeout: Annotated[
        Seconds, Meta(description="The longest that one command may run; time in its queue is not counted.")
    ] = 3600
    command_timeouts: Annotated[
        dict[str, Seconds], Meta(description="The same for single commands, such as `prime: 600`.")
    ] = {}
    poll_interval: Annotated[
        float, Meta(ge=0.1, description="Seconds between two looks at its messages while a command runs.")
    ] = 0.5
    commands: Annotated[tuple[str, ...], Meta(description="The commands that do a task, one after the other.")] = (
        "prime",
        "plan-feature-github",
        "execute-github",
        "validate",
    )
    plan_commands: Annotated[
        tuple[str, ...], Meta(description="The commands that only plan, for `plan-with: scar`.")
    ] = ("prime", "plan-feature")
    repository: Annotated[
        str,
        Meta(description="This project's name on its server; without it, the last part of the remote's address."),
    ] = ""
    repositories: Annotated[
        tuple[str, ...],
        Meta(description="The only repositories that it may be told to work on; without it, this project's alone."),
    ] = ()
    clone_url: Annotated[
        str,
        Meta(description="Where it clones the project from, when it lacks it; without it, the remote's address."),
    ] = ""
    conversation_prefix: Annotated[
        str, Meta(description="What the ids of our conversations begin with: letters, digits, `_` and `-`.")
    ] = "pm-project-"

    def timeout_of(self, command: str) -> float:
        """The longest that this command may run, in seconds."""
        return self.command_timeouts.get(command, self.command_timeout)


class Problem(Struct, frozen=True, kw_only=True):
    """A value that cannot be: its key, what is wrong with it, and what could stand there."""

    key: str
    what: str
    fix: str


def problem(config: ScarConfig) -> Problem | None:
    """The first value that makes no sense, None where all do; each rule is the server's (measured)."""
    address = address_problem(config.base_url)
    if address:
        return Problem(key="base-url", what=address, fix="write it as `http://localhost:3000`")
    if not _PREFIX.fullmatch(config.conversation_prefix):
        return Problem(
            key="conversation-prefix",
            what=f"'{config.conversation_prefix[:60]}' cannot begin a conversation's id",
            fix="1 to 60 letters, digits, `_` and `-`, such as `pm-project-`",
        )
    if config.poll_interval > 60:
        return Problem(key="poll-interval", what="more than a minute", fix="0.5 is a good value; the unit is seconds")
    if not config.commands:
        return Problem(key="commands", what="no command at all", fix="name at least one, such as `execute-github`")
    if not config.plan_commands:
        return Problem(key="plan-commands", what="no command at all", fix="name at least one, such as `plan-feature`")
    commands = (*config.commands, *config.plan_commands)
    odd = next((name for name in (*commands, *config.command_timeouts) if not _COMMAND.fullmatch(name)), None)
    if odd is not None:
        return Problem(
            key="commands", what=f"'{odd[:60]}' is no command's name", fix="its file's name, without `/` and `.md`"
        )
    unused = next((name for name in config.command_timeouts if name not in commands), None)
    if unused is not None:
        return Problem(
            key="command-timeouts",
            what=f"'{unused}' is none of the commands that are run",
            fix=f"the commands are {', '.join(dict.fromkeys(commands))}",
        )
    if config.clone_url and not is_cloneable(config.clone_url):
        return Problem(
            key="clone-url",
            what=f"'{config.clone_url[:60]}' is no address that SCAR can clone",
            fix="write the address as git has it, without blanks and quotes",
        )
    for name in (*config.repositories, *([config.repository] if config.repository else [])):
        if not _REPOSITORY.fullmatch(name):
            return Problem(
                key="repositories", what=f"'{name[:60]}' is no repository's name", fix="its folder's name, without `/`"
            )
    return None


def is_cloneable(address: str) -> bool:
    """Whether it can be handed to SCAR as one word; whether a repository is there is for git to find out."""
    return _ADDRESS.fullmatch(address) is not None


def address_problem(address: str) -> str:
    """What is wrong with a server's address, empty where nothing is."""
    try:
        parts = urlsplit(address)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        return "this is no address of a server"
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_good:
        return "the address of a server begins with http:// or https://"
    if parts.username or parts.password:
        return "the address holds a user or a password; SCAR has no authentication"
    if parts.query or parts.fragment or any(sign.isspace() or sign < " " for sign in address):
        return "the address of a server has no question mark, no # and no blank"
    return ""
