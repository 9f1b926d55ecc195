"""The configuration of the gates: told apart from the rest of a file, and put back to what the base says.

A tool must not pass by lowering the bar, so what decides about red and green is the base's (DESIGN: choices).
"""

from __future__ import annotations

import configparser
import posixpath
import re
import tomllib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import cast

from msgspec import Struct

from devteam_action.domain.task import Task
from devteam_action.domain.testfiles import gate_tools

_HEADER = re.compile(r"^\s*\[\[?\s*([\w\-. :\"'*,/]+?)\s*\]?\]\s*(?:[#;].*)?$")
_INI_HEADER = re.compile(r"^\s*\[([^\]\n]+)\]")  # configparser passes over what follows on the line
_TOML_TOOLS = {"pytest": "pytest", "coverage": "coverage", "ruff": "ruff", "mypy": "mypy", "pyright": "pyright",
               "basedpyright": "pyright"}  # fmt: skip
# Which criteria a tool's configuration decides about.
CRITERIA_OF: dict[str, tuple[str, ...]] = {
    "pytest": ("test.pass", "test.coverage", "test.coverage.total"),
    "coverage": ("test.coverage", "test.coverage.total"),
    "ruff": ("lint.clean",),
    "mypy": ("type.strict",),
    "pyright": ("type.strict",),
}
# By text, not by meaning: a path too many costs nothing, and the base's file is no enemy's.
_EXTENDING: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ruff", re.compile(r"^\s*(?:[\w.]*\.)?extend\s*=\s*[\"']([^\"'\n]+)[\"']", re.MULTILINE)),
    ("pyright", re.compile(r"[\"']?\bextends[\"']?\s*[:=]\s*[\"']([^\"'\n]+)[\"']")),
    ("coverage", re.compile(r"--cov-config[=\s]+([^\s\"',\]]+)")),
)


class Effective(Struct, frozen=True, kw_only=True):
    """A gate file as the checks shall see it; `changed` are the tools whose part differs between base and head."""

    content: bytes | None
    changed: tuple[str, ...] = ()


def effective(path: str, base: bytes | None, head: bytes | None, tools: tuple[str, ...] = ()) -> Effective:
    """The head's file with every gate's part as the base has it.

    A part that the base has not is left out, and a file that holds nothing but a gate's configuration is the base's
    (None: it is not to be there). `tools` are those of a file that no name gives away.
    """
    name = PurePosixPath(path).name
    tools = gate_tools(path) or tools
    if base == head or not tools:
        return Effective(content=head)
    if name not in ("pyproject.toml", "setup.cfg", "tox.ini"):
        return Effective(content=base, changed=tools)
    old, new = _parts(name, base), _parts(name, head)
    # Where both can be read it is their meaning that counts: one table can be written in many ways.
    was, now = _settings(name, base), _settings(name, head)
    if was is None or now is None:
        changed = tuple(tool for tool in tools if _of(old, tool) != _of(new, tool))
    else:
        changed = tuple(tool for tool in tools if was.get(tool) != now.get(tool))
    if not changed:
        return Effective(content=head)
    kept = [text for tool, text in new if not tool] + [text for tool, text in old if tool]
    content = "".join(text if text.endswith("\n") else f"{text}\n" for text in kept).encode()
    if name == "pyproject.toml" or was is not None:
        seen = _settings(name, content)
        if seen is None or any(seen.get(tool) != (was or seen).get(tool) for tool in tools):
            content = base or b""  # a gate that hides from the cut: nothing of the head's file is taken
    return Effective(content=content, changed=changed)


def extends(path: str, content: bytes | None) -> tuple[tuple[str, str], ...]:
    """Files that a gate file takes more settings from, with the tool: ruff's `extend`, pyright's `extends`, and the
    configuration that pytest-cov is given in `addopts`. Paths are relative to the repository.
    """
    text = (content or b"").decode(errors="replace")
    folder = PurePosixPath(path).parent
    found: list[tuple[str, str]] = []
    for tool, pattern in _EXTENDING:
        if tool in gate_tools(path) or (tool == "coverage" and "pytest" in gate_tools(path)):
            found.extend((posixpath.normpath(str(folder / name)), tool) for name in pattern.findall(text))
    return tuple((name, tool) for name, tool in found if not name.startswith(("..", "/")))


def is_named(task: Task, path: str) -> bool:
    """Whether the task itself speaks of the file: its author, who wrote it at the base, wants it changed."""
    name = PurePosixPath(path).name
    words = f"{task.title}\n{task.description}"
    return path in task.files or name in task.files or path in task.touches or name in words


def _parts(name: str, content: bytes | None) -> list[tuple[str, str]]:
    # Split at table headers and not parsed and written anew, so that all else stays as it is, comments too.
    parts: list[tuple[str, str]] = []
    for line in (content or b"").decode(errors="replace").splitlines(keepends=True):
        header = (_HEADER if name == "pyproject.toml" else _INI_HEADER).match(line)
        if header or not parts:
            parts.append((_tool(name, header[1]) if header else "", line))
        else:
            tool, text = parts[-1]
            parts[-1] = (tool, text + line)
    return parts


def _tool(name: str, header: str) -> str:
    if name == "pyproject.toml":
        words = [word.strip().strip("\"'") for word in header.split(".")]
        return _TOML_TOOLS.get(words[1], "") if len(words) > 1 and words[0] == "tool" else ""
    word = header.removeprefix("tool:").split(":")[0].split("-")[0].strip()
    return word if word in ("pytest", "coverage", "mypy") else ""


def _of(parts: list[tuple[str, str]], tool: str) -> str:
    lines = (line.strip() for name, text in parts if name == tool for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(("#", ";")))


def _settings(name: str, content: bytes | None) -> Mapping[str, object] | None:
    """What a file says to each tool, as the tools read it; None when it cannot be read. Only to be compared."""
    text = (content or b"").decode(errors="replace").removeprefix("\ufeff")
    found: dict[str, object] = {}
    if name == "pyproject.toml":
        try:
            tables = tomllib.loads(text).get("tool", {})
        except (tomllib.TOMLDecodeError, RecursionError):
            return None
        for table, settings in cast("dict[str, object]", tables).items() if isinstance(tables, dict) else ():
            if tool := _TOML_TOOLS.get(table):
                found[tool] = [*cast("list[object]", found.get(tool, [])), (table, settings)]
        return found
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    for section in parser.sections():
        if tool := _tool(name, section):
            found[tool] = [*cast("list[object]", found.get(tool, [])), (section, dict(parser[section]))]
    return found
