"""What the documents say is so: tables, links, commands, examples and limits are held to the code."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from devteam_action import app
from devteam_action.actions.grammar import SHAPES
from devteam_action.checks.interpreter import Interpreter
from devteam_action.checks.place import Job, Place
from devteam_action.configuration.reading import config_schema, parse_config
from devteam_action.domain.change import Change, ChangedFile
from devteam_action.domain.config import Config, ToolConfig
from devteam_action.domain.criteria import RULES, parse_required
from devteam_action.domain.events import ActivityType, Status
from devteam_action.domain.task import Task
from devteam_action.domain.tasklist import ListOptions, ProblemKind, read
from tests import document_texts as texts
from tests.documents import ROOT, SCHEMA, documents, error_classes, verbs, wanted
from tests.project import Project, adding
from tests.unit.tools.tool_jobs import Ran, make_job

PACKAGE = ROOT / "devteam_action"
SETUP = (
    "python3 -m venv .venv && .venv/bin/pip install -q '.[all]' && .venv/bin/devteam demo",
    "python3 -m venv .venv && .venv/bin/pip install -q -e '.[all,test]' && .venv/bin/python -m pytest",
)
# CONTRACT, commands: every verb that a complete devteam has.
CONTRACT_VERBS = (
    *("next", "tasks", "lint", "matrix", "prep", "implement", "verify", "run", "status", "logs", "stats"),
    *("guide", "stop", "resume", "retry", "skip", "inject", "health", "doctor", "init", "clean", "tools"),
    *("replay", "audit", "report", "action", "serve", "mcp", "demo"),
)

_FENCE = re.compile(r"^(?P<before>[^\n]*)\n[ ]*```(?P<language>\w*)\n(?P<body>.*?)^[ ]*```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def ids(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def without_code(text: str) -> str:
    return _INLINE.sub("", re.sub(r"^[ ]*```.*?^[ ]*```$", "", text, flags=re.MULTILINE | re.DOTALL))


def fences(path: Path, *languages: str) -> Iterator[tuple[str, str]]:
    """The line before each fence, and what the fence holds."""
    for found in _FENCE.finditer(f"\n{path.read_text()}"):
        if not languages or found["language"] in languages:
            yield found["before"].strip(), found["body"]


def shell_lines(body: str) -> list[str]:
    return [line.strip() for line in body.splitlines() if line.strip() and not line.strip().startswith("#")]


def one_fence(path: Path, marker: str) -> str:
    return next(body for before, body in fences(path) if before == marker)


# --- tables


@pytest.mark.parametrize("path", [*documents(), SCHEMA], ids=ids)
def test_generated_text_is_current(path):
    should = dict(wanted())[path]
    assert path.read_text() == should, "stale: run `python -m tests.documents --write`"


def test_the_tables_tell_of_everything_that_there_is():
    assert set(texts.CRITERIA) == set(RULES)
    assert set(texts.ERRORS) == {kind.code for kind in error_classes()} | {"bug"}
    assert set(texts.STATUSES) == set(get_args(Status))
    assert set(texts.ACTIVITIES) == set(get_args(ActivityType))
    assert set(texts.PROBLEMS) == set(get_args(ProblemKind))
    assert set(texts.COMMENT_COMMANDS) == set(SHAPES)


@pytest.mark.parametrize("name", texts.CRITERIA)
def test_the_example_of_a_criterion_can_be_read(name):
    assert parse_required(name, texts.CRITERIA[name][0], commands=("build",)).criterion == name


def test_every_end_of_a_run_is_explained():
    """A literal `code=` of Failed or StageFailed, anywhere in the package."""
    said = {word for key in texts.FAILURES for word in key.split()}
    found = {code for path in PACKAGE.rglob("*.py") for code in literal_codes(path)}
    assert {"attempts-spent", "conflict"} <= found  # the search sees something
    assert found <= said, f"document_texts.FAILURES lacks {sorted(found - said)}"


def literal_codes(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("Failed", "StageFailed"):
            yield from (
                str(each.value.value)
                for each in node.keywords
                if each.arg == "code" and isinstance(each.value, ast.Constant)
            )


def test_every_key_says_in_one_sentence_what_it_is_for():
    definitions = config_schema()["$defs"]
    silent = [
        f"{name}.{key}"
        for name, section in definitions.items()
        for key, about in section["properties"].items()
        if not re.fullmatch(r"[^\n]{10,110}\.", about.get("description", ""))
    ]
    assert not silent


# --- links and widths


@pytest.mark.parametrize("path", documents(), ids=ids)
def test_every_link_leads_somewhere(path):
    for target in _LINK.findall(without_code(path.read_text())):
        if re.match(r"\w+://|mailto:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), f"{ids(path)} links to {target}"
        if anchor:
            assert anchor in anchors(there), f"{ids(path)} links to {target}"


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives to headings."""
    titles = re.findall(r"^#{1,6} (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", [*documents(), *sorted((ROOT / "examples").rglob("*.yml"))], ids=ids)
def test_no_line_is_wider_than_160_columns(path):
    wide = [number for number, line in enumerate(path.read_text().splitlines(), 1) if len(line) > 160]
    assert not wide


@pytest.mark.parametrize("path", documents(), ids=ids)
def test_modules_that_are_named_are_there(path):
    if path.name == "CHANGELOG.md":
        return  # what was, need not be
    examples = {"devteam_action/checks/no_prints.py", "devteam_action/tools/shout.py", "src/config.py"}
    for name in _INLINE.findall(re.sub(r"^[ ]*```.*?^[ ]*```$", "", path.read_text(), flags=re.M | re.S)):
        if re.fullmatch(r"[\w/]+/[\w.]+\.(py|yml|json)", name) and not name.startswith("src/") and name not in examples:
            places = (ROOT, PACKAGE, ROOT / "tests", path.parent)
            assert any((place / name).exists() for place in places) or "runs/" in name, f"{ids(path)} names {name}"


# --- commands


def shown_commands() -> Iterator[tuple[str, str]]:
    for path in documents():
        text = path.read_text()
        for _, body in fences(path):
            for line in shell_lines(body):
                found = re.match(r"(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?devteam (.*)", line)
                if found and not line.startswith("devteam_action"):
                    yield ids(path), found[1]
        for code in _INLINE.findall(re.sub(r"^[ ]*```.*?^[ ]*```$", "", text, flags=re.MULTILINE | re.DOTALL)):
            if code.startswith("devteam "):
                yield ids(path), code.removeprefix("devteam ").replace("\\|", "|")


@pytest.mark.parametrize(("where", "command"), sorted(set(shown_commands())))
def test_a_command_that_is_shown_can_be_typed(where, command):
    argv = shlex.split(command, comments=True)
    known = verbs()
    if argv[0] == "COMMAND":
        argv[0] = "next"
    assert argv[0] in known, f"{where} shows `devteam {command}`"
    if len(argv) == 1 and command in known:
        return  # the verb by its name; what it needs is in the table
    if "--help" not in argv:
        known[argv[0]].parse_args(argv[1:])


@pytest.fixture(scope="module")
def worked_in(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A repository in which tasks 1.1.1 and 1.1.2 are done, and 1.2.1 is not."""
    tasks = "1.1 Words\n1.1.1 Write a.\n1.1.2 Write b.\n1.2 More\n1.2.1 Write c.\n"
    project = Project.make(
        tmp_path_factory.mktemp("documents"),
        tasks,
        patches={"1.1.1": adding("hello.txt", "a"), "1.1.2": adding("world.txt", "b")},
    )
    project.devteam("run", "--max-tasks", "2", "--deliver", "merge").ok()
    return project


RUN = [(ids(path), body) for path in documents() for before, body in fences(path, "sh") if before == "<!-- run -->"]


@pytest.mark.parametrize(("where", "body"), RUN)
def test_a_session_that_is_shown_works(where, body, worked_in):
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for line in shell_lines(body):
        done = subprocess.run(
            ("sh", "-c", line), cwd=worked_in.root, env={**os.environ, **worked_in.env, "PATH": path},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{where}: {line}\n{done.stdout}{done.stderr}"


def test_some_sessions_are_run():
    assert len(RUN) >= 3


# --- examples


@pytest.mark.parametrize("path", sorted((ROOT / "examples" / "config").glob("*.yml")), ids=ids)
def test_an_example_is_a_configuration(path):
    assert parse_config(path.read_bytes(), path.name) != Config()


@pytest.mark.parametrize(
    ("where", "body"), [(ids(path), body) for path in documents() for _, body in fences(path, "yaml")]
)
def test_yaml_that_is_shown_is_a_configuration(where, body):
    assert parse_config(body.encode(), where) != Config()


@pytest.mark.parametrize(
    ("where", "body"), [(ids(path), body) for path in documents() for _, body in fences(path, "json")]
)
def test_json_that_is_shown_is_json(where, body):
    assert msgspec.json.decode(body.encode())


LISTS = [(before, body) for before, body in fences(ROOT / "docs" / "task-lists.md") if before.startswith("<!-- list:")]


@pytest.mark.parametrize(("name", "body"), LISTS)
def test_a_list_that_is_shown_has_no_problem(name, body):
    found = read(body.encode(), ListOptions())
    dialect = {"treed": "wbs"}.get(name.split()[2], name.split()[2])
    assert (found.dialect, found.problems) == (dialect, ())
    assert found.tasks


def test_readmes_list_has_no_problem():
    body = next(body for _, body in fences(ROOT / "README.md") if "1.1.1 Add" in body)
    lines = [line.removeprefix("   ") for line in body.splitlines()]
    found = read("\n".join(lines).encode(), ListOptions())
    assert [task.id for task in found.tasks] == ["1.1.1", "1.1.2"]
    assert (found.dialect, found.problems) == ("wbs", ())


def test_the_check_of_the_page_finds_what_it_says(tmp_path):
    made = module(one_fence(ROOT / "docs" / "extending.md", "<!-- code: check -->"))
    (tmp_path / "a.py").write_text("x = 1\nprint(x)\n")
    nobody = Interpreter(path="python", version="3", installed={})
    place = Place(
        root=tmp_path, scratch=tmp_path, cache=tmp_path, env={}, python=nobody, own=nobody, timeout_s=5,
        stop=threading.Event(),
    )  # fmt: skip
    change = Change(base="b", head="h", tree="t", files=(ChangedFile(path="a.py", kind="added", added=(1, 2)),))
    job = Job(task=Task(id="1", title="t"), config=Config(), change=change, wanted={}, base=None, read=None)  # type: ignore[arg-type]
    (measured,) = made["NoPrints"]().measure(place, job)
    assert [(each.path, each.line) for each in measured.findings] == [("a.py", 2)]


def test_the_tool_of_the_page_does_what_it_says(tmp_path):
    made = module(one_fence(ROOT / "docs" / "extending.md", "<!-- code: tool -->"))
    job = make_job(tmp_path, ToolConfig(), tree_files={"README.md": "quiet\n"})
    ran = Ran(made["ShoutTool"]({}), job)
    assert ran.outcome.status == "finished"
    assert (job.tree / "README.md").read_text() == "QUIET\n"


def module(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "shown"}
    exec(compile(source, "docs/extending.md", "exec"), names)
    return names


# --- what is promised, and what is not


def test_readmes_two_commands_do_the_set_up():
    body = one_fence(ROOT / "README.md", "<!-- commands: setup -->")
    assert tuple(shell_lines(body)) == SETUP
    prepared, _, tests = SETUP[1].rpartition(" && ")
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert prepared in lines
    assert tests in lines
    assert lines.index(prepared) < lines.index(tests)


def test_the_limits_name_every_command_that_is_not_there_yet():
    limits = (ROOT / "README.md").read_text().partition("\n## Limits\n")[2].partition("\n## ")[0]
    missing = [verb for verb in CONTRACT_VERBS if verb not in verbs()]
    assert missing
    assert [verb for verb in missing if f"`{verb}`" not in limits] == []
    assert [verb for verb in verbs() if f"`{verb}`" in limits] == []


def test_no_command_is_there_that_nobody_promised():
    assert set(verbs()) <= set(CONTRACT_VERBS)


def test_the_example_environment_names_what_is_read_and_nothing_else():
    told = {name for key in texts.ENVIRONMENT for name in key.split()}
    standard = {name for key in texts.STANDARD_ENVIRONMENT for name in key.split()}
    assert set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)) == told
    assert read_variables() | set(app.MODEL_KEYS) == told | standard


def read_variables() -> set[str]:
    """Every variable that the package asks an environment for by its name."""
    asked: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text()
        asked |= set(re.findall(r'(?:variables|environ|env)\.get\(\s*"([A-Z][A-Z_]+)"', text))
        for group in re.findall(r"env\.get\(name\) for name in \(([^)]*)\)", text):
            asked |= set(re.findall(r'"([A-Z][A-Z_]+)"', group))
    return asked
