"""Every text that a person or a tool reads in full is a template; this is the one place that renders them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
