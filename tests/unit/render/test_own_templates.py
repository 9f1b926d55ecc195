"""Templates of a repository: each may take the place of ours, none can say what it was not given escaped."""

from __future__ import annotations

import re

import msgspec
import pytest

from devteam_action.domain.view import view_of
from devteam_action.render.check_texts import check_texts
from devteam_action.render.comment import comment_body
from devteam_action.render.markers import task_marker
from devteam_action.render.own_templates import FOLDER, NAMES, OwnTemplates
from devteam_action.render.pull_request import pull_request_text
from devteam_action.render.reply import reply
from devteam_action.render.summary import summary_text
from devteam_action.render.templates import templates_dir
from tests.unit.render.stories import FACTS, TASK, green, red
from tests.unit.render.test_markdown import LINKED, rendered, words
from tests.unit.render.test_reports import everywhere

HOSTILE = "<!-- x --> @ann #12 **b** https://evil.example <b> | `"


def own(name: str, text: str) -> tuple[OwnTemplates, list[str]]:
    told: list[str] = []
    return OwnTemplates({f"{FOLDER}/{name}": text.encode()}, tell=told.append), told


def comment(text: str, *, title: str = "") -> tuple[str, list[str]]:
    """The comment by the repository's own template, and what was told of that."""
    templates, told = own("comment.md.j2", text)
    view = view_of(everywhere(title) if title else red())
    return comment_body(view, msgspec.structs.replace(FACTS, own=templates)), told


def every(templates: OwnTemplates) -> dict[str, str]:
    """Each surface as these templates make it, by the name of its template."""
    facts = msgspec.structs.replace(FACTS, own=templates)
    view = view_of(green())
    check = check_texts(view, facts)
    return {
        "check_run.md.j2": check.summary + check.text,
        "comment.md.j2": comment_body(view, facts),
        "pull_request.md.j2": pull_request_text(TASK, list_link="", run_link="", own=templates)[1],
        "reply.md.j2": reply("status", "ann", "all is well", own=templates),
        "summary.md.j2": summary_text(view, facts),
    }


def test_an_extended_template_changes_its_blocks_and_keeps_the_rest() -> None:
    block = '## {{ report.title }} for {{ "us" }}\n{{ super() }}'
    body, told = comment(f'{{% extends "comment.md.j2" %}}{{% block headline %}}{block}{{% endblock %}}')
    assert "## Hide the export button in src/export.py while the flag is off for us\n" in body
    assert "### ❌ 1.1.2" in body
    assert body.startswith(task_marker("1.1.2"))
    assert told == []


@pytest.mark.parametrize("name", NAMES)
def test_each_template_of_ours_can_be_extended(name: str) -> None:
    templates, told = own(
        name, f'{{% extends "{name}" %}}{{% block footer %}}{{{{ super() }}}} Ask ann.{{% endblock %}}'
    )
    with_own, ours = every(templates), every(OwnTemplates())
    assert told == []
    assert "Ask ann." in with_own.pop(name)
    del ours[name]
    assert with_own == ours


@pytest.mark.parametrize(
    ("yours", "says"),
    [
        ("hello {{ report.title }}", "has lost the marker"),
        ("Report: {{ marker }}", "has lost the marker"),
        ("{{ marker }}{% filter upper %}{{ report.title }}{% endfilter %}", "is not escaped"),
        ("{{ marker }}\n{% for n in range(70000) %}x{% endfor %}", "characters; GitHub takes"),
        ('{% extends "comment.md.j2" %}{% block headline %}', "line 1"),
        ('{% extends "/etc/passwd" %}', "/etc/passwd"),
        ('{% include "../pyproject.toml" %}', "pyproject.toml"),
        ("{{ marker }}{{ nothing.here }}", "'nothing' is undefined"),
        ("{{ marker }}{{ report.__class__.__mro__ }}", "unsafe"),
        ("{{ marker }}\n{{ marker ~ report.title }}", "line 2: `~` joins"),
        ("{{ marker }}{{ 1 / 0 }}", "division by zero"),
        ("{{ marker }}{{ range(10000000) }}", "Range too big"),
        ("{{ marker }}{{ report.title | truncate(2) }}", "expected length"),  # an AssertionError of Jinja's
        ("{{ marker }}{{ report.nope }}", "no attribute 'nope'"),
        ('{{ marker }}{% call section("x", "high") %}hello{% endcall %}', "section('x', 'high')"),
        ('{{ marker }}{% call section("x", -1) %}hello{% endcall %}', "section('x', -1)"),
        ("{{ marker + report.title }}", "beside `+` is escaped already"),
        ('{{ "%s" % marker }}', "beside `%` is escaped already"),
        ("{{ marker }}{% set x %}a{% endset %}{{ x.join([report.title]) }}", "unsafe"),
        ("{{ marker }}{{ (report.title | inline)[1:] }}", "a part is taken of"),
        ("{{ marker }}{{ report.title | inline | replace('&', '') }}", "this filter is given"),
        *((f"{{{{ marker }}}}{{{{ report.title | {name} }}}}", f"No filter named '{name}'")
          for name in ("safe", "urlize", "tojson", "xmlattr", "format")),
    ],
)  # fmt: skip
def test_a_template_that_cannot_be_used_leaves_ours_and_its_reason(yours: str, says: str) -> None:
    body, told = comment(yours)
    ours = comment_body(view_of(red()), FACTS)
    assert ours.partition("<details")[0] in body.replace(body.partition("⚠️")[2].partition("\n")[0], "").replace(
        "⚠️\n\n", ""
    )
    assert [says in said and "comment.md.j2" in said and "ours is used until then" in said for said in told] == [True]
    assert "⚠️ the template comment.md.j2" in body
    assert not re.search("[\x00-\x08]", body)


def test_a_template_that_failed_is_told_of_once() -> None:
    templates, told = own("comment.md.j2", "no marker")
    facts = msgspec.structs.replace(FACTS, own=templates)
    assert comment_body(view_of(red()), facts) == comment_body(view_of(red()), facts)
    assert len(told) == 1


@pytest.mark.parametrize(
    "said",
    [
        "{{ report.title }}",
        "{{ report.title | e }}",
        "{{ report.title | forceescape }}",
        "{{ [report.title, 'b' | code] | join(' ') }}",
        "{% set x %}{{ report.title }}{% endset %}{{ x }}",
        "{% autoescape false %}{{ report.title }}{% endautoescape %}",
        "{{ report.title + ' and more' }}",
        "{{ report.title[1:] | truncate(60) }}",
        "{{ 'x' | link('https://x.example') }}{{ report.title | string }}",
        "{% for each in report.results | map(attribute='why') %}{{ each }}{% endfor %}",
        "{% call section(report.title, 1) %}{{ report.title }}{% endcall %}",
    ],
)
def test_whatever_a_template_does_with_a_value_it_is_escaped(said: str) -> None:
    body, told = comment(f"{{{{ marker }}}}\n\n{said}", title=HOSTILE)
    assert told == []
    shown = re.sub(r"<a href=\"https://x.example\">x</a>", "", rendered(body))
    assert shown.count("<!--") == 1
    assert not re.search(r"<(b|strong|a|code>@)\b", shown), shown
    assert not LINKED.search(words(re.sub("<!--.*?-->", "", shown))), shown


def test_a_sections_name_is_words_where_it_is_left_out() -> None:
    much = "{% for n in range(70000) %}y{% endfor %}"
    body, _ = comment(f'{{{{ marker }}}}\n{{% call section("**@ann**\x02", 1) %}}{much}{{% endcall %}}')
    assert r"_Left out for length: \*\*@&#8203;ann\*\*._" in body


def _section() -> str:
    return (
        (templates_dir().parent / "docs" / "github.md")
        .read_text()
        .partition("## Your own words\n")[2]
        .partition("\n## ")[0]
    )


def test_the_example_of_the_documents_works() -> None:
    example = _section().partition("```jinja\n")[2].partition("```")[0]
    body, told = comment(example)
    assert told == []
    asked = "Stuck? Ask [the platform team](https://example.com/platform) about `1.1.2`: Hide the export button"
    assert asked in body
    assert "Next:" in body


@pytest.mark.parametrize("name", NAMES)
def test_the_documents_name_the_blocks_of_each_template(name: str) -> None:
    row = next(line for line in _section().splitlines() if line.startswith(f"| `{name}` |"))
    named = set(re.findall("`([a-z]+)`", row.rpartition("|")[0].rpartition("|")[2]))
    there = set(re.findall(r"{% block (\w+) %}", (templates_dir() / name).read_text().partition("-#}")[2]))
    if name == "summary.md.j2":
        named = set(re.findall(r"{% block (\w+) %}", (templates_dir() / "comment.md.j2").read_text())) - {"now"}
    assert named == there
