"""What a call cost, read from aider's own lines (rounded by it; no machine-readable form exists)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from devteam_action.domain.results import Usage

# `Tokens: 2.2k sent, 1.0k cache write, 3k cache hit, 33 received. Cost: $0.0058 message, $0.0058 session.`; with both
# cache parts the cost stands on the next line, and an unlisted model has none. Thousands only, never M.
_TOKENS = re.compile(
    r"^Tokens: ([\d.,]+k?) sent(?:, ([\d.,]+k?) cache write)?(?:, ([\d.,]+k?) cache hit)?, ([\d.,]+k?) received\."
)
_COST = re.compile(r"Cost: \$([\d.,]+) message, \$([\d.,]+) session\.")


def usage(lines: Iterable[str]) -> Usage:
    """The tokens of all replies and the last session cost; None for the cost where aider does not know the price."""
    sent = received = 0
    cost: float | None = None
    for line in lines:
        if tokens := _TOKENS.match(line):
            sent += count(tokens.group(1))
            received += count(tokens.group(4))
        if price := _COST.search(line):
            cost = float(price.group(2).replace(",", ""))
    return Usage(tokens_sent=sent, tokens_received=received, cost_usd=cost)


def count(text: str) -> int:
    """`862`, `2.2k` or `1235k` as a number."""
    number = text.replace(",", "")
    return round(float(number.removesuffix("k")) * 1000) if number.endswith("k") else int(float(number))
