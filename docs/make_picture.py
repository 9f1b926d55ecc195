"""Draws docs/images/run.svg: what `devteam demo` really says, in a terminal window.

    python docs/make_picture.py [FILE]     FILE: the output of an earlier demo, instead of running one now

The first and the last task are folded to two lines each and progress lines are left out; nothing else is changed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

TARGET = Path(__file__).parent / "images" / "run.svg"
STORY = "1.1.2"  # the task that is shown whole: its first attempt is red
COLUMNS = 90
CELL, LINE, SIZE = 8.4, 20, 14  # pixels: width and height of a character's cell, and of the type
PAD, BAR = 22, 40

INK, DIM, TITLE = "#d1d7e0", "#8b949e", "#f0f6fc"
GREEN, RED, CYAN, BLUE, YELLOW = "#56d364", "#ff7b72", "#56d4dd", "#79c0ff", "#e3b341"
PAPER, FRAME, BAR_PAPER = "#151b23", "#3d444d", "#212830"
FONT = "ui-monospace,SFMono-Regular,'SF Mono',Menlo,Consolas,'Liberation Mono','DejaVu Sans Mono',monospace"

Run = tuple[str, str, bool]  # text, colour, bold


def main() -> None:
    said = Path(sys.argv[1]).read_text() if len(sys.argv) > 1 else run_demo()
    lines = [("$ devteam demo"), *folded(said.splitlines())]
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(picture([list(styled(cut(line))) for line in lines]))
    sys.stdout.write(f"{TARGET}: {len(lines)} lines, {TARGET.stat().st_size:,} bytes\n")


def run_demo() -> str:
    env = {**os.environ, "NO_COLOR": "1"}
    command = [sys.executable, "-m", "devteam_action", "demo"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, check=True)
    return done.stdout.decode()


def folded(lines: Iterable[str]) -> Iterator[str]:
    """The lines of the picture: one task whole, the others from title to result."""
    task, is_fold_marked = "", False
    for line in lines:
        if line.startswith(("  · ", "(`--keep", "SELECT ")) or line.endswith("the checks are running"):
            continue
        if re.match(r"\d+(\.\d+)+: ", line):
            continue  # the summary says again what the ticks have said
        if begin := re.match(r"(\d+(?:\.\d+)+)  ", line):
            task, is_fold_marked = begin[1], False
        elif task not in ("", STORY) and not line.startswith("✓"):
            if not is_fold_marked:
                yield "  ⋮"
            is_fold_marked = True
            continue
        yield line
        if line.startswith("✓"):
            task = ""


def cut(line: str) -> str:
    line = re.sub(r" +$", "", line)
    return line if len(line) <= COLUMNS else f"{line[: COLUMNS - 1].rstrip()}…"


def styled(line: str) -> Iterator[Run]:
    """The line in pieces of one colour; together they are the line."""
    if line.startswith("$ "):
        yield "$ ", GREEN, True
        yield line[2:], TITLE, True
    elif task := re.match(r"(\d+(?:\.\d+)+  )(.*)", line):
        yield task[1], BLUE, True
        yield task[2], TITLE, True
    elif stage := re.match(r"(PREP|IMPLEMENT|VERIFY|PUBLISH)( +)(.*?)( \([\d.]+ m?s\))?$", line):
        is_bad = "red" in stage[3] or bool(re.search(r"\b(\d+) of (?!\1\b)\d+ criteria", stage[3]))
        yield stage[1] + stage[2], CYAN, True
        yield stage[3], YELLOW if is_bad else INK, False
        yield stage[4] or "", DIM, False
    elif check := re.match(r"(  )([✓✗] )(\S+ +)(.*?)(  +required .*)$", line):
        colour = GREEN if check[2][0] == "✓" else RED
        yield check[1] + check[2], colour, True
        yield check[3], INK, True
        yield check[4], INK if colour == GREEN else RED, False
        yield check[5], DIM, False
    elif line.startswith("      "):
        yield line, RED, False
    elif end := re.match(r"([✓✗] )(\S+ [A-Z]+)(.*)", line):
        yield end[1] + end[2], GREEN if end[1][0] == "✓" else RED, True
        yield end[3], DIM, False
    elif commit := re.match(r"(\* )([0-9a-f]{7,})( .*)", line):
        yield commit[1], RED, False
        yield commit[2], YELLOW, False
        yield commit[3], INK, False
    elif re.match(r"\d+ of \d+ tasks done", line):
        yield line, GREEN, True
    else:
        yield line, DIM, False


def picture(lines: list[list[Run]]) -> str:
    wide = round(COLUMNS * CELL + 2 * PAD)
    high = BAR + 14 + len(lines) * LINE + 16
    dots = "".join(
        f'<circle cx="{PAD + 20 * number}" cy="{BAR / 2:g}" r="6" fill="{colour}"/>'
        for number, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    rows = "\n".join(text for number, line in enumerate(lines) if (text := _row(line, BAR + 14 + number * LINE + SIZE)))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" \
role="img" aria-labelledby="t d" font-family="{FONT}" font-size="{SIZE}">
<title id="t">devteam demo in a terminal</title>
<desc id="d">Task {STORY} fails two of its five criteria at the first attempt; the second attempt meets all five \
and is merged.</desc>
<rect x=".5" y=".5" width="{wide - 1}" height="{high - 1}" rx="10" fill="{PAPER}" stroke="{FRAME}"/>
<path d="M1 {BAR}V11a10 10 0 0 1 10-10h{wide - 22}a10 10 0 0 1 10 10v{BAR - 11}z" fill="{BAR_PAPER}"/>
{dots}
<text x="{wide / 2:g}" y="{BAR / 2 + 5:g}" fill="{DIM}" text-anchor="middle">devteam demo</text>
{rows}
</svg>
"""


def _row(line: list[Run], y: int) -> str:
    """One line; every piece has its place and its length, so that columns stay in line in any type."""
    spans: list[str] = []
    column = 0
    for text, colour, is_bold in line:
        stripped = text.strip(" ")
        if stripped:
            at = PAD + (column + len(text) - len(text.lstrip(" "))) * CELL
            weight = ' font-weight="600"' if is_bold else ""
            for start, word in _words(stripped):
                length = f' textLength="{len(word) * CELL:g}"' if len(word) > 1 else ""
                spans.append(f'<tspan x="{at + start * CELL:g}"{length} fill="{colour}"{weight}>{escape(word)}</tspan>')
        column += len(text)
    return f'<text y="{y}">{"".join(spans)}</text>' if spans else ""


def _words(text: str) -> Iterator[tuple[int, str]]:
    """Pieces between wide gaps, which XML would shrink to one space."""
    for found in re.finditer(r"\S+(?: \S+)*", text):
        yield found.start(), found[0]


if __name__ == "__main__":
    main()
