"""The sandbox in which Markdown templates are rendered, ours and users': nothing leaves it that no filter escaped.

What is `Markup` has been escaped. Jinja escapes whatever is joined to it for HTML, which is not Markdown: so joining
is refused, and of Jinja's own filters those that make Markup are replaced or taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import update_wrapper
from typing import Any, cast

from jinja2 import StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from devteam_action.render import markdown

# They call their answer safe, or are of no use in Markdown.
_NOT_HERE = ("attr", "format", "indent", "pprint", "random", "safe", "striptags", "tojson", "urlize", "xmlattr")
# They change text: what is escaped already may lose its escapes.
_OF_WORDS = ("center", "replace", "reverse", "trim", "truncate", "wordwrap")
_HOW = "is escaped already, and cannot be joined or changed: do that before, or write one after the other"


class _Generator(CodeGenerator):
    def visit_FilterBlock(self, node: nodes.FilterBlock, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        """What a filter makes of a whole block would be put out as it is."""
        self.fail("`{% filter %}` is not escaped: put the filter on the value", node.lineno)

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        """Slices go the way of other parts; Jinja's own go past the sandbox."""
        if not isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.write("environment.getitem(")
        self.visit(node.node, frame)
        self.write(", slice(")
        for part in (node.arg.start, node.arg.stop, node.arg.step):
            self.visit(part or nodes.Const(None), frame)
            self.write(", ")
        self.write("))")


class MarkdownEnvironment(SandboxedEnvironment):
    """Every value that a template puts out is escaped for Markdown, unless a filter of ours did it."""

    code_generator_class = _Generator
    intercepted_binops = frozenset({"+", "%"})

    def __init__(self, loader: Any, filters: Mapping[str, Callable[..., Any]], names: Mapping[str, object]) -> None:
        super().__init__(
            loader=loader,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=True,
            finalize=escaped,
        )
        for name in _NOT_HERE:
            del self.filters[name]
        for name in _OF_WORDS:
            self.filters[name] = _of_words(self.filters[name])
        self.filters.update(filters, e=escaped, escape=escaped, forceescape=markdown.inline, join=_join)
        cast("dict[str, object]", self.globals).update(names)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if isinstance(left, Markup) or isinstance(right, Markup):
            raise SecurityError(f"what stands beside `{operator}` {_HOW}")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return not isinstance(obj, Markup) and super().is_safe_attribute(obj, attr, value)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Markup):
            raise SecurityError(f"what a part is taken of {_HOW}")
        return super().getitem(obj, argument)


def escaped(value: object) -> object:
    """As it is put out; an undefined value must still raise."""
    return value if isinstance(value, Markup | StrictUndefined) else markdown.inline(value)


def _of_words(filter_: Callable[..., Any]) -> Callable[..., Any]:
    def checked(*arguments: Any, **named: Any) -> Any:
        if any(isinstance(each, Markup) for each in (*arguments, *named.values())):
            raise SecurityError(f"what this filter is given {_HOW}")
        return filter_(*arguments, **named)

    return update_wrapper(checked, filter_)  # with Jinja's mark of those that want the environment first


def _join(values: Iterable[object], between: str = "") -> str:
    """Plain text stays plain, for another filter; with something escaped in it all of it is."""
    parts = list(values)
    if not any(isinstance(each, Markup) for each in parts):
        return between.join(map(str, parts))
    space = Markup(between) if between.isspace() else markdown.inline(between)  # noqa: S704 - nothing to be read
    return space.join(each if isinstance(each, Markup) else markdown.inline(each) for each in parts)
