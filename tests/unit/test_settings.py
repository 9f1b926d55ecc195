"""What a configuration file may say, and the one sentence that a wrong one gets: file:line, key, expected, got."""

from __future__ import annotations

import time

import msgspec
import pytest

from devteam_action.configuration.reading import config_schema, parse_config
from devteam_action.configuration.yaml_lines import LARGEST_FILE_BYTES
from devteam_action.domain.config import Config, TasksConfig, ToolConfig, VerifyConfig
from devteam_action.errors import BadInput
from devteam_action.settings import read_environment, with_environment

WRONG: dict[str, tuple[str | bytes, int, str, str]] = {
    # what is wrong: the file, the line to look at, what is said of it, what is said to do
    "unknown key": ("tool: replay\nmax-atempts: 2\n", 2, "unknown key `max-atempts`", "did you mean `max-attempts`?"),
    "underscores": ("max_attempts: 2\n", 1, "unknown key `max_attempts`", "did you mean `max-attempts`?"),
    "unknown key, no likeness": ("colour: red\n", 1, "unknown key `colour`", "tasks, tool, tools, verify"),
    "unknown key inside": ("tools:\n  aider:\n    modl: x\n", 3, "unknown key `tools.aider.modl`", "mean `model`?"),
    "unknown key in a section": ("verify: {base: on}\n", 1, "unknown key `verify.base`", "`verify` may have: baseline"),
    "number for text": ("\ntool: 3\n", 2, "tool: expected text, got 3", 'in quotes: "3"'),
    "boolean for text": ("remote: true\n", 1, "remote: expected text, got true", 'in quotes: "true"'),
    "text for boolean": ("push: yes\n", 1, "push: expected true or false, got 'yes'", "write true or false"),
    "number for boolean": ("push: 1\n", 1, "push: expected true or false, got 1", "write true or false"),
    "zero attempts": ("max-attempts: 0\n", 1, "expected a whole number of at least 1, got 0", "at least 1"),
    "half an attempt": ("max-attempts: 1.5\n", 1, "expected a whole number of at least 1, got 1.5", "at least 1"),
    "true attempts": ("max-attempts: true\n", 1, "expected a whole number of at least 1, got true", "at least 1"),
    "words for money": ("max-cost-usd: lots\n", 1, "max-cost-usd: expected a number of at least 0, got 'lots'", "0"),
    "endless money": ("max-cost-usd: .inf\n", 1, "expected a number of at least 0, got '.inf'", "at least 0"),
    "no time": ("verify:\n  timeout-minutes: 0\n", 2, "verify.timeout-minutes: expected a number above 0, got 0", "0"),
    "unknown choice": ("deliver: fax\n", 1, "deliver: expected one of branch, merge, pr, got 'fax'", "branch, merge"),
    "text for a list": ("setup: pip install x\n", 1, "expected a list of text, got 'pip", 'setup: ["pip install x"]'),
    "number in a list": ("setup:\n  - a\n  - 2\n", 3, "setup[2]: expected text, got 2", 'in quotes: "2"'),
    "empty list entry": ("protected:\n  - a\n  -\n", 3, "protected[2]: expected text, got nothing", "after the dash"),
    "section for a path": ("tasks:\n  path: {a: b}\n", 2, "expected text or a list of text, got a section", "write"),
    "number in a union": ("tasks: {path: [a, 1]}\n", 1, "tasks.path[2]: expected text, got 1", "quotes"),
    "text for a section": ("tasks: list.md\n", 1, "tasks: expected `key: value` lines, got 'list.md'", "dialect"),
    "list for the file": ("- tool\n- tools\n", 1, "the file: expected `key: value` lines, got a list", "its keys are"),
    "prose for the file": ("just words\n", 1, "the file: expected `key: value` lines, got 'just words'", "keys are"),
    "text for tools": ("tools: aider\n", 1, "tools: expected `name: …` lines", "model"),
    "empty command": ("commands:\n  docs: ''\n", 2, "commands.docs: expected a command", "make docs"),
    "command without a program": ("commands: {docs: []}\n", 1, "commands.docs: expected a command", "make docs"),
    "long mark": ("tasks:\n  marks:\n    wip: open\n", 3, "expected one character, got 'wip'", "brackets"),
    "list outside": ("tasks:\n  path: ../x.md\n", 2, "'../x.md' is outside the repository", "root"),
    "absolute list": ("tasks: {path: [a.md, /etc/passwd]}\n", 1, "'/etc/passwd' is outside the repository", "root"),
    "unknown criterion": ("criteria:\n  test.pas: pass\n", 2, "unknown criterion `test.pas`", "test.pass"),
    "misspelt criterion switched off": ("criteria: {lint.claen: off}\n", 1, "unknown criterion `lint.claen`", "lint"),
    "required banana": (
        "criteria:\n\n  test.coverage: ≥ banana\n",
        3,
        "`test.coverage: ≥ banana`",
        "expected one of ≥",
    ),
    "unknown operator": ("criteria: {test.coverage: '~ 80%'}\n", 1, "`test.coverage: ~ 80%`", "expected one of ≥"),
    "twice": ("tool: a\npush: true\ntool: b\n", 3, "`tool` is there twice, first on line 1", "keep one"),
    "twice, once empty": ("tool:\ntool: b\n", 2, "`tool` is there twice", "keep one"),
    "tab": ("tasks:\n\tpath: x\n", 2, "tab", "indent with spaces"),
    "open bracket": ("setup: [a\ntool: b\n", 2, "", "quotes and colons"),
    "two colons": ("tool: a: b\n", 1, "mapping values are not allowed here", "quotes"),
    "two documents": ("tool: a\n---\ntool: b\n", 2, "single document", "remove the `---`"),
    "unknown alias": ("tool: *model\n", 1, "undefined alias 'model'", "in quotes"),
    "alias of itself": ("setup: &a [*a]\n", 1, "nested too deeply", "hold itself"),
    "merge key": ("<<: {tool: x}\n", 1, "merge keys", "write the keys out"),
    "key with brackets": ("? [a]\n: b\n", 1, "a key must be a word", "quotes"),
    "object": ("tool: !!python/name:os.system x\n", 1, "cannot be read as tag", "leave the tag"),
    "not UTF-8": (b"tool: a\nremote: \xff\n", 2, "the byte 0xff is not UTF-8", "save the file as UTF-8"),
    "UTF-16": ("tool: a\n".encode("utf-16"), 1, "is not UTF-8", "save the file as UTF-8"),
    "zero byte": (b"tool: a\nremote: \x00\n", 2, "a character that YAML does not allow", "remove"),
    "escaped zero byte": ('base-branch: "a\\0b"\n', 1, "zero byte", "remove the escape"),
    "half a character": ('remote: "\\ud800"\n', 1, "half a character", "remove the escape"),
    "huge": (b"# " + b"x" * LARGEST_FILE_BYTES, 1, f"the file has {LARGEST_FILE_BYTES + 2} bytes", "right file?"),
    "deep": ("setup: " + "[" * 1200, 1, "nested too deeply", "levels"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_told_by_line_key_and_cure(name):
    content, line, said, cure = WRONG[name]
    data = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(BadInput) as caught:
        parse_config(data, ".devteam.yml")
    assert caught.value.exit_code == 2
    assert caught.value.message.startswith(f".devteam.yml:{line}: ")
    assert said in caught.value.message
    assert cure in caught.value.remedy
    assert "msgspec" not in caught.value.message
    assert len(caught.value.message.splitlines()) == 1


def test_nested_aliases_end_in_a_sentence_soon():
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    before = time.process_time()
    with pytest.raises(BadInput, match="more than"):
        parse_config("\n".join(levels).encode(), ".devteam.yml")
    assert time.process_time() - before < 3


READ: dict[str, tuple[str | bytes, Config]] = {
    "nothing": ("", Config()),
    "comments only": ("# later\n", Config()),
    "an empty section": ("tasks:\ntool:\n", Config()),
    "a BOM": (b"\xef\xbb\xbftool: replay\n", Config(tool="replay")),
    "Windows line ends": ("tool: replay\r\npush: false\r\n", Config(tool="replay", push=False)),
    "the word off": ("verify: {baseline: off}\n", Config(verify=VerifyConfig(baseline="off"))),
    "a date as a name": ("base-branch: 2026-01-02\n", Config(base_branch="2026-01-02")),
    "a time as a name": ("remote: 12:30\n", Config(remote="12:30")),
    "the word no": ("remote: no\n", Config(remote="no")),
    "ten, not eight": ("max-attempts: 010\n", Config(max_attempts=10)),
    "whole dollars": ("max-cost-usd: 5\n", Config(max_cost_usd=5.0)),
    "an anchor": (
        "tools:\n  aider: &a {model: x}\n  replay: *a\n",
        Config(tools={"aider": ToolConfig(model="x"), "replay": ToolConfig(model="x")}),
    ),
    "one path": ("tasks: {path: a.md}\n", Config(tasks=TasksConfig(path="a.md"))),
    "criteria of every kind": (
        "criteria: {test.coverage: '≥ 80%', lint.clean: true, docs: pass, build: off, diff.size: 200}\n"
        "commands: {docs: make}\n",
        Config(
            criteria={"test.coverage": "≥ 80%", "lint.clean": True, "docs": "pass", "build": "off", "diff.size": 200},
            commands={"docs": "make"},
        ),
    ),
}


@pytest.mark.parametrize("name", READ)
def test_what_people_write_is_read_as_they_mean_it(name):
    content, wanted = READ[name]
    assert parse_config(content if isinstance(content, bytes) else content.encode(), "x.yml") == wanted


def test_the_schema_names_every_key():
    text = msgspec.json.encode(config_schema()).decode()
    for key in ("max-attempts", "stop-on-error", "request-timeout-seconds", "phase-order"):
        assert f'"{key}"' in text


def test_the_environment_names_an_interpreter_only_where_the_file_does_not():
    environment = read_environment({"PYTHON_PATH": "/opt/python", "HOME": "/home/user"})
    assert with_environment(parse_config(b"", "x.yml"), environment).verify.python == "/opt/python"
    assert with_environment(parse_config(b"verify: {python: py}", "x.yml"), environment).verify.python == "py"


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("GIT_TOKEN", True),
        ("OPENAI_API_KEY", True),
        ("DB_PASSWORD", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("GIT_AUTHOR_NAME", False),
        ("KEYBOARD", False),
        ("SSH_AUTH_SOCK", False),
    ],
)
def test_values_under_names_that_speak_of_secrets_are_secret(name, is_secret):
    assert ("abcdef123456" in read_environment({name: "abcdef123456"}).secrets) is is_secret
    assert "abcdef123456" not in repr(read_environment({name: "abcdef123456"}))


def test_empty_variables_count_as_absent():
    environment = read_environment({"HOME": "/home/user", "WORKSPACE_DIR": "", "LOG_LEVEL": ""})
    assert (str(environment.workspace_dir), environment.log_level) == ("/home/user/.cache/devteam/work", "INFO")


WRONG_SCAR: dict[str, tuple[str, int, str, str]] = {
    "no scheme": (
        "scar:\n  base-url: scar:3000\n",
        2,
        "scar.base-url: the address of a server begins with http",
        "as `",
    ),
    "a password": ("scar: {base-url: 'http://u:p@scar'}\n", 1, "SCAR has no authentication", "http://localhost:3000"),
    "a query": ("scar: {base-url: 'http://scar/?a=b'}\n", 1, "no question mark", "http://localhost:3000"),
    "no port": ("scar: {base-url: 'http://scar:x'}\n", 1, "no address of a server", "http://localhost:3000"),
    "no prefix": ("scar:\n  conversation-prefix: ''\n", 2, "'' cannot begin a conversation's id", "letters"),
    "slash in the prefix": ("scar: {conversation-prefix: a/b}\n", 1, "'a/b' cannot begin", "letters"),
    "slow polls": ("scar: {poll-interval: 500}\n", 1, "scar.poll-interval: more than a minute", "seconds"),
    "no polls": (
        "scar: {poll-interval: 0}\n",
        1,
        "scar.poll-interval: expected a number of at least 0.1, got 0",
        "0.1",
    ),
    "a storm of polls": ("scar: {poll-interval: 0.0001}\n", 1, "expected a number of at least 0.1", "0.1"),
    "no planning command": ("scar: {plan-commands: []}\n", 1, "scar.plan-commands: no command at all", "plan-feature"),
    "a time for no command": (
        "scar:\n  command-timeouts: {primee: 5}\n",
        2,
        "scar.command-timeouts: 'primee' is none of the commands that are run",
        "prime, plan-feature-github",
    ),
    "two words to clone": ("scar: {clone-url: 'a b'}\n", 1, "scar.clone-url: 'a b' is no address", "blanks"),
    "no command": ("scar:\n\n  commands: []\n", 3, "scar.commands: no command at all", "execute-github"),
    "command with arguments": ("scar: {commands: [prime now]}\n", 1, "'prime now' is no command's name", "file's name"),
    "command of slashes": ("scar: {command-timeouts: {/repo: 5}}\n", 1, "'/repo' is no command's name", "file's name"),
    "repository elsewhere": ("scar: {repositories: [a/b]}\n", 1, "'a/b' is no repository's name", "folder"),
}


@pytest.mark.parametrize("name", WRONG_SCAR)
def test_a_wrong_value_for_scar_is_told_with_its_place_and_cure(name):
    text, line, said, cure = WRONG_SCAR[name]
    with pytest.raises(BadInput) as wrong:
        parse_config(text.encode(), ".devteam.yml")
    assert wrong.value.message.startswith(f".devteam.yml:{line}: ")
    assert said in wrong.value.message
    assert cure in wrong.value.remedy


def test_the_names_of_scars_own_client_count_over_the_file():
    config = parse_config(b"scar: {base-url: 'http://one:1', timeout-seconds: 7, poll-interval: 2}", "x")
    scar = with_environment(
        config,
        read_environment(
            {
                "SCAR_BASE_URL": "http://two:2",
                "SCAR_TIMEOUT_SECONDS": "12.5",
                "SCAR_CONVERSATION_PREFIX": "mine-",
            }
        ),
    ).scar
    assert (scar.base_url, scar.timeout_seconds, scar.conversation_prefix) == ("http://two:2", 12.5, "mine-")
    assert scar.poll_interval == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SCAR_BASE_URL", "scar"),
        ("SCAR_TIMEOUT_SECONDS", "soon"),
        ("SCAR_TIMEOUT_SECONDS", "inf"),
        ("SCAR_TIMEOUT_SECONDS", "-1"),
        ("SCAR_CONVERSATION_PREFIX", "a b"),
    ],
)
def test_a_wrong_variable_of_scar_is_named(name, value):
    with pytest.raises(BadInput, match=name):
        with_environment(Config(), read_environment({name: value}))


def test_a_command_has_its_own_time_or_that_of_all():
    scar = parse_config(b"scar: {command-timeout: 100, command-timeouts: {prime: 5}}", "x").scar
    assert (scar.timeout_of("prime"), scar.timeout_of("validate")) == (5, 100)


def test_the_tool_that_writes_is_the_one_with_that_role():
    assert parse_config(b"tool: aider\nimplement-with: scar", "x").writer == "scar"
    assert parse_config(b"tool: command", "x").writer == "command"
