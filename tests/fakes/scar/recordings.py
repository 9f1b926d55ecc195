"""The recorded runs of the real server, as scripts that the fake plays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.fakes.scar.turn import Turn

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "scar"


@dataclass(frozen=True)
class Script:
    """The answer to one posted text: messages with the second at which each appeared, and when it was over."""

    text: str
    messages: tuple[tuple[float, str], ...]
    ends_s: float

    def play(self, turn: Turn) -> None:
        now = 0.0
        for at, message in self.messages:
            turn.wait(max(0.0, at - now))
            now = max(now, at)
            turn.raw(message)
        turn.wait(max(0.0, self.ends_s - now))


@dataclass(frozen=True)
class Recording:
    """One file: what was posted, in order, and what was answered to each."""

    name: str
    scripts: tuple[Script, ...]

    @property
    def repo(self) -> Script | None:
        """The switch of repository, where it was recorded before the command."""
        first = self.scripts[0]
        return first if first.text.startswith("/repo ") else None

    @property
    def command(self) -> Script:
        """What the recording is about: the first that was posted after the switch."""
        return self.scripts[1] if self.repo is not None and len(self.scripts) > 1 else self.scripts[0]


def is_there() -> bool:
    return FOLDER.is_dir()


def names() -> list[str]:
    """Every recorded run (the single HTTP exchanges are none)."""
    return sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != "http-exchanges")


def recording(name: str) -> Recording:
    data = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    messages = data["get"]["messages"]
    texts = [str(each["message"]) for each in messages]
    if "posts" in data:
        posted = [str(each["request"]["message"]) for each in data["posts"]]
        return Recording(name, tuple(_scripts(posted, texts, data["timeline"])))
    if name == "end-marker":
        # One timeline from the first POST on: the switch, the command, and the marker behind it.
        seconds = (0.14, 3.4, 3.4, 28.71, 28.93)
        posted = ("/repo demo-app", "/command-invoke sc-silent", f"/{texts[-1].split()[2].lstrip('/')}")
        shares = (texts[:1], texts[1:4], texts[4:])
        times = (seconds[:1], seconds[1:4], (0.1,))
    elif name == "queued-on-one-conversation":
        posted = tuple(str(each["after_post"]) for each in data["snapshots"])
        shares = (texts[:1], texts[1:3], texts[3:4], texts[4:5])
        seconds = _seconds(messages)
        times = ((0.1,), tuple(at - seconds[0] for at in seconds[1:3]), (0.1,), (0.01,))
    else:  # batch mode: the switch, and one command
        posted = ("/repo demo-app", f"/command-invoke sc-{name}")
        shares = (texts[:1], texts[1:])
        seconds = _seconds(messages)
        times = ((0.1,), tuple(at - seconds[0] for at in seconds[1:]))
    return Recording(name, tuple(
        Script(text, tuple(zip(when, share, strict=True)), when[-1] + 0.2)
        for text, share, when in zip(posted, shares, times, strict=True)
    ))  # fmt: skip


def _scripts(posted: Sequence[str], texts: Sequence[str], timeline: Sequence[dict[str, Any]]) -> list[Script]:
    """The timeline says how many messages there were at which second after each POST."""
    scripts: list[Script] = []
    seen = 0
    for number, text in enumerate(posted):
        rows = [row for row in timeline if row["post"] == number]
        told: list[tuple[float, str]] = []
        for row in rows:
            told += [(float(row["s"]), message) for message in texts[seen : row["messages"]]]
            seen = max(seen, row["messages"])
        scripts.append(Script(text, tuple(told), float(rows[-1]["s"])))
    return scripts


def _seconds(messages: Sequence[dict[str, str]]) -> list[float]:
    return [datetime.fromisoformat(each["timestamp"].replace("Z", "+00:00")).timestamp() for each in messages]
