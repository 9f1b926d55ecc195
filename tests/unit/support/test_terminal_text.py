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


def test_one_line_is_one_line_and_fits():
    assert one_line("a\nb\t c") == "a b c"
    assert one_line("x" * 300, 20) == "x" * 17 + "..."
