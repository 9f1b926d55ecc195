"""Foreign text in GitHub's Markdown: one filter for every place that text can stand in, none of which it can leave.

GitHub turns `@name`, `#12`, `GH-12`, commit ids and addresses into links (and notifications), and `:name:` into a
picture, after Markdown is rendered, so that neither a backslash nor an entity stops it; a zero-width space between
does. What stands in a code span or a fence is left alone; what people copy (commit ids, places in files) is shown so
where it can be.
"""

from __future__ import annotations

import re

from markupsafe import Markup

from devteam_action.render.text import clean, fenced

# Beside what render/text.py takes out: joiners, soft hyphen, fillers, tags, variation selectors of the tag plane.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2028\u2029\u206a-\u206f\u3164\ufff9-\ufffb\uffa0"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_GAP = "&#8203;"  # a zero-width space, to be seen in the source
_SPECIAL = re.compile(r"[\\`*\[\]|~$]")
_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LINE_START = re.compile(r"\A(?:(#|\+(?=\s|\Z)|-(?=[\s-]|\Z)|:(?=-)|=(?==*\Z))|(\d{1,9})([.)])(?=\s|\Z))")
# Found in the raw text; the gap goes where the group ends.
_LINKED = (
    re.compile(r"(@)(?=\w)"),
    re.compile(r"(#)(?=\d)"),
    re.compile(r"(?i)\b(GH-)(?=\d)"),
    re.compile(r"(?i)((?:https?|ftp|mailto|xmpp):)"),
    re.compile(r"(?i)\b(www)(?=\.)"),
    re.compile(r"(:)(?=(?:100|1234|[+-]1|(?=[0-9_+-]{0,9}[A-Za-z])[\w+-]{1,40}):)"),  # pictures that GitHub knows
)
# What people copy out of a sentence, standing alone: a commit id, or a place in a file.
_COPIED = re.compile(
    r"(?<![^\s(\[“])(?:(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{7,40}|[\w./-]{1,200}\.\w{1,9}:\d+(?::\d+)?)"
    r"(?=[),.:;!?\]”]*(?:\s|\Z))"
)
_COMMIT = re.compile(r"(?i)\b[0-9a-f]{7,40}\b")
_LONGEST_ADDRESS = 8_200  # characters; the longest of ours opens a pull request with its text in it
_MARK = "\x00"  # stands for the gap while the text is escaped; `clean` has taken out every other one


def plain(text: object, limit: int = 300) -> str:
    """On one line, without anything that cannot be seen, cut to `limit` characters; not yet escaped."""
    raw = str(text)
    line = " ".join(_INVISIBLE.sub("", clean(raw[: limit * 8])).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def inline(text: object, limit: int = 300) -> Markup:
    """Words in a paragraph, heading, list item or table cell, shown as they are and read as nothing else."""
    line = plain(text, limit)
    for pattern in _LINKED:
        line = pattern.sub(rf"\g<1>{_MARK}", line)
    line = _COMMIT.sub(lambda found: _MARK.join(re.findall(".{1,6}", found[0])), line)
    line = re.sub("[&<>]", lambda found: _ENTITIES[found[0]], line)
    line = _UNDERSCORE.sub(r"\\_", _SPECIAL.sub(r"\\\g<0>", line))
    line = _LINE_START.sub(lambda found: rf"{found[2] or ''}\{found[1] or found[3]}", line)
    return Markup(line.replace(_MARK, _GAP))  # noqa: S704 - this is the escaping


def code(text: object, limit: int = 200) -> Markup:
    """A code span that the text cannot leave; nothing for an empty text. Not for tables: see `cell_code`."""
    line = plain(text, limit)
    if not line:
        return Markup()
    runs = {len(run) for run in re.findall("`+", line)}
    fence = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return Markup(f"{fence}{pad}{line}{pad}{fence}")  # noqa: S704 - ditto


def cell_code(text: object, limit: int = 200) -> Markup:
    """A code span in a table's cell: rows are split at `|` before code spans are looked for."""
    return Markup(code(text, limit).replace("|", r"\|"))  # noqa: S704 - ditto


def html_code(text: object, limit: int = 200) -> Markup:
    """Code inside a line of HTML such as `<summary>`; where Markdown is read all the same, nothing in it is."""
    shown = re.sub("[&<>]", lambda found: _ENTITIES[found[0]], plain(text, limit))
    shown = re.sub(r"[\\`*_\[\]!~$]", lambda found: f"&#{ord(found[0])};", shown)
    return Markup(f"<code>{shown}</code>")  # noqa: S704 - ditto


def prose(text: object, limit: int = 600) -> Markup:
    """A sentence of ours with foreign words in it: code spans in single backticks stay, all else is `inline`.

    A commit id or a place in a file, which people copy, becomes a code span.
    """
    parts = plain(text, limit).split("`")
    if len(parts) % 2 == 0:  # an odd backtick is a character like others
        parts[-2:] = [f"{parts[-2]}`{parts[-1]}"]
    last = len(parts) - 1
    shown = [
        _kept(part) if at % 2 else _words(part, is_first=at == 0, is_last=at == last) for at, part in enumerate(parts)
    ]
    return Markup("").join(shown)


def fence(text: object, limit: int = 6000, *, from_start: bool = False) -> Markup:
    """A fenced block that the text cannot leave, with the last (or first) `limit` characters of it.

    It stands on lines of its own, wherever a template has put it: within a line it would be no fence.
    """
    part = str(text)[: limit * 2] if from_start else str(text)[-limit * 2 :]
    shown = _INVISIBLE.sub("", clean(part)).strip("\n")
    if len(shown) > limit:
        shown = f"{shown[: limit - 1]}…" if from_start else f"…{shown[1 - limit :]}"
    return Markup(f"\n\n{fenced(shown)}\n")  # noqa: S704 - ditto


def link(text: object, address: str, limit: int = 200) -> Markup:
    """`[text](<address>)`; the text alone where the address is no web address."""
    return linked(inline(text, limit), address)


def linked(label: object, address: str) -> Markup:
    """A link around what is Markdown already, or around words."""
    label = label if isinstance(label, Markup) else inline(label)
    if len(address) > _LONGEST_ADDRESS or not re.match(r"https?://[^/\s]", address):
        return label
    target = re.sub(r"[\x00-\x20\x7f<>\\()\"'|`]", lambda found: f"%{ord(found[0]):02X}", address)
    return Markup(f"[{label}]({target})") if label else Markup()  # noqa: S704 - ditto


def _kept(part: str) -> Markup:
    # Two bare backticks would make a longer run with those of the next span, which then is none.
    return cell_code(part) if part.strip() else Markup(r"\`\`")


def _words(part: str, *, is_first: bool, is_last: bool) -> Markup:
    """What stands between code spans; none is made at its ends, where it would touch another one."""
    shown: list[Markup] = []
    at = 0
    for found in _COPIED.finditer(part):
        start, end = found.span()
        if (start or is_first) and (end < len(part) or is_last):
            shown += [_spaced(part[at:start], is_first=is_first and at == 0), _kept(found[0])]
            at = end
    return Markup("").join([*shown, _spaced(part[at:], is_first=is_first and at == 0)])


def _spaced(part: str, *, is_first: bool) -> Markup:
    """`inline` keeps no space at its ends; between code spans they matter."""
    words = inline(part, len(part) + 1)
    if not words:
        return Markup(" ") if part else Markup()
    if not is_first:
        words = Markup(re.sub(r"^(\d{0,9})\\([-+#=:.)])", r"\1\2", words))  # noqa: S704 - no line starts here
    before, after = (Markup(" ") if part[at] == " " else Markup() for at in (0, -1))
    return before + words + after
