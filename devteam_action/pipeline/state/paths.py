"""Where everything is on the state branch (CONTRACT: state branch), and how an odd id becomes a file name."""

from __future__ import annotations

import re

from devteam_action.support.tokens import sha256_hex

PROJECT = "project.json"
QUEUE = "queue.json"
STOP = "stop.json"
TASKS = "tasks/"
RUNS = "runs/"
RUN_INDEX = "runs/index.json"
LEDGER = "ledger/"
GUIDANCE = "guidance/"
IDEMPOTENCY = "idempotency/"
CONVERSATIONS = "conversations/"
ANSWERS = "answers/"
DAMAGED = "damaged/"

_LONGEST = 100
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
_RUN_DAY = re.compile(r"^(\d{4})-?(\d{2})-?(\d{2})T")


def file_name(text: str) -> str:
    """A name for any id: itself when it is plain, percent-encoded when odd, cut with a hash when long; all different.

    Never empty, `.`, `..`, hidden, with a slash, or `.git` under another spelling.
    """
    raw = text.encode(errors="surrogatepass")
    name = "".join(chr(byte) if chr(byte) in _PLAIN else f"%{byte:02X}" for byte in raw)
    if name.startswith(".") or not name:
        name = f"%2E{name[1:]}" if name else "%"
    if len(name) > _LONGEST:
        name = f"{name[:80]}-{sha256_hex(raw)[:19]}"
    return name


def task_file(task_id: str) -> str:
    return f"{TASKS}{file_name(task_id)}.json"


def guidance_folder(task_id: str) -> str:
    return f"{GUIDANCE}{file_name(task_id)}/"


def conversation_file(conversation: str) -> str:
    return f"{CONVERSATIONS}{file_name(conversation)}.json"


def answer_file(number: int) -> str:
    return f"{ANSWERS}{number}.json"


def day(when: str) -> str:
    """`2026/11/21` of an ISO 8601 time, also without dashes; `1970/01/01` of anything else."""
    found = _RUN_DAY.match(when)
    return "/".join(found.groups()) if found else "1970/01/01"


def run_folder(run_id: str, since: str) -> str:
    """The folder of a run: by the day in its id when it begins with one, else by the day of its claim."""
    return f"{RUNS}{day(run_id if _RUN_DAY.match(run_id) else since)}/{file_name(run_id)}/"


def events_file(folder: str, number: int) -> str:
    return f"{folder}events-{number:06d}.jsonl"


def activities_file(folder: str, number: int) -> str:
    return f"{folder}activities-{number:06d}.jsonl.gz"


def output_file(folder: str, number: int) -> str:
    return f"{folder}output-{number:06d}.txt.gz"


def ledger_file(run_id: str, attempt: int, started: str) -> str:
    return f"{LEDGER}{day(started)}/{file_name(run_id)}-{attempt}.json"


def idempotency_file(key: str) -> str:
    digest = sha256_hex(key.encode(errors="surrogatepass"))
    return f"{IDEMPOTENCY}{digest[:2]}/{digest}.json"
