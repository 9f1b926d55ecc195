"""The fake itself: its memory, its rules, and what a test may do with it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.fakes.scar.commands import COMMAND_FILES
from tests.fakes.scar.faults import Fault, Faults, Kind
from tests.fakes.scar.lanes import Lanes
from tests.fakes.scar.prompts import filled, tokens
from tests.fakes.scar.recordings import Recording, Script
from tests.fakes.scar.slash import NO_CODEBASE, Codebase, Conversation, SlashCommands
from tests.fakes.scar.turn import Agent, Died, Failed, Turn

COMMANDS = tuple(COMMAND_FILES)


@dataclass(frozen=True)
class Request:
    """One exchange as the server saw it: `sent` is all bytes of the answer, headers too; status 0 is none at all."""

    method: str
    path: str
    status: int
    body: bytes
    sent: int
    headers: dict[str, str] = field(default_factory=dict)


def done(turn: Turn) -> None:
    """The agent that a fake has unless told otherwise."""
    turn.say(f"Done: {turn.command or turn.prompt}")


class FakeScar:
    """A SCAR server of ours with the measured rules.

    `speed` makes its time pass faster (waits of agents and recordings), `linger_s` is how long a conversation stays
    active after its last message, `limit` how many run at once. `agent` does what no entry of `agents` (by command)
    does. `die()` loses the messages and the queue, `start()` serves again on the same port; what PostgreSQL would hold
    stays.
    """

    def __init__(self, folder: Path | None, *, speed: float, limit: int, linger_s: float) -> None:
        self.speed = speed
        self.limit = limit
        self.linger_s = linger_s
        self.url = ""
        self.keep_alive_s = 5.0
        self.connections = 0  # that were opened, in all
        self.clock_offset_s = 0.0
        self.display_name = "The agent"
        self.agent: Agent = done
        self.agents: dict[str, Agent] = {}
        self.requests: list[Request] = []
        self.problems: list[str] = []  # what an agent of a test raised
        self.faults = Faults()
        self.slash = SlashCommands(folder)
        self.conversations: dict[str, Conversation] = {}
        self._scripts: list[Script] = []
        self._lock = threading.Lock()
        self._stop_serving: Any = None
        self._port = 0
        self.mode = "stream"
        self._forget()

    @classmethod
    @contextmanager
    def serve(
        cls, folder: Path | None = None, *, port: int = 0, speed: float = 1.0, limit: int = 10, linger_s: float = 0.03
    ) -> Iterator[FakeScar]:
        """A server on the loopback until the block ends; `folder` is where it clones to."""
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        scar = cls(folder, speed=speed, limit=limit, linger_s=linger_s)
        scar._port = port
        scar.start()
        try:
            yield scar
        finally:
            scar.die()

    # --- what a test may do

    def repository(
        self, name: str, *, commands: Sequence[str] = COMMANDS, folder: Path | None = None, count: int = 0
    ) -> Codebase:
        """A repository that the server has already; with `count` it has so many commands."""
        names = list(commands) + [f"more-{number}" for number in range(max(0, count - len(commands)))]
        codebase = Codebase(name, {each: COMMAND_FILES.get(each, f"Do {each}: $ARGUMENTS") for each in names}, folder)
        self.slash.load(codebase)
        self.slash.codebases[name] = codebase
        return codebase

    def replay(self, recording: Recording) -> None:
        """Whoever posts what was posted in the recording gets what was answered, at its pace (times `speed`)."""
        with self._lock:
            self._scripts += recording.scripts

    def fault(
        self, kind: Kind, *, method: str = "", path: str = "", times: int = 1, after: int = 0, seconds: float = 0.0
    ) -> None:
        self.faults.add(Fault(kind, method, path, times, after, seconds))

    def start(self) -> None:
        """Serves (again); the address stays what it was."""
        from tests.fakes.scar.server import start

        self._forget()
        self._stop_serving, self._port = start(self, self._port)
        self.url = f"http://127.0.0.1:{self._port}"

    def die(self) -> None:
        """The process ends: connections are cut and refused from now on, agents end, memory is lost."""
        # Nobody is told that a run is over because the process is: connections are cut before the agents end.
        if self._stop_serving is not None:
            self._stop_serving()
            self._stop_serving = None
        self.lanes.close()
        self.gone.set()

    def restart(self) -> None:
        self.die()
        self.start()

    def texts(self, conversation: str) -> list[str]:
        """What the server has said in a conversation."""
        return [str(each["message"]) for each in self.messages(conversation)]

    def spoken_to(self) -> list[str]:
        """The conversations in which something was said."""
        with self._lock:
            return list(self._messages)

    def commands_run(self) -> list[str]:
        """Every text that was posted, in order."""
        return list(self._posted)

    def post(self, conversation: str, text: str) -> None:
        """Another client's message."""
        self.accept(conversation, text)

    def append(self, conversation: str, text: str) -> None:
        """A message appears, out of nowhere."""
        moment = datetime.now(UTC) + timedelta(seconds=self.clock_offset_s)
        stamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        with self._lock:
            self._messages.setdefault(conversation, []).append(
                {"conversationId": conversation, "message": text, "timestamp": stamp, "direction": "sent"}
            )

    def stamp(self, conversation: str, timestamp: str) -> None:
        """All messages of a conversation get this time."""
        with self._lock:
            for each in self._messages.get(conversation, ()):
                each["timestamp"] = timestamp

    # --- what the server does

    def messages(self, conversation: str) -> list[dict[str, str]]:
        with self._lock:
            return list(self._messages.get(conversation, ()))

    def clear(self, conversation: str = "") -> None:
        """Empties one list, or all of them; it stops nothing."""
        with self._lock:
            if conversation:
                self._messages.pop(conversation, None)
            else:
                self._messages.clear()

    def accept(self, conversation: str, text: str) -> None:
        """A posted message: registered at once, worked on in its turn."""
        gone = self.gone
        with self._lock:
            self._posted.append(text)
            script = next((each for each in self._scripts if each.text == text), None)
            if script is not None:
                self._scripts.remove(script)
        self.lanes.submit(conversation, lambda: self._run(conversation, text, script, gone))

    def _run(self, conversation: str, text: str, script: Script | None, gone: threading.Event) -> None:
        turn = self._turn(conversation, text, gone)
        try:
            if script is not None:
                script.play(turn)
            else:
                self._answer(conversation, text, turn)
                turn.gone.wait(self.linger_s)
        except Died:
            pass
        except Exception as problem:  # noqa: BLE001 - a test's agent: the test looks at `problems`
            self.problems.append(f"{type(problem).__name__}: {problem}")
            turn.raw(f"⚠️ Error: {problem}. Try /reset if issue persists.")

    def _answer(self, conversation: str, text: str, turn: Turn) -> None:
        if len(conversation) > 255:
            turn.raw("⚠️ Error: value too long for type character varying(255). Try /reset if issue persists.")
            return
        where = self.conversations.setdefault(conversation, Conversation())
        if text.startswith("/command-invoke"):
            words = tokens(text.removeprefix("/command-invoke"))
            refusal = self._refusal(where, words)
            if refusal:
                turn.raw(refusal)
                return
            turn.command, turn.arguments = words[0], words[1:]
            turn.prompt = filled(self.slash.codebases[where.codebase].commands[words[0]], words[1:])
        elif text.startswith("/"):
            turn.raw(self.slash.answer(where, text))
            return
        elif not where.codebase:
            turn.raw(NO_CODEBASE)
            return
        where.session = where.session or secrets.token_hex(4)
        turn.folder = self.slash.codebases[where.codebase].folder
        self._agent(turn)

    def _refusal(self, where: Conversation, words: Sequence[str]) -> str:
        if not words:
            return "Usage: /command-invoke <name> [args...]"
        if not where.codebase:
            return NO_CODEBASE
        if words[0] not in self.slash.codebases[where.codebase].commands:
            return f"Command '{words[0]}' not found. Use /commands to see available."
        return ""

    def _agent(self, turn: Turn) -> None:
        if turn.mode == "batch":
            turn.raw(f"{self.display_name} is on the case...")
        try:
            self.agents.get(turn.command, self.agent)(turn)
        except Failed as failed:
            turn.raw(str(failed))
            return
        if turn.mode == "batch" and turn.said:
            turn.raw("\n\n---\n\n".join(turn.said))

    def _turn(self, conversation: str, text: str, gone: threading.Event) -> Turn:
        def append(message: str) -> None:
            self.append(conversation, message)

        return Turn(
            conversation=conversation, command="", arguments=(), prompt=text, folder=None, speed=self.speed,
            mode=self.mode, append=append, gone=gone, started=time.monotonic(),
        )  # fmt: skip

    def _forget(self) -> None:
        self.gone = threading.Event()
        self.lanes = Lanes(self.limit)
        self.mode = "stream"
        self._messages: dict[str, list[dict[str, str]]] = {}
        self._posted: list[str] = [] if not hasattr(self, "_posted") else self._posted
