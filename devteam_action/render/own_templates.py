"""A repository's own words: templates of its base commit, each in the place of ours for as long as it works."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from devteam_action.errors import ConfigError
from devteam_action.render.fit import Measure, fit
from devteam_action.render.templates import render_markdown

FOLDER = ".devteam/templates"
NAMES = ("check_run.md.j2", "comment.md.j2", "pull_request.md.j2", "reply.md.j2", "summary.md.j2")
PATHS = tuple(f"{FOLDER}/{name}" for name in NAMES)


class OwnTemplates:
    """`files` maps paths such as PATHS to their content at the base commit; `tell` hears, once, of one that fails."""

    def __init__(
        self,
        files: Mapping[str, bytes] | None = None,
        *,
        tell: Callable[[str], None] = lambda said: None,
        redact: Callable[[str], str] = str,
    ) -> None:
        given = {name: (files or {}).get(f"{FOLDER}/{name}", b"") for name in NAMES}
        self._texts = {name: data.decode(errors="replace") for name, data in given.items() if data.strip()}
        self._tell = tell
        self._redact = redact
        self._refused: dict[str, str] = {}

    @property
    def troubles(self) -> tuple[str, ...]:
        """A sentence for each template that could not be used."""
        return tuple(self._refused.values())

    def filled(
        self,
        name: str,
        values: Callable[[], Mapping[str, object]],
        *,
        limit: int,
        marker: str = "",
        measure: Measure = len,
    ) -> str:
        """The template `name` with `values`, within `limit` where shedding can do it; `marker` stands in it once.

        Where the repository's own cannot be used, ours is; `values` are asked for again, as `troubles` are new then.
        """
        yours = self._texts.get(name)
        if yours is not None and name not in self._refused:
            try:
                text = fit(render_markdown(name, values(), yours=yours), limit, measure=measure)
                return _checked(name, text, limit, marker, measure)
            except ConfigError as error:
                self._refused[name] = self._redact(f"{error.message} ({error.remedy})")
                self._tell(self._refused[name])
        return fit(render_markdown(name, values()), limit, measure=measure)


NONE = OwnTemplates()


def _checked(name: str, text: str, limit: int, marker: str, measure: Measure) -> str:
    if marker and not text.startswith(marker):
        raise ConfigError(
            f"the template {name} has lost the marker by which the comment is found again",
            remedy="put `{{ marker }}` back, before everything else; ours is used until then",
        )
    if measure(text) > limit:
        raise ConfigError(
            f"the template {name} makes {measure(text)} characters; GitHub takes {limit}",
            remedy='put what may go in `{% call section("name", 10) %}…{% endcall %}`; ours is used until then',
        )
    return text
