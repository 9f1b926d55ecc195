"""aider's arguments and environment: nothing of the tree, nothing of ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from devteam_action.domain.config import ToolConfig
from devteam_action.errors import ToolMissing
from devteam_action.tools.aider.command_line import arguments, environment, prepare_folder, safe_message, usable_files
from devteam_action.tools.aider.hidden import hidden_settings
from devteam_action.tools.aider.keys import MODEL_KEYS, check_keys, key_for
from tests.unit.tools.tool_jobs import make_tree


@pytest.mark.parametrize("message", ["/run id", "!id", "\n /run id", "/etc/hosts is wrong"])
def test_a_message_never_begins_as_a_command(message: str) -> None:
    assert safe_message(message)[0] not in "/!"
    assert safe_message(message).lstrip()[0] not in "/!"
    assert message in safe_message(message)


def test_an_ordinary_message_stays_as_it_is() -> None:
    assert safe_message("Mend it\n/run id") == "Mend it\n/run id"


def test_every_file_that_aider_would_look_for_in_the_tree_is_named_outside_it(tmp_path: Path) -> None:
    folder = prepare_folder(tmp_path / "scratch", "do it")
    args = arguments(ToolConfig(model="openai/m"), folder, ())
    named = {args[i]: args[i + 1] for i in range(len(args) - 1) if args[i].endswith("-file")}
    assert named.pop("--env-file") == "/dev/null"
    assert set(named) == {
        "--model-settings-file", "--model-metadata-file", "--chat-history-file", "--input-history-file",
        "--llm-history-file", "--message-file",
    }  # fmt: skip
    assert all(Path(value).is_relative_to(tmp_path / "scratch") for value in named.values())
    prices = folder.home / ".aider" / "caches" / "model_prices_and_context_window.json"
    assert json.loads(prices.read_text())


def test_the_model_of_the_configuration_cannot_become_another_flag(tmp_path: Path) -> None:
    args = arguments(ToolConfig(model="--load=x", edit_format="diff"), prepare_folder(tmp_path, "x"), ())
    assert args[:3] == ("--model=--load=x", "--weak-model=--load=x", "--edit-format=diff")


def test_a_weak_model_of_its_own_is_taken(tmp_path: Path) -> None:
    args = arguments(ToolConfig(model="openai/m", weak_model="openai/w"), prepare_folder(tmp_path, "x"), ())
    assert "--weak-model=openai/w" in args


def test_only_regular_files_inside_the_tree_are_given_to_aider(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, {"-x.py": "1\n", "big.txt": "x" * 500_000, "pkg/a.py": "1\n"})
    (tree / "link.py").symlink_to("/etc/passwd")
    (tree.parent / "outside.py").write_text("1\n")
    good = ("calc.py", "pkg/a.py", "calc.py", "-x.py")
    bad = ("pkg", "gone.py", "link.py", "../outside.py", ".git/config", "big.txt")
    assert usable_files(tree, (*bad, *good)) == ("calc.py", "pkg/a.py", "./-x.py")


def test_the_environment_has_no_twin_of_a_flag_unless_it_was_named(tmp_path: Path) -> None:
    given = {
        "PATH": "/usr/bin:/bin", "OPENAI_API_KEY": "k", "AIDER_LOAD": "evil", "PYTHONPATH": "/evil", "GIT_DIR": "/evil",
        "XDG_CONFIG_HOME": "/evil", "AIDER_REASONING_EFFORT": "high", "HTTPS_PROXY": "http://proxy",
    }  # fmt: skip
    env = environment(given, ToolConfig(env=("AIDER_REASONING_EFFORT",)), tmp_path)
    assert {name for name in env if name.startswith(("AIDER_", "XDG_", "PYTHON"))} == {
        "AIDER_REASONING_EFFORT",
        "PYTHON_DOTENV_DISABLED",
    }
    assert "GIT_DIR" not in env
    assert (env["HOME"], env["OPENAI_API_KEY"], env["HTTPS_PROXY"]) == (str(tmp_path), "k", "http://proxy")
    assert Path(env["BROWSER"]).name == "true"


def test_settings_of_the_tree_are_away_during_the_call_and_back_after_it(tmp_path: Path) -> None:
    settings = {".env": "A=1\n", ".aider.conf.yml": "load: x\n", ".aiderignore": "*\n", ".aider/a": "1\n"}
    tree = make_tree(tmp_path, settings)
    before = sorted(path.name for path in tree.iterdir())
    with hidden_settings(tree, tmp_path / "aside"):
        assert sorted(path.name for path in tree.iterdir()) == [".git", "calc.py"]
        (tree / ".aider.chat.history.md").write_text("left behind")
        (tree / ".aider.conf.yml").write_text("written by the model")
        (tree / ".env").write_text("written by the model")
        (tree / ".aider.tags").mkdir()
    assert sorted(path.name for path in tree.iterdir()) == before
    assert (tree / ".env").read_text() == "A=1\n"
    assert (tree / ".aider.conf.yml").read_text() == "load: x\n"


def test_settings_come_back_when_the_call_breaks(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, {".env": "A=1\n"})
    with pytest.raises(RuntimeError), hidden_settings(tree, tmp_path / "aside"):
        raise RuntimeError
    assert (tree / ".env").read_text() == "A=1\n"


def test_a_new_env_file_of_the_model_stays_for_the_policy_to_judge(tmp_path: Path) -> None:
    tree = make_tree(tmp_path)
    with hidden_settings(tree, tmp_path / "aside"):
        (tree / ".env").write_text("KEY=1\n")
    assert (tree / ".env").read_text() == "KEY=1\n"


def test_a_link_among_the_settings_is_moved_and_never_followed(tmp_path: Path) -> None:
    tree, outside = make_tree(tmp_path), tmp_path / "outside"
    outside.mkdir()
    (outside / "keep").write_text("1")
    (tree / ".aider.d").symlink_to(outside)
    with hidden_settings(tree, tmp_path / "aside"):
        (tree / ".aider.new").symlink_to(outside)
    assert (tree / ".aider.d").is_symlink()
    assert not (tree / ".aider.new").is_symlink()
    assert (outside / "keep").exists()


@pytest.mark.parametrize(
    ("model", "key"),
    [
        ("openai/gpt-5", "OPENAI_API_KEY"), ("gpt-4o", "OPENAI_API_KEY"), ("o3-mini", "OPENAI_API_KEY"),
        ("anthropic/claude-sonnet-4", "ANTHROPIC_API_KEY"), ("sonnet", "ANTHROPIC_API_KEY"),
        ("gemini/gemini-2.5-pro", "GEMINI_API_KEY"), ("flash", "GEMINI_API_KEY"),
        ("openrouter/anthropic/claude", "OPENROUTER_API_KEY"), ("deepseek/deepseek-chat", "DEEPSEEK_API_KEY"),
        ("DeepSeek", "DEEPSEEK_API_KEY"), ("ollama/llama3", None), ("azure/gpt-4o", None), ("something", None),
    ],
)  # fmt: skip
def test_the_key_of_a_model_is_known_by_its_provider(model: str, key: str | None) -> None:
    assert key_for(model) == key


@pytest.mark.parametrize("env", [{}, {"OPENAI_API_KEY": ""}, {"ANTHROPIC_API_KEY": "k"}])
def test_a_key_that_is_not_set_is_named(env: dict[str, str]) -> None:
    with pytest.raises(ToolMissing, match="OPENAI_API_KEY") as caught:
        check_keys(("openai/gpt-5",), env)
    assert "OPENAI_API_KEY" in caught.value.remedy


def test_the_weak_models_key_is_needed_too() -> None:
    with pytest.raises(ToolMissing, match="GEMINI_API_KEY"):
        check_keys(("openai/gpt-5", "gemini/flash"), {"OPENAI_API_KEY": "k"})


def test_with_no_model_any_key_will_do_and_none_is_refused() -> None:
    check_keys(("", ""), {"DEEPSEEK_API_KEY": "k"})
    with pytest.raises(ToolMissing) as caught:
        check_keys(("", ""), {})
    assert all(key in caught.value.message for key in MODEL_KEYS)


def test_a_provider_that_may_need_no_key_is_not_refused() -> None:
    check_keys(("ollama/llama3",), {})
