import time

import pytest

from devteam_action.support.terminal import harmless, one_line, without_escapes


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPdevice\x1b\\x", "x"),
        ("unfinished \x1b[12", "unfinished \ufffd[12"),
        ("bell\x07 back\x08", "bell\ufffd back\ufffd"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("zero\u200bwidth\ufeff", "zero\ufffdwidth\ufffd"),
        ("a\tb", "a    b"),
        ("lone \ud800", "lone \ufffd"),
    ],
)
def test_foreign_text_is_shown_and_not_obeyed(text, shown):
    assert harmless(text) == shown


def test_escapes_go_and_everything_else_stays():
    assert without_escapes("a\r\x1b[2Kb\x07") == "a\rb\x07"


@pytest.mark.parametrize("introducer", ["]0;", "P", "X", "^", "_"])
def test_a_string_that_nothing_ends_takes_no_text_with_it(introducer):
    lines = "abc \x1b{}title\nline 2\n🔧 READ\nReading: /x\rend \x1b[31mred"
    shown = without_escapes(lines.format(introducer))
    assert shown == f"abc {introducer.lstrip(']P^_X')}title\nline 2\n🔧 READ\nReading: /x\rend red"
    ended_elsewhere = "abc \x1b{}title\nline 2\x1b\\ line 3"
    assert without_escapes(ended_elsewhere.format(introducer)).splitlines()[1] == "line 2 line 3"


@pytest.mark.parametrize("piece", ["\x1b]", "\x1b]0;", "\x1bP", "\x1b[", "\x9b0", "\x1b]x\n", "\x1b[0;", "\x1b"])
def test_escapes_are_found_in_time_linear_in_the_text(piece):
    """Eight times the text in at most twelve times the time (1.5 of linear)."""

    def cost(size):
        texts = (piece * (size // len(piece)), piece + "0" * size)
        best = 9e9
        for _ in range(3):
            start = time.process_time()
            for text in texts:
                without_escapes(text)
            best = min(best, time.process_time() - start)
        return best

    assert cost(8 * 2**16) <= 12 * cost(2**16) + 0.02


def test_one_line_is_one_line_and_fits():
    assert one_line("a\nb\t c") == "a b c"
    assert one_line("x" * 300, 20) == "x" * 17 + "..."
