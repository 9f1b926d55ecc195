"""Small words for people that every report uses alike: times, counts, amounts."""

from __future__ import annotations

from devteam_action.domain.results import Usage


def in_a_row(text: str) -> str:
    """The lines of a text side by side, as parts that can still be told from one another."""
    row = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        row += f"{'' if not row else ' ' if row[-1] in ':;,' else '; '}{line}"
    return row


def seconds_text(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min 05 s`, `1 h 02 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def count(number: int, one: str, many: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def usage_texts(usage: Usage) -> list[str]:
    """`2.2k sent, 33 received` and `$0.0058`; nothing of what is not known."""
    tokens = [f"{_short(usage.tokens_sent)} sent, {_short(usage.tokens_received)} received"]
    return [
        *(tokens if usage.tokens_sent or usage.tokens_received else []),
        *([] if usage.cost_usd is None else [dollars(usage.cost_usd)]),
    ]


def dollars(amount: float) -> str:
    """`$0.0058`, `$1.20`."""
    return f"${amount:.4f}" if amount < 1 else f"${amount:.2f}"


def _short(tokens: int) -> str:
    return f"{tokens / 1000:.1f}k" if tokens >= 1000 else str(tokens)
