"""The tables of the documents, made from the code: `python -m tests.documents` names what is stale, `--write` mends it.

A table stands between `<!-- begin: NAME -->` and `<!-- end: NAME -->`. What code cannot know (an example, a word of
advice) stands in tests/document_texts.py, and a test holds its keys against the code.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast, get_args

import msgspec
import yaml
from msgspec import inspect

from devteam_action import errors
from devteam_action.actions.grammar import CONTROL, SHAPES
from devteam_action.cli.parser import build_parser
from devteam_action.configuration.reading import config_schema
from devteam_action.configuration.shape import bare
from devteam_action.domain.activity import Classifier
from devteam_action.domain.config import Config
from devteam_action.domain.events import AnyEvent, Stage
from devteam_action.domain.results import StageResult
from devteam_action.domain.tasklist import ListOptions, read
from devteam_action.pipeline import bus
from tests import document_texts as texts

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "docs" / "devteam.schema.json"
_SPOT = re.compile(r"(<!-- begin: ([\w-]+) -->\n)(.*?)(<!-- end: \2 -->)", re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_LIST = re.compile(r"<!-- list: ([\w-]+) -->\n```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def documents() -> list[Path]:
    """Every document that people read."""
    top = (ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "tests/README.md"))
    return [*top, *sorted((ROOT / "docs").glob("*.md"))]


def with_tables(text: str) -> str:
    """The document with every table as the code has it now; raises KeyError for a table that nobody makes."""
    lists = dict(_LIST.findall(text))

    def table(found: re.Match[str]) -> str:
        name = found[2]
        listed = lists.get(name.removeprefix("tasks-")) if name.startswith("tasks-") else None
        body = tasks(listed) if listed is not None else TABLES[name]()
        return f"{found[1]}{body}\n{found[4]}"

    return _SPOT.sub(table, text)


def schema() -> str:
    """The JSON Schema of the configuration, as it is published."""
    return msgspec.json.format(msgspec.json.encode(config_schema()), indent=2).decode() + "\n"


def wanted() -> Iterator[tuple[Path, str]]:
    """Every generated file with the text that it should have."""
    for path in documents():
        if path.is_file():
            yield path, with_tables(path.read_text())
    yield SCHEMA, schema()


def rows(head: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *(list(row) for row in body)]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _code(*words: object) -> str:
    return " ".join(f"`{word}`" for word in words)


def _sentence(kind: type) -> str:
    """The first sentence of a docstring, on one line."""
    said = re.split(r"(?<=[.])\s", " ".join((kind.__doc__ or "").split()))[0]
    # Documents speak of JSON, whose names are written in one word.
    return re.sub(r"`\w+`", lambda name: re.sub(r"_([a-z])", lambda found: found[1].upper(), name[0]), said)


# --- the command line


def commands() -> str:
    tooling = [_option(each) for each in _own(verbs()["implement"])]
    found: list[tuple[str, str, str]] = []
    for name, sub in verbs().items():
        places = [_placed(each) for each in _own(sub, options=False)]
        options = [_option(each) for each in _own(sub)]
        if set(tooling) <= set(options):
            options = [*(each for each in options if each not in tooling), "*tool options*"]
        found.append((_code(" ".join((f"devteam {name}", *places))), sub.description or "", " ".join(options)))
    table = rows(("command", "what it does", "its own options"), found)
    return f"{table}\n\n*Tool options*: {' '.join(tooling)}."


def verbs() -> dict[str, argparse.ArgumentParser]:
    """The commands that the parser knows."""
    parser = build_parser()
    subs = next(each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    return dict(subs.choices)


def _own(sub: argparse.ArgumentParser, *, options: bool = True) -> list[argparse.Action]:
    """Its options, or its places, without those that many commands share."""
    groups = (group for group in sub._action_groups if group.title != "common options")
    found = [each for group in groups for each in group._group_actions if bool(each.option_strings) == options]
    return [each for each in found if each.dest not in ("help", "idempotency_key")]


def _placed(action: argparse.Action) -> str:
    name = "|".join(map(str, action.choices)) if action.choices else str(action.metavar or action.dest)
    return f"[{name}]" if action.nargs == "?" else name


def _option(action: argparse.Action) -> str:
    value = "|".join(map(str, action.choices)) if action.choices else str(action.metavar or action.dest.upper())
    name = action.option_strings[-1]
    return _code(name if action.nargs == 0 else f"{name} {value}")


def exit_codes() -> str:
    unknown = {str(kind.exit_code) for kind in error_classes()} - set(texts.EXIT_CODES)
    assert not unknown, f"document_texts.EXIT_CODES says nothing of {unknown}"
    return rows(("code", "meaning"), texts.EXIT_CODES.items())


# --- errors, criteria, configuration


def error_classes() -> list[type[errors.DevteamError]]:
    """Every error that a user can meet, in the order of errors.py."""
    kinds = [each for each in vars(errors).values() if isinstance(each, type)]
    return [each for each in kinds if issubclass(each, errors.DevteamError) and each is not errors.DevteamError]


def error_table() -> str:
    found = [
        (
            _code(kind.code),
            str(kind.exit_code),
            "yes" if kind.retryable else "",
            _sentence(kind),
            texts.ERRORS[kind.code],
        )
        for kind in error_classes()
    ]
    bug = (_code("bug"), "70", "", "Something that nobody foresaw.", texts.ERRORS["bug"])
    return rows(("code", "exit", "again", "when", "what to do"), [*found, bug])


def failures() -> str:
    return rows(
        ("reason", "what happened", "what to do"),
        ((_code(*key.split()), *said) for key, said in texts.FAILURES.items()),
    )


def criteria() -> str:
    found = [(_code(name), _code(example), said) for name, (example, said) in texts.CRITERIA.items()]
    own = ("a name under `commands:`", _code("pass"), "the exit code of your command: 0 passes")
    return rows(("criterion", "such as", "what is measured"), [*found, own])


def configuration() -> str:
    return rows(("key", "type", "default", "what for"), _keys(inspect.type_info(Config), ""))


def _keys(kind: inspect.Type, prefix: str) -> Iterator[tuple[str, str, str, str]]:
    assert isinstance(kind, inspect.StructType)
    for field in kind.fields:
        name, inner = f"{prefix}{field.encode_name}", bare(field.type)
        if isinstance(inner, inspect.StructType):
            yield from _keys(inner, f"{name}.")
        elif isinstance(inner, inspect.DictType) and isinstance(inner.value_type, inspect.StructType):
            yield from _keys(inner.value_type, f"{name}.<name>.")
        else:
            about = field.type.extra_json_schema if isinstance(field.type, inspect.Metadata) else None
            yield _code(name), _words(inner), _default(field), str((about or {})["description"])


def _words(kind: inspect.Type) -> str:
    match kind:
        case inspect.StrType():
            return "text"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType(ge=low) | inspect.FloatType(ge=low) if low is not None:
            return f"number, from {low:g}"
        case inspect.FloatType(gt=low) if low is not None:
            return f"number above {low:g}"
        case inspect.LiteralType(values=values):
            return ", ".join(_code(each) for each in sorted(map(str, values)))
        case inspect.VarTupleType():
            return "list"
        case inspect.DictType(value_type=inspect.LiteralType() as value):
            return f"names, each {_words(value)}"
        case inspect.DictType(value_type=inspect.FloatType() as value):
            return f"names, each {_words(value)}"
        case inspect.DictType(value_type=value):
            return "names, each text or list" if _words(value) == "text or list" else "names, each a value"
        case inspect.UnionType(types=kinds):
            return " or ".join(dict.fromkeys(_words(each) for each in kinds if not isinstance(each, inspect.NoneType)))
        case _:
            return "a value"


def _default(field: inspect.Field) -> str:
    value: Any = field.default
    if value is msgspec.NODEFAULT or value in ("", (), None):
        return ""
    if isinstance(value, tuple):
        return _code(*cast("tuple[str, ...]", value))
    return _code(str(value).lower() if isinstance(value, bool) else value)


def environment() -> str:
    return rows(("variable", "what it does"), ((_code(*key.split()), said) for key, said in texts.ENVIRONMENT.items()))


def standard_environment() -> str:
    found = ((_code(*key.split()), said) for key, said in texts.STANDARD_ENVIRONMENT.items())
    return rows(("variable", "what it does"), found)


# --- GitHub


def comment_commands() -> str:
    found = (
        (_code(f"/devteam {SHAPES[name]}"), "while a run is going, too" if name in CONTROL else "", said)
        for name, said in texts.COMMENT_COMMANDS.items()
    )
    return rows(("command", "takes effect", "what it does"), found)


def github_events() -> str:
    return rows(("event", "by whom", "what comes of it"), texts.GITHUB_EVENTS)


# --- events


def events() -> str:
    found: list[tuple[str, str, str]] = []
    for kind in get_args(AnyEvent):
        common = msgspec.structs.fields(kind.__mro__[1])
        own = [
            each.encode_name for each in msgspec.structs.fields(kind) if each.name not in {one.name for one in common}
        ]
        found.append((_code(kind.__struct_config__.tag), _code(*own), _sentence(kind)))
    return rows(("type", "its own fields", "when"), found)


def stage_results() -> str:
    found = ((_code(kind.__struct_config__.tag), _sentence(kind)) for kind in get_args(StageResult))
    return rows(("kind", "what it says"), found)


def activity_types() -> str:
    found: list[tuple[str, str, str]] = []
    for kind, example in texts.ACTIVITIES.items():
        classifier = Classifier(execution_id="run", project_id="project", source="tool")
        drafts = [*classifier.feed(example.split("\n")), *classifier.flush()]
        assert [each.type for each in drafts] == [kind], f"{example!r} is {drafts}, not {kind}"
        shown = _code(*example.split("\n")) if "`" not in example else f"`` {example} ``"
        found.append((_code(kind), shown, _code(*drafts[0].details)))
    return rows(("type", "such as the line", "`details`"), found)


def progress() -> str:
    found = (
        (stage, str(bus._BEFORE[stage]), str(bus._WEIGHTS[stage])) for stage in get_args(Stage) if bus._WEIGHTS[stage]
    )
    return rows(("stage", "begins at", "adds"), found)


def statuses() -> str:
    return rows(("status", "meaning"), ((_code(key), said) for key, said in texts.STATUSES.items()))


# --- task lists


def problems() -> str:
    return rows(("problem", "severity", "what it means"), ((_code(key), *said) for key, said in texts.PROBLEMS.items()))


def tasks(listed: str) -> str:
    """What an example list of a document is read as."""
    found = read(listed.encode(), ListOptions())
    waits = (", ".join(task.dependencies) for task in found.tasks)
    # A path of the example is no link of the document.
    body = ((_code(task.id), _LINK.sub(r"\1", task.title), said) for task, said in zip(found.tasks, waits, strict=True))
    return rows(("task", "title", "waits for"), body)


# --- the action


def action_inputs() -> str:
    found = _action()["inputs"].items()
    body = ((_code(name), _code(each["default"]) if each["default"] else "", _plain(each)) for name, each in found)
    return rows(("input", "default", "what for"), body)


def action_outputs() -> str:
    return rows(("output", "what it is"), ((_code(name), _plain(each)) for name, each in _action()["outputs"].items()))


def _action() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "action.yml").read_text())


def _plain(described: dict[str, str]) -> str:
    return " ".join(described["description"].split())


TABLES: dict[str, Callable[[], str]] = {
    "commands": commands,
    "exit-codes": exit_codes,
    "errors": error_table,
    "failures": failures,
    "criteria": criteria,
    "configuration": configuration,
    "environment": environment,
    "standard-environment": standard_environment,
    "comment-commands": comment_commands,
    "github-events": github_events,
    "events": events,
    "stage-results": stage_results,
    "activity-types": activity_types,
    "progress": progress,
    "statuses": statuses,
    "problems": problems,
    "action-inputs": action_inputs,
    "action-outputs": action_outputs,
}


def main() -> int:
    write = sys.argv[1:] == ["--write"]
    stale = [(path, text) for path, text in wanted() if not path.is_file() or path.read_text() != text]
    for path, text in stale:
        if write:
            path.write_text(text)
        print(f"{'written' if write else 'stale'}: {path.relative_to(ROOT)}")
    return int(bool(stale) and not write)


if __name__ == "__main__":
    sys.exit(main())
