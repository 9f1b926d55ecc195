"""YAML as plain values, with the line of each; hostile input ends in a sentence, not in an endless loop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from devteam_action.errors import ConfigError

if TYPE_CHECKING:
    import yaml

Place = tuple[str | int, ...]
"""Keys and list positions from the top of the file down to a value."""

LARGEST_FILE_BYTES = 100_000
MOST_VALUES = 20_000  # YAML aliases can make a small file huge
DEEPEST = 30
_TAG = "tag:yaml.org,2002:"

# Nearly the core schema of YAML 1.2: `off`, `1:30` and `2026-01-02` are words, and 010 is ten, as people mean it.
_SCALARS: Mapping[str, tuple[str, str]] = {
    "bool": (r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    "int": (r"^[-+]?[0-9]{1,18}$", "-+0123456789"),
    "float": (r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,2})?$", "-+.0123456789"),
    "null": (r"^(?:~|null|Null|NULL|)$", "~nN\0"),
}


class YamlText(Struct, frozen=True):
    """A file as it was read: `value` is made of dict, list, str, int, float and bool, and None for an empty file."""

    path: str
    value: object
    lines: Mapping[Place, int]

    def where(self, at: Place) -> str:
        """`path:line` of a value, or of the nearest thing around it that is there."""
        while at not in self.lines and at:
            at = at[:-1]
        return f"{self.path}:{self.lines.get(at, 1)}"


def read_yaml(data: bytes, path: str) -> YamlText:
    """The one document in `data`; raises ConfigError that begins with `path:line`. An empty value is an absent one."""
    if len(data) > LARGEST_FILE_BYTES:
        raise ConfigError(
            f"{path}:1: the file has {len(data)} bytes; at most {LARGEST_FILE_BYTES} are read",
            remedy="is this the right file? a configuration is a few dozen lines",
        )
    lines: dict[Place, int] = {}
    node = _compose(_decode(data, path), path)
    value = None if node is None else _Reader(path, lines).value(node, ())
    return YamlText(path, value, lines)


def _decode(data: bytes, path: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"{path}:{line}: the byte 0x{data[error.start]:02x} is not UTF-8", remedy="save the file as UTF-8"
        ) from None
    return text


def _compose(text: str, path: str) -> yaml.Node | None:
    import yaml

    try:
        # PyYAML comes without types.
        return cast("yaml.Node | None", cast(Any, yaml).compose(text, Loader=_loader()))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise ConfigError(f"{path}:{line}: {_problem(error)}", remedy=_mend(error)) from None
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        line = text[:position].count("\n") + 1
        raise ConfigError(
            f"{path}:{line}: a character that YAML does not allow", remedy="remove the control character on that line"
        ) from None
    except RecursionError:
        raise ConfigError(f"{path}:1: nested too deeply", remedy=f"nothing needs more than {DEEPEST} levels") from None


def _problem(error: yaml.MarkedYAMLError) -> str:
    problem = str(error.problem or "this is no YAML")
    if problem.startswith("but ") and error.context:
        problem = f"{error.context}, {problem}"
    return problem.replace("'\\t'", "tab")


def _mend(error: yaml.MarkedYAMLError) -> str:
    problem = str(error.problem or "")
    if "\\t" in problem:
        return "indent with spaces: YAML allows no tabs"
    if "single document" in str(error.context or ""):
        return "keep one document: remove the `---` line"
    if "alias" in problem:
        return "a name after `*` must be defined with `&` before; put text that begins with `*` in quotes"
    return "check indentation, quotes and colons around that line; put text with `: `, `#`, `*` or `@` in quotes"


def _loader() -> type[yaml.SafeLoader]:
    import yaml

    class Loader(yaml.SafeLoader):
        """Only what `_SCALARS` says is anything else than text."""

    Loader.yaml_implicit_resolvers = {}
    for name, (pattern, first) in _SCALARS.items():
        letters = [*first.replace("\0", ""), *([""] if "\0" in first else [])]
        cast(Any, Loader).add_implicit_resolver(f"{_TAG}{name}", re.compile(pattern), letters)
    return Loader


class _Reader:
    """Nodes to plain values; counts them, so that aliases cannot blow up."""

    def __init__(self, path: str, lines: dict[Place, int]) -> None:
        self._path = path
        self._lines = lines
        self._count = 0

    def value(self, node: yaml.Node, at: Place) -> object:
        import yaml

        self._count += 1
        line = node.start_mark.line + 1
        if self._count > MOST_VALUES:
            raise self._error(line, f"more than {MOST_VALUES} values", "are aliases (`*name`) nested?")
        if len(at) > DEEPEST:
            raise self._error(line, "nested too deeply", "does an alias (`*name`) hold itself?")
        self._lines.setdefault(at, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            items = cast("list[yaml.Node]", node.value)
            return [self.value(item, (*at, number)) for number, item in enumerate(items)]
        return self._scalar(node, line)

    def _mapping(self, node: yaml.MappingNode, at: Place) -> dict[str, object]:
        import yaml

        plain: dict[str, object] = {}
        seen: dict[str, int] = {}
        for key_node, value_node in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._error(line, "a key must be a word", "put a key that has brackets in quotes")
            key = self._text(str(key_node.value), line)
            if key == "<<" and key_node.style is None:
                raise self._error(line, "merge keys (`<<`) are not read", "write the keys out")
            if key in seen:
                raise self._error(line, f"`{key}` is there twice, first on line {seen[key]}", "keep one of them")
            seen[key] = line
            self._lines[(*at, key)] = line
            value = self.value(value_node, (*at, key))
            if value is not None:
                plain[key] = value
        return plain

    def _scalar(self, node: yaml.Node, line: int) -> object:
        text = self._text(str(node.value), line)
        kind = str(node.tag).removeprefix(_TAG)
        match kind:
            case "str":
                return text
            case "null":
                return None
            case "int" | "float" | "bool" if re.match(_SCALARS[kind][0], text):
                return int(text) if kind == "int" else float(text) if kind == "float" else text.lower() == "true"
            case _:
                raise self._error(line, f"`{text[:60]}` cannot be read as {node.tag}", "leave the tag (`!…`) out")

    def _text(self, text: str, line: int) -> str:
        # Such text could become neither an argument nor a file name.
        if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
            what = "a text holds a zero byte or half a character"
            raise self._error(line, what, r"remove the escape (`\0` or `\u…`)")
        return text

    def _error(self, line: int, problem: str, remedy: str) -> ConfigError:
        return ConfigError(f"{self._path}:{line}: {problem}", remedy=remedy)
