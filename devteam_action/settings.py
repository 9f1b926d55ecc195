"""Typed settings from layers, later wins: defaults, `.devteam.yml`, environment, command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from devteam_action.domain.config import Config
from devteam_action.errors import ConfigError, CriterionError

if TYPE_CHECKING:
    import yaml

CONFIG_PATHS = (".devteam.yml", ".github/devteam.yml")

_LARGEST_FILE = 1_000_000
_MOST_NODES = 20_000  # YAML aliases can make a small file huge
# Whole words of a name: GIT_AUTHOR_NAME, KEYBOARD and SSH_AUTH_SOCK hold no secret.
_SECRET_NAME = re.compile(r"(?i)(?:^|_)(?:token|secret|passw(?:or)?d|pass|credentials?|apikey)(?:_|$)|key$")
_WHERE = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"unknown field `(?P<field>[^`]*)`")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")

Path_ = tuple[str | int, ...]


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


def parse_config(data: bytes, path: str) -> Config:
    """The configuration in `data`; raises ConfigError with `path:line`, the key, and what was expected there."""
    import yaml

    if len(data) > _LARGEST_FILE:
        raise ConfigError(f"{path}:1: the file has {len(data)} bytes; no configuration needs that many")
    try:
        text = data.decode("utf-8-sig")
        node = yaml.compose(text, Loader=_loader())
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}: not UTF-8", remedy="save the file as UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = getattr(error, "problem", None) or "not YAML"
        raise ConfigError(f"{path}:{line}: {problem}", remedy="see the YAML of examples/devteam.yml") from None
    if node is None:
        return Config()
    lines: dict[Path_, int] = {}
    plain = _Plain(path, lines).value(node, ())
    try:
        config = msgspec.convert(plain, Config)
    except msgspec.ValidationError as error:
        raise _explain(str(error), path, plain, lines) from None
    _check_meaning(config, path, lines)
    return config


def with_environment(config: Config, environment: Environment) -> Config:
    """The configuration with what the environment says on top (PYTHON_PATH, where the file names no interpreter)."""
    if not environment.python or config.verify.python:
        return config
    return msgspec.structs.replace(config, verify=msgspec.structs.replace(config.verify, python=environment.python))


def config_schema() -> dict[str, Any]:
    """The JSON Schema of `.devteam.yml` (published as docs/devteam.schema.json)."""
    schema = msgspec.json.schema(Config)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": ".devteam.yml", **schema}


def _loader() -> type[yaml.SafeLoader]:
    import yaml

    class Loader(yaml.SafeLoader):
        """YAML 1.2 booleans: `baseline: off` is the word off, as a person means it."""

    resolvers = {
        first: [
            (tag, regex) for tag, regex in pairs if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
        ]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.yaml_implicit_resolvers = resolvers
    Loader.add_implicit_resolver(
        "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
    )
    return Loader


class _Plain:
    """YAML nodes as plain values, with the line of each; counts nodes, so that aliases cannot blow up."""

    def __init__(self, path: str, lines: dict[Path_, int]) -> None:
        self._path = path
        self._lines = lines
        self._count = 0

    def value(self, node: yaml.Node, at: Path_) -> object:
        import yaml

        self._count += 1
        line = node.start_mark.line + 1
        if self._count > _MOST_NODES:
            raise ConfigError(f"{self._path}:{line}: more than {_MOST_NODES} values; are aliases nested?")
        self._lines.setdefault(at, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*at, number)) for number, item in enumerate(node.value)]
        return self._scalar(node, line)

    def _mapping(self, node: yaml.MappingNode, at: Path_) -> dict[str, object]:
        plain: dict[str, object] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in plain:
                raise ConfigError(f"{self._path}:{line}: `{key}` is there twice", remedy="keep one of them")
            self._lines[(*at, key)] = line
            value = self.value(value_node, (*at, key))
            if value is not None:  # an empty value is an absent one
                plain[key] = value
        return plain

    def _scalar(self, node: yaml.Node, line: int) -> object:
        import yaml

        constructor = yaml.SafeLoader("")
        try:
            value = constructor.construct_object(node)
        except (yaml.YAMLError, ValueError):
            raise ConfigError(f"{self._path}:{line}: `{node.value}` cannot be read ({node.tag})") from None
        return value if isinstance(value, str | int | float | bool) or value is None else str(node.value)


def _explain(said: str, path: str, plain: object, lines: Mapping[Path_, int]) -> ConfigError:
    """msgspec's message with our file, line, key and the value that is there."""
    match = _WHERE.match(said)
    what, dotted = (match["what"], match["path"] or "") if match else (said, "")
    at = _steps(dotted, plain)
    unknown = _UNKNOWN.search(what)
    if unknown is not None:
        at = (*at, unknown["field"])
        section = _dotted(at[:-1]) or "the configuration"
        known = ", ".join(sorted(_known_keys(at[:-1])))
        return ConfigError(
            f"{path}:{_line(at, lines)}: unknown key `{_dotted(at)}`", remedy=f"{section} may have: {known}"
        )
    expected = what.replace("Expected", "expected").replace("`", "")
    expected = re.sub(r",? ?got .*$", "", expected)
    return ConfigError(
        f"{path}:{_line(at, lines)}: {_dotted(at) or 'the file'}: {expected}, got {_shown(plain, at)}",
        remedy="see docs/configuration.md for every key",
    )


def _steps(dotted: str, plain: object) -> Path_:
    """`.tools[...].model` as keys; msgspec writes `[...]` for any key, so the first that does not fit stays open."""
    steps: list[str | int] = []
    for name, index in _STEP.findall(dotted):
        if name:
            steps.append(name)
        elif index.isdigit():
            steps.append(int(index))
        else:
            break
    return tuple(steps)


def _known_keys(at: Path_) -> tuple[str, ...]:
    node: object = Config
    for step in at:
        fields = {field.encode_name: field.type for field in msgspec.structs.fields(node)} if _is_struct(node) else {}
        node = fields.get(str(step), node)
        arguments = getattr(node, "__args__", ())
        node = next((argument for argument in arguments if _is_struct(argument)), node)
    return tuple(field.encode_name for field in msgspec.structs.fields(node)) if _is_struct(node) else ()


def _is_struct(node: object) -> bool:
    return isinstance(node, type) and issubclass(node, Struct)


def _line(at: Path_, lines: Mapping[Path_, int]) -> int:
    while at not in lines and at:
        at = at[:-1]
    return lines.get(at, 1)


def _dotted(at: Path_) -> str:
    return ".".join(str(step) for step in at)


def _shown(plain: object, at: Path_) -> str:
    for step in at:
        if isinstance(plain, dict):
            plain = plain.get(step)
        elif isinstance(plain, list) and isinstance(step, int):
            plain = plain[step]
    text = f"'{plain}'" if isinstance(plain, str) else str(plain)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _check_meaning(config: Config, path: str, lines: Mapping[Path_, int]) -> None:
    """What types cannot say: criteria that can be judged, paths inside the repository, marks of one character."""
    from devteam_action.domain.criteria import parse_required

    for name, required in config.criteria.items():
        if required is False or str(required).strip().lower() in ("off", "no"):
            continue
        try:
            parse_required(name, "pass" if required is True else str(required), commands=config.commands)
        except CriterionError as error:
            raise CriterionError(
                f"{path}:{_line(('criteria', name), lines)}: {error.message}", remedy=error.remedy
            ) from None
    for listed in (config.tasks.path,) if isinstance(config.tasks.path, str) else config.tasks.path:
        if listed.startswith("/") or ".." in listed.split("/"):
            raise ConfigError(
                f"{path}:{_line(('tasks', 'path'), lines)}: tasks.path: '{listed}' is outside the repository",
                remedy="write the path from the repository's root",
            )
    for mark in config.tasks.marks:
        if len(mark) != 1:
            raise ConfigError(
                f"{path}:{_line(('tasks', 'marks', mark), lines)}: tasks.marks: expected one character, got '{mark}'"
            )
