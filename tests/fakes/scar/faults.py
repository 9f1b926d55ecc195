"""What can go wrong on the way, on demand."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["html-502", "html-200", "500", "404", "slow", "reset", "reset-after-effect", "garbage", "no-busy-list"]


@dataclass
class Fault:
    """One fault on matching requests: the first `after` are spared, then it strikes `times` times."""

    kind: Kind
    method: str
    path: str
    times: int
    after: int
    seconds: float

    def takes(self, method: str, path: str) -> bool:
        if self.times <= 0 or not re.search(self.method, method) or not re.search(self.path, path):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Faults:
    """The faults that are set up; safe for several threads."""

    planned: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        with self.lock:
            self.planned.append(fault)

    def strike(self, method: str, path: str) -> Fault | None:
        with self.lock:
            return next((fault for fault in self.planned if fault.takes(method, path)), None)

    def clear(self) -> None:
        with self.lock:
            self.planned.clear()
