"""Every text that a person or a tool reads in full is a template; this is the one place that renders them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devteam_action.errors import ConfigError
from devteam_action.render.text import clean, cut, fenced, one_line

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment


def templates_dir() -> Path:
    """Where the templates are: inside the package once installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def render(name: str, **values: object) -> str:
    """The template `name` with `values`, in a sandbox; a value that the template needs and does not get is an error."""
    return _environment().get_template(name).render(**values)


def render_markdown(name: str, values: Mapping[str, object], *, yours: str = "") -> str:
    """The Markdown template `name` with `values`: every value is escaped for Markdown unless a filter did it.

    `yours` is the text of a user's template, taken in its place; it may `{% extends "<name>" %}` ours. Sections are
    marked in the answer (render/fit.py). Raises ConfigError for a template of the user's that cannot be rendered.
    """
    if not yours:
        return _markdown_environment().get_template(name).render(**values)
    environment = _markdown_environment()
    try:
        _refuse_joining(name, environment, yours)
        return environment.from_string(clean(yours)).render(**values)
    except ConfigError:
        raise
    except Exception as error:  # whatever a template does, ours is there
        line = getattr(error, "lineno", None)
        said = str(error) or type(error).__name__
        raise ConfigError(
            f"the template {name}{f', line {line}' if line else ''}: {said}",
            remedy=f'begin it with `{{% extends "{name}" %}}` and change blocks of it; ours is used until then',
        ) from error


def _refuse_joining(name: str, environment: SandboxedEnvironment, yours: str) -> None:
    from jinja2 import nodes

    joined = environment.parse(yours).find(nodes.Concat)
    if joined is not None:
        # Jinja escapes what it joins for HTML alone, and calls it done.
        raise ConfigError(
            f"the template {name}, line {joined.lineno}: `~` joins texts that are then not escaped",
            remedy="write `{{ one }}{{ two }}` for `{{ one ~ two }}`; ours is used until then",
        )


@lru_cache(maxsize=1)
def _markdown_environment() -> SandboxedEnvironment:
    from jinja2 import FileSystemLoader

    from devteam_action.render import fit, markdown
    from devteam_action.render.sandbox import MarkdownEnvironment

    filters: dict[str, Callable[..., Any]] = {
        "inline": markdown.inline,
        "code": markdown.code,
        "cell_code": markdown.cell_code,
        "html_code": markdown.html_code,
        "prose": markdown.prose,
        "fence": markdown.fence,
        "link": markdown.link,
        "linked": markdown.linked,
    }
    names: dict[str, object] = {"section": fit.section, "left_out_note": fit.left_out_note}
    return MarkdownEnvironment(FileSystemLoader(templates_dir()), filters, names)


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    # Markdown and prompts, not HTML: no autoescape. Hostile text is fenced or put on one line by a filter instead.
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(templates_dir()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    filters: dict[str, Callable[..., Any]] = {"clean": clean, "cut": cut, "fenced": fenced, "one_line": one_line}
    environment.filters.update(filters)
    return environment
