"""`.devteam.yml`: from bytes to a Config that makes sense, or to one sentence with file, line and key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from devteam_action.domain.config import Config
from devteam_action.domain.scar_config import problem
from devteam_action.errors import ConfigError, CriterionError

if TYPE_CHECKING:
    from devteam_action.configuration.yaml_lines import YamlText

CONFIG_PATHS = (".devteam.yml", ".github/devteam.yml")

_OFF = ("off", "no", "false")


def parse_config(data: bytes, path: str) -> Config:
    """The configuration in `data`; raises ConfigError or CriterionError with `path:line`, the key and the cure."""
    # Most repositories have no such file, and then YAML is not needed.
    from devteam_action.configuration.yaml_lines import read_yaml

    text = read_yaml(data, path)
    if text.value is None:
        return Config()
    try:
        config = msgspec.convert(text.value, Config)
    except msgspec.ValidationError as error:
        raise _explained(error, text) from None
    _check_criteria(config, text)
    _check_places(config, text)
    _check_words(config, text)
    _check_scar(config, text)
    return config


def config_schema() -> dict[str, Any]:
    """The JSON Schema of `.devteam.yml`, as programs publish it."""
    schema = msgspec.json.schema(Config)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": ".devteam.yml", **schema}


def _explained(error: msgspec.ValidationError, text: YamlText) -> ConfigError:
    from devteam_action.configuration.shape import misfits

    found = next(misfits(text.value), None)
    if found is None:
        return ConfigError(f"{text.path}:1: {error}")
    return ConfigError(f"{text.where(found.at)}: {found.what}", remedy=found.fix)


def _check_criteria(config: Config, text: YamlText) -> None:
    """Criteria and values that can be judged; a misspelt name that is switched off would switch off nothing."""
    from devteam_action.domain.criteria import parse_required

    for name, required in config.criteria.items():
        said = ("pass" if required else "off") if isinstance(required, bool) else str(required)
        try:
            # `0 errors`-like values differ by criterion; for one that is off only the name is asked about.
            _known(name, config) if is_off(required) else parse_required(name, said, commands=config.commands)
        except CriterionError as error:
            raise CriterionError(f"{text.where(('criteria', name))}: {error.message}", remedy=error.remedy) from None


def is_off(required: str | float | bool | None) -> bool:
    """Whether a required value takes its criterion away."""
    return required is False or str(required).strip().lower() in _OFF


def _known(name: str, config: Config) -> None:
    from devteam_action.domain.criteria import RULES, parse_required

    if name not in RULES and name not in config.commands:
        parse_required(name, "pass", commands=config.commands)


def _check_places(config: Config, text: YamlText) -> None:
    for listed in (config.tasks.path,) if isinstance(config.tasks.path, str) else config.tasks.path:
        if listed.startswith("/") or ".." in listed.split("/"):
            raise ConfigError(
                f"{text.where(('tasks', 'path'))}: tasks.path: '{listed}' is outside the repository",
                remedy="write the path from the repository's root",
            )


def _check_words(config: Config, text: YamlText) -> None:
    for mark in config.tasks.marks:
        if len(mark) != 1:
            raise ConfigError(
                f"{text.where(('tasks', 'marks', mark))}: tasks.marks: expected one character, got '{mark}'",
                remedy="a mark is what stands between the brackets of a box, such as `!`",
            )
    for name, command in config.commands.items():
        if not (command.strip() if isinstance(command, str) else command and command[0].strip()):
            raise ConfigError(
                f"{text.where(('commands', name))}: commands.{name}: expected a command, got an empty one",
                remedy=f"write what is to be run, such as `{name}: make {name}`",
            )


def _check_scar(config: Config, text: YamlText) -> None:
    wrong = problem(config.scar)
    if wrong is not None:
        raise ConfigError(f"{text.where(('scar', wrong.key))}: scar.{wrong.key}: {wrong.what}", remedy=wrong.fix)
