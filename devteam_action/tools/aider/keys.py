"""Which key a model needs: said before anything is installed or paid."""

from __future__ import annotations

from collections.abc import Mapping

from devteam_action.errors import ToolMissing

MODEL_KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY", "DEEPSEEK_API_KEY")

_BY_PROVIDER = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
}
# aider's short names, and the families that its model library knows without a provider's prefix.
_BY_FAMILY = (
    (("claude", "sonnet", "opus", "haiku"), "ANTHROPIC_API_KEY"),
    (("gpt-", "chatgpt", "o1", "o3", "o4", "4o", "4-turbo", "35turbo"), "OPENAI_API_KEY"),
    (("gemini", "flash"), "GEMINI_API_KEY"),
    (("deepseek", "r1"), "DEEPSEEK_API_KEY"),
    (("quasar", "optimus"), "OPENROUTER_API_KEY"),
)


def key_for(model: str) -> str | None:
    """The variable that the model's provider needs; None for a provider that we do not know (it may need none)."""
    name = model.strip().lower()
    if "/" in name:
        return _BY_PROVIDER.get(name.split("/", 1)[0])
    return next((key for families, key in _BY_FAMILY if name.startswith(families)), None)


def check_keys(models: tuple[str, ...], env: Mapping[str, str]) -> None:
    """Raises ToolMissing with the name of the variable that is not set (or is empty)."""
    named = [model for model in models if model]
    if not named and not any(env.get(key) for key in MODEL_KEYS):
        raise ToolMissing(
            f"aider has no model and no key: none of {', '.join(MODEL_KEYS)} is set",
            remedy="set one of them in the environment, or name a model in tools.aider.model",
        )
    for model in named:
        key = key_for(model)
        if key is not None and not env.get(key):
            raise ToolMissing(
                f"the model `{model}` needs a key: {key} is not set",
                remedy=f"set {key} in the environment (in GitHub Actions: `env:` of the step, from a secret)",
            )
